//! A gate with a policy of its own: what it publishes is enough to decide again.

use std::time::Duration;

use consentgate::decision::Reason;
use consentgate::wire::audit::decode_entry;
use consentgate::wire::consent::Produced;
use consentgate::wire::outbound::encode;
use consentgate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};

use super::copies::{assert_differences, verify_topics};
use super::world::{PARTITIONS, WORLD};
use crate::support::gate::{await_ready, await_that, gate_toml, try_start};
use crate::support::producers::{NewRecord, Writer};
use crate::support::reading::{Isolation, read_all};
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, phone, published};

const HOUR_MS: i64 = 3_600_000;

/// An offer of the cafe to a person, with a way out.
fn offer(person: u32) -> OutboundMessage {
    OutboundMessage {
        message_id: "m".to_string(),
        business_id: "cafe".to_string(),
        to: phone(person),
        scope: "offers".to_string(),
        category: Category::Marketing.into(),
        opt_out_path: OptOutPath::Footer.into(),
        ..OutboundMessage::default()
    }
}

fn update(person: u32) -> OutboundMessage {
    let scope = "order_updates".to_string();
    OutboundMessage { scope, category: Category::Utility.into(), ..offer(person) }
}

/// Runs a gate with this policy on these messages, and verifies it by what it published. Person n
/// agreed n hours and a half ago.
fn verifies(name: &str, policy: &str, messages: &[(OutboundMessage, Option<Reason>)]) {
    verifies_after(&[], name, policy, messages);
}

/// The same, after these events.
fn verifies_after(
    events: &[Produced],
    name: &str,
    policy: &str,
    messages: &[(OutboundMessage, Option<Reason>)],
) {
    let bootstrap = WORLD.broker.bootstrap();
    let topics = GateTopics::named(name);
    topics.create(&bootstrap, PARTITIONS);
    let writer = Writer::new(&bootstrap);
    let write = |topic: &str, key: &str, value: &[u8]| {
        let (key, value, partition) = (Some(key.as_bytes()), Some(value), None);
        writer.write_one(topic, &NewRecord { key, value, partition, ..NewRecord::default() });
    };
    for event in events {
        write(&topics.consent_events, &event.key, &event.value);
    }
    for person in 0..4 {
        let at_ms = now_ms() - i64::from(person) * HOUR_MS - HOUR_MS / 2;
        let agreed = grant("cafe", person, &["offers", "order_updates"], at_ms);
        write(&topics.consent_events, &agreed.key, &agreed.value);
    }
    let gate = try_start(&gate_toml(&bootstrap, &topics, policy), "gate-0").expect("a gate");
    await_ready(&gate);
    for (message, _) in messages {
        write(&topics.outbound, "one partition", &encode(message));
    }
    let read = |topic: &str| read_all(&bootstrap, topic, Isolation::Committed);
    await_that("all messages are decided", || {
        read(&topics.allowed).len() + read(&topics.audit).len() == messages.len()
    });
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let found = read(&topics.audit).into_iter().map(|record| {
        let entry = decode_entry(&record.value.expect("an entry")).expect("an entry");
        (usize::try_from(entry.offset.0).expect("an offset"), entry.suppression.primary)
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(offset, _)| *offset);
    let expected = messages.iter().enumerate();
    let expected = expected.filter_map(|(at, (_, reason))| Some((at, (*reason)?)));
    assert_eq!(found, expected.collect::<Vec<_>>());
    let report = verify_topics(&topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, messages.len() as u64);
    assert_eq!(report.counts.policies, 1);
}

#[test]
fn a_limit_to_grants_and_a_way_out_of_all_messages_verify() {
    let policy = "[policy]\nopt_out_path = \"all\"\n\
        [[policy.scopes]]\nname = \"offers\"\nclass = \"marketing\"\nvalid_for = \"2h\"\n\
        [[policy.scopes]]\nname = \"order_updates\"\nclass = \"informing\"\n";
    let trap = |message| OutboundMessage { opt_out_path: 0, ..message };
    let messages = [
        (offer(1), None),
        (offer(2), Some(Reason::GrantExpired)),
        (update(2), None),
        (trap(update(2)), Some(Reason::NoOptOutPath)),
    ];
    verifies("lasting", policy, &messages);
}

#[test]
fn a_stricter_business_verifies() {
    let policy = "[policy.businesses.cafe]\nopt_out_path = \"all\"\n\
        scopes = [{ name = \"offers\", strength = \"double\" }]\n";
    let trap = OutboundMessage { opt_out_path: 0, ..update(1) };
    let messages = [
        (offer(1), Some(Reason::GrantTooWeak)),
        (update(1), None),
        (trap, Some(Reason::NoOptOutPath)),
    ];
    verifies("stricter", policy, &messages);
}

#[test]
fn published_texts_verify() {
    let policy = "[policy.businesses.cafe]\nconsent_texts = \"published\"\n";
    let published = published("cafe", &["offers"], now_ms());
    let messages = [(offer(1), None), (update(1), Some(Reason::ProofMissing))];
    verifies_after(&[published], "texts", policy, &messages);
}

#[test]
fn quiet_hours_and_refused_countries_verify() {
    let clock = |in_hours: i64| {
        let minutes = (now_ms() / 60_000 + in_hours * 60).rem_euclid(24 * 60);
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    };
    let (from, to) = (clock(-1), clock(2));
    let policy = format!(
        "[[policy.quiet_hours]]\ncountry = \"SE\"\nfrom = \"{from}\"\nto = \"{to}\"\nutc_offset = \"+00:00\"\n\
        [[policy.countries]]\ncountry = \"US\"\nmarketing = \"refused\"\n"
    );
    let also = |country: &str, message| {
        let also_known_as = format!("{country}.anna5");
        OutboundMessage { also_known_as, ..message }
    };
    let messages = [
        (offer(1), None),
        (also("SE", offer(1)), Some(Reason::QuietHours)),
        (also("SE", update(1)), None),
        (also("US", offer(1)), Some(Reason::CountryRule)),
    ];
    verifies("resting", &policy, &messages);
}
