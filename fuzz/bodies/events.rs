//! Consent events in every format, and the webhooks that they are made of.

use std::collections::BTreeMap;

use consentgate::consent::{
    BusinessId, Fact, Offset, Partition, Place, Placement, Seconds, Subject, Topic, fold,
};
use consentgate::wire::consent::{effect_of, produce};
use consentgate::wire::formats::{
    EventField, EventFormat, EventFormats, EventPlaces, Framing, Source, Unit,
};
use consentgate::wire::proto::consent::{ConsentEvent, Effect as EffectNumber, Kind};
use consentgate::wire::webhooks::{Owners, WebhookReader};
use prost::Message as _;

const KEY: &str = "cafe/+12025550123";

/// Meta's bodies: what is no JSON says nothing, and no body ever grants.
pub(super) fn webhook(bytes: &[u8]) {
    let mut owners = Owners::default();
    let cafe = BusinessId::parse("cafe").expect("a business");
    owners.numbers.insert("100000000000001".to_owned(), cafe);
    let reading = WebhookReader { owners, ..WebhookReader::default() }.read(bytes);
    if serde_json::from_slice::<serde_json::Value>(bytes).is_err() {
        assert!(reading.events.is_empty(), "an event of what is no JSON");
    }
    for event in reading.events {
        let permits = effect_of(event.kind()) == EffectNumber::Permits;
        assert!(!permits || event.kind() == Kind::Inbound, "{:?} of a webhook", event.kind());
        produce(event).expect("an event that can be placed");
    }
}

/// Our own forms: protobuf, JSON, and both behind a prefix.
pub(super) fn consent_event(bytes: &[u8]) {
    let is_protobuf = ConsentEvent::decode(bytes).is_ok();
    let is_json = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
    let behind = bytes.get(5..).unwrap_or_default();
    let is_json_behind = serde_json::from_slice::<serde_json::Value>(behind).is_ok();
    check(&EventFormat::PROTOBUF, bytes, is_protobuf);
    check(&EventFormat::own_json(Framing::Plain), bytes, is_json);
    // Our own commands write JSON without a prefix there.
    check(&EventFormat::own_json(Framing::Confluent), bytes, is_json || is_json_behind);
    let prefixed = bytes.first() == Some(&0);
    check(&EventFormat::protobuf(Framing::Confluent), bytes, is_json || prefixed);
}

/// Somebody else's JSON.
pub(super) fn consent_mapping(bytes: &[u8]) {
    use EventField as F;
    let places = [
        (F::EventId, "/id"),
        (F::Business, "/tenant"),
        (F::Identity, "/phone"),
        (F::Kind, "/type"),
        (F::OccurredAt, "/at"),
        (F::Scopes, "/topics"),
        (F::Method, "/meta/channel"),
        (F::Actor, "/meta/by"),
        (F::TextId, "/text"),
        (F::ValidUntil, "/expires"),
    ];
    let source = |text: &str| Source::parse(text).expect("a place");
    let kinds = [("opted_in", "grant"), ("opted_out", "withdraw"), ("opened", "ignore")];
    let words = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(word, name)| ((*word).to_owned(), (*name).to_owned())).collect()
    };
    let places = EventPlaces {
        places: places.map(|(field, text)| (field, source(text))).to_vec(),
        words: BTreeMap::from([(F::Kind, words(&kinds))]),
    };
    let format = EventFormat::json(Framing::Plain, places, Unit::Millis).expect("a format");
    let is_json = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
    check(&format, bytes, is_json);
}

/// Bytes that are no value of the format permit nothing, and nothing permits anybody but whom the key
/// names.
fn check(format: &EventFormat, bytes: &[u8], may_permit: bool) {
    let formats = EventFormats { events: format.clone(), activity: format.clone() };
    let place = Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(0) };
    let (key, at) = (Some(KEY.as_bytes()), Seconds(1_790_000_000));
    let record = formats.record(place, at, key, Placement::Right, Some(bytes));
    for fact in fold(&record).facts {
        let Some(subject) = permitted(&fact) else {
            continue;
        };
        assert!(may_permit, "a permit of what does not decode");
        let stranger = subject.is_some_and(|subject| subject.key() != KEY);
        assert!(!stranger, "a permit for whom the key does not name");
    }
}

/// Whom a fact permits something; `None` if it permits nothing.
fn permitted(fact: &Fact) -> Option<Option<&Subject>> {
    match fact {
        Fact::Grant { subject, .. }
        | Fact::Confirm { subject, .. }
        | Fact::Unblock(subject, _)
        | Fact::Unrestrict(subject, _)
        | Fact::Inbound { subject, .. }
        | Fact::Requested(subject, _) => Some(Some(subject)),
        Fact::Resume { .. } | Fact::ResumeAll(_) | Fact::Void { .. } => Some(None),
        _ => None,
    }
}
