//! May this business send this message to this person, now?
//!
//! Total and pure: no `Result`, no clock, no metrics, no await. It knows no Kafka and no bytes.
//! Whatever is missing, unknown or in doubt suppresses.

mod conversation;
mod judge;
mod known;
mod message;
mod objections;
mod pauses;
mod permit;
mod reason;
mod rule;
mod scope_tally;
mod tally;
#[cfg(test)]
mod tests;

pub use conversation::{Waiver, is_asked_for};
pub use judge::{Judgement, judge, stands_until};
pub use message::{Message, OptOutPath};
pub use objections::{granted_against, still_objects};
pub use pauses::is_pause_meant;
pub use permit::{Decision, Permit, Suppression};
pub use reason::{Reason, ReasonMask};
pub use rule::Rule;
pub use scope_tally::ScopeTally;
pub use tally::Tally;

use crate::consent::{Category, Seconds, Strength, TemplateStanding};
use crate::index::{Answer, AnswerFacts, ConsentView, Detail, Query};
use crate::policy::{Policy, ScopeRule, Terms};
use judge::{Meant, judge_under};
use known::known;

/// Decides one message on what the index answered for it, and for its template.
pub fn decide(
    policy: &Policy,
    now: Seconds,
    message: &Message<'_>,
    template: TemplateStanding,
    answer: &Answer<'_>,
) -> Decision {
    let terms = terms_of(policy, &message.known_by(template));
    decide_under(policy, terms, now, &Meant { message, template }, answer)
}

/// Decides one message of which it is known what it needs.
fn decide_under(
    policy: &Policy,
    terms: Terms,
    now: Seconds,
    meant: &Meant<'_, '_>,
    answer: &Answer<'_>,
) -> Decision {
    match judge_under(policy, terms, now, meant, answer.facts()).suppression() {
        None => Decision::Allow(Permit::new()),
        Some(suppression) => Decision::Suppress(suppression),
    }
}

/// Working memory of [`decide_batch`], kept between batches so that none is allocated.
#[derive(Debug, Default)]
pub struct Scratch {
    /// For each message, its question; `None` for messages that could not be decoded.
    asked: Vec<Option<Asked>>,
    /// What became of the messages of each scope, until it is cleared.
    pub fates: ScopeTally,
}

/// A question that was asked for a message.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Where the query stands.
    at: usize,
    /// What the message needs.
    terms: Terms,
    /// What is known of its template.
    template: TemplateStanding,
}

impl Asked {
    fn rank(&self) -> Option<usize> {
        self.terms.rank().map(|rank| usize::from(rank.0))
    }
}

/// Decides a batch on one view and one instant, in the order of `messages`.
///
/// A message that could not be decoded comes as its reason and is suppressed with it.
pub fn decide_batch(
    policy: &Policy,
    view: &ConsentView<'_>,
    now: Seconds,
    messages: &[Result<Message<'_>, Reason>],
    scratch: &mut Scratch,
    decisions: &mut Vec<Decision>,
) {
    let mut queries = Vec::with_capacity(messages.len());
    let Scratch { asked, fates } = scratch;
    asked.clear();
    // A campaign has one scope, and few businesses have rules of their own: mostly a message needs
    // what the one before it did.
    let mut last = ("", "", policy.terms("", ""));
    let by_business = policy.businesses().len() > 0;
    let mut templates = TemplateLookup::new(view);
    for message in messages {
        let Ok(message) = message else {
            asked.push(None);
            continue;
        };
        let template = templates.find(message);
        let mut room = None;
        let message = known(message, template, &mut room);
        let scope = judge::effective_scope(message);
        if last.1 != scope || by_business && last.0 != message.business {
            last = (message.business, scope, policy.terms(message.business, scope));
        }
        let question = Asked { at: queries.len(), terms: last.2, template };
        queries.push(query_under(last.2.rule(), message));
        asked.push(Some(question));
    }
    let mut answers = Vec::with_capacity(queries.len());
    view.answer_batch(&queries, &mut answers);
    for (message, asked) in messages.iter().zip(asked) {
        let answered = asked.and_then(|asked| Some((asked, answers.get(asked.at)?)));
        let decision = match (message, answered) {
            (Ok(message), Some((Asked { terms, template, .. }, answer))) => {
                decide_under(policy, terms, now, &Meant { message, template }, answer)
            }
            (Err(reason), _) => Decision::Suppress(Suppression::because(*reason)),
            // The index owes one answer for each question; a missing one permits nothing.
            (Ok(_), None) => Decision::Suppress(Suppression::because(Reason::IndexInconsistent)),
        };
        let reason = match &decision {
            Decision::Allow(_) => None,
            Decision::Suppress(suppression) => Some(suppression.primary),
        };
        fates.count(asked.and_then(|asked| asked.rank()), reason);
        decisions.push(decision);
    }
}

/// Finds what is known of templates: once for neighbours, which mostly share theirs, and not at all
/// where nothing is known of any.
struct TemplateLookup<'v, 'i, 'm> {
    view: &'v ConsentView<'i>,
    is_any_known: bool,
    last: Option<([&'m str; 3], TemplateStanding)>,
}

impl<'v, 'i, 'm> TemplateLookup<'v, 'i, 'm> {
    fn new(view: &'v ConsentView<'i>) -> Self {
        Self { view, is_any_known: view.knows_templates(), last: None }
    }

    fn find(&mut self, message: &Message<'m>) -> TemplateStanding {
        if !self.is_any_known || message.template.is_empty() {
            return TemplateStanding::default();
        }
        let named = [message.business, message.template, message.template_language];
        match self.last {
            Some((last, standing)) if last == named => standing,
            _ => {
                let [business, template, language] = named;
                let standing = self.view.template(business, template, language);
                self.last = Some((named, standing));
                standing
            }
        }
    }
}

/// What to ask the index of a message, of whose template this is known. The quick yes serves wherever
/// a plain standing grant is enough.
pub fn query<'q>(policy: &Policy, message: &Message<'q>, template: TemplateStanding) -> Query<'q> {
    let message = message.known_by(template);
    query_under(terms_of(policy, &message).rule(), &message)
}

/// What a message needs.
fn terms_of(policy: &Policy, message: &Message<'_>) -> Terms {
    policy.terms(message.business, judge::effective_scope(message))
}

fn query_under<'q>(rule: Option<ScopeRule>, message: &Message<'q>) -> Query<'q> {
    let scope = judge::effective_scope(message);
    // What the scope does not make marketing, but the message does, may meet a platform's stop that a
    // later grant for this scope does not lift: the quick yes cannot know that.
    let stoppable = |rule: ScopeRule| message.category == Category::Marketing && !rule.promotes();
    // Nor does it know how strong a grant is, or how old.
    let is_plain =
        |rule: ScopeRule| rule.strength == Strength::Single && rule.valid_for_s.is_none();
    let plain =
        !message.category.is_reply() && rule.is_some_and(|rule| is_plain(rule) && !stoppable(rule));
    Query {
        business: message.business,
        to: message.to,
        also: message.also,
        scope,
        detail: if plain { Detail::Quick } else { Detail::Full },
    }
}

/// Whether the index gave its quick yes.
fn stands(facts: &AnswerFacts<'_>) -> bool {
    matches!(facts, AnswerFacts::Stands)
}
