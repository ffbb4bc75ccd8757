//! A gate between campaign engines and WhatsApp senders, on Kafka.
pub mod config;
pub mod consent;
pub mod decision;
pub mod index;
pub mod policy;
pub mod telemetry;
