//! One message of a story: every rule with its answer, then the fate.
//!
//! The rules are those of `decision::judge`, on the plain state. No permit is made: nothing can be
//! sent with a story.

use super::deciders::{Asked, Deciders};
use super::told::Told;
use crate::consent::{Seconds, State};
use crate::decision::{Judgement, Message, Reason, Rule, judge, query};
use crate::index::answer_from_state;
use crate::policy::Policy;
use crate::wire::outbound;

/// The lines about one message.
pub(super) fn tell(policy: &Policy, records: &[Told], now: Seconds, bytes: &[u8]) -> String {
    let known: Vec<_> = records
        .iter()
        .filter(|told| told.record.appended_at <= now)
        .collect();
    let mut state = State::default();
    for fact in known.iter().flat_map(|told| &told.folded.facts) {
        state.join(fact.clone());
    }
    if let Some(place) = state.holding() {
        let held = known.iter().find(|told| told.record.place == place);
        let name = held.map_or_else(|| place.to_string(), |told| told.name());
        return format!(
            "  HELD: {name} may be anybody's opt-out; nothing is decided until it is voided\n"
        );
    }
    match outbound::decode(Some(bytes)) {
        Ok(message) => tell_message(policy, &state, &known, now, &message),
        Err(reason) => tell_rules(|rule| answer_of(rule, &[reason])) + &suppressed(reason),
    }
}

fn tell_message(
    policy: &Policy,
    state: &State,
    known: &[&Told],
    now: Seconds,
    message: &Message<'_>,
) -> String {
    let query = query(policy, message);
    let facts = answer_from_state(state, &query);
    let judgement = judge(policy, now, message, &facts);
    let asked = Asked {
        policy,
        state,
        message,
        scope: query.scope,
        facts: &facts,
    };
    let deciders = Deciders::find(&asked, known);
    let reasons: Vec<_> = judgement.mask().iter().collect();
    let rules = tell_rules(|rule| {
        let because: String = deciders
            .of(rule, &reasons)
            .map(|told| format!("\n{:18}{}", "", told.name()))
            .collect();
        answer_of(rule, &reasons) + &because
    });
    rules + &fate(&judgement)
}

fn tell_rules(answer: impl Fn(Rule) -> String) -> String {
    Rule::ALL
        .into_iter()
        .map(|rule| format!("  {:15} {}\n", rule.name(), answer(rule)))
        .collect()
}

/// What a rule answered: its reasons, or that it found nothing.
fn answer_of(rule: Rule, reasons: &[Reason]) -> String {
    let found: Vec<_> = reasons
        .iter()
        .filter(|reason| Rule::of(**reason) == rule)
        .map(|reason| reason.name())
        .collect();
    match found.as_slice() {
        [] => "ok".to_string(),
        _ => found.join(", "),
    }
}

fn fate(judgement: &Judgement) -> String {
    judgement
        .primary()
        .map_or_else(|| "  ALLOWED\n".to_string(), suppressed)
}

fn suppressed(primary: Reason) -> String {
    format!("  SUPPRESSED: {}\n", primary.name())
}
