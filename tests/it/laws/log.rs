//! Consent records written by hand: a log that reads like a list of what happened.

use consentgate::consent::{
    Actor, BusinessId, Coded, ConsentEvent, ConsentRecord, Content, EventId, EventKind, Expression,
    Identity, KeyParts, Method, Offset, Partition, Place, Placement, ScopeName, Seconds, Strength,
    Subject, TextRef, Topic,
};

/// Numbers from ranges that are kept for fiction, and a user id.
pub(crate) const ANNA: &str = "+12025550123";
pub(crate) const BEN: &str = "+447700900456";
/// One number of a made-up Mexican area, in both forms.
pub(crate) const MARTA: &str = "+520000000123";
pub(crate) const MARTA_WITH_1: &str = "+5210000000123";
pub(crate) const CARLA: &str = "DE.anna5";

pub(crate) fn business(name: &str) -> BusinessId {
    BusinessId::parse(name).unwrap()
}

pub(crate) fn subject(name: &str, identity: &str) -> Subject {
    Subject { business: business(name), identity: Identity::parse(identity).unwrap() }
}

pub(crate) fn scopes(names: &[&str]) -> Vec<ScopeName> {
    names.iter().map(|name| ScopeName::parse(name).unwrap()).collect()
}

pub(crate) fn millis(second: u32) -> Option<i64> {
    Some(i64::from(second) * 1_000)
}

/// An event about Anna and the cafe.
pub(crate) fn event(kind: EventKind) -> ConsentEvent {
    ConsentEvent {
        business: Some(business("cafe")),
        identity: Identity::parse(ANNA),
        kind: Coded::Known(kind),
        effect: Coded::Known(kind.effect()),
        ..ConsentEvent::default()
    }
}

/// A complete grant of Anna's, by one act.
pub(crate) fn grant(occurred: u32, names: &[&str]) -> ConsentEvent {
    ConsentEvent {
        event_id: Some(EventId::of(&format!("grant at {occurred} for {names:?}"))),
        scopes: scopes(names),
        occurred_at_ms: millis(occurred),
        method: Coded::Known(Method::WebsiteForm),
        expression: Coded::Known(Expression::BoxTicked),
        text: Some(TextRef::new("welcome", "1")),
        evidence: Some("form/1".to_owned()),
        actor: Coded::Known(Actor::Subject),
        strength: Coded::Known(Strength::Single),
        ..event(EventKind::Grant)
    }
}

/// Anna's confirmation of a grant.
pub(crate) fn confirm(occurred: u32, of: &ConsentEvent) -> ConsentEvent {
    ConsentEvent {
        occurred_at_ms: millis(occurred),
        actor: Coded::Known(Actor::Subject),
        confirms: of.event_id,
        ..event(EventKind::Confirm)
    }
}

pub(crate) fn withdraw(names: &[&str]) -> ConsentEvent {
    ConsentEvent { scopes: scopes(names), ..event(EventKind::Withdraw) }
}

/// An event that lifts, and when it happened.
pub(crate) fn lift(kind: EventKind, occurred: u32) -> ConsentEvent {
    ConsentEvent { occurred_at_ms: millis(occurred), ..event(kind) }
}

pub(crate) fn of(identity: &str, event: ConsentEvent) -> ConsentEvent {
    ConsentEvent { identity: Identity::parse(identity), ..event }
}

/// What was appended, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(pub Vec<ConsentRecord>);

impl Log {
    /// Appends an event in the second `at`, under the key and in the partition where it belongs.
    pub(crate) fn then(self, at: u32, event: ConsentEvent) -> Self {
        let key = match (&event.business, &event.identity) {
            (Some(business), Some(identity)) => KeyParts::Subject(Subject {
                business: business.clone(),
                identity: identity.clone(),
            }),
            (Some(business), None) => KeyParts::Business(business.clone()),
            (None, _) => KeyParts::Platform,
        };
        self.then_as(at, key, Placement::Right, Content::Event(Box::new(event)))
    }

    /// Appends an event about what a person does just now, in the topic for such events.
    pub(crate) fn then_active(self, at: u32, event: ConsentEvent) -> Self {
        let mut log = self.then(at, event);
        if let Some(last) = log.0.last_mut() {
            last.place.topic = Topic::ConsentActivity;
        }
        log
    }

    /// Appends a record whose value cannot be read.
    pub(crate) fn then_garbage(self, at: u32, key: KeyParts) -> Self {
        self.then_as(at, key, Placement::Right, Content::Undecodable)
    }

    pub(crate) fn then_as(
        mut self,
        at: u32,
        key: KeyParts,
        placement: Placement,
        content: Content,
    ) -> Self {
        self.0.push(ConsentRecord {
            place: self.next_place(),
            appended_at: Seconds(at),
            key,
            placement,
            content,
        });
        self
    }

    /// Where the next record will lie.
    pub(crate) fn next_place(&self) -> Place {
        Place {
            topic: Topic::ConsentEvents,
            partition: Partition(0),
            offset: Offset(self.0.len() as i64),
        }
    }

    /// The place of the record appended last.
    pub(crate) fn last_place(&self) -> Place {
        self.0.last().unwrap().place
    }
}
