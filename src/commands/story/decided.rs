//! One message of a story: every rule with its answer, and the fate.
//!
//! The rules are those of `decision::judge`, on the plain state. No permit is made: nothing can be
//! sent with a story.

use serde::Serialize;

use super::deciders::{Asked, Deciders};
use super::record::Told;
use crate::commands::output::instant;
use crate::consent::{Holding, Seconds, State};
use crate::decision::{Message, Reason, ReasonMask, Rule, judge, query};
use crate::index::{answer_from_state, template_from_state};
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
        /// From when it may go, as far as quiet hours are concerned.
        #[serde(skip_serializing_if = "Option::is_none")]
        not_before: Option<String>,
        /// Every rule's answer, in order.
        rules: Vec<Answer>,
    },
    /// Nothing is decided.
    Held {
        /// The record that holds everything.
        record: String,
        /// What must be done first.
        until: Until,
    },
}

/// What ends a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The record may be anybody's opt-out: it must be voided.
    Voided,
    /// The record paused everything: everything must be resumed.
    Resumed,
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

/// The fate of one message, sent at an instant, on the records that were appended by `now`.
pub(super) fn decide(
    policy: &Policy,
    records: &[Told],
    now: Seconds,
    (bytes, sent_at_ms): (&[u8], i64),
) -> Fate {
    let known: Vec<_> = records.iter().filter(|told| told.record.appended_at <= now).collect();
    let mut state = State::default();
    for fact in known.iter().flat_map(|told| &told.folded.facts) {
        state.join(fact.clone());
    }
    fate(policy, &state, &known, now, (bytes, sent_at_ms))
}

/// The fate of one message at an instant, given the state of all that is known and the records that
/// may be named as what decided.
pub(in crate::commands) fn fate(
    policy: &Policy,
    state: &State,
    known: &[&Told],
    now: Seconds,
    (bytes, sent_at_ms): (&[u8], i64),
) -> Fate {
    if let Some(holding) = state.holding() {
        let place = holding.place();
        let until = match holding {
            Holding::Record(_) => Until::Voided,
            Holding::Pause(_) => Until::Resumed,
        };
        let held = known.iter().find(|told| told.record.place == place);
        let record = held.map_or_else(|| place.to_string(), |told| told.name());
        return Fate::Held { record, until };
    }
    match outbound::decode(Some(bytes)) {
        Ok(message) => {
            let message = message.sent_at_ms(Some(sent_at_ms)).at_home(policy);
            decide_message(policy, state, known, now, &message)
        }
        Err(reason) => {
            let rules = answers(&[reason], |_| Vec::new());
            Fate::Suppressed { primary: reason.name(), not_before: None, rules }
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
    let judged = judged(policy, state, known, now, message);
    let records = |rule| {
        let found = judged.records.iter().filter(|(of, _)| *of == rule);
        found.map(|(_, told)| told.name()).collect()
    };
    let rules = answers(&judged.mask.iter().collect::<Vec<_>>(), records);
    match judged.primary {
        None => Fate::Allowed { rules },
        Some(primary) => {
            let not_before = judged.not_before.map(instant);
            Fate::Suppressed { primary: primary.name(), not_before, rules }
        }
    }
}

/// What the rules say of a message, and the records that decided.
pub(in crate::commands) struct Judged<'k> {
    /// The first reason; `None` if it may go.
    pub(in crate::commands) primary: Option<Reason>,
    /// All reasons.
    pub(in crate::commands) mask: ReasonMask,
    /// From when it may go, as far as quiet hours are concerned.
    pub(in crate::commands) not_before: Option<Seconds>,
    /// The records behind each rule's answer, in the order of the rules.
    pub(in crate::commands) records: Vec<(Rule, &'k Told)>,
}

/// What the rules say of a message that nothing holds, given the state of all that is known and the
/// records that may be named as what decided.
pub(in crate::commands) fn judged<'k>(
    policy: &Policy,
    state: &State,
    known: &[&'k Told],
    now: Seconds,
    message: &Message<'_>,
) -> Judged<'k> {
    let Message { business, template, template_language, .. } = *message;
    let template = template_from_state(state, business, template, template_language);
    let query = query(policy, message, template);
    let facts = answer_from_state(state, &query);
    let judgement = judge(policy, now, message, template, &facts);
    let message = &message.known_by(template);
    let asked = Asked { policy, state, message, scope: query.scope, now, facts: &facts };
    let deciders = Deciders::find(&asked, known);
    let reasons: Vec<_> = judgement.mask().iter().collect();
    let of = |rule| deciders.of(rule, &reasons).map(move |told| (rule, told));
    Judged {
        primary: judgement.primary(),
        mask: judgement.mask(),
        not_before: judgement.not_before(),
        records: Rule::ALL.into_iter().flat_map(of).collect(),
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
