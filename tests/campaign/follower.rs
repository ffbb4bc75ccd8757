//! A reader of committed outputs during all faults, as a sender is one. It notes when something came
//! from each partition, and which records it saw: those must be the ones that are there in the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use crate::support::reading::{Isolation, read_all};
use crate::support::topics::GateTopics;

/// Arrivals closer to each other count as one.
const GRAIN: Duration = Duration::from_millis(20);

/// The reader, on a thread of its own.
#[derive(Debug)]
pub struct Follower {
    seen: Arc<Mutex<Seen>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Seen {
    /// When something came, by partition.
    arrivals: Vec<Vec<Instant>>,
    records: Vec<Sum>,
}

/// How many records of a topic there are, and the sum of their places: two readers who differ in one
/// record differ here.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    count: u64,
    places: u128,
}

impl Follower {
    /// Starts to read the allowed and the audit topic from their first records.
    pub fn start(kafka: &str, topics: &GateTopics, partitions: i32) -> Follower {
        let arrivals = vec![Vec::new(); partitions as usize];
        let seen = Seen { arrivals, records: vec![Sum::default(); 2] };
        let seen = Arc::new(Mutex::new(seen));
        let over = Arc::new(AtomicBool::new(false));
        let names = [topics.allowed.clone(), topics.audit.clone()];
        let consumer = reader(kafka, &names, partitions);
        let (for_thread, until) = (Arc::clone(&seen), Arc::clone(&over));
        let thread = thread::spawn(move || {
            while !until.load(Ordering::SeqCst) {
                if let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
                    let topic = usize::from(message.topic() == names[1]);
                    lock(&for_thread).enter(topic, message.partition(), message.offset());
                }
            }
        });
        Follower { seen, over, thread: Some(thread) }
    }

    /// Whether something came from each partition after this.
    pub fn seen_everywhere_since(&self, since: Instant) -> bool {
        lock(&self.seen).arrivals.iter().all(|of| of.last().is_some_and(|at| *at > since))
    }

    /// The same, waited for.
    pub fn seen_everywhere_within(&self, since: Instant, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while !self.seen_everywhere_since(since) {
            if Instant::now() > until {
                return false;
            }
            thread::sleep(Duration::from_millis(50));
        }
        true
    }

    /// The longest time without an arrival, of the partition with the longest, from the last arrival
    /// before `since` on.
    pub fn longest_silence_since(&self, since: Instant) -> Duration {
        let seen = lock(&self.seen);
        let of_partition = |arrivals: &Vec<Instant>| {
            let first = arrivals.partition_point(|at| *at < since).saturating_sub(1);
            let gaps = arrivals[first..].windows(2).map(|two| two[1] - two[0]);
            gaps.max().unwrap_or_default()
        };
        seen.arrivals.iter().map(of_partition).max().unwrap_or_default()
    }

    /// Ends the reading; says what differs from what a reader sees who comes now.
    pub fn differs(mut self, kafka: &str, topics: &GateTopics) -> Option<String> {
        let there: Vec<Sum> =
            [&topics.allowed, &topics.audit].map(|topic| sum_of(kafka, topic)).into();
        // The follower may still be on its way to the end.
        let until = Instant::now() + Duration::from_secs(30);
        while lock(&self.seen).records != there && Instant::now() < until {
            thread::sleep(Duration::from_millis(100));
        }
        self.end();
        let seen = lock(&self.seen).records.clone();
        (seen != there).then(|| format!("a reader saw {seen:?} meanwhile, and {there:?} is there"))
    }

    fn end(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.end();
    }
}

impl Seen {
    fn enter(&mut self, topic: usize, partition: i32, offset: i64) {
        let now = Instant::now();
        let arrivals = &mut self.arrivals[partition as usize];
        if arrivals.last().is_none_or(|last| now - *last >= GRAIN) {
            arrivals.push(now);
        }
        self.records[topic].enter(partition, offset);
    }
}

impl Sum {
    fn enter(&mut self, partition: i32, offset: i64) {
        self.count += 1;
        self.places += (u128::from(partition as u32) << 64) | u128::from(offset as u64);
    }
}

fn sum_of(kafka: &str, topic: &str) -> Sum {
    let mut sum = Sum::default();
    for record in read_all(kafka, topic, Isolation::Committed) {
        sum.enter(record.partition, record.offset);
    }
    sum
}

fn reader(kafka: &str, topics: &[String; 2], partitions: i32) -> BaseConsumer {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", "follows-and-commits-nothing")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "error")
        .set("topic.metadata.refresh.interval.ms", "2000")
        .set("fetch.wait.max.ms", "10")
        .create()
        .expect("a consumer");
    let mut all = TopicPartitionList::new();
    for topic in topics {
        for partition in 0..partitions {
            all.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset");
        }
    }
    consumer.assign(&all).expect("assigned");
    consumer
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
