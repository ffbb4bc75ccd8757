//! The consent log as the model keeps it: every fact with the place of its record, by business and person.
//!
//! Nothing is folded and nothing replaces anything: what counts at some positions is picked when a decision
//! is made. What a record adds is noted by [`noting`](super::noting).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::consent::Told;
use super::fact::{Cond, Edge, Fact, Noted, Switch, TemplateFact, Text, TextFact, Wait};
use super::words::{Identity, seconds};
use super::{Place, Positions, Topic};

/// The version of the rules that this model tells. Events of a later one count by their effect alone.
pub(crate) const RULES_VERSION: u32 = 6;

/// What is known of one business.
#[derive(Default)]
pub(super) struct Business {
    /// The first records, by topic and partition, that make the business known.
    pub(super) known: BTreeMap<(Topic, i32), i64>,
    /// Those of which the documents do not say whether they do.
    pub(super) named: BTreeMap<(Topic, i32), i64>,
    pub(super) people: HashMap<Identity, Vec<Noted<Fact>>>,
    pub(super) edges: HashMap<Identity, Vec<Noted<Edge>>>,
    pub(super) waits: Vec<Wait>,
    pub(super) texts: HashMap<Box<str>, Vec<Noted<TextFact>>>,
    /// Invalid or retired without saying which.
    pub(super) all_texts: Vec<Noted<TextFact>>,
    pub(super) switches: Vec<Noted<Switch>>,
    pub(super) templates: HashMap<Box<str>, Vec<Noted<TemplateFact>>>,
}

/// The scopes of an event, kept once for all events that have the same.
type Scopes = [Box<str>];

/// The whole log.
#[derive(Default)]
pub(crate) struct Log {
    pub(super) businesses: HashMap<Box<str>, Business>,
    pub(super) platform: Vec<Noted<Switch>>,
    pub(super) waits: Vec<Wait>,
    /// Voids by the record that they are about: where each lies, and whether it has a remedy.
    pub(super) voids: HashMap<Place, Vec<(Place, bool)>>,
    /// Encrypted records of erased people.
    pub(super) sealed: Vec<Place>,
    /// Records whose append time lies before that of the record before.
    pub(crate) steps_back: u64,
    ends: BTreeMap<(Topic, i32), i64>,
    clocks: BTreeMap<(Topic, i32), i64>,
    pub(super) scope_lists: HashMap<Box<Scopes>, Arc<Scopes>>,
    pub(super) text_refs: HashMap<Text, Arc<Text>>,
    pub(crate) records: u64,
}

impl Log {
    /// Takes a record; those of a partition come in the order of their offsets.
    pub(crate) fn take(
        &mut self,
        place: Place,
        partitions: i32,
        append_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) {
        self.records += 1;
        let raw = seconds(append_ms);
        let clock = self.clocks.entry((place.topic, place.partition)).or_insert(raw);
        if raw < *clock {
            self.steps_back += 1;
        }
        *clock = raw.max(*clock);
        let at = if place.topic == Topic::Activity { raw } else { *clock };
        let told = Told::read(place, partitions, at, key, value);
        self.note(&told);
    }

    /// Where a partition ends.
    pub(crate) fn end(&mut self, topic: Topic, partition: i32, end: i64) {
        self.ends.insert((topic, partition), end);
    }

    /// The first position that lies beyond the end of its partition.
    pub(crate) fn beyond(&self, positions: &Positions) -> Option<(Topic, i32, i64)> {
        let past = |(topic, partition, next): &(Topic, i32, i64)| {
            *next > self.ends.get(&(*topic, *partition)).copied().unwrap_or(0)
        };
        positions.each().find(past)
    }

    /// Whether something of erased people counts that cannot be read.
    pub(crate) fn has_sealed(&self, at: &Positions) -> bool {
        self.sealed.iter().any(|place| at.show(*place))
    }

    /// Whether a wait is over at these positions.
    pub(super) fn is_voided(&self, wait: Wait, at: &Positions) -> bool {
        let voids = self.voids.get(&wait.place).map_or(&[][..], Vec::as_slice);
        voids.iter().any(|(place, remedy)| at.show(*place) && (*remedy || !wait.needs_remedy))
    }

    /// Whether a fact counts at these positions.
    pub(super) fn counts<F>(&self, noted: &Noted<F>, at: &Positions) -> bool {
        at.show(noted.place)
            && match noted.cond {
                Cond::Always => true,
                Cond::Voided => {
                    self.is_voided(Wait { place: noted.place, needs_remedy: false }, at)
                }
            }
    }

    pub(super) fn business(&mut self, name: &str) -> &mut Business {
        if !self.businesses.contains_key(name) {
            self.businesses.insert(name.into(), Business::default());
        }
        self.businesses.entry(name.into()).or_default()
    }

    pub(super) fn know(&mut self, name: &str, place: Place) -> &mut Business {
        let business = self.business(name);
        business.known.entry((place.topic, place.partition)).or_insert(place.offset);
        business
    }

    pub(super) fn name(&mut self, name: &str, place: Place) -> &mut Business {
        let business = self.business(name);
        business.named.entry((place.topic, place.partition)).or_insert(place.offset);
        business
    }

    pub(super) fn say(&mut self, business: &str, person: &Identity, place: Place, fact: Fact) {
        let noted = Noted { place, cond: Cond::Always, fact };
        self.know(business, place).people.entry(person.clone()).or_default().push(noted);
    }
}
