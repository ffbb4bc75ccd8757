//! The campaign: three nodes of Apache Kafka, gates as processes, and one fault after another while
//! messages, opt-ins and opt-outs flow. Afterwards every topic is read and every promise is checked.
//!
//! The short form is an ordinary test. The long form is asked for, and writes its results to a file:
//!
//! ```text
//! cargo test --release --test campaign -- --ignored
//! ```
//!
//! `CONSENTGATE_CAMPAIGN_FAULTS` and `CONSENTGATE_CAMPAIGN_MESSAGES` set its size (210 and 2,100,000),
//! `CONSENTGATE_CAMPAIGN_FILE` says where its results go, `CONSENTGATE_CAMPAIGN_GATE` is a line of the gates'
//! `[gate]` section (if not set, rounds go through the group protocols in turn), `CONSENTGATE_CAMPAIGN_ONLY` takes
//! the kinds with this word in their name alone, and `CONSENTGATE_TEST_SEED` repeats an order of faults.
//! The long form sets clocks by libfaketime (Debian's package of that name); a fault that does not come about
//! fails the campaign. A machine that cannot run it ignores it; with `CI=true` it fails there.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or its helper that cannot go on must stop, and a test binary has no outside"
)]

mod check;
mod fault;
mod field;
mod follower;
mod gates;
mod plan;
mod results;
mod round;
mod ruin;
mod strikes;
mod traffic;
mod verdict;

#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};

use self::plan::Plan;
use self::results::Results;
use self::support::chance::chance;
use self::support::kafka::{Cluster, ClusterSpec, DiskSpec, Network, Nodes, QUICK_GROUPS, apart};
use self::support::trial::where_possible_within;

/// Says to this binary, when it is started again, which form it shall run.
const CHILD: &str = "CONSENTGATE_TEST_CAMPAIGN";
const SHORT_LIMIT: Duration = Duration::from_secs(600);
const LONG_LIMIT: Duration = Duration::from_secs(6 * 3600);

/// Nodes that can be cut off, whose clients come through proxies, and whose disks can be filled.
const CLUSTER: ClusterSpec<'static> = ClusterSpec {
    nodes: Nodes::Three,
    proxy_listener: true,
    network: Network::Apart,
    disk: DiskSpec::Own(2_048),
    extra: QUICK_GROUPS,
};

fn main() -> ExitCode {
    if let Some(form) = apart::part(CHILD) {
        return run(&form);
    }
    let short = || apart::run_this_binary(CHILD, "short");
    let long = || apart::run_this_binary(CHILD, "long");
    let trials: Vec<Trial> = vec![
        where_possible_within(
            SHORT_LIMIT,
            "a_short_campaign_breaks_no_promise",
            apart::possible,
            short,
        ),
        where_possible_within(
            LONG_LIMIT,
            "a_long_campaign_breaks_no_promise",
            apart::possible,
            long,
        )
        .with_ignored_flag(true),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs one form, within namespaces of its own.
fn run(form: &str) -> ExitCode {
    let mut chance = chance("campaign");
    let plan = match form {
        "long" => Plan::long(&mut chance),
        _ => Plan::short(),
    };
    let mut results = Results::begin(&plan);
    let cluster = Cluster::start(CLUSTER).expect("a cluster of nodes apart");
    let proxies: Vec<_> = cluster.nodes().iter().map(|node| node.proxy()).collect();
    for (nth, round) in plan.rounds.iter().enumerate() {
        round::play(&cluster, &proxies, &plan, round, &mut chance, &mut results);
        results.write_down();
        println!("round {} of {}: {}", nth + 1, plan.rounds.len(), results.summary());
    }
    println!("{}", results.text());
    match results.are_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
