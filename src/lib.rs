//! A gate between campaign engines and WhatsApp senders, on Kafka.
pub mod app;
#[cfg(feature = "demo")]
pub mod broker;
pub mod commands;
pub mod config;
pub mod consent;
pub mod decision;
pub mod index;
pub mod kafka;
pub mod policy;
pub mod stream;
pub mod telemetry;
pub mod wire;
