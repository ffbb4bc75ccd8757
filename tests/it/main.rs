//! What the crate promises, checked from outside.
//!
//! One binary: each module is a subject of its own. Laws hold for every world that can be made up,
//! stories are read by people, the import table is the map of the rooms.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or its helper that cannot go on must stop, and a test binary has no outside"
)]

/// Tests that run here on an embedded broker, and in the other binary on a real Kafka.
#[cfg(feature = "demo")]
macro_rules! on_every_kafka {
    ($($test:ident,)*) => {
        mod on_every_kafka {
            $(#[test]
            fn $test() {
                super::$test();
            })*
        }
    };
}

#[cfg(feature = "demo")]
mod aborted_records;
#[cfg(feature = "demo")]
mod another_cluster;
#[cfg(feature = "demo")]
mod api;
#[cfg(feature = "demo")]
mod assigning;
mod bad_input;
#[cfg(feature = "demo")]
mod breaker;
#[cfg(feature = "demo")]
mod checker;
mod cli;
#[cfg(feature = "demo")]
#[path = "../conformance/mod.rs"]
mod conformance;
#[cfg(feature = "demo")]
mod consent_state;
#[cfg(feature = "demo")]
mod coordinator_loss;
#[cfg(feature = "demo")]
mod cutover;
#[cfg(feature = "demo")]
mod decision_header;
mod deploy;
#[cfg(feature = "demo")]
mod downstream;
mod early_end;
#[cfg(feature = "demo")]
mod embedded_broker;
#[cfg(feature = "demo")]
mod embedded_broker_faults;
#[cfg(feature = "demo")]
mod embedded_broker_nodes;
#[cfg(feature = "demo")]
mod explain;
mod failed_take_over;
#[cfg(feature = "demo")]
mod figures;
#[cfg(feature = "demo")]
mod formats;
mod fuzz;
#[cfg(feature = "demo")]
mod gate;
#[cfg(feature = "demo")]
mod gate_metrics;
mod guarantees;
#[cfg(feature = "demo")]
mod import;
mod import_table;
mod laws;
mod licences;
#[cfg(feature = "demo")]
mod log_ends;
#[cfg(feature = "demo")]
mod merged;
#[cfg(feature = "demo")]
mod optout;
#[cfg(feature = "demo")]
mod reconcile;
#[cfg(feature = "demo")]
mod redrive;
#[cfg(feature = "demo")]
mod roll;
#[cfg(feature = "demo")]
mod routes;
#[cfg(feature = "demo")]
mod shadow;
mod simulator;
mod stories;
#[cfg(feature = "demo")]
mod subject;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "demo")]
mod texts;
#[cfg(feature = "demo")]
mod trial;
#[cfg(feature = "demo")]
mod verify;
#[cfg(feature = "demo")]
mod webhooks;
