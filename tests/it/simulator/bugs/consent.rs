//! Bugs in the reading of the consent topics.

use std::collections::BTreeMap;
use std::time::Duration;

use consentgate::consent::{Offset, Partition, Place, Topic};
use consentgate::stream::ports::{
    ConsentPort, EndAnswer, Ends, EndsPort, OpenTransaction, RawConsent, Reread, TopicWidth,
};
use consentgate::stream::{Fault, FaultKind};
use consentgate::wire::proto::consent::{ConsentEvent, Effect, Kind};
use prost::Message as _;

use super::Bug;
use crate::simulator::cluster::{Shared, name_of, topic_of};
use crate::simulator::consent_ports::{ModelConsent, ModelEnds, places};
use crate::simulator::lane_port::Life;
use crate::simulator::log::Isolation;
use crate::simulator::process::Common;

/// The consent reader, with a bug or without.
#[derive(Debug)]
pub(crate) struct BuggyConsent {
    inner: ModelConsent,
    shared: Shared,
    bug: Option<Bug>,
    /// Every void that was ever read.
    voids: BTreeMap<Place, RawConsent>,
}

impl BuggyConsent {
    pub(crate) fn open(common: &Common, life: &Life) -> Self {
        let bug = common.bug;
        let isolation = match bug {
            Some(Bug::ConsentUncommitted) => Isolation::Uncommitted,
            _ => Isolation::Committed,
        };
        let shared = common.shared.clone();
        let (inner, voids) = (ModelConsent::open(&shared, life, isolation), BTreeMap::new());
        Self { inner, shared, bug, voids }
    }

    /// What lies where a void was once is taken for that void.
    fn cache(&mut self, record: &mut RawConsent) {
        match self.voids.get(&record.place()) {
            Some(void) => *record = void.clone(),
            None if is_void(record) => drop(self.voids.insert(record.place(), record.clone())),
            None => {}
        }
    }

    /// One bit of a record, turned on its way.
    fn flip(&self, record: &mut RawConsent) {
        let Some(value) = record.value.as_mut().filter(|value| !value.is_empty()) else {
            return;
        };
        let at = self.shared.below(value.len());
        value[at] ^= 1 << self.shared.below(8);
    }
}

fn is_void(record: &RawConsent) -> bool {
    let value = record.value.as_deref().unwrap_or_default();
    ConsentEvent::decode(value).is_ok_and(|event| event.kind() == Kind::Void)
}

/// A record without a kind, read as a grant.
fn granted(record: &mut RawConsent) {
    let value = record.value.as_deref().unwrap_or_default();
    if let Ok(mut event) = ConsentEvent::decode(value)
        && event.kind() == Kind::Unspecified
    {
        event.set_kind(Kind::Grant);
        event.set_effect(Effect::Permits);
        record.value = Some(event.encode_to_vec());
    }
}

impl ConsentPort for BuggyConsent {
    fn widths(&self) -> &[TopicWidth] {
        self.inner.widths()
    }

    fn cluster_id(&self) -> Option<String> {
        self.inner.cluster_id()
    }

    fn poll(
        &mut self,
        max: usize,
        wait: Duration,
        into: &mut Vec<RawConsent>,
    ) -> Result<(), Fault> {
        let before = into.len();
        match self.inner.poll(max, wait, into) {
            Err(fault)
                if self.bug == Some(Bug::IndexKeptAfterCut) && fault.kind == FaultKind::Refused =>
            {
                self.inner.jump();
            }
            polled => polled?,
        }
        match self.bug {
            Some(Bug::VoidFromCache) => into.iter_mut().for_each(|record| self.cache(record)),
            Some(Bug::ZeroIsGrant) => into.iter_mut().for_each(granted),
            Some(Bug::ChecksumOff) if into.len() > before && self.shared.chance(30) => {
                self.flip(&mut into[before]);
            }
            _ => {}
        }
        if self.bug == Some(Bug::ConsentSkips) && into.len() > before && self.shared.chance(10) {
            into.remove(before);
        }
        Ok(())
    }

    fn positions(&mut self) -> Result<Vec<(Topic, Partition, Offset)>, Fault> {
        let mut positions = self.inner.positions()?;
        if self.bug == Some(Bug::PositionsTooFar) {
            // At the very beginning it would show at once: a log must begin with its first record.
            for (_, _, next) in positions.iter_mut().filter(|(_, _, next)| next.0 > 0) {
                *next = next.next();
            }
        }
        Ok(positions)
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.inner.restart()
    }

    fn reread(&mut self, topic: Topic, p: Partition, offset: Offset) -> Result<Reread, Fault> {
        if self.bug == Some(Bug::IndexKeptAfterCut) {
            return Ok(Reread::Unanswered);
        }
        let mut found = self.inner.reread(topic, p, offset);
        if let (Some(Bug::VoidFromCache), Ok(Reread::Record(record))) = (self.bug, &mut found) {
            self.cache(record);
        }
        found
    }
}

/// The log ends, with a bug or without.
#[derive(Debug)]
pub(crate) struct BuggyEnds {
    inner: ModelEnds,
    shared: Shared,
    bug: Option<Bug>,
    last: BTreeMap<(Topic, Partition), Offset>,
    /// What a deposed leader still says, and how often it will say so.
    old: Option<(Vec<EndAnswer>, usize)>,
}

impl BuggyEnds {
    pub(crate) fn open(common: &Common, life: &Life) -> Self {
        let shared = common.shared.clone();
        let inner = ModelEnds::open(&shared, &common.writers, life);
        Self { inner, shared, bug: common.bug, last: BTreeMap::new(), old: None }
    }

    /// What was true once, again and again.
    fn old_answers(&mut self, answers: Vec<EndAnswer>) -> Vec<EndAnswer> {
        match self.old.take() {
            Some((old, left)) if left > 0 => {
                self.old = Some((old.clone(), left - 1));
                old
            }
            _ => {
                self.old = Some((answers.clone(), self.shared.below(8)));
                answers
            }
        }
    }

    /// What is missing or gave an error is taken from the last answer.
    fn mend(&mut self, answers: Vec<EndAnswer>) -> Vec<EndAnswer> {
        let whole: Vec<_> = places(&self.shared.borrow());
        let known = answers.iter().filter_map(|answer| {
            Some(((answer.topic, answer.partition), *answer.end.as_ref().ok()?))
        });
        let mut known: BTreeMap<_, _> = known.collect();
        for (name, partition) in whole {
            let place = (topic_of(name), partition);
            let last = self.last.get(&place).copied().unwrap_or_default();
            let end = known.entry(place).or_insert(last);
            *end = (*end).max(last);
        }
        self.last = known;
        let all = self.last.iter();
        all.map(|(&(topic, partition), &end)| EndAnswer { topic, partition, end: Ok(end) })
            .collect()
    }
}

impl EndsPort for BuggyEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        let Ends { cluster_id, mut answers } = self.inner.ends()?;
        match self.bug {
            Some(Bug::EndErrorsIgnored) => answers = self.mend(answers),
            Some(Bug::DeposedLeaderBelieved) => answers = self.old_answers(answers),
            Some(Bug::EndsAreStable) => {
                for answer in &mut answers {
                    let name = name_of(answer.topic);
                    let stable = self.shared.borrow().log.stable(name, answer.partition);
                    answer.end = answer.end.clone().map(|end| end.min(stable));
                }
            }
            _ => {}
        }
        Ok(Ends { cluster_id, answers })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        self.inner.open_transaction()
    }
}
