//! One message of a story: every rule with its answer, and the fate.
//!
//! The rules are those of `decision::judge`, on the plain state. No permit is made: nothing can be
//! sent with a story.

use serde::Serialize;

use super::deciders::{Asked, Deciders};
use super::record::Told;
use crate::consent::{Seconds, State};
use crate::decision::{Message, Reason, Rule, judge, query};
use crate::index::answer_from_state;
use crate::policy::Policy;
use crate::wire::outbound;

/// What the gate would do with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It may go.
    Allowed {
        /// Every rule's answer, in order.
        rules: Vec<Answer>,
    },
    /// It must not go.
    Suppressed {
        /// The first reason.
        primary: &'static str,
        /// Every rule's answer, in order.
        rules: Vec<Answer>,
    },
    /// Nothing is decided.
    Held {
        /// The record that must be voided first.
        record: String,
    },
}

/// One rule's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The rule.
    pub rule: &'static str,
    /// What it found against the message; empty if nothing.
    pub reasons: Vec<&'static str>,
    /// The records that decided.
    pub records: Vec<String>,
}

/// The fate of one message, on the records that were appended by then.
pub(super) fn decide(policy: &Policy, records: &[Told], now: Seconds, bytes: &[u8]) -> Fate {
    let known: Vec<_> = records.iter().filter(|told| told.record.appended_at <= now).collect();
    let mut state = State::default();
    for fact in known.iter().flat_map(|told| &told.folded.facts) {
        state.join(fact.clone());
    }
    if let Some(place) = state.holding() {
        let held = known.iter().find(|told| told.record.place == place);
        let record = held.map_or_else(|| place.to_string(), |told| told.name());
        return Fate::Held { record };
    }
    match outbound::decode(Some(bytes)) {
        Ok(message) => decide_message(policy, &state, &known, now, &message),
        Err(reason) => {
            Fate::Suppressed { primary: reason.name(), rules: answers(&[reason], |_| Vec::new()) }
        }
    }
}

fn decide_message(
    policy: &Policy,
    state: &State,
    known: &[&Told],
    now: Seconds,
    message: &Message<'_>,
) -> Fate {
    let query = query(policy, message);
    let facts = answer_from_state(state, &query);
    let judgement = judge(policy, now, message, &facts);
    let asked = Asked { policy, state, message, scope: query.scope, now, facts: &facts };
    let deciders = Deciders::find(&asked, known);
    let reasons: Vec<_> = judgement.mask().iter().collect();
    let records = |rule| deciders.of(rule, &reasons).map(Told::name).collect();
    let rules = answers(&reasons, records);
    match judgement.primary() {
        None => Fate::Allowed { rules },
        Some(primary) => Fate::Suppressed { primary: primary.name(), rules },
    }
}

/// Every rule with those of the reasons that it found.
fn answers(reasons: &[Reason], records: impl Fn(Rule) -> Vec<String>) -> Vec<Answer> {
    let answer = |rule: Rule| {
        let found = reasons.iter().filter(|reason| Rule::of(**reason) == rule);
        Answer {
            rule: rule.name(),
            reasons: found.map(|reason| reason.name()).collect(),
            records: records(rule),
        }
    };
    Rule::ALL.into_iter().map(answer).collect()
}
