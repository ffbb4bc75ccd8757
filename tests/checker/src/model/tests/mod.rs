//! The model's own laws: sentences of the documents, each on a log of a few records.

mod conversing;
mod granting;
mod linking;
mod objecting;
mod told;

use prost::Message as _;

use super::{Log, Message, Place, Policy, Positions, RULES_VERSION, Topic, Verdict, bit, judge};
use crate::spec::audit::Reason;
use crate::spec::consent::{Actor, ConsentEvent, Expression, Kind, Method};
use crate::spec::outbound::{Category, OptOutPath, OutboundMessage};

const ANNA: &str = "+12025550123";
const BEN: &str = "+447700900456";
const CARLA: &str = "DE.anna5";
const DAY: i64 = 86_400;

/// A policy that takes grants on any text.
const ANY: &str = "consentgate policy 2\nmax_age marketing 86400\nmax_age utility 86400\n\
                   max_age authentication 600\nmax_age service 86400\nmax_age farewell 86400\n\
                   scope alerts informing single\nscope authentication informing single\n\
                   scope offers marketing single\nscope order_updates informing single\n\
                   scope surveys marketing single\n";

/// Records, as they come.
#[derive(Default)]
struct Told {
    log: Log,
    positions: Positions,
}

impl Told {
    /// An event of the cafe in the log of record, under the key where it belongs.
    fn then(self, at: i64, event: ConsentEvent) -> Self {
        self.then_in(Topic::Events, at, event)
    }

    fn then_in(self, topic: Topic, at: i64, event: ConsentEvent) -> Self {
        let person = format!("{}{}", event.phone, event.user_id);
        let key = match event.business_id.as_str() {
            "" => "/".to_owned(),
            business => format!("{business}/{person}"),
        };
        self.then_as(topic, at, &key, Some(&event.encode_to_vec()))
    }

    fn then_as(mut self, topic: Topic, at: i64, key: &str, value: Option<&[u8]>) -> Self {
        let offset = self.positions.of(topic, 0);
        let place = Place { topic, partition: 0, offset };
        self.log.take(place, 1, at * 1_000, Some(key.as_bytes()), value);
        self.positions.advance(topic, 0, 1);
        self
    }

    fn last_place(&self) -> (i64, i64) {
        (1, self.positions.of(Topic::Events, 0) - 1)
    }

    fn verdict_at(&self, now: i64, policy: &str, message: &OutboundMessage) -> Verdict {
        let policy = Policy::read(policy).expect("a policy");
        // Written when it is decided, or at the beginning of the world.
        let sent_ms = (now - 10).max(1) * 1_000;
        let message = Message::read(Some(&message.encode_to_vec()), sent_ms).expect("a message");
        judge(&self.log, &policy, &message, &self.positions, now * 1_000)
    }

    #[track_caller]
    fn decides_by(&self, now: i64, policy: &str, message: &OutboundMessage, found: Option<Reason>) {
        let verdict = self.verdict_at(now, policy, message);
        assert_eq!(verdict.hold, None);
        match found {
            None => assert_eq!((verdict.must, verdict.may), (0, 0), "{verdict:?}"),
            Some(reason) => {
                let first = super::first_group(verdict.must);
                assert!(first & bit(reason) != 0, "{reason:?} is not first in {verdict:?}");
            }
        }
    }

    #[track_caller]
    fn decides_at(&self, now: i64, message: &OutboundMessage, found: Option<Reason>) {
        self.decides_by(now, ANY, message, found);
    }

    #[track_caller]
    fn allows(&self, message: &OutboundMessage) {
        self.decides_at(1_000, message, None);
    }

    #[track_caller]
    fn suppresses(&self, message: &OutboundMessage, reason: Reason) {
        self.decides_at(1_000, message, Some(reason));
    }

    fn holds(&self) -> bool {
        self.verdict_at(1_000, ANY, &offer()).hold.is_some()
    }
}

/// An event about Anna and the cafe.
fn event(kind: Kind) -> ConsentEvent {
    ConsentEvent {
        event_id: format!("{kind:?}"),
        business_id: "cafe".to_owned(),
        phone: ANNA.to_owned(),
        kind: kind.into(),
        ..ConsentEvent::default()
    }
}

fn of(person: &str, event: ConsentEvent) -> ConsentEvent {
    let (phone, user_id) = match person.starts_with('+') {
        true => (person.to_owned(), String::new()),
        false => (String::new(), person.to_owned()),
    };
    ConsentEvent { phone, user_id, ..event }
}

/// An event of the cafe about nobody in particular.
fn of_cafe(kind: Kind) -> ConsentEvent {
    ConsentEvent { phone: String::new(), ..event(kind) }
}

fn at(occurred: i64, event: ConsentEvent) -> ConsentEvent {
    ConsentEvent { occurred_at_ms: Some(occurred * 1_000), ..event }
}

fn scopes(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// A complete grant.
fn grant(occurred: i64, names: &[&str]) -> ConsentEvent {
    ConsentEvent {
        event_id: format!("grant at {occurred} for {names:?}"),
        scopes: scopes(names),
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        text_id: "welcome".to_owned(),
        text_version: "1".to_owned(),
        evidence: "form/1".to_owned(),
        actor: Actor::Subject.into(),
        ..at(occurred, event(Kind::Grant))
    }
}

fn withdraw(names: &[&str]) -> ConsentEvent {
    ConsentEvent { scopes: scopes(names), ..event(Kind::Withdraw) }
}

fn wrote(occurred: i64, id: &str) -> ConsentEvent {
    let (inbound_id, actor) = (id.to_owned(), Actor::Subject.into());
    ConsentEvent { inbound_id, actor, ..at(occurred, event(Kind::Inbound)) }
}

fn offer() -> OutboundMessage {
    OutboundMessage {
        business_id: "cafe".to_owned(),
        to: ANNA.to_owned(),
        scope: "offers".to_owned(),
        category: Category::Marketing.into(),
        opt_out_path: OptOutPath::Footer.into(),
        ..OutboundMessage::default()
    }
}

fn order_update() -> OutboundMessage {
    let category = Category::Utility.into();
    OutboundMessage { scope: "order_updates".to_owned(), category, ..offer() }
}

fn code() -> OutboundMessage {
    let category = Category::Authentication.into();
    OutboundMessage { scope: String::new(), category, ..offer() }
}

fn reply() -> OutboundMessage {
    let category = Category::Service.into();
    OutboundMessage { scope: String::new(), category, opt_out_path: 0, ..offer() }
}

fn to(person: &str, message: OutboundMessage) -> OutboundMessage {
    OutboundMessage { to: person.to_owned(), ..message }
}
