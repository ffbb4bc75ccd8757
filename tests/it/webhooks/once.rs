//! Every webhook is published, and published once.

use std::collections::BTreeSet;

use consentgate::wire::proto::consent::ConsentEvent;
use prost::Message as _;

use super::{Stage, fixture};
use crate::support::gate::await_that;
use crate::support::reading::committed;

#[test]
fn a_retried_webhook_is_published_once_also_after_a_restart() {
    let stage = Stage::new("webhooks-retried");
    let names = ["user_preferences_stop", "text_stop", "status_131049", "text"];
    for name in names {
        stage.deliver_fixture(0, name);
        stage.deliver_fixture(1, name);
    }
    let first = stage.work_off();
    let events = [
        "KIND_COOLDOWN cafe/+12025550101",
        "KIND_PLATFORM_STOP cafe/+12025550101",
        "KIND_PLATFORM_STOP cafe/US.anna5",
        "KIND_WITHDRAW cafe/+12025550101",
    ];
    let activity = ["KIND_INBOUND cafe/+12025550101"; 2];
    assert_eq!(stage.events(&stage.topics.consent_events), events);
    assert_eq!(stage.events(&stage.topics.consent_activity), activity);
    assert_eq!((first.bodies, first.repeated), (8, 6), "{first}");
    // Meta tries again, and the adapter has been restarted.
    names.iter().for_each(|name| stage.deliver_fixture(0, name));
    let second = stage.work_off();
    assert_eq!((second.bodies, second.repeated), (4, 6), "{second}");
    assert_eq!(stage.events(&stage.topics.consent_events), events);
    assert_eq!(stage.events(&stage.topics.consent_activity), activity);
}

#[test]
fn what_was_published_and_not_committed_before_a_crash_is_not_published_again() {
    let stage = Stage::new("webhooks-crashed");
    let names = ["user_preferences_stop", "text_stop", "status_131049", "text"];
    names.iter().for_each(|name| stage.deliver_fixture(0, name));
    stage.work_off();
    let published = || {
        let topics = [&stage.topics.consent_events, &stage.topics.consent_activity];
        topics.map(|topic| stage.events(topic))
    };
    let before = published();
    // A group of another name has committed nothing: it reads all bodies from the first on.
    let toml = stage.toml.replace("[webhooks]", "[webhooks]\ngroup = \"another\"");
    let again = stage.start_with(&toml);
    let is_done = || committed(&stage.broker.bootstrap(), "another", &stage.input, 0) == Some(4);
    await_that("all bodies are committed again", is_done);
    let counts = again.end();
    assert_eq!((counts.bodies, counts.repeated), (4, 6), "{counts}");
    assert_eq!(published(), before);
}

#[test]
fn an_instance_that_takes_over_knows_what_the_other_has_published() {
    let stage = Stage::new("webhooks-taken-over");
    let first = stage.start();
    stage.deliver_fixture(0, "text_stop");
    await_that("the first instance is done", || stage.is_worked_off());
    let second = stage.start();
    stage.deliver_fixture(1, "user_preferences_stop");
    await_that("one of the two is done", || stage.is_worked_off());
    first.end();
    for partition in [0, 1] {
        stage.deliver_fixture(partition, "text_stop");
        stage.deliver_fixture(partition, "user_preferences_stop");
    }
    await_that("the second instance is done", || stage.is_worked_off());
    second.end();
    let events = [
        "KIND_PLATFORM_STOP cafe/+12025550101",
        "KIND_PLATFORM_STOP cafe/US.anna5",
        "KIND_WITHDRAW cafe/+12025550101",
    ];
    assert_eq!(stage.events(&stage.topics.consent_events), events);
    assert_eq!(stage.events(&stage.topics.consent_activity).len(), 1);
}

#[test]
fn no_webhook_is_lost_while_instances_come_and_go() {
    let stage = Stage::new("webhooks-come-and-go");
    let body = fixture("text_stop");
    let deliver = |number: usize| {
        let body = body.replace("wamid.STOP", &format!("wamid.{number}"));
        stage.deliver((number % 2) as i32, body.as_bytes());
    };
    let mut working = Vec::new();
    for round in 0..6 {
        working.push(stage.start());
        (0..100).for_each(|nth| deliver(round * 100 + nth));
        if working.len() > 2 {
            working.remove(0).end();
        }
        (100..150).for_each(|nth| deliver(10_000 + round * 100 + nth));
    }
    await_that("all bodies are committed", || stage.is_worked_off());
    working.into_iter().for_each(|working| drop(working.end()));
    let published: Vec<_> = stage
        .read(&stage.topics.consent_events)
        .iter()
        .map(|record| ConsentEvent::decode(record.value.as_deref().unwrap()).unwrap().inbound_id)
        .collect();
    let distinct: BTreeSet<_> = published.iter().collect();
    assert_eq!((distinct.len(), published.len()), (900, 900));
}
