//! The consent topics as the consent loop reads them, and where they end.

use std::collections::BTreeMap;
use std::time::Duration;

use consentgate::consent::{Offset, Partition, Topic};
use consentgate::stream::ports::{
    AppendTime, ConsentPort, EndAnswer, Ends, EndsPort, OpenTransaction, RawConsent, Reread,
    TopicWidth,
};
use consentgate::stream::{Fault, FaultKind};
use rand::Rng;

use super::cluster::{CLUSTER_ID, Cluster, EndsTrouble, Shared, name_of, topic_of};
use super::log::{Isolation, Name, Seen};

/// How many partitions each consent topic has.
pub(crate) fn widths(shared: &Shared) -> Vec<TopicWidth> {
    let log = &shared.borrow().log;
    let width = |name| TopicWidth { topic: topic_of(name), partitions: log.width(name) };
    Name::CONSENT.map(width).into()
}

/// Every partition of the consent topics.
pub(crate) fn places(cluster: &Cluster) -> Vec<(Name, Partition)> {
    let of = |name| cluster.log.partitions(name).map(move |partition| (name, partition));
    Name::CONSENT.into_iter().flat_map(of).collect()
}

/// Reads from the beginning.
#[derive(Debug)]
pub(crate) struct ModelConsent {
    shared: Shared,
    widths: Vec<TopicWidth>,
    next: BTreeMap<(Name, Partition), Offset>,
    isolation: Isolation,
}

impl ModelConsent {
    pub(crate) fn open(shared: &Shared, isolation: Isolation) -> Self {
        shared.borrow().restarts += 1;
        let next = BTreeMap::new();
        let mut port = Self { shared: shared.clone(), widths: widths(shared), next, isolation };
        port.start();
        port
    }

    fn start(&mut self) {
        let places = places(&self.shared.borrow());
        self.next = places.into_iter().map(|place| (place, Offset(0))).collect();
    }
}

/// A record of a consent topic as a port shows it.
pub(crate) fn raw(name: Name, seen: &Seen) -> RawConsent {
    RawConsent {
        topic: topic_of(name),
        partition: seen.partition,
        offset: seen.offset,
        appended: AppendTime::Broker(seen.bytes.timestamp_ms),
        key: seen.bytes.key.clone(),
        value: seen.bytes.value.clone(),
    }
}

impl ConsentPort for ModelConsent {
    fn widths(&self) -> &[TopicWidth] {
        &self.widths
    }

    fn cluster_id(&self) -> Option<String> {
        Some(CLUSTER_ID.to_string())
    }

    fn poll(
        &mut self,
        max: usize,
        _wait: Duration,
        into: &mut Vec<RawConsent>,
    ) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(3, &[FaultKind::Fatal, FaultKind::Refused])?;
        let places: Vec<_> = self.next.keys().copied().collect();
        let first = cluster.rng.random_range(0..places.len());
        let most = max.min(cluster.rng.random_range(0..=2 * max));
        for at in 0..places.len() {
            let (name, partition) = places[(first + at) % places.len()];
            let next = self.next.get_mut(&(name, partition)).unwrap();
            while into.len() < most {
                let Some(found) = cluster.log.read(name, partition, *next, self.isolation) else {
                    break;
                };
                *next = next.next();
                into.extend(found.map(|seen| raw(name, &seen)));
            }
        }
        Ok(())
    }

    fn positions(&mut self) -> Result<Vec<(Topic, Partition, Offset)>, Fault> {
        self.shared.borrow().trouble(2, &[FaultKind::Fatal])?;
        Ok(self.next.iter().map(|(&(name, p), &next)| (topic_of(name), p, next)).collect())
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.shared.borrow().restarts += 1;
        self.shared.borrow().trouble(50, &[FaultKind::Fatal])?;
        self.start();
        Ok(())
    }

    fn reread(
        &mut self,
        topic: Topic,
        partition: Partition,
        offset: Offset,
    ) -> Result<Reread, Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(5, &[FaultKind::Fatal])?;
        if cluster.is_troubled && cluster.chance(10) {
            return Ok(Reread::Unanswered);
        }
        let name = name_of(topic);
        let found = cluster.log.read(name, partition, offset, self.isolation).flatten();
        Ok(found.map_or(Reread::Gone, |seen| Reread::Record(Box::new(raw(name, &seen)))))
    }
}

/// Says where the consent topics end.
#[derive(Debug)]
pub(crate) struct ModelEnds {
    shared: Shared,
    /// The last whole answer, and how often the reader had started anew by then.
    last: (u64, BTreeMap<(Name, Partition), Offset>),
}

impl ModelEnds {
    pub(crate) fn open(shared: &Shared) -> Self {
        Self { shared: shared.clone(), last: (0, BTreeMap::new()) }
    }
}

impl EndsPort for ModelEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(10, &[FaultKind::Retriable, FaultKind::Fatal])?;
        let truth = places(cluster)
            .into_iter()
            .map(|(name, partition)| ((name, partition), cluster.log.high(name, partition)));
        let mut ends: BTreeMap<_, _> = truth.collect();
        let one = *ends.keys().nth(cluster.rng.random_range(0..ends.len())).unwrap();
        let mut answer = Ok(ends[&one]);
        match cluster.ends {
            None => self.last = (cluster.restarts, ends.clone()),
            Some(EndsTrouble::Silent) => {
                return Err(Fault::new(FaultKind::Retriable, "nobody answers"));
            }
            Some(EndsTrouble::Missing) => {
                ends.remove(&one);
            }
            Some(EndsTrouble::Error) => answer = Err("no leader".to_string()),
            // Only an end that is known to have been higher shows that the answer is old.
            Some(EndsTrouble::Regress) => match self.last.1.get(&one) {
                Some(last) if last.0 > 0 && self.last.0 == cluster.restarts => {
                    answer = Ok(Offset(last.0 - 1));
                }
                _ => answer = Err("no leader".to_string()),
            },
        }
        let of = |(place, end): (&(Name, Partition), &Offset)| EndAnswer {
            topic: topic_of(place.0),
            partition: place.1,
            end: if *place == one { answer.clone() } else { Ok(*end) },
        };
        let answers = ends.iter().map(of).collect();
        Ok(Ends { cluster_id: CLUSTER_ID.to_string(), answers })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        let cluster = self.shared.borrow();
        let open = |name| {
            let partition = *cluster.log.open_in(name).first()?;
            let stable = cluster.log.stable(name, partition);
            Some(OpenTransaction { topic: topic_of(name), partition, stable })
        };
        Ok(Name::CONSENT.into_iter().find_map(open))
    }
}
