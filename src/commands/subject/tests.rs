//! Laws of a report: complete, of nobody else, and true.

use std::convert::Infallible;

use proptest::prelude::*;
use prost::Message as _;

use super::gather::{Gathering, gather};
use super::held::About;
use super::standing::standing;
use crate::commands::story::{Fate, fate};
use crate::consent::partitioner::partition_of;
use crate::consent::{
    BusinessId, Identity, Offset, Partition, Place, Seconds, State, Subject, Topic, fold,
};
use crate::policy::Policy;
use crate::stream::AppendClock;
use crate::stream::ports::{AppendTime, RawConsent, TopicWidth};
use crate::wire::consent::{effect_of, key_of};
use crate::wire::formats::EventFormats;
use crate::wire::json::JsonEvent;
use crate::wire::proto::consent::{
    Actor, ConsentEvent, Expression, Kind, Method, Place as ProtoPlace, TopicRole, VoidTarget,
};

const PARTITIONS: i32 = 2;
const NOW: Seconds = Seconds(10_000);
const KINDS: [Kind; 11] = [
    Kind::Grant,
    Kind::Withdraw,
    Kind::Erase,
    Kind::Block,
    Kind::Unblock,
    Kind::Complaint,
    Kind::IdentityLink,
    Kind::IdentityUnlink,
    Kind::IdentityChanged,
    Kind::Pause,
    Kind::Request,
];

fn widths() -> Vec<TopicWidth> {
    Topic::ALL.map(|topic| TopicWidth { topic, partitions: PARTITIONS }).to_vec()
}

fn business(number: usize) -> &'static str {
    ["cafe", "shop"][number % 2]
}

fn phone(person: usize) -> String {
    format!("+9991000000{person}")
}

fn subject() -> Subject {
    let identity = Identity::parse(&phone(0)).expect("an identity");
    Subject { business: BusinessId::parse("cafe").expect("a business"), identity }
}

/// What a record is made of: kind, business, person, other person, time, odd.
type Draw = (usize, usize, usize, usize, u32, u8);

fn event(&(kind, of, person, other, at, _): &Draw, number: usize) -> ConsentEvent {
    let kind = KINDS[kind];
    let mut event = ConsentEvent {
        event_id: format!("e{number}"),
        business_id: business(of).to_owned(),
        kind: kind.into(),
        effect: effect_of(kind).into(),
        scopes: vec!["offers".to_owned()],
        occurred_at_ms: Some(i64::from(at) * 1_000),
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        text_id: "t".to_owned(),
        text_version: "1".to_owned(),
        actor: Actor::Subject.into(),
        ..ConsentEvent::default()
    };
    if kind == Kind::Pause {
        event.scopes.clear();
        return event;
    }
    event.phone = phone(person);
    if matches!(kind, Kind::IdentityLink | Kind::IdentityUnlink | Kind::IdentityChanged) {
        event.linked_phone = phone(other);
    }
    event
}

/// Records as they lie in the log; a few odd ones among them.
fn log(draws: &[Draw]) -> Vec<RawConsent> {
    let mut ends = [0_i64; PARTITIONS as usize];
    let mut records: Vec<RawConsent> = Vec::new();
    for (number, draw) in draws.iter().enumerate() {
        let mut event = event(draw, number);
        let mut key = key_of(&event).expect("a key");
        let odd = draw.5;
        let value = match odd {
            // Nobody can read it.
            0 => b"\xff no event".to_vec(),
            // A void of the record before.
            1 if !records.is_empty() => {
                let names = records.last().expect("a record");
                let place = ProtoPlace {
                    topic: TopicRole::ConsentEvents.into(),
                    partition: names.partition.0,
                    offset: names.offset.0,
                };
                key = "/".to_owned();
                event = ConsentEvent {
                    kind: Kind::Void.into(),
                    effect: effect_of(Kind::Void).into(),
                    void: Some(VoidTarget {
                        place: Some(place),
                        drop_reason: "a test".to_owned(),
                        ..VoidTarget::default()
                    }),
                    ..ConsentEvent::default()
                };
                event.encode_to_vec()
            }
            // Under somebody else's key.
            2 => {
                key = format!("{}/{}", business(draw.1 + 1), phone(draw.3));
                event.encode_to_vec()
            }
            _ => event.encode_to_vec(),
        };
        let partition = partition_of(key.as_bytes(), PARTITIONS).expect("a partition");
        let end = &mut ends[partition.0 as usize];
        records.push(RawConsent {
            topic: Topic::ConsentEvents,
            partition,
            offset: Offset(*end),
            appended: AppendTime::Broker(i64::from(draw.4) * 1_000),
            key: Some(key.into_bytes()),
            value: Some(value),
        });
        *end += 1;
    }
    records
}

fn gathered(records: &[RawConsent]) -> Gathering {
    let gathered =
        gather::<Infallible>(&subject(), &widths(), &EventFormats::default(), |gathering| {
            records.iter().for_each(|raw| gathering.take("log", raw));
            Ok(())
        });
    gathered.unwrap_or_else(|never| match never {})
}

/// All that the gate would know, folded without a thought of whom it is about.
fn whole_state(records: &[RawConsent]) -> State {
    let mut clock = AppendClock::default();
    let is_void = |raw: &&RawConsent| raw.key.as_deref() == Some(b"/");
    for raw in records.iter().filter(is_void) {
        let event = ConsentEvent::decode(raw.value.as_deref().expect("a value")).expect("a void");
        let place = event.void.and_then(|void| void.place).expect("a place");
        let (partition, offset) = (Partition(place.partition), Offset(place.offset));
        clock.void(Place { topic: Topic::ConsentEvents, partition, offset });
    }
    let mut state = State::default();
    for raw in records {
        let time = raw.broker_time().expect("a time");
        let at = clock.observe(raw.place(), time, Seconds(u32::MAX), u32::MAX);
        for fact in fold(&raw.to_record(at, &widths(), &EventFormats::default())).facts {
            state.join(fact);
        }
    }
    state
}

fn reasons(fate: &Fate) -> Vec<&'static str> {
    match fate {
        Fate::Allowed { rules } | Fate::Suppressed { rules, .. } => {
            rules.iter().flat_map(|rule| rule.reasons.clone()).collect()
        }
        Fate::Held { .. } => vec!["held"],
    }
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let draw = (0..KINDS.len(), 0..2_usize, 0..4_usize, 0..4_usize, 1_u32..9_000, 0_u8..20);
    proptest::collection::vec(draw, 0..24)
}

proptest! {
    #[test]
    fn a_report_has_every_record_that_names_the_person_and_no_other(draws in draws()) {
        let records = log(&draws);
        let held: Vec<_> = gathered(&records)
            .held
            .iter()
            .map(|held| (held.record.partition, held.record.offset))
            .collect();
        let number = phone(0);
        let names = |raw: &RawConsent| {
            let value = raw.value.as_deref().and_then(|value| ConsentEvent::decode(value).ok());
            let by_value = value.is_some_and(|event| {
                event.business_id == "cafe"
                    && (event.phone == number || event.linked_phone == number)
            });
            by_value || raw.key.as_deref() == Some(format!("cafe/{number}").as_bytes())
        };
        let mut expected: Vec<_> = records
            .iter()
            .filter(|raw| names(raw))
            .map(|raw| (raw.partition.0, raw.offset.0))
            .collect();
        expected.sort_unstable();
        prop_assert_eq!(held, expected);
    }

    #[test]
    fn nothing_of_another_business_or_of_another_person_is_shown(draws in draws()) {
        let gathered = gathered(&log(&draws));
        for held in &gathered.held {
            let Some(event) = held.event.as_deref() else { continue };
            prop_assert_eq!(&event.business_id, "cafe");
            let number = if held.about == About::Link { &event.linked_phone } else { &event.phone };
            prop_assert_eq!(number, &phone(0));
        }
        let standing = standing(&gathered, &Policy::standard().with_consent_texts(crate::policy::ConsentTexts::Any), NOW);
        let shown = serde_json::to_string(&(&gathered.held, &standing)).expect("JSON");
        prop_assert!(!shown.contains("shop"), "{}", shown);
        let linked: Vec<_> = standing.linked.iter().map(|linked| &linked.identity).collect();
        for stranger in (1..4).map(phone).filter(|number| !linked.contains(&number)) {
            // A link that never came to stand is a record about both.
            let is_told = |event: &JsonEvent| event.phone == stranger || event.linked_phone == stranger;
            let mut events = gathered.held.iter().filter_map(|held| held.event.as_deref());
            prop_assert!(events.any(is_told) || !shown.contains(&stranger), "{}", shown);
        }
    }

    #[test]
    fn what_a_report_leaves_out_changes_none_of_its_answers(draws in draws()) {
        let records = log(&draws);
        let whole = whole_state(&records);
        let gathered = gathered(&records);
        let policy = Policy::standard().with_consent_texts(crate::policy::ConsentTexts::Any);
        for answer in standing(&gathered, &policy, NOW).answers {
            let category = match answer.category {
                "marketing" => 1,
                "utility" => 2,
                "authentication" => 3,
                _ => 4,
            };
            let message = crate::wire::proto::outbound::OutboundMessage {
                business_id: "cafe".to_owned(),
                to: phone(0),
                scope: answer.scope,
                category,
                opt_out_path: 1,
                ..Default::default()
            };
            let bytes = message.encode_to_vec();
            let expected = fate(&policy, &whole, &[], NOW, (&bytes, i64::from(NOW.0) * 1_000));
            prop_assert_eq!(reasons(&answer.fate), reasons(&expected));
        }
    }
}
