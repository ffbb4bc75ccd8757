//! What comes out, as anybody who reads the output topics sees it.
//!
//! Counts allowed messages and suppressed ones by reason, and notes the fate and the instant of
//! those messages whose ids it was asked to look out for.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

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
    /// Messages looked out for, by their ids.
    pub(super) fates: HashMap<String, (Fate, Instant)>,
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

/// Ids that begin so are looked out for.
pub(super) const LOOKED_OUT_FOR: &str = "look-";

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
    pub(super) fn start(clients: &Clients, topics: &TopicNames) -> Result<Self, crate::app::AppError> {
        let (allowed, audit) = (topics.allowed.to_string(), topics.audit.to_string());
        let tail = TopicTail::open(clients, &[&allowed, &audit])?;
        let (seen, stop) = (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicBool::new(false)));
        let (writes, stops) = (seen.clone(), stop.clone());
        let follow = move || {
            while !stops.load(Ordering::Relaxed) {
                let mut batch = Vec::new();
                tail.poll(Duration::from_millis(20), |topic, value| {
                    batch.push(note(topic == allowed, value));
                })?;
                let mut seen = lock(&writes);
                let now = Instant::now();
                batch.into_iter().for_each(|(fate, id)| count(&mut seen, fate, id, now));
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

    /// The fate of a message that was looked out for.
    pub(super) fn fate_of(&self, id: &str) -> Option<(Fate, Instant)> {
        lock(&self.seen).fates.get(id).copied()
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

/// The fate that a record of an output topic tells of, and the message's id if it is one of ours.
fn note(allowed: bool, value: &[u8]) -> (Option<Fate>, Option<String>) {
    let ours = |id: &str| id.starts_with(LOOKED_OUT_FOR).then(|| id.to_owned());
    if allowed {
        let id = wire::outbound::decode(Some(value)).ok().and_then(|m| ours(m.message_id));
        return (Some(Fate::Allowed), id);
    }
    match wire::audit::decode_entry(value) {
        Ok(entry) => (Some(Fate::Suppressed(entry.suppression.primary)), ours(&entry.message_id)),
        Err(_) => (None, None),
    }
}

fn count(seen: &mut Seen, fate: Option<Fate>, id: Option<String>, now: Instant) {
    match fate {
        Some(Fate::Allowed) => seen.allowed += 1,
        Some(Fate::Suppressed(reason)) => *seen.suppressed.entry(reason.name()).or_default() += 1,
        None => {}
    }
    if let (Some(fate), Some(id)) = (fate, id) {
        seen.fates.insert(id, (fate, now));
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
