//! Laws over all bodies.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::*;
use crate::wire::consent::effect_of;
use crate::wire::proto::consent::Effect;

/// Nothing that permits, but an inbound message.
fn permits_only_inbound(reading: &Reading) -> bool {
    reading
        .events
        .iter()
        .all(|event| event.kind() == Kind::Inbound || effect_of(event.kind()) != Effect::Permits)
}

/// One without the account that the templates belong to, and one with it.
fn readers() -> [WebhookReader; 2] {
    let mut with_account = WebhookReader { links: Links::Publish, ..reader() };
    let cafe = BusinessId::parse("cafe").unwrap();
    with_account.owners.accounts.insert(ACCOUNT.to_owned(), cafe);
    [reader(), with_account]
}

#[test]
fn a_body_always_gives_the_same_events() {
    for reader in readers() {
        for body in fixtures() {
            assert_eq!(reader.read(body.as_bytes()), reader.read(body.as_bytes()));
        }
    }
}

#[test]
fn in_any_order_the_same_facts_are_told() {
    let told = |bodies: &[String]| {
        let mut facts = BTreeMap::new();
        for event in bodies.iter().flat_map(|body| readers()[1].read(body.as_bytes()).events) {
            // As the adapter does it: the first of an id is published.
            facts.entry(event.event_id.clone()).or_insert_with(|| format!("{event:?}"));
        }
        facts
    };
    let mut bodies = fixtures();
    bodies.sort();
    let before = told(&bodies);
    bodies.reverse();
    assert_eq!(told(&bodies), before);
    bodies.extend(fixtures());
    assert_eq!(told(&bodies), before);
}

#[test]
fn every_fact_of_the_fixtures_has_an_id_of_its_own() {
    let mut facts = BTreeMap::new();
    for body in fixtures() {
        for event in readers()[1].read(body.as_bytes()).events {
            let said = format!("{event:?}");
            // Two messages of one person tell of the same link, two webhooks of the same change.
            if let Some(before) = facts.insert(event.event_id.clone(), said.clone()) {
                assert_eq!(before, said);
            }
        }
    }
    assert!(facts.len() > 20, "{}", facts.len());
}

#[test]
fn whatever_makes_a_fact_is_part_of_its_id() {
    let mut reader = reader();
    let bar = BusinessId::parse("bar").unwrap();
    reader.owners.numbers.insert("100000000000002".to_owned(), bar);
    let body = fixture("text_stop");
    let bodies = [
        body.clone(),
        body.replace("wamid.STOP", "wamid.STOP2"),
        body.replace("12025550101", "12025550102"),
        body.replace("12025550101", "US.anna5"),
        body.replace(NUMBER, "100000000000002"),
        body.replace("Stop!", "please stop"),
        fixture("user_preferences_stop"),
        fixture("user_preferences_stop").replace("1767225600", "1767225601"),
        fixture("user_preferences_resume").replace("1767229200", "1767225600"),
        fixture("status_131050"),
        fixture("status_131050").replace("wamid.OUT", "wamid.OUT2"),
        fixture("status_131049"),
        fixture("status_131049").replace("1767225600", "1767225601"),
    ];
    let events: Vec<_> =
        bodies.iter().flat_map(|body| reader.read(body.as_bytes()).events).collect();
    let ids: BTreeSet<_> = events.iter().map(|event| &event.event_id).collect();
    // Only the inbound message of "please stop" is the same as that of "Stop!".
    assert_eq!((events.len(), ids.len()), (22, 21));
    assert!(events.iter().any(|event| event.business_id == "bar"));
}

/// A place and a byte to put there.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
}

/// What happens to a line of a body that is written as people read it.
#[derive(Clone, Debug)]
enum Edit {
    /// Its value becomes another.
    Replace(&'static str),
    /// Its key stands there twice, before with another value.
    Repeat(&'static str),
    /// It is gone.
    Remove,
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, Edit)>> {
    let value = prop::sample::select(vec![
        "null",
        "true",
        "[]",
        "{}",
        "7",
        "-1",
        "1.5",
        "131050",
        "131049",
        "131026",
        "1767225600",
        "\"\"",
        "\"stop\"",
        "\"resume\"",
        "\"please stop\"",
        "\"STOP_PROMO\"",
        "\"messages\"",
        "\"user_preferences\"",
        "\"text\"",
        "\"system\"",
        "\"failed\"",
        "\"12025550102\"",
        "\"US.anna6\"",
        "\"100000000000001\"",
        "\"1767225600\"",
        "\"marketing_messages\"",
        "[{\"code\": 131050}]",
        "{\"body\": \"stop\"}",
        "{\"previous\": \"US.a\", \"current\": \"US.b\"}",
    ]);
    let edit = (0..3, value).prop_map(|(what, value)| match what {
        0 => Edit::Replace(value),
        1 => Edit::Repeat(value),
        _ => Edit::Remove,
    });
    prop::collection::vec((any::<prop::sample::Index>(), edit), 1..6)
}

/// A body of the fixtures with some of its lines edited; mostly it stays JSON.
fn edited() -> impl Strategy<Value = String> {
    (any::<prop::sample::Index>(), edits())
        .prop_map(|(which, edits)| edited_at(which.get::<String>(&fixtures()), edits))
}

/// An edit after which a part is there no longer, or cannot be read.
fn broken() -> impl Strategy<Value = Edit> {
    let value = prop::sample::select(vec!["null", "true", "[]", "{}"]);
    (0..3, value).prop_map(|(what, value)| match what {
        0 => Edit::Replace(value),
        1 => Edit::Repeat(value),
        _ => Edit::Remove,
    })
}

fn edited_at(body: &str, edits: impl IntoIterator<Item = (prop::sample::Index, Edit)>) -> String {
    let mut lines: Vec<String> = body.lines().map(str::to_owned).collect();
    for (at, edit) in edits {
        let at = at.index(lines.len());
        let line = lines[at].clone();
        let Some((key, value)) = line.split_once(": ") else {
            continue;
        };
        let opens = value.ends_with(['{', '[']);
        let comma = if value.ends_with(',') { "," } else { "" };
        match edit {
            Edit::Replace(new) if !opens => lines[at] = format!("{key}: {new}{comma}"),
            Edit::Repeat(new) => lines[at] = format!("{key}: {new},\n{line}"),
            Edit::Remove if !opens && !comma.is_empty() => lines[at] = String::new(),
            Edit::Replace(_) | Edit::Remove => {}
        }
    }
    lines.join("\n")
}

#[test]
fn edited_bodies_are_mostly_json_and_often_say_something() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut readable, mut inbound, mut others) = (0, 0, 0);
    for _ in 0..1_000 {
        let body = edited().new_tree(&mut runner).unwrap().current();
        let reading = reader().read(body.as_bytes());
        let is_json =
            !reading.notes.iter().any(|note| note.name().starts_with("unreadable_opt_out"))
                && !reading.notes.contains(&Note::Unreadable);
        readable += usize::from(is_json);
        inbound += usize::from(!of_kind(&reading.events, Kind::Inbound).is_empty());
        others += usize::from(reading.events.iter().any(|event| event.kind() != Kind::Inbound));
    }
    assert!(readable > 900 && inbound > 50 && others > 300, "{readable} {inbound} {others}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(permits_only_inbound(&reader().read(&bytes)));
    }

    #[test]
    fn an_edited_webhook_permits_nothing_but_inbound(body in edited()) {
        for reader in readers() {
            let reading = reader.read(body.as_bytes());
            prop_assert!(permits_only_inbound(&reading));
            for event in reading.events {
                prop_assert!(produce(event).is_ok());
            }
        }
    }

    #[test]
    fn one_broken_part_loses_no_opt_out_silently(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        edit in broken(),
    ) {
        let names = [
            "user_preferences_stop", "status_131050", "text_stop", "text_stop_among_words", "button",
            "interactive_list_reply",
        ];
        let body = edited_at(&fixture(names[which.index(names.len())]), [(at, edit)]);
        let reading = reader().read(body.as_bytes());
        let objects = reading.events.iter().any(|event| effect_of(event.kind()) == Effect::Objects);
        let told = reading.notes.iter().any(|note| note.weight() != Weight::Counted);
        prop_assert!(objects || told, "{body}");
    }

    #[test]
    fn a_body_that_says_two_things_opens_no_window_and_makes_no_template_better(body in edited()) {
        let reading = readers()[1].read(body.as_bytes());
        if reading.notes.contains(&Note::RepeatedKey) {
            prop_assert!(of_kind(&reading.events, Kind::Inbound).is_empty());
            let states = of_kind(&reading.events, Kind::TemplateState);
            prop_assert!(states.iter().all(|event| event.occurred_at_ms.is_none()));
        }
    }

    #[test]
    fn a_damaged_webhook_permits_nothing_but_inbound(
        which in any::<prop::sample::Index>(),
        damage in damage(),
    ) {
        let mut body = which.get(&fixtures()).clone().into_bytes();
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        prop_assert!(permits_only_inbound(&reader().read(&body)));
    }
}
