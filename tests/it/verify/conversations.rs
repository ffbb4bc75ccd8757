//! Conversations in a running gate: told in the other consent topic, fenced like the first, verified.

use std::time::Duration;

use consentgate::wire::proto::outbound::Category;

use super::copies::{assert_differences, verify_topics};
use super::stage::Stage;
use crate::support::gate::await_ready;
use crate::support::world::{asked, code, now_ms, reply, withdraw_by, wrote};

#[test]
fn an_acknowledged_message_of_a_person_opens_a_window_and_it_all_verifies() {
    let stage = Stage::new("conversations");
    let gate = stage.gate();
    await_ready(&gate);
    // The business is known by what another person wrote.
    stage.active(&wrote("cafe", 2, "wamid.0", now_ms()));
    stage.message(1, &reply("cafe", 1, Category::Service, None));
    assert_eq!(stage.fates(), (0, 1));
    stage.active(&wrote("cafe", 1, "wamid.1", now_ms()));
    stage.message(1, &reply("cafe", 1, Category::Service, None));
    assert_eq!(stage.fates(), (1, 1));
    // Anna leaves by a message: no answer but the farewell.
    stage.active(&wrote("cafe", 1, "wamid.2", now_ms()));
    let left = withdraw_by("cafe", 1, "wamid.2");
    stage.consent(&left);
    stage.message(1, &reply("cafe", 1, Category::Service, None));
    stage.message(1, &reply("cafe", 1, Category::Farewell, Some("withdraw-cafe-1")));
    assert_eq!(stage.fates(), (2, 2));
    // Ben asks for a code, and gets it.
    stage.active(&asked("cafe", 2, now_ms()));
    stage.message(2, &code("cafe", 2));
    assert_eq!(stage.fates(), (3, 2));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let report = verify_topics(&stage.topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 5);
}
