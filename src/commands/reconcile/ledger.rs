//! What was sent against what was decided. Knows no topic.
//!
//! A send is one message that left; several reports of one message are one send. It is the gate's own if
//! an allowed decision has its id, its business and, as far as both are known, its person, and is not
//! later than it left. Whatever cannot be compared fits: nothing is accused on a guess. What has no
//! usable id cannot be told, and is said to be so.

use std::collections::{BTreeSet, HashMap};

use crate::commands::explain::Range;
use crate::wire::pseudonym::Pseudonym;
use crate::wire::webhooks::MetaId;

/// Clocks of the gate and of who reports a send may differ by this much, and Meta tells whole seconds.
pub(super) const TOLERANCE_MS: i64 = 60_000;

/// A report of a message that left.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) message_id: String,
    /// Whose it may be; nobody is known if empty.
    pub(super) businesses: Vec<String>,
    pub(super) person: SentTo,
    pub(super) meta_id: Option<MetaId>,
    pub(super) at_ms: Option<i64>,
    /// Whether decisions keep such an id at all.
    pub(super) id: IdUse,
    /// Where the report lies, in words.
    pub(super) place: String,
}

/// Whether an id can be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdUse {
    /// Everywhere.
    Everywhere,
    /// Only among records: the audit and the column leave such ids out.
    RecordsOnly,
    /// There is none.
    Nowhere,
}

/// Whom a message went to.
#[derive(Clone, Debug, Default)]
pub(super) struct SentTo {
    /// Under every key, every business and in every form.
    pub(super) pseudonyms: BTreeSet<Pseudonym>,
    /// Whether all of the person's identities are known: then another pseudonym is another person.
    pub(super) knows: Knows,
}

/// How much is known of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Knows {
    /// A number and a user id.
    NumberAndUserId,
    /// One of them, or nothing.
    #[default]
    Less,
}

/// A decision on a message.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    pub(super) business: String,
    pub(super) pseudonym: Option<Pseudonym>,
    pub(super) at_ms: Option<i64>,
    /// The first reason; empty if it was allowed.
    pub(super) reason: &'static str,
    /// Whether the id may be shown.
    pub(super) id: IdUse,
    /// Where it lies, in words.
    pub(super) place: String,
}

/// What became of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Sent, and no decision has its id.
    NotDecided,
    /// Sent although it was suppressed.
    Suppressed,
    /// Sent under the id of a message that was allowed for somebody else.
    OtherPerson,
    /// Sent before it was allowed.
    BeforeAllowed,
    /// Sent more often than it was allowed.
    SentAgain,
    /// Sent without an id by which it could be found.
    NoUsableId,
    /// Allowed, and nobody reported that it was sent.
    NeverSent,
}

impl What {
    /// All, the gravest first.
    pub const ALL: [Self; 7] = [
        Self::NotDecided,
        Self::Suppressed,
        Self::OtherPerson,
        Self::BeforeAllowed,
        Self::SentAgain,
        Self::NoUsableId,
        Self::NeverSent,
    ];

    /// The word in CSV.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotDecided => "sent_without_decision",
            Self::Suppressed => "sent_though_suppressed",
            Self::OtherPerson => "sent_to_another_person",
            Self::BeforeAllowed => "sent_before_allowed",
            Self::SentAgain => "sent_again",
            Self::NoUsableId => "sent_without_usable_id",
            Self::NeverSent => "allowed_never_sent",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotDecided => "sent, and the gate never decided it",
            Self::Suppressed => "sent although the gate suppressed it",
            Self::OtherPerson => {
                "sent under the id of a message that was allowed for another person or business"
            }
            Self::BeforeAllowed => "sent before the gate allowed it",
            Self::SentAgain => "sent more often than it was allowed",
            Self::NoUsableId => "sent without an id by which its decision could be found",
            Self::NeverSent => "allowed, and nobody reported that it was sent",
        }
    }

    /// Whether it went round the gate.
    pub fn goes_round(self) -> bool {
        match self {
            Self::NotDecided | Self::Suppressed | Self::OtherPerson | Self::BeforeAllowed => true,
            Self::SentAgain | Self::NoUsableId | Self::NeverSent => false,
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub what: What,
    /// The caller's id.
    pub message_id: String,
    /// The business, if it is known.
    pub business: String,
    /// The person's pseudonym, if a decision names it.
    pub pseudonym: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at_ms: Option<i64>,
    /// When it was decided, in milliseconds since 1970.
    pub decided_at_ms: Option<i64>,
    /// Why it was suppressed.
    pub reason: &'static str,
    /// Where the report of the send lies, or the decision if there is none.
    pub place: String,
}

/// All messages with one id that left.
#[derive(Debug, Default)]
struct Group {
    sends: Vec<Sent>,
    allowed: Vec<Decided>,
    suppressed: Vec<Decided>,
}

/// The comparison.
#[derive(Debug)]
pub(super) struct Ledger {
    range: Range,
    /// Of messages that were allowed later than this nobody can have reported yet.
    settled_ms: i64,
    groups: HashMap<String, Group>,
    without_id: Vec<Sent>,
    pub(super) findings: Vec<Finding>,
    pub(super) counts: Counts,
}

/// How much was compared, within the time asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that left.
    pub sent: u64,
    /// Of them those that the gate allowed.
    pub matched: u64,
    /// Messages that were allowed.
    pub allowed: u64,
    /// Of them those that may still be on their way.
    pub open: u64,
    /// Of them those without an id, or with one that is not kept.
    pub allowed_without_id: u64,
}

impl Ledger {
    /// Compares sends and decisions of this time; what was allowed after `settled_ms` may not have been
    /// reported yet.
    pub(super) fn new(range: Range, settled_ms: i64) -> Self {
        let (groups, without_id) = (HashMap::new(), Vec::new());
        let (findings, counts) = (Vec::new(), Counts::default());
        Self { range, settled_ms, groups, without_id, findings, counts }
    }

    /// Takes in a report. All reports come before all decisions.
    pub(super) fn sent(&mut self, sent: Sent) {
        if sent.message_id.is_empty() {
            return self.without_id.push(sent);
        }
        let group = self.groups.entry(sent.message_id.clone()).or_default();
        let is_same = |known: &&mut Sent| match (known.meta_id, sent.meta_id) {
            (Some(known), Some(new)) => known == new,
            _ => known.businesses == sent.businesses,
        };
        match group.sends.iter_mut().find(is_same) {
            Some(known) => known.at_ms = known.at_ms.into_iter().chain(sent.at_ms).min(),
            None => group.sends.push(sent),
        }
    }

    /// Whether a message with this id left.
    pub(super) fn is_sent(&self, message_id: &str) -> bool {
        self.groups.contains_key(message_id)
    }

    /// Whether a message with this id was allowed for this business, as far as is known yet.
    pub(super) fn is_allowed(&self, message_id: &str, business: &str) -> bool {
        let group = self.groups.get(message_id);
        group.is_some_and(|group| group.allowed.iter().any(|one| one.business == business))
    }

    /// Takes in an allowed message.
    pub(super) fn allowed(&mut self, message_id: &str, decided: Decided) {
        let is_asked = self.range.has(decided.at_ms);
        self.counts.allowed += u64::from(is_asked);
        if let Some(group) = self.groups.get_mut(message_id) {
            return group.allowed.push(decided);
        }
        if !is_asked {
            return;
        }
        if message_id.is_empty() {
            self.counts.allowed_without_id += 1;
        } else {
            self.never_sent(message_id, &decided);
        }
    }

    /// Takes in a suppressed message.
    pub(super) fn suppressed(&mut self, message_id: &str, decided: Decided) {
        if let Some(group) = self.groups.get_mut(message_id) {
            group.suppressed.push(decided);
        }
    }

    /// Compares.
    pub(super) fn end(&mut self) {
        for sent in std::mem::take(&mut self.without_id) {
            self.judge(&sent, What::NoUsableId, None);
        }
        for (message_id, group) in std::mem::take(&mut self.groups) {
            self.compare(&message_id, group);
        }
        self.findings.sort_by(|one, other| {
            let key = |of: &Finding| (of.what, of.sent_at_ms.or(of.decided_at_ms));
            key(one).cmp(&key(other)).then_with(|| one.message_id.cmp(&other.message_id))
        });
    }

    fn compare(&mut self, message_id: &str, group: Group) {
        let Group { mut sends, mut allowed, suppressed } = group;
        sends.sort_by_key(|sent| sent.at_ms);
        allowed.sort_by_key(|decided| decided.at_ms);
        let mut used = vec![Used::No; allowed.len()];
        for sent in &sends {
            let fitting = || allowed.iter().enumerate().filter(|(_, one)| fits(sent, one));
            let is_free = |at: usize| used.get(at) == Some(&Used::No);
            let in_time = |(_, one): &(usize, &Decided)| !is_before(sent, one);
            let free = fitting().filter(|(at, _)| is_free(*at)).find(in_time);
            if let Some((at, _)) = free {
                if let Some(used) = used.get_mut(at) {
                    *used = Used::Yes;
                }
                let is_asked = self.range.has(sent.at_ms);
                self.counts.sent += u64::from(is_asked);
                self.counts.matched += u64::from(is_asked);
                continue;
            }
            let earlier = fitting().find(in_time);
            let against = suppressed.iter().find(|one| fits(sent, one));
            let (what, by) = match (earlier, against, fitting().next(), allowed.first()) {
                (Some((_, one)), ..) => (What::SentAgain, Some(one)),
                (None, Some(one), ..) => (What::Suppressed, Some(one)),
                (None, None, Some((_, one)), _) => (What::BeforeAllowed, Some(one)),
                (None, None, None, Some(one)) => (What::OtherPerson, Some(one)),
                (None, None, None, None) if sent.id == IdUse::RecordsOnly => {
                    (What::NoUsableId, suppressed.first())
                }
                (None, None, None, None) => (What::NotDecided, None),
            };
            self.judge(sent, what, by);
        }
        for (decided, used) in allowed.iter().zip(used) {
            if used == Used::No && self.range.has(decided.at_ms) {
                self.never_sent(message_id, decided);
            }
        }
    }

    fn judge(&mut self, sent: &Sent, what: What, by: Option<&Decided>) {
        if !self.range.has(sent.at_ms) {
            return;
        }
        self.counts.sent += 1;
        let business = sent.businesses.first().cloned();
        self.findings.push(Finding {
            what,
            message_id: shown(&sent.message_id, sent.id),
            business: business.or(by.map(|one| one.business.clone())).unwrap_or_default(),
            pseudonym: pseudonym_of(by),
            sent_at_ms: sent.at_ms,
            decided_at_ms: by.and_then(|one| one.at_ms),
            reason: by.map_or("", |one| one.reason),
            place: sent.place.clone(),
        });
    }

    fn never_sent(&mut self, message_id: &str, decided: &Decided) {
        if decided.at_ms.is_some_and(|at_ms| at_ms > self.settled_ms) {
            self.counts.open += 1;
            return;
        }
        self.findings.push(Finding {
            what: What::NeverSent,
            message_id: shown(message_id, decided.id),
            business: decided.business.clone(),
            pseudonym: pseudonym_of(Some(decided)),
            sent_at_ms: None,
            decided_at_ms: decided.at_ms,
            reason: "",
            place: decided.place.clone(),
        });
    }
}

/// Whether a decision has been matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Used {
    Yes,
    No,
}

/// The id, unless it may be a person's number.
fn shown(message_id: &str, id: IdUse) -> String {
    match id {
        IdUse::Everywhere => message_id.to_owned(),
        IdUse::RecordsOnly | IdUse::Nowhere => String::new(),
    }
}

fn pseudonym_of(decided: Option<&Decided>) -> String {
    let pseudonym = decided.and_then(|one| one.pseudonym);
    pseudonym.map(|pseudonym| pseudonym.to_string()).unwrap_or_default()
}

/// Whether a decision may be the one behind a send.
fn fits(sent: &Sent, decided: &Decided) -> bool {
    let is_theirs = sent.businesses.is_empty() || sent.businesses.contains(&decided.business);
    let is_other = decided.pseudonym.is_some_and(|pseudonym| {
        sent.person.knows == Knows::NumberAndUserId && !sent.person.pseudonyms.contains(&pseudonym)
    });
    is_theirs && !is_other
}

/// Whether a message left before this decision, clocks allowing.
fn is_before(sent: &Sent, decided: &Decided) -> bool {
    match (sent.at_ms, decided.at_ms) {
        (Some(sent), Some(decided)) => sent.saturating_add(TOLERANCE_MS) < decided,
        _ => false,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
