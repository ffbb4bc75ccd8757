//! Bugs in the reading of the consent topics.

use std::collections::BTreeMap;
use std::time::Duration;

use consentgate::consent::{Offset, Partition, Topic};
use consentgate::stream::Fault;
use consentgate::stream::ports::{
    ConsentPort, EndAnswer, Ends, EndsPort, OpenTransaction, RawConsent, Reread, TopicWidth,
};

use super::Bug;
use crate::model::cluster::topic_of;
use crate::model::cluster::{Shared, name_of};
use crate::model::consent_ports::{ModelConsent, ModelEnds, places};
use crate::model::log::Isolation;

/// The consent reader, with a bug or without.
#[derive(Debug)]
pub(crate) struct BuggyConsent {
    inner: ModelConsent,
    shared: Shared,
    bug: Option<Bug>,
}

impl BuggyConsent {
    pub(crate) fn open(shared: &Shared, bug: Option<Bug>) -> Self {
        let isolation = match bug {
            Some(Bug::ConsentUncommitted) => Isolation::Uncommitted,
            _ => Isolation::Committed,
        };
        Self { inner: ModelConsent::open(shared, isolation), shared: shared.clone(), bug }
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
        self.inner.poll(max, wait, into)?;
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
        self.inner.reread(topic, p, offset)
    }
}

/// The log ends, with a bug or without.
#[derive(Debug)]
pub(crate) struct BuggyEnds {
    inner: ModelEnds,
    shared: Shared,
    bug: Option<Bug>,
    last: BTreeMap<(Topic, Partition), Offset>,
}

impl BuggyEnds {
    pub(crate) fn open(shared: &Shared, bug: Option<Bug>) -> Self {
        let (inner, last) = (ModelEnds::open(shared), BTreeMap::new());
        Self { inner, shared: shared.clone(), bug, last }
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
