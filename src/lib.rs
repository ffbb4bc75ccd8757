//! A gate between campaign engines and WhatsApp senders, on Kafka.
pub mod consent;
pub mod index;
