//! Laws of a report: complete, of nobody else, and true.

use std::convert::Infallible;

use proptest::prelude::*;
use prost::Message as _;

use super::gather::{Gathering, gather};
use super::held::About;
use super::standing::standing;
use crate::commands::made_up_log::{NOW, PARTITIONS, draws, log, phone, subject, widths};
use crate::commands::story::{Fate, fate};
use crate::consent::partitioner::partition_of;
use crate::consent::{Identity, Offset, Partition, Place, Seconds, State, Subject, Topic, fold};
use crate::policy::Policy;
use crate::stream::AppendClock;
use crate::stream::ports::{AppendTime, RawConsent};
use crate::wire::consent::produce;
use crate::wire::formats::EventFormats;
use crate::wire::json::JsonEvent;
use crate::wire::proto::consent::{ConsentEvent, Kind};

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

#[test]
fn what_was_said_of_the_other_form_of_a_number_is_held_about_the_person() {
    let withdrawn = |phone: &str| {
        let event = ConsentEvent {
            business_id: "cafe".to_owned(),
            phone: phone.to_owned(),
            kind: Kind::Withdraw.into(),
            ..ConsentEvent::default()
        };
        let produced = produce(event).expect("an event");
        RawConsent {
            topic: Topic::ConsentEvents,
            partition: partition_of(produced.key.as_bytes(), PARTITIONS).expect("a partition"),
            offset: Offset(0),
            appended: AppendTime::Broker(5_000),
            key: Some(produced.key.into_bytes()),
            value: Some(produced.value),
        }
    };
    let identity = Identity::parse("+520000000000").expect("an identity");
    let person = Subject { identity, ..subject() };
    let other = withdrawn("+5210000000000");
    let gathered =
        gather::<Infallible>(&person, &widths(), &EventFormats::default(), |gathering| {
            gathering.take("log", &other);
            Ok(())
        });
    let gathered = gathered.unwrap_or_else(|never| match never {});
    assert_eq!(gathered.held.len(), 1);
    let standing = standing(&gathered, &Policy::standard(), NOW);
    assert_eq!(standing.objections[0].what, "withdrawn from everything, said of +5210000000000");
    let offers = standing.answers.iter().find(|answer| answer.scope == "offers");
    assert!(reasons(&offers.expect("an answer").fate).contains(&"withdrawn"));
}

fn reasons(fate: &Fate) -> Vec<&'static str> {
    match fate {
        Fate::Allowed { rules } | Fate::Suppressed { rules, .. } => {
            rules.iter().flat_map(|rule| rule.reasons.clone()).collect()
        }
        Fate::Held { .. } => vec!["held"],
    }
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
        let standing = standing(&gathered, &Policy::standard(), NOW);
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
        let policy = Policy::standard();
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
