//! What tests need around a Kafka: a cluster, a fault proxy, topics, raw requests.
//!
//! Shared by the integration binaries. It knows no room of the crate, so that what it shows is what
//! any client would see. It fails loudly: a helper that cannot do its work panics with what it tried.

#![allow(dead_code, unused_imports, reason = "each test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails ends its test"
)]

pub mod chance;
pub mod checker;
pub mod child;
pub mod cutover;
pub mod gate;
pub mod home;
pub mod kafka;
pub mod kafka_proxy;
pub mod lane;
pub mod ledger;
pub mod mixed;
pub mod planted;
pub mod producers;
pub mod quiet;
pub mod raw;
pub mod reading;
pub mod receipts;
pub mod routes;
pub mod sender;
pub mod stage;
pub mod topics;
pub mod trial;
pub mod unique;
pub mod world;
