//! Kill switches in a running gate: what they stop, what they hold, and that it all verifies.

use std::time::Duration;

use consentgate::wire::proto::consent::Kind;

use super::copies::{assert_differences, verify_topics};
use super::stage::Stage;
use crate::support::gate::await_ready;
use crate::support::world::{grant, now_ms, offer, switch};

const SPRING: Option<(&str, &str)> = Some(("cafe", "spring"));

/// A resume lifts what was paused in an earlier second.
fn next_second() {
    std::thread::sleep(Duration::from_millis(1_100));
}

#[test]
fn a_paused_campaign_is_suppressed_a_paused_platform_waits_and_both_verify() {
    let stage = Stage::new("pauses");
    let message = |number| stage.message(1, &offer("cafe", 1, number));
    stage.consent(&grant("cafe", 1, &["offers"], now_ms() - 60_000));
    let gate = stage.gate();
    await_ready(&gate);
    stage.consent(&switch(Kind::Pause, SPRING, now_ms()));
    message(1);
    assert_eq!(stage.fates(), (0, 1));
    next_second();
    stage.consent(&switch(Kind::Resume, SPRING, now_ms()));
    message(2);
    assert_eq!(stage.fates(), (1, 1));
    stage.consent(&switch(Kind::Pause, None, now_ms()));
    message(3);
    next_second();
    let decided = stage.count(&stage.topics.allowed) + stage.count(&stage.topics.audit);
    assert_eq!(decided, 2, "nothing is decided while everything is paused");
    stage.consent(&switch(Kind::Resume, None, now_ms()));
    assert_eq!(stage.fates(), (2, 1));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let report = verify_topics(&stage.topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 3);
}
