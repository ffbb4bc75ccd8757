//! What objects is read as widely as it can be; what permits is refused for any doubt.

use proptest::prelude::*;

use super::*;
use crate::consent::{
    BusinessId, Class, Coded, ConsentEvent as Event, EventKind, Fact, Identity, Method, Offset,
    Partition, ScopeName, fold,
};
use crate::wire::consent::{encode, produce};
use crate::wire::proto::consent as proto;
use crate::wire::tests::{grant, withdraw};

const KEY: &[u8] = b"acme/+12025550101";

const GRANT: &str = r#"{"id": "e-1", "tenant": "acme", "phone": "+12025550101", "type": "opted_in",
    "at": 1790000000, "topics": ["deals", "polls"], "meta": {"channel": "web", "by": "customer"},
    "text": {"id": 7, "version": "3"}, "expires": 1890000000}"#;
const WITHDRAWAL: &str = r#"{"tenant": "acme", "phone": "+12025550101", "type": "opted_out",
    "topics": ["deals"]}"#;

fn words(pairs: &[(&str, &str)]) -> Words {
    pairs.iter().map(|(word, name)| ((*word).to_owned(), (*name).to_owned())).collect()
}

fn places() -> EventPlaces {
    use EventField as F;
    let places = [
        (F::EventId, "/id"),
        (F::Business, "/tenant"),
        (F::Identity, "/phone"),
        (F::Identity, "/user_id"),
        (F::Kind, "/type"),
        (F::OccurredAt, "/at"),
        (F::Scopes, "/topics"),
        (F::Method, "/meta/channel"),
        (F::Actor, "/meta/by"),
        (F::TextId, "/text/id"),
        (F::TextVersion, "/text/version"),
        (F::ValidUntil, "/expires"),
        (F::PauseScope, "/stop"),
    ];
    let kinds = [
        ("opted_in", "grant"),
        ("opted_out", "withdraw"),
        ("true", "grant"),
        ("false", "withdraw"),
        ("4", "invalidate"),
        ("opened", "ignore"),
        ("halt", "pause"),
        ("go", "resume"),
    ];
    let maps: [(F, &[(&str, &str)]); 4] = [
        (F::Kind, &kinds),
        (F::Scopes, &[("deals", "offers"), ("polls", "surveys")]),
        (F::Method, &[("web", "website_form")]),
        (F::Actor, &[("customer", "subject")]),
    ];
    EventPlaces {
        places: places.map(|(field, text)| (field, Source::parse(text).unwrap())).to_vec(),
        words: maps.into_iter().map(|(field, pairs)| (field, words(pairs))).collect(),
    }
}

fn mapped() -> EventFormat {
    EventFormat::json(Framing::Plain, places(), Unit::Seconds).unwrap()
}

fn own() -> EventFormat {
    EventFormat::own_json(Framing::Plain)
}

fn event(format: &EventFormat, json: &str) -> Event {
    match format.read(Some(json.as_bytes())) {
        Content::Event(event) => *event,
        other => panic!("{other:?}"),
    }
}

fn folded(format: &EventFormat, key: &[u8], value: &[u8]) -> crate::consent::Folded {
    let place = Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(7) };
    let formats = EventFormats { events: format.clone(), ..EventFormats::default() };
    let at = Seconds(1_800_000_000);
    fold(&formats.record(place, at, Some(key), Placement::Right, Some(value)))
}

fn facts(format: &EventFormat, json: &str) -> Vec<Fact> {
    folded(format, KEY, json.as_bytes()).facts
}

fn permits(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| {
        matches!(
            fact,
            Fact::Grant { .. }
                | Fact::Confirm { .. }
                | Fact::Unblock(..)
                | Fact::Unrestrict(..)
                | Fact::Resume { .. }
                | Fact::ResumeAll(_)
                | Fact::Inbound { .. }
                | Fact::Requested(..)
                | Fact::Void { .. }
        )
    })
}

fn quarantines(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::Undecodable { .. }))
}

fn withdraws_all(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::Objection { class: Class::AllScopes, .. }))
}

#[test]
fn a_grant_of_somebody_elses_json_comes_to_all_that_it_says() {
    let event = event(&mapped(), GRANT);
    assert_eq!(event.business, BusinessId::parse("acme"));
    assert_eq!(event.identity, Identity::parse("+12025550101"));
    assert_eq!(event.kind, Coded::Known(EventKind::Grant));
    assert_eq!(event.method, Coded::Known(Method::WebsiteForm));
    assert_eq!(event.occurred_at_ms, Some(1_790_000_000_000));
    assert_eq!(event.valid_until_ms, Some(1_890_000_000_000));
    assert_eq!(&*event.text.unwrap().id, "7");
    let scopes: Vec<_> = ["offers", "surveys"].into_iter().filter_map(ScopeName::parse).collect();
    assert_eq!((event.scopes, event.scopes_complete), (scopes, true));
    assert!(permits(&facts(&mapped(), GRANT)));
}

#[test]
fn words_that_are_flags_and_numbers_can_be_mapped_too() {
    let with = |kind: &str| event(&mapped(), &WITHDRAWAL.replace("\"opted_out\"", kind)).kind;
    assert_eq!(with("true"), Coded::Known(EventKind::Grant));
    assert_eq!(with("false"), Coded::Known(EventKind::Withdraw));
    assert_eq!(with("4"), Coded::Known(EventKind::Invalidate));
}

#[test]
fn one_scope_may_stand_there_without_a_list() {
    let event = event(&mapped(), &WITHDRAWAL.replace("[\"deals\"]", "\"deals\""));
    assert_eq!(event.scopes, ScopeName::parse("offers").into_iter().collect::<Vec<_>>());
    assert!(event.scopes_complete);
}

#[test]
fn a_kind_that_the_map_does_not_have_quarantines_and_is_never_ignored() {
    for kind in
        ["\"left\"", "\"grant\"", "\"\"", "null", "1", "{}", "[\"opted_in\"]", "\"OPTED_IN\""]
    {
        let json = GRANT.replace("\"opted_in\"", kind);
        let facts = facts(&mapped(), &json);
        assert!(quarantines(&facts) && withdraws_all(&facts) && !permits(&facts), "{kind}");
    }
}

#[test]
fn a_kind_is_ignored_only_if_it_is_mapped_to_that_and_nothing_is_in_doubt() {
    let json = WITHDRAWAL.replace("opted_out", "opened");
    assert_eq!(mapped().read(Some(json.as_bytes())), Content::Ignored);
    assert_eq!(facts(&mapped(), &json), []);
    let twice = json.replace("\"topics\"", "\"type\": \"opened\", \"topics\"");
    assert!(quarantines(&facts(&mapped(), &twice)));
    // Our own form has no such word.
    let own_json = r#"{"business_id": "acme", "phone": "+12025550101", "kind": "ignore"}"#;
    assert!(quarantines(&facts(&own(), own_json)));
}

#[test]
fn an_opt_out_needs_kind_and_person_and_all_else_widens_it() {
    let narrow = facts(&mapped(), WITHDRAWAL);
    assert!(!withdraws_all(&narrow) && !quarantines(&narrow), "{narrow:?}");
    for topics in [
        "[\"deals\", \"news\"]",
        "[\"deals\", null]",
        "[\"deals\", 7.5]",
        "[\"deals\", [\"polls\"]]",
        "{\"deals\": true}",
        "true",
        "[]",
        "null",
        "[\"deals\"], \"topics\": [\"deals\"]",
        "[\"deals\"], \"Topics\": []",
    ] {
        let json = WITHDRAWAL.replace("[\"deals\"]", topics);
        let facts = facts(&mapped(), &json);
        assert!(withdraws_all(&facts) && !quarantines(&facts), "{topics}: {facts:?}");
    }
    let more = WITHDRAWAL.replace("\"topics\"", "\"at\": \"soon\", \"meta\": 7, \"topics\"");
    assert!(facts(&mapped(), &more).iter().any(|it| matches!(it, Fact::ScopeObjection { .. })));
}

#[test]
fn an_opt_out_that_does_not_say_for_whom_quarantines_and_counts_for_its_key() {
    for (from, to) in [
        ("\"phone\": \"+12025550101\"", "\"phone\": \"somebody\""),
        ("\"phone\": \"+12025550101\"", "\"phone\": \"+12025550101\", \"phone\": \"+12025550102\""),
        ("\"phone\": \"+12025550101\"", "\"phone\": \"+12025550101\", \"user_id\": \"US.anna5\""),
        ("\"phone\": \"+12025550101\"", "\"x\": 1"),
        ("\"acme\"", "\"a/b\""),
        ("\"acme\"", "[\"acme\"]"),
    ] {
        let facts = facts(&mapped(), &WITHDRAWAL.replace(from, to));
        assert!(quarantines(&facts) && withdraws_all(&facts), "{to}: {facts:?}");
    }
}

#[test]
fn a_grant_is_refused_for_whatever_it_lacks_or_says_twice() {
    for (from, to) in [
        ("1790000000", "null"),
        ("1790000000", "\"yesterday\""),
        ("1790000000", "1790000000123"),
        ("1890000000", "\"always\""),
        ("1890000000", "1890000000, \"expires\": 1990000000"),
        ("1890000000", "1890000000, \"EXPIRES\": 1"),
        ("\"web\"", "\"fax\""),
        ("\"web\"", "\"website_form\""),
        ("\"customer\"", "null"),
        ("\"customer\"", "\"system\""),
        ("\"polls\"", "\"news\""),
        ("\"polls\"", "null"),
        ("[\"deals\", \"polls\"]", "[]"),
        ("{\"id\": 7, \"version\": \"3\"}", "\"7\""),
        ("{\"id\": 7,", "{\"id\": 7.0,"),
        ("{\"id\": 7, \"version\": \"3\"}", "{\"version\": \"3\"}"),
        ("\"version\": \"3\"", "\"version\": [3]"),
        ("\"e-1\"", "null"),
        ("\"e-1\"", "\"e-1\", \"id\": \"e-1\""),
        ("\"id\": \"e-1\"", "\"id\": \"e-1\", \"meta\": {}"),
    ] {
        let json = GRANT.replacen(from, to, 1);
        assert_ne!(json, GRANT, "{from}");
        let folded = folded(&mapped(), KEY, json.as_bytes());
        assert!(!permits(&folded.facts), "{to}: {:?}", folded.facts);
        assert!(!folded.notes.is_empty(), "{to}");
    }
}

#[test]
fn a_resume_with_anything_in_doubt_lifts_nothing() {
    let resume = r#"{"tenant": "acme", "type": "go", "at": 1790000000, "stop": "deals"}"#;
    let facts_of = |json: &str| folded(&mapped(), b"acme/", json.as_bytes()).facts;
    assert!(matches!(facts_of(resume)[..], [Fact::Resume { .. }]));
    for (from, to) in [
        ("\"deals\"", "7.5"),
        ("\"deals\"", "\"nothing of ours\""),
        ("\"deals\"", "\"deals\", \"stop\": null"),
        ("\"acme\"", "\"acme\", \"phone\": \"nobody\""),
    ] {
        assert!(!permits(&facts_of(&resume.replace(from, to))), "{to}");
    }
    let pause = resume.replace("go", "halt").replace("\"deals\"", "7.5");
    let target = crate::consent::PauseTarget::Business;
    assert!(matches!(&facts_of(&pause)[..], [Fact::Pause { target: it, .. }] if *it == target));
}

#[test]
fn a_text_in_doubt_invalidates_every_text_that_it_may_be() {
    let json = r#"{"tenant": "acme", "type": 4, "text": {"id": "t", "version": "2"}}"#;
    let named = |json: &str| match &folded(&mapped(), b"acme/", json.as_bytes()).facts[..] {
        [Fact::InvalidText { id, version, .. }] => (id.clone(), version.clone()),
        other => panic!("{other:?}"),
    };
    let (id, version) = (Some("t".to_owned()), Some("2".to_owned()));
    assert_eq!(named(json), (id.clone(), version));
    assert_eq!(named(&json.replace("\"2\"", "2.0")), (id, None));
    assert_eq!(named(&json.replace("\"t\"", "[\"t\"]")), (None, None));
    assert_eq!(named(&json.replace("{\"id\": \"t\", \"version\": \"2\"}", "\"t\"")), (None, None));
}

#[test]
fn what_is_no_json_or_lacks_its_prefix_is_undecodable() {
    let framed = EventFormat::json(Framing::Confluent, places(), Unit::Seconds).unwrap();
    let behind = |value: &str| [&[0, 0, 0, 0, 9][..], value.as_bytes()].concat();
    assert!(permits(&folded(&framed, KEY, &behind(GRANT)).facts));
    assert_eq!(framed.read(Some(GRANT.as_bytes())), Content::Undecodable);
    let deep = "[".repeat(100_000);
    for value in ["", "{", "null null", &deep, "\u{feff}{}"] {
        for format in [&mapped(), &own(), &framed, &EventFormat::protobuf(Framing::Confluent)] {
            assert_eq!(format.read(Some(value.as_bytes())), Content::Undecodable, "{value:.9}");
        }
    }
    assert_eq!(mapped().read(None), Content::Undecodable);
    let protobuf = [&[0, 0, 0, 0, 9, 0][..], &encode(&grant())].concat();
    assert!(permits(&folded(&EventFormat::protobuf(Framing::Confluent), KEY, &protobuf).facts));
}

#[test]
fn a_key_of_our_own_form_that_is_misspelt_permits_nothing_and_hides_no_objection() {
    let write = |event: &proto::ConsentEvent| {
        let produced = produce(event.clone()).unwrap();
        String::from_utf8(own().write(produced).value).unwrap()
    };
    let misspelt = |json: String| json.replace("{\"event_id\"", "{\"valid_untill\":1,\"event_id\"");
    assert!(permits(&facts(&own(), &write(&grant()))));
    assert!(!permits(&facts(&own(), &misspelt(write(&grant())))));
    let objects = facts(&own(), &misspelt(write(&withdraw())));
    assert!(objects.iter().any(|it| matches!(it, Fact::ScopeObjection { .. })), "{objects:?}");
}

#[test]
fn what_the_commands_write_can_be_read_in_every_format() {
    let confluent = EventFormat::json(Framing::Confluent, places(), Unit::Millis).unwrap();
    for format in [
        EventFormat::PROTOBUF,
        EventFormat::protobuf(Framing::Confluent),
        own(),
        EventFormat::own_json(Framing::Confluent),
        mapped(),
        confluent,
    ] {
        for event in [grant(), withdraw()] {
            let produced = produce(event.clone()).unwrap();
            let written = format.write(produced.clone());
            assert_eq!(written.key, produced.key);
            let read = format.read(Some(&written.value));
            assert_eq!(read, decode(Some(&produced.value)), "{format:?}");
            let contract = format.contract(&written.value).unwrap();
            assert_eq!((contract.event_id, contract.source), (event.event_id, event.source));
        }
    }
    // Nothing may stand beside it.
    let written = mapped().write(produce(grant()).unwrap()).value;
    let beside = [&written[..written.len() - 1], b",\"type\":\"opted_out\"}"].concat();
    assert_eq!(mapped().read(Some(&beside)), Content::Undecodable);
}

#[test]
fn a_format_says_all_that_is_wrong_with_it() {
    let mut places = places();
    places.places.retain(|(field, _)| *field != EventField::Kind);
    places.places.push((EventField::Scopes, Source::parse("/more").unwrap()));
    places.places.push((EventField::Evidence, Source::parse("header:proof").unwrap()));
    places.words.insert(EventField::TextId, words(&[("a", "b")]));
    places.words.insert(EventField::Kind, words(&[("a", "opt_in"), ("b", "void")]));
    let errors = EventFormat::json(Framing::Plain, places, Unit::Millis).unwrap_err();
    let fields: Vec<_> = errors.iter().map(EventFormatError::field).collect();
    use EventField as F;
    assert_eq!(fields, [F::Kind, F::Scopes, F::Evidence, F::Kind, F::Kind, F::TextId]);
}

fn names() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] =
        &["", "acme", "+12025550101", "US.anna5", "offers", "a b", "e-1", "\"\\\u{1}é"];
    prop::sample::select(KNOWN).prop_map(str::to_owned)
}

fn times() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(prop_oneof![Just(-1), Just(0), 0..2_000_000_000_000i64, any::<i64>()])
}

/// Events that a writer of protobuf could write, sound or not.
fn events() -> impl Strategy<Value = proto::ConsentEvent> {
    let ids = (names(), names(), names(), names(), names(), names(), names(), names());
    let codes = (-1..30i32, 0..5i32, 0..13i32, 0..8i32, 0..8i32, 0..4i32, 0..7u32);
    let times = (times(), times(), times(), any::<bool>());
    let lists = (prop::collection::vec(names(), 0..4), prop::collection::vec(names(), 0..3));
    let targets =
        (names(), names(), prop::option::of((0..4i32, -1..3i32, -1..3i64)), any::<bool>());
    (ids, codes, times, lists, targets).prop_map(|(ids, codes, times, lists, targets)| {
        let mut event = proto::ConsentEvent {
            event_id: ids.0,
            business_id: ids.1,
            phone: ids.2,
            user_id: ids.3,
            text_id: ids.4.clone(),
            text_version: ids.5,
            inbound_id: ids.6.clone(),
            linked_phone: ids.7,
            confirms_event_id: ids.6,
            kind: codes.0,
            effect: codes.1,
            method: codes.2,
            expression: codes.3,
            actor: codes.4,
            strength: codes.5,
            min_reader: codes.6,
            occurred_at_ms: times.0,
            valid_until_ms: times.1,
            until_ms: times.2,
            historic: times.3,
            scopes: lists.0,
            source: ids.4,
            ..Default::default()
        };
        if targets.3 {
            let place = targets.2.map(|(topic, partition, offset)| proto::Place {
                topic,
                partition,
                offset,
            });
            let (replaced_by_event_ids, drop_reason) = (lists.1, targets.0.clone());
            event.void = Some(proto::VoidTarget { place, replaced_by_event_ids, drop_reason });
            let (scope, template) = (targets.0, targets.1);
            event.pause = Some(proto::PauseTarget { scope, template, ..Default::default() });
        }
        event
    })
}

/// JSON whose parts were moved about.
fn damaged(json: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    edits.prop_map(move |edits| {
        let mut bytes = json.as_bytes().to_vec();
        let signs = b"{}[]:,\"\\ 0-.eu\xff\x00t";
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            match byte % 3 {
                0 => bytes[at] = signs[usize::from(byte) % signs.len()],
                1 => bytes.insert(at, signs[usize::from(byte) % signs.len()]),
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn our_json_is_read_as_the_same_event_in_protobuf(event in events()) {
        let protobuf = decode(Some(&encode(&event)));
        let produced = Produced { key: String::new(), value: encode(&event) };
        let json = own().write(produced).value;
        prop_assert_eq!(own().contract(&json), Some(event));
        let read = own().try_read(Some(&json)).unwrap();
        if read.doubts.is_empty() && protobuf != Content::Undecodable {
            prop_assert_eq!(read.content, protobuf);
        } else {
            prop_assert!(!permits(&folded(&own(), KEY, &json).facts));
        }
    }

    #[test]
    fn no_bytes_permit_anything(value in prop::collection::vec(any::<u8>(), 0..80)) {
        for format in [mapped(), own(), EventFormat::protobuf(Framing::Confluent)] {
            prop_assert!(!permits(&folded(&format, KEY, &value).facts));
        }
    }

    #[test]
    fn a_damaged_opt_out_never_permits_anything(value in damaged(WITHDRAWAL)) {
        prop_assert!(!permits(&folded(&mapped(), KEY, &value).facts));
    }

    #[test]
    fn a_damaged_opt_out_objects_or_quarantines(value in damaged(WITHDRAWAL)) {
        let facts = folded(&mapped(), KEY, &value).facts;
        let objects = facts.iter().any(|it| {
            matches!(it, Fact::ScopeObjection { .. } | Fact::Objection { .. } | Fact::Pause { .. })
        });
        prop_assert!(objects || quarantines(&facts), "{:?}", facts);
    }

    #[test]
    fn a_damaged_grant_permits_nobody_else(value in damaged(GRANT)) {
        let folded = folded(&mapped(), b"acme/+12025550199", &value);
        prop_assert!(!permits(&folded.facts));
        prop_assert!(!folded.notes.is_empty());
    }
}
