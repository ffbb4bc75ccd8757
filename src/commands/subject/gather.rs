//! Consent records, folded for one person: what is held, and the state that it comes to.
//!
//! The same fold and the same append clock as in the gate. A person's state depends on the identities
//! that are linked to theirs, and a void changes the times of records before it; both are known only
//! when all was read. So whoever reads does it again until nothing new turns up: at most twice more.

use std::collections::BTreeSet;

use super::forms;
use super::held::{About, HeldRecord, about};
use super::sentences::Sentences;
use crate::commands::story::Told;
use crate::consent::{
    ConsentRecord, Content, Fact, Identity, LinkReach, Note, Place, Seconds, State, Subject, fold,
};
use crate::stream::AppendClock;
use crate::stream::ports::{RawConsent, TopicWidth};
use crate::wire::formats::EventFormats;
use crate::wire::json::JsonEvent;

/// What must be known before the records are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Foreknown {
    /// The person's own identity and those that are or were linked to it.
    circle: BTreeSet<Identity>,
    voids: BTreeSet<Place>,
}

/// What was gathered so far.
pub(super) struct Gathering {
    pub(super) subject: Subject,
    /// The person's number in every form, the given one first.
    pub(super) forms: Vec<Subject>,
    pub(super) state: State,
    /// The records that may have decided.
    pub(super) told: Vec<Told>,
    pub(super) held: Vec<HeldRecord>,
    /// Records without the broker's append time: the gate takes none of them.
    pub(super) undated: u64,
    sentences: Sentences,
    foreknown: Foreknown,
    voids: BTreeSet<Place>,
    clock: AppendClock,
    widths: Vec<TopicWidth>,
    formats: EventFormats,
    is_business_known: bool,
}

/// Gathers all records that concern a person; `read` hands every record to what it is given, and is
/// called until nothing turns up that had to be known before.
///
/// # Errors
/// That of `read`.
pub(super) fn gather<E>(
    subject: &Subject,
    widths: &[TopicWidth],
    formats: &EventFormats,
    mut read: impl FnMut(&mut Gathering) -> Result<(), E>,
) -> Result<Gathering, E> {
    let mut foreknown = Foreknown::default();
    loop {
        let mut gathering =
            Gathering::new(subject.clone(), foreknown, widths.to_vec(), formats.clone());
        read(&mut gathering)?;
        let known = gathering.foreknown();
        if known == gathering.foreknown {
            gathering.finish();
            return Ok(gathering);
        }
        foreknown = known;
    }
}

impl Gathering {
    fn new(
        subject: Subject,
        mut foreknown: Foreknown,
        widths: Vec<TopicWidth>,
        formats: EventFormats,
    ) -> Self {
        let forms = forms(&subject);
        foreknown.circle.extend(forms.iter().map(|form| form.identity.clone()));
        let mut clock = AppendClock::default();
        for place in &foreknown.voids {
            clock.void(*place);
        }
        Self {
            subject,
            forms,
            state: State::default(),
            told: Vec::new(),
            held: Vec::new(),
            undated: 0,
            sentences: Sentences::default(),
            foreknown,
            voids: BTreeSet::new(),
            clock,
            widths,
            formats,
            is_business_known: false,
        }
    }

    /// Takes in one record of the topic of this name. Records of one partition come in order.
    pub(super) fn take(&mut self, topic: &str, raw: &RawConsent) {
        let Some(broker_time) = raw.broker_time() else {
            self.undated += 1;
            let record = raw.to_record(Seconds::default(), &self.widths, &self.formats);
            return self.hold(topic, raw, &record, &[]);
        };
        // Whether a time lies ahead of some wall clock is no matter here.
        let never = (Seconds(u32::MAX), u32::MAX);
        let at = self.clock.observe(raw.place(), broker_time, never.0, never.1);
        let record = raw.to_record(at, &self.widths, &self.formats);
        let mut folded = fold(&record);
        self.hold(topic, raw, &record, &folded.notes);
        self.publish(raw, &record);
        for fact in &folded.facts {
            if let Fact::Void { place, .. } = fact {
                self.voids.insert(*place);
            }
            self.is_business_known |= self.names_business(fact);
            if self.concerns(fact) {
                self.state.join(fact.clone());
            }
        }
        folded.facts.retain(|fact| self.concerns(fact) && !self.is_of_others(fact));
        if !folded.facts.is_empty() {
            let number = self.told.len() + 1;
            self.told.push(match self.is_of_another_business(&record) {
                true => {
                    let record = ConsentRecord { content: Content::Undecodable, ..record };
                    Told::new(number, record, folded, None)
                }
                false => Told::new(number, record, folded, self.event_of(raw).as_ref()),
            });
        }
    }

    /// The event of a record in our JSON, if it has that form.
    fn event_of(&self, raw: &RawConsent) -> Option<JsonEvent> {
        let value = raw.value.as_deref().filter(|value| !value.is_empty())?;
        self.formats.of(raw.topic).contract(value).map(|event| JsonEvent::from(&event))
    }

    /// What the next reading must know; the same as before if this one was complete.
    fn foreknown(&self) -> Foreknown {
        let mut circle: BTreeSet<_> = self.forms.iter().map(|form| form.identity.clone()).collect();
        circle.extend(self.linked().into_iter().map(|(identity, _)| identity.clone()));
        Foreknown { circle, voids: self.voids.clone() }
    }

    /// Sorts what is held by place, and gives each event its sentence.
    fn finish(&mut self) {
        self.held.sort_by(|one, other| one.record.cmp(&other.record));
        for held in &mut self.held {
            held.sentence = held.event.as_deref().and_then(|event| self.sentences.of(event));
        }
        if self.is_business_known {
            self.state.businesses.entry(self.subject.business.clone()).or_default();
        }
    }

    /// The identities that are or were linked to the person's, and how far each counts.
    pub(super) fn linked(&self) -> Vec<(&Identity, LinkReach)> {
        let Some(business) = self.state.businesses.get(&self.subject.business) else {
            return Vec::new();
        };
        let mut linked: Vec<(&Identity, LinkReach)> = Vec::new();
        for (identity, reach) in
            self.forms.iter().flat_map(|form| business.links.reached(&form.identity))
        {
            let is_form = self.forms.iter().any(|form| form.identity == *identity);
            match linked.iter_mut().find(|(known, _)| *known == identity) {
                Some((_, best)) => *best = reach.min(*best),
                None if is_form => {}
                None => linked.push((identity, reach)),
            }
        }
        linked
    }

    fn hold(&mut self, topic: &str, raw: &RawConsent, record: &ConsentRecord, notes: &[Note]) {
        if let Some(about) = about(record, &self.forms) {
            let event = match about {
                About::Person | About::Link => self.event_of(raw),
                About::Unreadable | About::KeyOnly => None,
            };
            self.held.push(HeldRecord::new(topic, raw, about, event.as_ref(), notes));
        }
    }

    /// A text is the business's own and names nobody.
    fn publish(&mut self, raw: &RawConsent, record: &ConsentRecord) {
        if let Content::Event(event) = &record.content
            && event.identity.is_none()
            && event.business.as_ref() == Some(&self.subject.business)
            && let Some(event) = self.event_of(raw)
        {
            self.sentences.take(&event);
        }
    }

    /// Whether a fact counts for this person: it is about them or somebody linked to them, about the
    /// business's links, or about nobody in particular.
    fn concerns(&self, fact: &Fact) -> bool {
        match (fact.subject(), fact) {
            (Some(subject), _) => {
                subject.business == self.subject.business
                    && self.foreknown.circle.contains(&subject.identity)
            }
            (None, Fact::Link { business, .. }) => *business == self.subject.business,
            (None, _) => true,
        }
    }

    /// A link between two others: it counts (too many links quarantine a business), and is not told.
    fn is_of_others(&self, fact: &Fact) -> bool {
        let is_other = |end: &Identity| !self.foreknown.circle.contains(end);
        matches!(fact, Fact::Link { ends, .. } if ends.iter().any(is_other))
    }

    /// Another business's words are not repeated, even where they count here.
    fn is_of_another_business(&self, record: &ConsentRecord) -> bool {
        let Content::Event(event) = &record.content else {
            return false;
        };
        event.business.as_ref().is_some_and(|business| *business != self.subject.business)
    }

    fn names_business(&self, fact: &Fact) -> bool {
        fact.subject().is_some_and(|subject| subject.business == self.subject.business)
    }
}
