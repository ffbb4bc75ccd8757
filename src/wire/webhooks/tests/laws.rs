//! Laws over all bodies.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

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

fn readers() -> [WebhookReader; 2] {
    [reader(), WebhookReader { links: Links::Publish, ..reader() }]
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
fn a_longer_word_in_one_field_is_never_a_shorter_one_in_the_next() {
    let ids: BTreeSet<_> = ["wamid.A", "wamid.AB"]
        .into_iter()
        .flat_map(|id| events(&fixture("text_stop").replace("wamid.STOP", id)))
        .map(|event| event.event_id)
        .collect();
    assert_eq!(ids.len(), 4);
}

/// A place and a byte to put there.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
}

/// JSON that has the names of webhooks in the wrong places.
fn anything() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "object",
        "entry",
        "id",
        "changes",
        "field",
        "value",
        "metadata",
        "phone_number_id",
        "contacts",
        "wa_id",
        "user_id",
        "messages",
        "from",
        "timestamp",
        "type",
        "text",
        "body",
        "button",
        "payload",
        "interactive",
        "button_reply",
        "statuses",
        "errors",
        "code",
        "user_preferences",
        "category",
        "system",
        "previous_user_id",
        "user_id_update",
        "previous",
        "current",
    ]);
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "131050",
        "131049",
        "1767225600",
        "-1",
        "1.5",
        "\"stop\"",
        "\"resume\"",
        "\"messages\"",
        "\"text\"",
        "\"system\"",
        "\"failed\"",
        "\"12025550101\"",
        "\"US.anna5\"",
        "\"100000000000001\"",
        "\"1767225600\"",
        "\"whatsapp_business_account\"",
        "\"\"",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(8, 128, 6, move |inner| {
        let object =
            prop::collection::vec((names.clone(), inner.clone()), 0..6).prop_map(|entries| {
                let entries: Vec<_> =
                    entries.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", entries.join(","))
            });
        let list =
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        prop_oneof![3 => object, 2 => list]
    })
}

/// The same JSON where a message, a status, a preference or an update should be.
fn in_place() -> impl Strategy<Value = String> {
    let part =
        prop::sample::select(vec!["messages", "statuses", "user_preferences", "user_id_update"]);
    (part, anything(), anything()).prop_map(|(part, first, second)| {
        fixture("errors").replace("\"errors\": [", &format!("\"{part}\": [{first}, {second},"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(permits_only_inbound(&reader().read(&bytes)));
    }

    #[test]
    fn any_json_permits_nothing_but_inbound(body in prop_oneof![anything(), in_place()]) {
        for reader in readers() {
            let reading = reader.read(body.as_bytes());
            prop_assert!(permits_only_inbound(&reading));
            for event in reading.events {
                prop_assert!(produce(event).is_ok());
            }
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
