//! The state of everything: the join of all facts.
//!
//! This is the plain form, kept for stories, `verify` and the laws; [`crate::index`] holds the same
//! state in the form that answers at line rate. It knows no policy, no clock and no instance.

use std::collections::{BTreeMap, BTreeSet};

use super::fact::Fact;
use super::identity::Subject;
use super::ids::BusinessId;
use super::link::Links;
use super::pause::{Pauses, PlatformPause};
use super::position::Place;
use super::subject_state::SubjectState;
use super::template::Templates;
use super::text::{TextRef, TextRegistry, is_too_late};
use super::time::Seconds;

/// What is known of a business beside its subjects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusinessState {
    /// Texts (id, version) on which no grant stands; `None` matches everything.
    pub invalid_texts: BTreeSet<(Option<String>, Option<String>)>,
    /// What its texts say, and which are retired.
    pub texts: TextRegistry,
    /// Its kill switches.
    pub pauses: Pauses,
    /// Which identities are one person's.
    pub links: Links,
    /// What the platform says of its message templates.
    pub templates: Templates,
}

impl BusinessState {
    /// The kill switches, if any is on.
    pub fn pauses_on(&self) -> Option<&Pauses> {
        self.pauses.is_any_on().then_some(&self.pauses)
    }

    /// Whether no grant on `text` stands any longer.
    pub fn is_invalid(&self, text: &TextRef) -> bool {
        self.invalid_texts
            .iter()
            .any(|(id, version)| text.is_named_by(id.as_deref(), version.as_deref()))
    }

    /// Whether a grant of this second may stand on `text`: it is not invalid, and was not retired yet.
    pub fn may_carry(&self, text: &TextRef, granted_at: Seconds) -> bool {
        !self.is_invalid(text) && !is_too_late(self.texts.retired_at(text), granted_at)
    }
}

/// Records that could not be decoded, and what was voided. Both only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quarantine {
    undecodable: BTreeMap<Place, Undecodable>,
    /// By place, whether any void of it was remedied.
    voided: BTreeMap<Place, bool>,
}

/// The businesses that a record may concern, and whether its key named a subject of theirs.
type Undecodable = BTreeMap<BusinessId, bool>;

impl Quarantine {
    /// Joins an undecodable record; `None` as business means nobody could be named.
    pub fn join_undecodable(
        &mut self,
        place: Place,
        business: Option<BusinessId>,
        subject_named: bool,
    ) {
        let concerned = self.undecodable.entry(place).or_default();
        if let Some(business) = business {
            *concerned.entry(business).or_default() |= subject_named;
        }
    }

    /// Joins a void.
    pub fn join_void(&mut self, place: Place, remedied: bool) {
        *self.voided.entry(place).or_default() |= remedied;
    }

    /// Whether a record at `place` still waits, given whether a subject's objection answers for it.
    pub fn is_open(&self, place: &Place, subject_named: bool) -> bool {
        self.voided.get(place).is_none_or(|remedied| !remedied && !subject_named)
    }

    /// The businesses with a record that waits to be voided, with repeats.
    fn open(&self) -> impl Iterator<Item = &BusinessId> {
        self.undecodable.iter().flat_map(|(place, concerned)| {
            concerned
                .iter()
                .filter(|(_, named)| self.is_open(place, **named))
                .map(|(business, _)| business)
        })
    }

    /// Whether a record of this business waits to be voided.
    pub fn covers(&self, business: &BusinessId) -> bool {
        self.open().any(|open| open == business)
    }

    /// The businesses with a record that waits to be voided.
    pub fn businesses(&self) -> BTreeSet<BusinessId> {
        self.open().cloned().collect()
    }

    /// The first record that names no business and waits to be voided: it holds the gate.
    pub fn unattributed(&self) -> Option<Place> {
        self.undecodable
            .iter()
            .find(|(place, concerned)| concerned.is_empty() && self.is_open(place, false))
            .map(|(place, _)| *place)
    }

    /// The places that were voided.
    pub fn voided_places(&self) -> impl Iterator<Item = Place> + '_ {
        self.voided.keys().copied()
    }
}

/// The join of all facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// By subject.
    pub subjects: BTreeMap<Subject, SubjectState>,
    /// By business.
    pub businesses: BTreeMap<BusinessId, BusinessState>,
    /// Undecodable records and voids.
    pub quarantine: Quarantine,
    /// The kill switch of everything: hold.
    pub platform_pause: PlatformPause,
}

/// What holds the whole gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// This record names nobody and may be an opt-out.
    Record(Place),
    /// This record paused everything.
    Pause(Place),
}

impl Holding {
    /// The record.
    pub fn place(self) -> Place {
        match self {
            Self::Record(place) | Self::Pause(place) => place,
        }
    }
}

impl State {
    /// Joins one fact.
    pub fn join(&mut self, fact: Fact) {
        if let Some(subject) = fact.subject() {
            return self.subject(subject.clone()).join(fact);
        }
        match fact {
            Fact::Link { business, ends, change } => {
                for identity in &ends {
                    let (business, identity) = (business.clone(), identity.clone());
                    self.subject(Subject { business, identity });
                }
                self.business(business).links.join(&ends, change);
            }
            Fact::Pause { business, target, at } => {
                self.business(business).pauses.pause(target, at)
            }
            Fact::Resume { business, target, at } => {
                self.business(business).pauses.resume(target, at)
            }
            Fact::PauseAll { place, at } => self.platform_pause.pause(at, place),
            Fact::ResumeAll(at) => self.platform_pause.resume(at),
            Fact::InvalidText { business, id, version } => {
                self.business(business).invalid_texts.insert((id, version));
            }
            Fact::Template { business, template, said } => {
                self.business(business).templates.join(&template, &said);
            }
            Fact::TextPublished { business, text, edition } => {
                self.business(business).texts.publish(&text, &edition);
            }
            Fact::TextRetired { business, id, version, at } => {
                self.business(business).texts.retire(id, version, at);
            }
            Fact::Undecodable { place, business, subject_named } => {
                self.quarantine.join_undecodable(place, business, subject_named);
            }
            Fact::Void { place, remedied } => self.quarantine.join_void(place, remedied),
            // They have a subject.
            Fact::Grant { .. }
            | Fact::Confirm { .. }
            | Fact::ScopeObjection { .. }
            | Fact::Objection { .. }
            | Fact::Block(..)
            | Fact::Unblock(..)
            | Fact::Restrict(..)
            | Fact::Unrestrict(..)
            | Fact::Cooldown(..)
            | Fact::GivenUp(..)
            | Fact::Inbound { .. }
            | Fact::ObjectingInbound(..)
            | Fact::Requested(..) => {}
        }
    }

    /// What holds the whole gate, if anything. What must be voided comes first.
    pub fn holding(&self) -> Option<Holding> {
        let pause = || self.platform_pause.paused_by().map(Holding::Pause);
        self.quarantine.unattributed().map(Holding::Record).or_else(pause)
    }

    fn business(&mut self, business: BusinessId) -> &mut BusinessState {
        self.businesses.entry(business).or_default()
    }

    fn subject(&mut self, subject: Subject) -> &mut SubjectState {
        self.subjects.entry(subject).or_default()
    }
}
