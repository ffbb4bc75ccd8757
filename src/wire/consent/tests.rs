//! What consent events decode to, and that garbage never permits.

use proptest::prelude::*;

use super::*;
use crate::consent::{
    Actor, BusinessId, Class, Coded, ConsentEvent, Content, Effect, EventId, EventKind, Expression,
    Fact, Identity, Method, NamesWhatsapp, Offset, Partition, PauseTarget, ScopeName, Strength,
    TextHash, TextRef, Topic, VoidRemedy, fold,
};
use crate::wire::proto::consent as proto;
use crate::wire::tests::{grant, withdraw};

const PLACE: Place =
    Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(7) };

fn decoded(event: &proto::ConsentEvent) -> ConsentEvent {
    match decode(Some(&encode(event))) {
        Content::Event(event) => *event,
        Content::Ignored | Content::Undecodable => panic!("undecodable"),
    }
}

fn facts(key: Option<&[u8]>, value: Option<&[u8]>) -> Vec<Fact> {
    fold(&record(PLACE, Seconds(1_000), key, Placement::Right, value)).facts
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
        )
    })
}

#[test]
fn a_grant_decodes_to_all_that_it_says() {
    let expected = ConsentEvent {
        event_id: Some(EventId::of("e-1")),
        business: BusinessId::parse("acme"),
        identity: Identity::parse("+12025550101"),
        kind: Coded::Known(EventKind::Grant),
        effect: Coded::Known(Effect::Permits),
        min_reader: 1,
        scopes: ["offers", "surveys"].into_iter().filter_map(ScopeName::parse).collect(),
        scopes_complete: true,
        occurred_at_ms: Some(1_790_000_000_123),
        historic: false,
        method: Coded::Known(Method::WebsiteForm),
        expression: Coded::Known(Expression::BoxTicked),
        text: Some(TextRef::new("newsletter", "3").in_language("en").hashed(TextHash([0xaa; 32]))),
        text_complete: true,
        sentence: None,
        whatsapp: NamesWhatsapp::No,
        evidence: Some("vault://proof/1".to_string()),
        actor: Coded::Known(Actor::Subject),
        recorder: Some("shop".to_string()),
        strength: Coded::Known(Strength::Double),
        valid_until_ms: Some(1_890_000_000_000),
        confirms: None,
        inbound: None,
        linked: None,
        until_ms: None,
        pauses: vec![],
        pauses_complete: true,
        voids: None,
        remedy: VoidRemedy::None,
        template: None,
    };
    assert_eq!(decoded(&grant()), expected);
    assert!(permits(&facts(Some(b"acme/+12025550101"), Some(&encode(&grant())))));
}

#[test]
fn kinds_are_known_by_their_names_and_the_others_by_their_numbers() {
    for number in 1..=29 {
        let kind = proto::Kind::try_from(number).unwrap();
        let mut event = proto::ConsentEvent::default();
        event.set_kind(kind);
        let name = kind.as_str_name().trim_start_matches("KIND_").to_lowercase();
        let known = EventKind::ALL.into_iter().find(|kind| kind.name() == name);
        let expected = known.map_or(Coded::Unknown(number), Coded::Known);
        assert_eq!(decoded(&event).kind, expected, "{name}");
    }
}

#[test]
fn enum_values_of_later_versions_stay_unknown() {
    let event = decoded(&proto::ConsentEvent {
        business_id: "acme".to_string(),
        kind: 77,
        effect: 9,
        method: 99,
        expression: -1,
        actor: 12,
        strength: 3,
        ..Default::default()
    });
    assert_eq!(event.kind, Coded::Unknown(77));
    assert_eq!(event.effect, Coded::Unknown(9));
    assert_eq!(event.method, Coded::Unknown(99));
    assert_eq!(event.expression, Coded::Unknown(-1));
    assert_eq!(event.actor, Coded::Unknown(12));
    assert_eq!(event.strength, Coded::Unknown(3));
}

#[test]
fn a_cool_down_brings_its_end_and_lacks_it_where_it_was_not_said() {
    let mut cools = withdraw();
    cools.set_kind(proto::Kind::Cooldown);
    for until_ms in [None, Some(0), Some(-1), Some(1_790_000_000_123)] {
        cools.until_ms = until_ms;
        let event = decoded(&cools);
        assert_eq!(event.kind, Coded::Known(EventKind::Cooldown));
        assert_eq!(event.until_ms, until_ms);
    }
}

#[test]
fn an_inbound_and_an_objection_bring_the_message_that_they_name() {
    let mut event = withdraw();
    event.inbound_id = "wamid.9".to_string();
    assert_eq!(decoded(&event).inbound, Some(EventId::of("wamid.9")));
    event.set_kind(proto::Kind::Inbound);
    let inbound = decoded(&event);
    assert_eq!(inbound.kind, Coded::Known(EventKind::Inbound));
    assert_eq!(inbound.inbound, Some(EventId::of("wamid.9")));
    event.inbound_id.clear();
    assert_eq!(decoded(&event).inbound, None);
}

#[test]
fn a_pause_names_what_it_says_and_says_what_it_could_not_read() {
    let named = |scope: &str, campaign: &str, template: &str| {
        let mut pause = withdraw();
        pause.set_kind(proto::Kind::Pause);
        pause.pause = Some(proto::PauseTarget {
            scope: scope.to_string(),
            campaign_id: campaign.to_string(),
            template: template.to_string(),
        });
        let event = decoded(&pause);
        (event.pauses, event.pauses_complete)
    };
    let scope = PauseTarget::Scope(ScopeName::parse("offers").unwrap());
    let campaign = PauseTarget::Campaign("spring 2026".into());
    let template = PauseTarget::Template("sale".into());
    assert_eq!(named("", "", ""), (vec![], true));
    assert_eq!(named("offers", "", ""), (vec![scope.clone()], true));
    assert_eq!(named("offers", "spring 2026", "sale"), (vec![scope, campaign, template], true));
    assert_eq!(named("of fers", "", ""), (vec![], false));
    let event = decoded(&withdraw());
    assert_eq!((event.pauses, event.pauses_complete), (vec![], true));
}

#[test]
fn a_link_brings_its_other_end_and_lacks_it_where_it_is_not_exactly_one() {
    let mut link = withdraw();
    link.set_kind(proto::Kind::IdentityLink);
    link.linked_user_id = "US.anna5".to_string();
    let event = decoded(&link);
    assert_eq!(event.kind, Coded::Known(EventKind::IdentityLink));
    assert_eq!(event.linked, Identity::parse("US.anna5"));
    link.linked_phone = "+12025550102".to_string();
    assert_eq!(decoded(&link).linked, None);
    link.linked_user_id.clear();
    assert_eq!(decoded(&link).linked, Identity::parse("+12025550102"));
    link.linked_phone = "nobody".to_string();
    assert_eq!(decoded(&link).linked, None);
}

#[test]
fn a_kind_without_rules_of_its_own_counts_by_its_effect() {
    let mut stop = withdraw();
    stop.kind = 77;
    stop.set_effect(proto::Effect::Objects);
    let facts = facts(Some(b"acme/+12025550101"), Some(&encode(&stop)));
    let objects = |fact: &Fact| matches!(fact, Fact::Objection { class: Class::Unknown, .. });
    assert!(facts.iter().any(objects), "{facts:?}");
}

#[test]
fn no_value_an_empty_value_and_garbage_are_undecodable() {
    for value in [None, Some(&b""[..]), Some(&b"\xff\xff\xff"[..]), Some(&b"{}"[..])] {
        assert_eq!(decode(value), Content::Undecodable, "{value:?}");
    }
}

#[test]
fn text_that_is_no_utf8_is_undecodable() {
    let mut value = encode(&withdraw());
    assert_ne!(decode(Some(&value)), Content::Undecodable);
    let at = value.windows(4).position(|window| window == b"acme").unwrap();
    value[at] = 0xff;
    assert_eq!(decode(Some(&value)), Content::Undecodable);
}

#[test]
fn an_identity_is_exactly_one_readable_phone_number_or_user_id() {
    for (phone, user_id, readable) in [
        ("+12025550101", "", true),
        ("", "IN.Abc123", true),
        ("+12025550101", "IN.Abc123", false),
        ("", "", false),
        ("IN.Abc123", "", false),
        ("", "+12025550101", false),
        ("0123", "", false),
    ] {
        let event = proto::ConsentEvent {
            business_id: "acme".to_string(),
            phone: phone.to_string(),
            user_id: user_id.to_string(),
            ..Default::default()
        };
        assert_eq!(decoded(&event).identity.is_some(), readable, "{phone} {user_id}");
    }
}

#[test]
fn an_unreadable_scope_widens_the_objection_to_all_scopes() {
    let mut event = withdraw();
    assert!(decoded(&event).scopes_complete);
    event.scopes.push("not a scope".to_string());
    let read = decoded(&event);
    assert!(!read.scopes_complete);
    assert_eq!(read.scopes, ScopeName::parse("offers").into_iter().collect::<Vec<_>>());
    let facts = facts(Some(b"acme/+12025550101"), Some(&encode(&event)));
    let all = |fact: &Fact| matches!(fact, Fact::Objection { class: Class::AllScopes, .. });
    assert!(facts.iter().any(all), "{facts:?}");
}

#[test]
fn a_void_names_a_place_and_a_remedy() {
    let place = |topic, partition, offset| proto::Place { topic, partition, offset };
    let read = |place, replaced: &[&str], reason: &str| {
        let void = proto::VoidTarget {
            place,
            replaced_by_event_ids: replaced.iter().map(ToString::to_string).collect(),
            drop_reason: reason.to_string(),
        };
        let event = proto::ConsentEvent {
            business_id: "acme".to_string(),
            void: Some(void),
            ..Default::default()
        };
        let event = decoded(&event);
        (event.voids, event.remedy)
    };
    let (voids, remedy) = read(Some(place(1, 0, 7)), &["e-9"], "");
    assert_eq!(voids, Some(PLACE));
    assert_eq!(remedy, VoidRemedy::Replaced(vec![EventId::of("e-9")]));
    let (_, remedy) = read(Some(place(1, 0, 7)), &[""], "spam");
    assert_eq!(remedy, VoidRemedy::Dropped("spam".to_string()));
    for unreadable in [None, Some(place(0, 0, 7)), Some(place(4, 0, 7)), Some(place(1, -1, 7))] {
        assert_eq!(read(unreadable, &[], ""), (None, VoidRemedy::None));
    }
}

fn mutated(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let len = bytes.len();
    let edits = prop::collection::vec((0..len, any::<u8>()), 0..6);
    (Just(bytes), edits, 0..=len).prop_map(|(mut bytes, edits, cut)| {
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        bytes.truncate(cut);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn garbage_never_permits_anything(value in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!permits(&facts(Some(b"acme/+12025550101"), Some(&value))));
    }

    #[test]
    fn a_damaged_withdrawal_never_permits_anything(value in mutated(encode(&withdraw()))) {
        prop_assert!(!permits(&facts(Some(b"acme/+12025550101"), Some(&value))));
    }

    #[test]
    fn a_damaged_grant_never_permits_anybody_else(value in mutated(encode(&grant()))) {
        let facts = facts(Some(b"acme/+12025550199"), Some(&value));
        let keyed = Identity::parse("+12025550199").unwrap();
        let strays = |fact: &Fact| {
            matches!(fact, Fact::Grant { subject, .. } if subject.identity != keyed)
        };
        let strayed = facts.iter().any(strays);
        prop_assert!(!strayed);
    }
}
