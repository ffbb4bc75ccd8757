//! What the file and the log hold that bears on a row.
//!
//! The same fold as in the gate, for the rows of the file too. Knows no Kafka and no clock: records are
//! handed in, so that the laws can be tried on any log.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::conflict::Conflict;
use super::marks::{Marked, Marks};
use crate::consent::{
    BusinessId, ConsentRecord, Fact, Offset, Partition, Place, Placement, ScopeName, Seconds,
    State, Subject, TextRef, Topic, fold,
};
use crate::policy::{ConsentTexts, Policy};
use crate::wire::consent::{Produced, record};
use crate::wire::formats::{EventFormat, EventFormats};
use crate::wire::import::{Doubt, ImportedGrant, ImportedSuppression, SOURCE, imported_id};
use crate::wire::proto::consent::ConsentEvent;

/// What is known before a row is judged.
pub(super) struct Known<'p> {
    policy: &'p Policy,
    /// How the log is read.
    formats: EventFormats,
    /// When the import began: what counts from its append counts from then or later.
    now: Seconds,
    file: Marks,
    log: Marks,
    /// Texts, quarantines: what is not about one person.
    businesses: State,
    /// People whose suppression in the file is older than a grant in the log.
    answered: HashMap<[u64; 2], Answer>,
    already: HashSet<u128>,
    /// Those of them that object from when they were appended.
    already_from_now: HashSet<u128>,
    /// What the log says against sending since the grants were written.
    late: Option<Marks>,
    doubts: Doubts,
}

/// Whose grant in the log is later than a suppression of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    /// The person's own, written as they gave it.
    Person,
    /// One that came by import.
    Import,
}

/// Refused rows that may have been suppressions.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    by_business: BTreeMap<BusinessId, u64>,
    anybodys: u64,
    total: u64,
    accepted: bool,
}

impl<'p> Known<'p> {
    /// Nothing yet.
    pub(super) fn new(policy: &'p Policy, formats: EventFormats, now: Seconds) -> Self {
        Self {
            policy,
            formats,
            now,
            file: Marks::new(),
            log: Marks::new(),
            businesses: State::default(),
            answered: HashMap::new(),
            already: HashSet::new(),
            already_from_now: HashSet::new(),
            late: None,
            doubts: Doubts::default(),
        }
    }

    /// Takes in a suppression of the file, before the log is read.
    pub(super) fn suppression(&mut self, line: u64, suppression: &ImportedSuppression) {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        for fact in fold(&as_record(&suppression.produced(), self.now)).facts {
            self.file.join(self.policy, &fact, line);
        }
    }

    /// Takes in a row that may have been a suppression.
    pub(super) fn doubt(&mut self, doubt: &Doubt) {
        match doubt {
            Doubt::Nobodys => return,
            Doubt::OfBusiness(business) => {
                *self.doubts.by_business.entry(business.clone()).or_default() += 1;
            }
            Doubt::Anybodys => self.doubts.anybodys += 1,
        }
        self.doubts.total += 1;
    }

    /// How many rows may have been suppressions.
    pub(super) fn doubt_count(&self) -> u64 {
        self.doubts.total
    }

    /// Lets grants go in spite of them: somebody has looked.
    pub(super) fn accept_doubts(&mut self) {
        self.doubts.accepted = true;
    }

    /// Takes in a record of the log as it stood before this import wrote anything.
    pub(super) fn record(&mut self, record: &ConsentRecord, value: Option<&[u8]>) {
        let imported = self.imported(record, value);
        if let Some(imported) = imported
            && record.place.topic == Topic::ConsentEvents
        {
            self.already.insert(imported.id);
            if imported.counts == Counts::FromAppend {
                self.already_from_now.insert(imported.id);
            }
        }
        let answer = if imported.is_some() { Answer::Import } else { Answer::Person };
        self.facts(record, Some(answer));
    }

    /// Takes in a record that was written since, by this import or by others.
    pub(super) fn later_record(&mut self, record: &ConsentRecord, value: Option<&[u8]>) {
        let by_import = self.imported(record, value).map(|_| Answer::Import);
        self.facts(record, by_import);
    }

    fn imported(&self, record: &ConsentRecord, value: Option<&[u8]>) -> Option<ByImport> {
        imported(self.formats.of(record.place.topic), value?)
    }

    fn facts(&mut self, record: &ConsentRecord, answer: Option<Answer>) {
        for fact in fold(record).facts {
            if let (Fact::Grant { subject, scope, grant }, Some(answer)) = (&fact, answer) {
                self.answer(subject, scope, grant.at, answer);
            }
            self.log.join(self.policy, &fact, 0);
            if let Some(late) = &mut self.late {
                late.join(self.policy, &fact, 0);
            }
            if matches!(
                fact,
                Fact::InvalidText { .. }
                    | Fact::TextPublished { .. }
                    | Fact::TextRetired { .. }
                    | Fact::Undecodable { .. }
                    | Fact::Void { .. }
            ) {
                self.businesses.join(fact);
            }
        }
    }

    /// From now on, what is read came while grants were written.
    pub(super) fn begin_late(&mut self) {
        self.late = Some(Marks::new());
    }

    /// Whether anything came that speaks against sending.
    pub(super) fn has_late(&self) -> bool {
        self.late.as_ref().is_some_and(|late| !late.is_empty())
    }

    /// Whether a suppression came while the grants were written that is older than this grant: another
    /// import wrote it.
    pub(super) fn is_overtaken(&self, grant: &ImportedGrant) -> bool {
        let late = self.late.as_ref();
        let marked = late.and_then(|late| late.against(self.policy, &grant.subject, &grant.scopes));
        marked.is_some_and(|marked| marked.at < grant.at)
    }

    fn answer(&mut self, subject: &Subject, scope: &ScopeName, at: Seconds, answer: Answer) {
        let scopes = std::slice::from_ref(scope);
        let marked = self.file.against(self.policy, subject, scopes);
        if marked.is_some_and(|marked| marked.at < at) {
            let person = self.file.person(subject);
            let strongest = self.answered.entry(person).or_insert(answer);
            *strongest = (*strongest).max(answer);
        }
    }

    /// Whether an event is in the log already.
    pub(super) fn has(&self, event: &ConsentEvent) -> bool {
        imported_id(&event.event_id).is_some_and(|id| self.already.contains(&id))
    }

    /// Whether a suppression is in the log already, and counts from when it was appended.
    pub(super) fn has_from_now(&self, event: &ConsentEvent) -> bool {
        imported_id(&event.event_id).is_some_and(|id| self.already_from_now.contains(&id))
    }

    /// How many people have a suppression in the file that is older than an imported grant.
    pub(super) fn answered_by_import(&self) -> usize {
        self.answered.values().filter(|answer| **answer == Answer::Import).count()
    }

    /// The grant in the log that is later than this suppression of the file, if there is one.
    pub(super) fn answered(&self, suppression: &ImportedSuppression) -> Option<Answer> {
        self.answered.get(&self.file.person(&suppression.subject)).copied()
    }

    /// What stands against a grant, and on which line.
    pub(super) fn conflict(&self, grant: &ImportedGrant) -> Option<(Conflict, u32)> {
        let business = &grant.subject.business;
        let against = |marks: &Marks| marks.against(self.policy, &grant.subject, &grant.scopes);
        let compare = |marked: Marked, lifts, older| {
            (if grant.at > marked.at { lifts } else { older }, marked.line)
        };
        if let Some(marked) = against(&self.file) {
            return Some(compare(marked, Conflict::LiftsInFile, Conflict::OlderInFile));
        }
        if let Some(marked) = against(&self.log) {
            return Some(compare(marked, Conflict::LiftsInLog, Conflict::OlderInLog));
        }
        if let Some(conflict) = self.text_conflict(grant) {
            return Some((conflict, 0));
        }
        let quarantine = &self.businesses.quarantine;
        if quarantine.unattributed().is_some() || quarantine.covers(business) {
            return Some((Conflict::Quarantined, 0));
        }
        self.doubts.withhold(business).then_some((Conflict::Waits, 0))
    }

    /// What its text has against a grant.
    fn text_conflict(&self, grant: &ImportedGrant) -> Option<Conflict> {
        let business = &grant.subject.business;
        let event = grant.event();
        let text = TextRef::new(&event.text_id, &event.text_version).in_language(&event.language);
        let known = self.businesses.businesses.get(business);
        if known.is_some_and(|known| !known.may_carry(&text, grant.at)) {
            return Some(Conflict::TextInvalid);
        }
        let wants_proof = |scope: &ScopeName| {
            let terms = self.policy.terms(business.as_str(), scope.as_str());
            self.policy.messages(terms).consent_texts == ConsentTexts::Published
        };
        let is_proven = |scope: &ScopeName| {
            known.is_some_and(|known| known.texts.proves(&text, scope.as_str()))
        };
        let unproven = grant.scopes.iter().any(|scope| wants_proof(scope) && !is_proven(scope));
        unproven.then_some(Conflict::TextUnproven)
    }
}

impl Doubts {
    fn withhold(&self, business: &BusinessId) -> bool {
        !self.accepted && (self.anybodys > 0 || self.by_business.contains_key(business))
    }
}

/// A record that is not written yet, as the gate would read it.
fn as_record(produced: &Produced, now: Seconds) -> ConsentRecord {
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let place = Place { topic, partition, offset: Offset(0) };
    let key = Some(produced.key.as_bytes());
    record(place, now, key, Placement::Right, Some(&produced.value))
}

/// An event that came by import.
#[derive(Clone, Copy, Debug)]
struct ByImport {
    id: u128,
    counts: Counts,
}

/// From when a suppression that came by import counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    FromOccurrence,
    FromAppend,
}

/// What a record says of its import; `None` if it did not come by one.
fn imported(format: &EventFormat, value: &[u8]) -> Option<ByImport> {
    // Most records did not, and a second decoding of each would cost more than this look.
    value.windows(SOURCE.len()).find(|window| *window == SOURCE.as_bytes())?;
    let event = format.contract(value).filter(|event| event.source == SOURCE)?;
    let counts = if event.historic { Counts::FromOccurrence } else { Counts::FromAppend };
    Some(ByImport { id: imported_id(&event.event_id)?, counts })
}
