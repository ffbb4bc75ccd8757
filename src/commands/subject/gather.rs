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
    ConsentRecord, Content, Fact, Identity, LinkReach, Note, Place, Positions, Seconds, State,
    Subject, fold,
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

/// Whose records are gathered, and how far.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Asked {
    /// The person as this business knows them.
    pub(in crate::commands) subject: Subject,
    /// Other identities that are taken for the same person's.
    pub(in crate::commands) also: Vec<Identity>,
    /// Only records before these positions; all that is there if not given.
    pub(in crate::commands) until: Option<Positions>,
}

/// What was gathered so far.
pub(in crate::commands) struct Gathering {
    pub(super) subject: Subject,
    /// The person's number in every form, the given one first.
    pub(super) forms: Vec<Subject>,
    pub(in crate::commands) state: State,
    /// The records that may have decided.
    pub(in crate::commands) told: Vec<Told>,
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
    until: Option<Positions>,
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
    let (subject, also) = (subject.clone(), Vec::new());
    let asked = Asked { subject, also, until: None };
    let mut foreknown = Foreknown::default();
    loop {
        let mut gathering = Gathering::new(&asked, foreknown, widths.to_vec(), formats.clone());
        read(&mut gathering)?;
        match gathering.settle() {
            Ok(gathering) => return Ok(*gathering),
            Err(known) => foreknown = known,
        }
    }
}

/// Gathers for several at once; `read` hands every record to all of what it is given, and is called
/// until nothing turns up that had to be known before. The answers come in the order of the questions.
///
/// # Errors
/// That of `read`.
pub(in crate::commands) fn gather_all<E>(
    asked: &[Asked],
    widths: &[TopicWidth],
    formats: &EventFormats,
    mut read: impl FnMut(&mut [Gathering]) -> Result<(), E>,
) -> Result<Vec<Gathering>, E> {
    let mut done: Vec<Option<Gathering>> = asked.iter().map(|_| None).collect();
    let mut open: Vec<_> = (0..asked.len()).map(|at| (at, Foreknown::default())).collect();
    while !open.is_empty() {
        let begun = std::mem::take(&mut open);
        let places: Vec<_> = begun.iter().map(|(at, _)| *at).collect();
        let begin = |(at, foreknown): (usize, Foreknown)| {
            let asked = asked.get(at)?;
            Some(Gathering::new(asked, foreknown, widths.to_vec(), formats.clone()))
        };
        let mut gatherings: Vec<_> = begun.into_iter().filter_map(begin).collect();
        read(&mut gatherings)?;
        for (at, gathering) in places.into_iter().zip(gatherings) {
            match (gathering.settle(), done.get_mut(at)) {
                (Ok(gathering), Some(done)) => *done = Some(*gathering),
                (Err(known), _) => open.push((at, known)),
                (Ok(_), None) => {}
            }
        }
    }
    Ok(done.into_iter().flatten().collect())
}

/// Whether a record at `place` lies before these positions.
fn is_before(place: Place, positions: &Positions) -> bool {
    positions.get(place.topic, place.partition).is_some_and(|next| place.offset < next)
}

impl Gathering {
    fn new(
        asked: &Asked,
        mut foreknown: Foreknown,
        widths: Vec<TopicWidth>,
        formats: EventFormats,
    ) -> Self {
        let subject = asked.subject.clone();
        let mut forms = forms(&subject);
        forms.extend(asked.also.iter().flat_map(|identity| {
            let (business, identity) = (subject.business.clone(), identity.clone());
            super::forms(&Subject { business, identity })
        }));
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
            until: asked.until.clone(),
        }
    }

    /// What was gathered, if nothing turned up that had to be known before.
    fn settle(mut self) -> Result<Box<Self>, Foreknown> {
        let known = self.known_now();
        if known != self.foreknown {
            return Err(known);
        }
        self.finish();
        Ok(Box::new(self))
    }

    /// The sentence that an event of the business names.
    pub(in crate::commands) fn sentence_of(&self, event: &JsonEvent) -> Option<String> {
        self.sentences.of(event)
    }

    /// Takes in one record of the topic of this name. Records of one partition come in order.
    pub(in crate::commands) fn take(&mut self, topic: &str, raw: &RawConsent) {
        if self.until.as_ref().is_some_and(|until| !is_before(raw.place(), until)) {
            return;
        }
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
    fn known_now(&self) -> Foreknown {
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
