//! What a record says of a person.

use std::sync::Arc;

use super::Topic;
use super::consent::{
    Sense, Told, business_of, effect_of, id_of, imposed_at, is_by_person, one, permitted_at,
    person_of, scopes_of,
};
use super::fact::{Class, Cond, Edge, Fact, Grant, List, Noted, Text, Turn};
use super::log::Log;
use super::noting::disagrees;
use super::text;
use super::words::{Identity, seconds};
use crate::spec::consent::{ConsentEvent, Effect, Expression, Kind, Method, Strength};

const THIRTY_DAYS: i64 = 30 * 86_400;
const SCOPES_MAX: usize = 64;

impl Log {
    /// What is about a person.
    pub(super) fn personal(&mut self, told: &Told, event: &ConsentEvent, kind: Kind, sense: Sense) {
        let torn = disagrees(&told.key, event);
        if torn {
            self.unreadable(told, Some(event));
        }
        let (Some(business), Some(person)) = (business_of(event), person_of(event)) else {
            if !torn && effect_of(kind) == Some(Effect::Objects) {
                self.unreadable(told, Some(event));
            }
            return;
        };
        let (business, place) = (business.to_owned(), told.place);
        let imposed = imposed_at(event, told.at);
        // What permits must be said where it belongs, and without any doubt.
        let may_permit = !torn && sense == Sense::Plain && told.in_its_partition;
        let is_log = place.topic == Topic::Events;
        let lifted = permitted_at(event, told.at).filter(|_| may_permit && is_log);
        let (id, inbound) = (id_of(&event.event_id), id_of(&event.inbound_id));
        let objection = |class| Fact::Objection { class, at: imposed, id, inbound };
        let fact = match kind {
            Kind::Withdraw | Kind::Refuse => Some(objection(self.class_of(event))),
            Kind::PlatformStop => Some(objection(Class::Stop)),
            Kind::Complaint => Some(objection(Class::Complaint)),
            Kind::WrongNumber | Kind::Reassigned => Some(objection(Class::Number)),
            Kind::Erase => Some(objection(Class::Erase)),
            Kind::Block => Some(Fact::Listed { list: List::Block, turn: Turn::On, at: imposed }),
            Kind::Restrict => {
                Some(Fact::Listed { list: List::Restrict, turn: Turn::On, at: imposed })
            }
            Kind::Unblock => {
                lifted.map(|at| Fact::Listed { list: List::Block, turn: Turn::Off, at })
            }
            Kind::Unrestrict => {
                lifted.map(|at| Fact::Listed { list: List::Restrict, turn: Turn::Off, at })
            }
            Kind::Cooldown => Some(Fact::Cooldown { until: cooldown_end(event, told.at) }),
            Kind::Confirm => {
                let of = id_of(&event.confirms_event_id).filter(|_| is_by_person(event));
                lifted.zip(of).map(|(at, of)| Fact::Confirm { at, of })
            }
            Kind::Grant => lifted.and_then(|at| self.grant(event, at)),
            Kind::Inbound => {
                let at = permitted_at(event, told.at).filter(|_| may_permit && is_by_person(event));
                at.zip(inbound.or(id)).map(|(at, id)| Fact::Inbound { at, id })
            }
            Kind::UserRequest => {
                let at = permitted_at(event, told.at).filter(|_| may_permit && is_by_person(event));
                at.map(|at| Fact::Request { at })
            }
            Kind::IdentityLink | Kind::IdentityChanged | Kind::IdentityUnlink => {
                return self.link(told, event, kind, (&business, &person), lifted);
            }
            _ => None,
        };
        if let Some(fact) = fact {
            self.say(&business, &person, place, fact);
        }
    }

    fn class_of(&mut self, event: &ConsentEvent) -> Class {
        let (scopes, whole) = scopes_of(event);
        match whole && (1..=SCOPES_MAX).contains(&scopes.len()) {
            true => Class::Scopes(self.scope_list(scopes)),
            false => Class::All,
        }
    }

    fn scope_list(&mut self, mut scopes: Vec<Box<str>>) -> Arc<[Box<str>]> {
        scopes.sort();
        scopes.dedup();
        let scopes = scopes.into_boxed_slice();
        let list = self.scope_lists.entry(scopes.clone()).or_insert_with(|| scopes.into());
        list.clone()
    }

    /// A grant, if it lacks nothing.
    fn grant(&mut self, event: &ConsentEvent, at: i64) -> Option<Fact> {
        let (scopes, whole) = scopes_of(event);
        let given = |text: &str| !text.trim().is_empty();
        let sha256 = match event.text_sha256.len() {
            0 => None,
            _ => Some(<[u8; 32]>::try_from(event.text_sha256.as_slice()).ok()?),
        };
        let names_text = !(event.text_id.is_empty() && event.text_version.is_empty());
        let complete = whole
            && (1..=SCOPES_MAX).contains(&scopes.len())
            && names_text
            && given(&event.evidence)
            && is_by_person(event)
            && is_collected(event);
        if !complete {
            return None;
        }
        let text = Text {
            id: event.text_id.as_str().into(),
            version: event.text_version.as_str().into(),
            language: text::language(&event.language),
            sha256,
        };
        let text = self.text_refs.entry(text.clone()).or_insert_with(|| Arc::new(text)).clone();
        let grant = Grant {
            at,
            until: event.valid_until_ms.map(seconds),
            double: event.strength == Strength::Double as i32,
            scopes: self.scope_list(scopes),
            text,
            id: id_of(&event.event_id)?,
        };
        Some(Fact::Grant(Box::new(grant)))
    }

    fn link(
        &mut self,
        told: &Told,
        event: &ConsentEvent,
        kind: Kind,
        (business, person): (&str, &Identity),
        lifted: Option<i64>,
    ) {
        let place = told.place;
        let Some(other) = one(&event.linked_phone, &event.linked_user_id) else {
            if kind != Kind::IdentityUnlink {
                self.unreadable(told, Some(event));
            }
            return;
        };
        let (turn, at) = match kind {
            Kind::IdentityUnlink => match lifted {
                Some(at) => (Turn::Off, at),
                None => return,
            },
            _ => (Turn::On, imposed_at(event, told.at)),
        };
        let known = self.know(business, place);
        if other == *person {
            return;
        }
        for (one, other) in [(person, &other), (&other, person)] {
            let edge = Edge { other: other.clone(), turn, at };
            let noted = Noted { place, cond: Cond::Always, fact: edge };
            known.edges.entry(one.clone()).or_default().push(noted);
        }
        if kind == Kind::IdentityChanged {
            self.say(business, &other, place, Fact::Cap { at });
        }
    }
}

/// When a cool-down ends: as it says, but at most thirty days after its append.
fn cooldown_end(event: &ConsentEvent, at: i64) -> i64 {
    let latest = at + THIRTY_DAYS;
    match event.until_ms {
        Some(until @ 1..) => (until / 1_000 + i64::from(until % 1_000 > 0)).min(latest),
        _ => latest,
    }
}

/// Whether a grant was collected by a method that grants, expressed in a way that suits it, and with all
/// that the method needs.
fn is_collected(event: &ConsentEvent) -> bool {
    let (Ok(method), Ok(expression)) =
        (Method::try_from(event.method), Expression::try_from(event.expression))
    else {
        return false;
    };
    let (box_or_voice, written) = match expression {
        Expression::ButtonTapped | Expression::WordsWritten => (None, true),
        Expression::BoxTicked | Expression::Voice => (Some(expression), false),
        _ => return false,
    };
    let given = |text: &str| !text.trim().is_empty();
    match method {
        Method::Unspecified | Method::Import => false,
        Method::QrCode | Method::ClickToWhatsappAd => written && !event.inbound_id.is_empty(),
        Method::CustomerSupport | Method::AskedInPerson => given(&event.recorder),
        _ => box_or_voice != Some(Expression::Voice),
    }
}
