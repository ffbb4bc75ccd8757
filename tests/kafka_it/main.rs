//! Tests with a real Apache Kafka, as one binary with its own harness.
//!
//! libtest cannot ignore a test while it runs; here a trial asks for its cluster first, and counts as
//! ignored where the machine cannot run one (with `CI=true`: as failed). Three trials run at once
//! unless `--test-threads` says otherwise; filters and `--list` are cargo's.
//!
//! `CONSENTGATE_TEST_KAFKA=host:port` lends a running Kafka to the trials that do not hurt one.
//! `CONSENTGATE_KAFKA_LIBS=folder` says where Kafka's jars are, or shall be put.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or its helper that cannot go on must stop, and a test binary has no outside"
)]

#[cfg(feature = "demo")]
mod agreement;
mod bad_input;
mod bad_topics;
mod causal_pairs;
mod change_of_protocol;
mod checker;
mod copier;
mod cutover;
mod deposed;
mod downstream;
#[cfg(feature = "demo")]
mod first_week;
mod flipped_bit;
mod full_start;
#[cfg(feature = "tls")]
mod guarded;
mod harness;
mod kills;
mod late_endtxn;
mod late_endtxn_gate;
mod leaderless;
mod node_loss;
mod open_transaction;
mod past;
mod routes;
mod take_over;
mod zero_kind;

#[cfg(feature = "demo")]
#[path = "../conformance/mod.rs"]
mod conformance;
#[path = "../support/mod.rs"]
mod support;
use support::trial;

use std::process::ExitCode;

use consentgate::telemetry::{self, LogStyle};
use libtest_mimic::{Arguments, Trial};

/// A trial waits more than it works, and three clusters of three nodes need six gigabytes.
const TRIALS_AT_ONCE: usize = 3;

fn main() -> ExitCode {
    if harness::orphan::is_child() {
        return harness::orphan::run_child();
    }
    if deposed::is_child() {
        return deposed::run_child();
    }
    if copier::is_child() {
        return copier::run_child();
    }
    start_logging();
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(TRIALS_AT_ONCE));
    libtest_mimic::run(&arguments, trials()).exit_code()
}

/// With `RUST_LOG` set, the gates in this process say what they do.
fn start_logging() {
    if let Ok(filter) = std::env::var("RUST_LOG") {
        let (style, level) = (LogStyle::Text, tracing::Level::INFO);
        telemetry::start_logging(style, level, Some(&filter)).expect("a filter");
    }
}

fn trials() -> Vec<Trial> {
    [
        harness::trials(),
        #[cfg(feature = "demo")]
        agreement::trials(),
        late_endtxn::trials(),
        late_endtxn_gate::trials(),
        bad_input::trials(),
        bad_topics::trials(),
        causal_pairs::trials(),
        change_of_protocol::trials(),
        cutover::trials(),
        checker::trials(),
        deposed::trials(),
        downstream::trials(),
        flipped_bit::trials(),
        #[cfg(feature = "demo")]
        first_week::trials(),
        full_start::trials(),
        #[cfg(feature = "tls")]
        guarded::trials(),
        kills::trials(),
        leaderless::trials(),
        node_loss::trials(),
        open_transaction::trials(),
        past::trials(),
        routes::trials(),
        take_over::trials(),
        zero_kind::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
