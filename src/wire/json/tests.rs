//! Stories are read by the rules of bytes, and misspelt ones are refused.

use proptest::prelude::*;

use super::*;
use crate::consent::{Content, KeyParts, Placement, Seconds};
use crate::wire::consent::{decode, encode};
use crate::wire::tests::{grant, outbound, withdraw};
use crate::wire::{WireError, outbound as outbound_room};

const STORY: &str = r#"{
  "records": [
    {
      "partition": 0, "offset": 0, "appended_at": "2026-11-24T10:00:00Z",
      "event": {
        "event_id": "e-1", "business_id": "acme", "phone": "+12025550101", "kind": "grant",
        "scopes": ["offers"], "occurred_at": "2026-11-24T09:59:59.500Z", "method": "website_form",
        "expression": "box_ticked", "text_id": "newsletter", "actor": "subject"
      }
    },
    { "offset": 1, "appended_at": "2026-11-24T10:00:01Z", "key": "acme/", "undecodable": true }
  ],
  "messages": [
    {
      "now": "2026-11-24T10:05:00Z",
      "message": {
        "business_id": "acme", "to": "+12025550101", "scope": "offers", "category": "marketing",
        "opt_out_path": "footer", "deadline": "2026-11-24T11:00:00Z"
      }
    }
  ]
}"#;

fn event(json: &str) -> Result<JsonEvent, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn a_story_becomes_records_and_messages() {
    let story = Story::parse(STORY).unwrap();
    let grant = story.records[0].to_record().unwrap();
    assert_eq!(grant.appended_at, Seconds(1_795_514_400));
    assert!(
        matches!(&grant.key, KeyParts::Subject(subject) if subject.key() == "acme/+12025550101")
    );
    assert_eq!(grant.placement, Placement::Right);
    let Content::Event(event) = &grant.content else { panic!("an event") };
    assert_eq!(event.occurred_at_ms, Some(1_795_514_399_500));
    let broken = story.records[1].to_record().unwrap();
    assert_eq!(broken.content, Content::Undecodable);
    assert!(matches!(broken.key, KeyParts::Business(_)));
    let message = &story.messages[0];
    assert_eq!(message.now().unwrap(), Seconds(1_795_514_700));
    let bytes = message.message.encode().unwrap();
    let decoded = outbound_room::decode(Some(&bytes)).unwrap();
    assert_eq!((decoded.business, decoded.scope), ("acme", "offers"));
    assert_eq!(decoded.deadline, Some(Seconds(1_795_518_000)));
}

#[test]
fn an_absent_effect_is_that_of_the_kind_and_a_given_one_stays() {
    let effect = |json: &str| event(json).unwrap().to_proto().unwrap().effect;
    assert_eq!(effect(r#"{"kind": "platform_stop"}"#), 1);
    assert_eq!(effect(r#"{"kind": "grant"}"#), 2);
    assert_eq!(effect(r#"{"kind": "grant", "effect": "unspecified"}"#), 0);
    assert_eq!(effect(r#"{"kind": 77, "effect": "objects"}"#), 1);
    assert_eq!(effect(r#"{"kind": 77}"#), 0);
}

#[test]
fn what_is_misspelt_is_refused() {
    for json in [
        r#"{"kind": "withdrawal"}"#,
        r#"{"kind": "Grant"}"#,
        r#"{"method": "fax"}"#,
        r#"{"occurred_at": "yesterday"}"#,
        r#"{"occurred_at": "2026-11-24T10:00:00Z", "occurred_at_ms": 1}"#,
        r#"{"occurred_at": "1969-12-31T23:59:59Z"}"#,
        r#"{"text_sha256": "abc"}"#,
        r#"{"void": {"place": {"topic": "outbound", "partition": 0, "offset": 0}}}"#,
    ] {
        let refused = event(json).unwrap().to_proto();
        assert!(matches!(refused, Err(WireError::Story { .. })), "{json}: {refused:?}");
    }
    for json in [r#"{"fone": ""}"#, r#"{"pause": {"all": true}}"#, r#"{"void": {"id": 1}}"#] {
        assert!(event(json).is_err(), "{json}");
    }
    let misspelt = STORY.replace("\"to\"", "\"recipient\"");
    assert!(Story::parse(STORY).is_ok() && Story::parse(&misspelt).is_err());
}

#[test]
fn a_record_is_either_an_event_or_undecodable() {
    let story = Story::parse(STORY).unwrap();
    let mut both = story.records[0].clone();
    both.undecodable = true;
    assert!(both.to_record().is_err());
    let mut neither = story.records[0].clone();
    neither.event = None;
    assert!(neither.to_record().is_err());
}

#[test]
fn a_record_without_a_place_or_a_time_is_refused() {
    let good = Story::parse(STORY).unwrap().records[0].clone();
    assert!(good.to_record().is_ok());
    assert!(StoryRecord { offset: -1, ..good.clone() }.to_record().is_err());
    assert!(StoryRecord { partition: -1, ..good.clone() }.to_record().is_err());
    let appended_at = "2200-01-01T00:00:00Z".to_string();
    assert!(StoryRecord { appended_at, ..good }.to_record().is_err());
}

#[test]
fn events_read_back_from_their_json() {
    for event in [grant(), withdraw()] {
        let json = serde_json::to_string(&JsonEvent::from(&event)).unwrap();
        let read: JsonEvent = serde_json::from_str(&json).unwrap();
        assert_eq!(read.to_proto().unwrap(), event);
    }
}

#[test]
fn a_message_in_json_is_the_message_in_bytes() {
    let json = r#"{"message_id": "m-1", "campaign_id": "autumn", "business_id": "acme",
        "to": "+12025550101", "also_known_as": "IN.Abc123", "scope": "offers",
        "category": "marketing", "template": "autumn_offer", "template_language": "en_US",
        "deadline_ms": 1790000600999, "opt_out_path": "button", "objection_event_id": "e-7"}"#;
    let message: JsonMessage = serde_json::from_str(json).unwrap();
    let mut expected = outbound();
    expected.body.clear();
    assert_eq!(message.to_proto().unwrap(), expected);
}

proptest! {
    /// Numbers of later versions and times beyond RFC 3339 survive the way through JSON too.
    #[test]
    fn any_event_reads_back_from_its_json(
        codes in prop::array::uniform6(-2..40i32),
        times in prop::array::uniform3(any::<Option<i64>>()),
        hash in prop::collection::vec(any::<u8>(), 0..33),
    ) {
        let [kind, effect, method, expression, actor, strength] = codes;
        let [occurred_at_ms, valid_until_ms, until_ms] = times;
        let mut event = grant();
        (event.kind, event.effect, event.method) = (kind, effect, method);
        (event.expression, event.actor, event.strength) = (expression, actor, strength);
        (event.occurred_at_ms, event.valid_until_ms) = (occurred_at_ms, valid_until_ms);
        (event.until_ms, event.text_sha256) = (until_ms, hash);
        let read = JsonEvent::from(&event).to_proto().unwrap();
        prop_assert_eq!(decode(Some(&encode(&read))), decode(Some(&encode(&event))));
        prop_assert_eq!(read, event);
    }
}
