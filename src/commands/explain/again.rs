//! Deciding again, and the records that decided: at the receipt's consent positions, with its policy
//! and its instant.
//!
//! Makes no permit. Where the record itself is gone, the reasons are those of the audit entry or the
//! receipt, and only the records behind them are looked for. What cannot be decided again says why.

use std::sync::Arc;

use super::book::{Found, Input};
use super::kept::Kept;
use super::reading::ConsentExtents;
use super::receipts::{Batch, Receipts, Said, Told};
use super::report::{Agreement, DecidingEvent, RuleAnswer};
use crate::commands::story::{Told as Record, judged};
use crate::commands::subject::{Asked, At, Gathering};
use crate::config::TopicNames;
use crate::consent::{
    BusinessId, Identity, Partition, Positions, RULES_VERSION, Seconds, Subject, Topic,
};
use crate::decision::{Reason, ReasonMask, Rule};
use crate::policy::Policy;
use crate::wire::json::{JsonEvent, JsonTime, Named};

/// How long consent activity matters: a conversation stays open for a day. Clocks of brokers may
/// differ by a minute.
const ACTIVITY_MATTERS_S: u32 = 24 * 3_600 + 60;

/// A message that can be decided again.
pub(super) struct Case {
    pub(super) input: Input,
    pub(super) asked: Asked,
    kept: Kept,
    is_whole: Whole,
    policy: Arc<Policy>,
    now: Seconds,
}

/// Whether the message itself is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    Yes,
    PutTogether,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Again {
    pub(super) rules: Vec<RuleAnswer>,
    pub(super) agreement: Option<Agreement>,
    pub(super) not_before: Option<Seconds>,
    pub(super) why_not: Option<String>,
}

/// The subject that a message is about.
pub(super) fn subject_of(kept: &Kept) -> Option<Subject> {
    let identity = kept.to.clone().or_else(|| kept.also.first().cloned())?;
    Some(Subject { business: BusinessId::parse(&kept.business)?, identity })
}

/// What is needed to decide a message again; `person` is who an entry's or a row's pseudonym means.
///
/// # Errors
/// Why it cannot be, in words.
pub(super) fn case(
    input: Input,
    found: &Found,
    told: &Told,
    receipts: &Receipts,
    own: &Arc<Policy>,
    person: Option<&Identity>,
) -> Result<Case, String> {
    let batch = match &told.said {
        Said::Allowed(batch) | Said::Suppressed(batch) => batch,
        Said::Skipped(_) => return Err("no decision covers it".to_owned()),
    };
    if told.rules_version != RULES_VERSION {
        return Err(format!(
            "it was decided by version {} of the rules, and this program has version {RULES_VERSION}",
            told.rules_version
        ));
    }
    let policy = policy_of(batch, receipts, own)?;
    let (mut kept, is_whole) = match (&found.record, &found.entry, &found.row) {
        (Some((_, Ok(kept))), ..) => (kept.clone(), Whole::Yes),
        (Some((_, Err(_))), ..) => return Err("it is no message that can be read".to_owned()),
        (None, Some((_, entry)), _) => {
            let kept = Kept::of_entry(entry).ok_or("its record is gone, and it was no message")?;
            (kept, Whole::PutTogether)
        }
        (None, None, Some(row)) => (Kept::of_row(&row.row, batch.now_ms), Whole::PutTogether),
        (None, None, None) => return Err("nothing is kept of the message".to_owned()),
    };
    if is_whole == Whole::PutTogether {
        kept.to = Some(person.cloned().ok_or(
            "the message is gone, and no consent event of the business names the person of this \
             pseudonym",
        )?);
    }
    let subject = subject_of(&kept).ok_or("nobody is addressed by it")?;
    let also = kept.also.clone();
    Ok(Case {
        input,
        asked: Asked { subject, also, until: Some(batch.positions.clone()) },
        kept,
        is_whole,
        policy,
        now: Seconds::from_millis(batch.now_ms).unwrap_or(Seconds(u32::MAX)),
    })
}

fn policy_of(batch: &Batch, receipts: &Receipts, own: &Arc<Policy>) -> Result<Arc<Policy>, String> {
    if let Some(policy) = receipts.policies.get(&batch.policy) {
        return Ok(policy.clone());
    }
    if crate::wire::receipt::PolicyHash::of(own) == batch.policy {
        return Ok(own.clone());
    }
    Err(format!("policy {} is not in the receipts topic any longer", batch.policy))
}

impl Case {
    /// Decides again on what was gathered.
    pub(super) fn decide(
        &self,
        gathered: &Gathering,
        about: &ConsentExtents,
        told: &Told,
        found: &Found,
        topics: &TopicNames,
    ) -> Again {
        if let Some(why) = self.trimmed(about) {
            return Again { why_not: Some(why), ..recorded(found) };
        }
        if let Some(holding) = gathered.state.holding() {
            let why = format!(
                "the record at {} held the gate, which decided all the same",
                holding.place()
            );
            return Again { why_not: Some(why), ..recorded(found) };
        }
        let known: Vec<&Record> = gathered.told.iter().collect();
        let kept = self.kept.message();
        let message = kept.at_home(&self.policy);
        let judged = judged(&self.policy, &gathered.state, &known, self.now, &message);
        let said = mask_of(found, told);
        let (mask, agreement) = match (self.is_whole, said) {
            (Whole::PutTogether, Some(said)) => (said, Agreement::Recorded),
            (_, None) => (judged.mask, Agreement::Decided),
            (Whole::Yes, Some(said)) if said == judged.mask => (judged.mask, Agreement::Same),
            (Whole::Yes, Some(_)) => (judged.mask, Agreement::Different),
        };
        if agreement == Agreement::Different && self.is_before_roll(about) {
            let why =
                "the consent log was rolled since, and what an erasure hid is gone".to_owned();
            return Again { why_not: Some(why), ..recorded(found) };
        }
        // With reasons of another mind no record of ours may be called the cause.
        let is_behind = |rule: Rule| {
            let has = |mask: ReasonMask| mask.iter().any(|reason| Rule::of(reason) == rule);
            has(mask) || !has(judged.mask)
        };
        let event = |told: &&Record| event_of(told, gathered, topics);
        let events_of = |rule: Rule| {
            let behind = judged.records.iter().filter(|(of, _)| *of == rule && is_behind(rule));
            behind.map(|(_, told)| told).map(event).collect::<Vec<_>>()
        };
        Again {
            rules: rules(mask, events_of),
            agreement: Some(agreement),
            not_before: judged.not_before,
            why_not: None,
        }
    }

    /// Whether the consent log was written anew after this was decided.
    fn is_before_roll(&self, about: &ConsentExtents) -> bool {
        let known = |partition| {
            let until = self.asked.until.as_ref();
            until.and_then(|until| until.get(Topic::ConsentEvents, partition))
        };
        about
            .rolled
            .iter()
            .any(|(partition, end)| known(*partition).is_none_or(|next| next <= *end))
    }

    /// Why the consent topics no longer tell all that was known.
    fn trimmed(&self, about: &ConsentExtents) -> Option<String> {
        let positions: &Positions = self.asked.until.as_ref()?;
        for width in &about.widths {
            let known = positions.iter().filter(|(topic, ..)| *topic == width.topic).count();
            let is_same = i64::try_from(known).ok() == Some(i64::from(width.partitions));
            if !is_same && !(known == 0 && width.topic.is_optional()) {
                return Some(format!("{} had another number of partitions", width.topic.name()));
            }
        }
        let is_gone = |(topic, partition): &(Topic, Partition)| {
            let extent = about.extents.get(&(*topic, *partition));
            let read = positions.get(*topic, *partition).is_some_and(|next| next.0 > 0);
            if !read || extent.is_none_or(|extent| extent.begin.0 == 0) {
                return false;
            }
            let first = about.first_kept.get(&(*topic, *partition));
            let is_enough = first.is_some_and(|first| self.now.since(*first) >= ACTIVITY_MATTERS_S);
            topic.is_kept_whole() || !is_enough
        };
        let gone = about.extents.keys().find(|place| is_gone(place));
        gone.map(|(topic, partition)| {
            format!("{} partition {} no longer keeps what was known", topic.name(), partition.0)
        })
    }
}

/// The reasons that the gate wrote down; `None` if what it wrote is not known.
fn mask_of(found: &Found, told: &Told) -> Option<ReasonMask> {
    match (&told.said, &found.entry) {
        (Said::Allowed(_), _) => Some(ReasonMask::default()),
        (Said::Suppressed(_), Some((_, entry))) => Some(entry.suppression.all),
        (Said::Suppressed(_), None) | (Said::Skipped(_), _) => None,
    }
}

/// The rules with what the gate wrote down, where nothing can be decided again.
pub(super) fn recorded(found: &Found) -> Again {
    let mask = match (&found.entry, &found.record) {
        (Some((_, entry)), _) => Some(entry.suppression.all),
        (None, Some((_, Err(reason)))) => Some(ReasonMask::from(*reason)),
        (None, _) => None,
    };
    let rules = mask.map(|mask| rules(mask, |_| Vec::new())).unwrap_or_default();
    Again { rules, ..Again::default() }
}

fn rules(mask: ReasonMask, events_of: impl Fn(Rule) -> Vec<DecidingEvent>) -> Vec<RuleAnswer> {
    let answer = |rule: Rule| {
        let found = mask.iter().filter(|reason| Rule::of(*reason) == rule);
        RuleAnswer {
            rule: rule.name(),
            reasons: found.map(Reason::name).collect(),
            events: events_of(rule),
        }
    };
    Rule::ALL.into_iter().map(answer).collect()
}

fn event_of(told: &Record, gathered: &Gathering, topics: &TopicNames) -> DecidingEvent {
    let record = told.record();
    let place = record.place;
    let topic = topics.consent(place.topic).map_or(place.topic.name(), |topic| topic.as_str());
    let event = told.event();
    let named = |value: &Option<Named>| value.as_ref().map(name);
    let text = |of: fn(&JsonEvent) -> &String| event.map(of).cloned().unwrap_or_default();
    let happened = event.and_then(|event| {
        event
            .occurred_at
            .clone()
            .map(JsonTime::Text)
            .or(event.occurred_at_ms.map(JsonTime::of_millis))
    });
    DecidingEvent {
        record: At {
            topic: topic.to_owned(),
            partition: place.partition.0,
            offset: place.offset.0,
        },
        appended_at: JsonTime::of_millis(i64::from(record.appended_at.0) * 1_000),
        says: told.says(),
        event_id: text(|event| &event.event_id),
        happened_at: happened,
        method: event.and_then(|event| named(&event.method)),
        expression: event.and_then(|event| named(&event.expression)),
        evidence: text(|event| &event.evidence),
        text_id: text(|event| &event.text_id),
        text_version: text(|event| &event.text_version),
        sentence: event.and_then(|event| match event.text.is_empty() {
            true => gathered.sentence_of(event),
            false => Some(event.text.clone()),
        }),
    }
}

fn name(named: &Named) -> String {
    match named {
        Named::Name(name) => name.clone(),
        Named::Number(number) => number.to_string(),
    }
}
