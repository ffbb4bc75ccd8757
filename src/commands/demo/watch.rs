//! What comes out, as anybody who reads the output topics sees it.
//!
//! Counts allowed messages and suppressed ones by reason, and notes when it saw the demo's own.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::pairs::OWN_MESSAGES_FROM;
use crate::app::AppError;
use crate::commands::simulate::number_of;
use crate::config::TopicNames;
use crate::decision::Reason;
use crate::kafka::{Clients, TopicTail};
use crate::stream::Fault;
use crate::wire;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It went out.
    Allowed,
    /// It did not.
    Suppressed(Reason),
}

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) allowed: u64,
    pub(super) suppressed: BTreeMap<&'static str, u64>,
    /// The demo's own messages, by their numbers.
    fates: HashMap<u64, (Fate, Instant)>,
}

impl Seen {
    /// How many messages met a fate.
    pub(super) fn decided(&self) -> u64 {
        self.allowed + self.suppressed_count()
    }

    /// How many were suppressed.
    pub(super) fn suppressed_count(&self) -> u64 {
        self.suppressed.values().sum()
    }
}

/// Follows the output topics on a thread of its own.
pub(super) struct Watch {
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), Fault>>>,
}

impl Watch {
    /// Starts to follow.
    ///
    /// # Errors
    /// Kafka was not reached, or the machine refused a thread.
    pub(super) fn start(clients: &Clients, topics: &TopicNames) -> Result<Self, AppError> {
        let (allowed, audit) = (topics.allowed.to_string(), topics.audit.to_string());
        let tail = TopicTail::open(clients, &[&allowed, &audit])?;
        let (seen, stop) =
            (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicBool::new(false)));
        let (writes, stops) = (seen.clone(), stop.clone());
        let follow = move || {
            while !stops.load(Ordering::Relaxed) {
                let mut batch = Vec::new();
                tail.poll(Duration::from_millis(20), |topic, value| {
                    batch.extend(note(topic == allowed, value));
                })?;
                let mut seen = lock(&writes);
                let now = Instant::now();
                batch.into_iter().for_each(|(fate, number)| count(&mut seen, fate, number, now));
            }
            Ok(())
        };
        let thread = Some(std::thread::Builder::new().name("watch".into()).spawn(follow)?);
        Ok(Self { seen, stop, thread })
    }

    /// What was seen so far.
    pub(super) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }

    /// How many messages met a fate so far.
    pub(super) fn decided(&self) -> u64 {
        lock(&self.seen).decided()
    }

    /// The fate of one of the demo's own messages.
    pub(super) fn fate_of(&self, number: u64) -> Option<(Fate, Instant)> {
        lock(&self.seen).fates.get(&number).copied()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Nothing is left to do about a follower that failed.
            let _ = thread.join();
        }
    }
}

/// The fate that a record of an output topic tells of, and the message's number if it is the demo's.
fn note(allowed: bool, value: &[u8]) -> Option<(Fate, Option<u64>)> {
    let own = |id: &str| number_of(id).filter(|number| *number >= OWN_MESSAGES_FROM);
    if allowed {
        let message = wire::outbound::decode(Some(value)).ok()?;
        return Some((Fate::Allowed, own(message.message_id)));
    }
    let entry = wire::audit::decode_entry(value).ok()?;
    Some((Fate::Suppressed(entry.suppression.primary), own(&entry.message_id)))
}

fn count(seen: &mut Seen, fate: Fate, number: Option<u64>, now: Instant) {
    match fate {
        Fate::Allowed => seen.allowed += 1,
        Fate::Suppressed(reason) => *seen.suppressed.entry(reason.name()).or_default() += 1,
    }
    if let Some(number) = number {
        seen.fates.insert(number, (fate, now));
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
