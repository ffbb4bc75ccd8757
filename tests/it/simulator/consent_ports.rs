//! The consent topics as the consent loop reads them, and where they end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use consentgate::consent::{Offset, Partition, Topic};
use consentgate::stream::ports::{
    AppendTime, ConsentPort, EndAnswer, Ends, EndsPort, OpenTransaction, RawConsent, Reread,
    TopicWidth,
};
use consentgate::stream::{Fault, FaultKind};
use rand::Rng;

use super::cluster::{CLUSTER_ID, Cluster, EndsTrouble, Shared, name_of, topic_of};
use super::lane_port::{Life, pulse};
use super::log::{Isolation, Name, Seen};
use super::writers::Writers;

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
    life: Life,
    /// Which reader this is, for whoever looks where readers stand.
    number: u64,
    widths: Vec<TopicWidth>,
    next: BTreeMap<(Name, Partition), Offset>,
    isolation: Isolation,
}

impl ModelConsent {
    pub(crate) fn open(shared: &Shared, life: &Life, isolation: Isolation) -> Self {
        let number = {
            let cluster = &mut *shared.borrow();
            cluster.restarts += 1;
            cluster.restarts
        };
        let (shared, life, widths) = (shared.clone(), life.clone(), widths(shared));
        let next = BTreeMap::new();
        let mut port = Self { shared, life, number, widths, next, isolation };
        port.start();
        port
    }

    fn start(&mut self) {
        let places = places(&self.shared.borrow());
        self.next = places.into_iter().map(|place| (place, Offset(0))).collect();
        self.tell();
    }

    /// Goes on at the end of what was cut off, as a reader that resets to the latest does.
    pub(crate) fn jump(&mut self) {
        {
            let cluster = self.shared.borrow();
            for (&(name, partition), next) in &mut self.next {
                *next = (*next).min(cluster.log.high(name, partition));
            }
        }
        self.tell();
    }

    fn tell(&self) {
        self.shared.borrow().readers.insert(self.number, self.next.clone());
    }

    /// Takes what is there, from a partition that chance picks on; less than all, now and then.
    fn take(&mut self, max: usize, into: &mut Vec<RawConsent>) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        let places: Vec<_> = self.next.keys().copied().collect();
        let first = cluster.rng.random_range(0..places.len());
        let most = max.min(cluster.rng.random_range(0..=2 * max));
        for at in 0..places.len() {
            let (name, partition) = places[(first + at) % places.len()];
            if !cluster.has_leader(name, partition) {
                continue;
            }
            let next = self.next.get_mut(&(name, partition)).unwrap();
            if *next > cluster.log.high(name, partition) {
                cluster.note(|| format!("  {name:?} {partition} ends before {next}"));
                return Err(Fault::new(FaultKind::Refused, "the offset is gone"));
            }
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
}

impl Drop for ModelConsent {
    fn drop(&mut self) {
        self.shared.borrow().readers.remove(&self.number);
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
        {
            let cluster = &mut *self.shared.borrow();
            pulse(cluster, &self.life)?;
            cluster.trouble(2, &[FaultKind::Fatal, FaultKind::Refused])?;
        }
        let taken = self.take(max, into);
        self.tell();
        taken
    }

    fn positions(&mut self) -> Result<Vec<(Topic, Partition, Offset)>, Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.trouble(1, &[FaultKind::Fatal])?;
        Ok(self.next.iter().map(|(&(name, p), &next)| (topic_of(name), p, next)).collect())
    }

    fn restart(&mut self) -> Result<(), Fault> {
        {
            let cluster = &mut *self.shared.borrow();
            pulse(cluster, &self.life)?;
            cluster.restarts += 1;
            cluster.trouble(50, &[FaultKind::Fatal])?;
        }
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
        pulse(cluster, &self.life)?;
        cluster.trouble(1, &[FaultKind::Fatal])?;
        let name = name_of(topic);
        if cluster.is_hit(100) || !cluster.has_leader(name, partition) {
            return Ok(Reread::Unanswered);
        }
        let found = cluster.log.read(name, partition, offset, self.isolation).flatten();
        Ok(found.map_or(Reread::Gone, |seen| Reread::Record(Box::new(raw(name, &seen)))))
    }
}

/// Says where the consent topics end.
#[derive(Debug)]
pub(crate) struct ModelEnds {
    shared: Shared,
    writers: Rc<RefCell<Writers>>,
    life: Life,
    /// The last whole answer, and how often readers had started anew by then.
    last: (u64, BTreeMap<(Name, Partition), Offset>),
}

impl ModelEnds {
    pub(crate) fn open(shared: &Shared, writers: &Rc<RefCell<Writers>>, life: &Life) -> Self {
        let (shared, writers, life) = (shared.clone(), writers.clone(), life.clone());
        Self { shared, writers, life, last: (0, BTreeMap::new()) }
    }

    /// The true ends, each of its own instant: others act while brokers answer, and some are slow.
    fn truth(&self) -> BTreeMap<(Name, Partition), Offset> {
        let mut ends = BTreeMap::new();
        let places = places(&self.shared.borrow());
        for (name, partition) in places {
            if self.shared.borrow().is_hit(50) {
                self.writers.borrow_mut().consent();
            }
            let cluster = &mut *self.shared.borrow();
            if cluster.is_hit(10) {
                cluster.clock.advance(50);
            }
            ends.insert((name, partition), cluster.log.high(name, partition));
        }
        ends
    }
}

impl EndsPort for ModelEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        {
            let cluster = &mut *self.shared.borrow();
            pulse(cluster, &self.life)?;
            cluster.trouble(10, &[FaultKind::Retriable, FaultKind::Fatal])?;
        }
        let mut ends = self.truth();
        let cluster = &mut *self.shared.borrow();
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
        let of = |(&(name, partition), end): (&(Name, Partition), &Offset)| EndAnswer {
            topic: topic_of(name),
            partition,
            end: match cluster.has_leader(name, partition) {
                true if (name, partition) == one => answer.clone(),
                true => Ok(*end),
                false => Err("no leader".to_string()),
            },
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
