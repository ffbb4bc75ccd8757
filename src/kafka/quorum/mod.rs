//! The fence that asks enough replicas, on connections of its own.
//!
//! librdkafka asks a partition's leader alone, and cannot know of one that was deposed and cut off.
//! [`QuorumEnds`] asks every broker that keeps a replica, and believes a leader only together with
//! enough others ([`crate::stream::quorum`] has the rule). Each question is asked anew: an answer to
//! an earlier one counts for nothing.
//!
//! What it rests on: replicas and `min.insync.replicas` as the brokers tell them, looked at once a
//! second. While they change, and for ten seconds after, nothing is believed. Between the change and
//! the next look an end could be believed that the new replicas have passed, if the leader was cut off
//! in that very second too.

mod asker;
mod question;
mod tally;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use self::asker::{Asker, Cycle, Told};
use self::tally::{Memory, Tally};
use self::view::{View, Viewing};
use super::clients::Clients;
use super::consent_source::ConsentTopic;
use super::ends::LogEnds;
use super::line::{Address, Connection, Entrance};
use crate::consent::{Partition, Topic};
use crate::stream::ports::{EndAnswer, Ends, EndsPort, OpenTransaction};
use crate::stream::quorum::BrokerId;
use crate::stream::{Fault, FaultKind};

/// How long brokers may take to say where their partitions end.
const ANSWER_LIMIT: Duration = Duration::from_millis(1_000);

/// Asks enough replicas for log ends.
pub struct QuorumEnds {
    topics: Arc<[ConsentTopic]>,
    places: Vec<(Topic, Partition)>,
    entrance: Entrance,
    bootstrap: Vec<Address>,
    askers: BTreeMap<BrokerId, Asker>,
    /// Who has been asked and has not answered yet.
    owing: BTreeSet<BrokerId>,
    told: (Sender<Told>, Receiver<Told>),
    cycle: Cycle,
    memory: Memory,
    /// The cluster that answered first.
    cluster_id: Option<String>,
    /// Finds open transactions: a look at their cause, not a proof.
    log_ends: LogEnds,
}

impl QuorumEnds {
    /// Ready to ask for these topics; connects with the first question.
    ///
    /// # Errors
    /// A client could not be made, or a certificate not be read.
    pub fn open(clients: &Clients, topics: Vec<ConsentTopic>) -> Result<Self, Fault> {
        let partitions = |topic: &ConsentTopic| {
            let role = topic.role;
            (0..topic.partitions).map(move |partition| (role, Partition(partition)))
        };
        Ok(Self {
            places: topics.iter().flat_map(partitions).collect(),
            entrance: Entrance::new(clients.kafka())?,
            bootstrap: Address::list(&clients.kafka().bootstrap),
            askers: BTreeMap::new(),
            owing: BTreeSet::new(),
            told: channel(),
            cycle: Cycle(0),
            memory: Memory::default(),
            cluster_id: None,
            log_ends: LogEnds::open(clients, topics.clone())?,
            topics: topics.into(),
        })
    }

    /// Puts the question to all and counts until everything is proven, all have answered, or the time
    /// is over.
    fn ask(&mut self, deadline: Instant) -> (Tally, Vec<EndAnswer>) {
        self.cycle = Cycle(self.cycle.0 + 1);
        let mut tally = Tally::default();
        for (broker, asker) in &self.askers {
            // Who still owes an earlier answer is asked when that has come.
            if self.owing.insert(*broker) {
                asker.ask(self.cycle, deadline);
            }
        }
        loop {
            let ends = self.ends_of(&tally);
            let left = deadline.saturating_duration_since(Instant::now());
            let is_over = self.owing.is_empty() || left.is_zero();
            if is_over || ends.iter().all(|answer| answer.end.is_ok()) {
                return (tally, ends);
            }
            let Ok(told) = self.told.1.recv_timeout(left) else {
                continue;
            };
            if told.cycle == self.cycle {
                self.owing.remove(&told.broker);
                tally.take(told);
            } else if let Some(asker) = self.askers.get(&told.broker) {
                asker.ask(self.cycle, deadline);
            }
        }
    }

    fn ends_of(&mut self, tally: &Tally) -> Vec<EndAnswer> {
        let now = Instant::now();
        let memory = &mut self.memory;
        self.places.iter().map(|place| tally.end(*place, memory, now)).collect()
    }

    /// Asks the brokers of the configuration who the others are.
    fn meet(&self, deadline: Instant) -> Result<View, Fault> {
        let mut last = "kafka.bootstrap names no broker".to_owned();
        for address in &self.bootstrap {
            let view = Connection::open(address, &self.entrance, deadline)
                .and_then(|mut line| Viewing::ask(&mut line, &self.topics, deadline));
            match view {
                Ok(view) => return Ok(view),
                Err(error) => last = format!("{address}: {error}"),
            }
        }
        Err(Fault::new(FaultKind::Retriable, format!("no broker answers the fence: {last}")))
    }

    /// Keeps a thread for each broker that these views give a replica to. Whoever moved gets a new one.
    fn keep_askers<'a>(&mut self, views: impl Iterator<Item = &'a View>) -> Result<(), Fault> {
        let mut wanted: BTreeMap<BrokerId, &Address> = BTreeMap::new();
        for view in views {
            let keeping = view.keeping.values().flat_map(|keeping| &keeping.replicas);
            let known = keeping.filter_map(|broker| Some((*broker, view.brokers.get(broker)?)));
            wanted.extend(known);
        }
        if wanted.is_empty() {
            return Ok(());
        }
        self.askers.retain(|broker, asker| wanted.get(broker) == Some(&&asker.address));
        self.owing.retain(|broker| self.askers.contains_key(broker));
        for (broker, address) in wanted {
            if !self.askers.contains_key(&broker) {
                let asker = Asker::start(
                    broker,
                    address.clone(),
                    self.entrance.clone(),
                    self.topics.clone(),
                    self.told.0.clone(),
                );
                let asker = asker.map_err(|error| {
                    Fault::new(FaultKind::Fatal, format!("no thread for the fence: {error}"))
                })?;
                self.askers.insert(broker, asker);
            }
        }
        Ok(())
    }

    /// Another cluster's id if any view names one, else the one that answered first.
    fn cluster_of(&mut self, tally: &Tally) -> Option<String> {
        let mut views = tally.views();
        let first = self.cluster_id.clone().or_else(|| Some(views.next()?.cluster_id.clone()))?;
        let other = tally.views().find(|view| view.cluster_id != first);
        let heard = other.map_or_else(|| first.clone(), |view| view.cluster_id.clone());
        self.cluster_id = Some(first);
        Some(heard)
    }
}

impl EndsPort for QuorumEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        let deadline = Instant::now() + ANSWER_LIMIT;
        if self.askers.is_empty() {
            let view = self.meet(deadline)?;
            self.keep_askers([&view].into_iter())?;
        }
        let (tally, answers) = self.ask(deadline);
        let Some(cluster_id) = self.cluster_of(&tally) else {
            // Perhaps all have moved: the next question begins with the configuration.
            self.askers.clear();
            self.owing.clear();
            let what = tally.failures().first().map_or("nobody answered", String::as_str);
            let what = format!("no broker answers the fence: {what}");
            return Err(Fault::new(FaultKind::Retriable, what));
        };
        self.keep_askers(tally.views())?;
        Ok(Ends { cluster_id, answers })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        self.log_ends.open_transaction()
    }
}
