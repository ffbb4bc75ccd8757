//! What flows while faults strike: a stream of messages to people who have agreed or left, and pairs.
//!
//! A pair is a consent event, its acknowledgement, then a message to the same person, so the event is
//! before the message for everybody. All writers wait for brokers that are away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::producers::{Place, Writer};
use crate::support::stage::{Stage, event_record, message};
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

/// People of the stream; every fifth has left.
pub const PEOPLE: u32 = 2_000;
/// The people of the pairs count from here.
const PAIRS_FROM: u32 = 1_000_000;
const WRITERS: u32 = 4;
/// A writer's pause after its two pairs.
const PAUSE: Duration = Duration::from_millis(350);
/// Longer than any fault lasts.
const PATIENCE: Duration = Duration::from_secs(240);
/// The stream's records at once.
const PIECE: u32 = 40;

/// What must become of a pair's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    BeAllowed,
    BeSuppressed,
}

/// A message whose person's event was acknowledged before it was written.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub place: Place,
    pub must: Must,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Traffic {
    pairs: Mutex<Vec<Pair>>,
    next_person: AtomicU64,
    next_number: AtomicU64,
}

impl Traffic {
    /// The consent of the stream's people.
    pub fn prepare(stage: &Stage) {
        let past = now_ms() - 60_000;
        let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
        stage.consent(&agreed);
        let out: Vec<_> = (0..PEOPLE).step_by(5).map(|one| withdraw("cafe", one)).collect();
        stage.consent(&out);
    }

    /// Writes the stream and the pairs until it is over.
    pub fn flow(&self, stage: &Stage, a_second: u32, over: &AtomicBool) {
        thread::scope(|scope| {
            scope.spawn(|| self.stream(stage, a_second, over));
            for _ in 0..WRITERS {
                scope.spawn(|| self.write_pairs(stage, over));
            }
        });
    }

    /// Writes messages at once until there are so many.
    pub fn fill_up(&self, stage: &Stage, messages: usize) {
        let written = self.next_number.load(Ordering::SeqCst);
        let missing = (messages as u64).saturating_sub(written);
        let first = self.next_number.fetch_add(missing, Ordering::SeqCst);
        let people: Vec<u32> = (first..first + missing).map(stranger_or_friend).collect();
        stage.offers(&people, first);
    }

    /// A pair whose opt-out is written by the caller; returns once the message is acknowledged.
    pub fn finish_pair(&self, stage: &Stage, own: &Writer, person: u32) {
        self.pair(stage, own, person, Must::BeSuppressed);
    }

    /// A person who has not been written of.
    pub fn newcomer(&self) -> u32 {
        PAIRS_FROM + self.next_person.fetch_add(1, Ordering::SeqCst) as u32
    }

    /// All pairs so far.
    pub fn pairs(&self) -> Vec<Pair> {
        self.pairs.lock().expect("no writer panics").clone()
    }

    fn stream(&self, stage: &Stage, a_second: u32, over: &AtomicBool) {
        let own = Writer::patient(&stage.kafka, PATIENCE);
        let every = Duration::from_secs(1) * PIECE / a_second;
        while !over.load(Ordering::SeqCst) {
            let began = Instant::now();
            let first = self.next_number.fetch_add(PIECE.into(), Ordering::SeqCst);
            let messages: Vec<_> = (first..first + u64::from(PIECE))
                .map(|number| (stranger_or_friend(number), number))
                .map(|(person, number)| (phone(person), offer("cafe", person, number)))
                .collect();
            let records: Vec<_> = messages.iter().map(|(to, value)| message(to, value)).collect();
            own.write(&stage.topics.outbound, &records);
            thread::sleep(every.saturating_sub(began.elapsed()));
        }
    }

    fn write_pairs(&self, stage: &Stage, over: &AtomicBool) {
        let own = Writer::patient(&stage.kafka, PATIENCE);
        let consent = |event: &_| {
            own.write_one(&stage.topics.consent_events, &event_record(event));
        };
        while !over.load(Ordering::SeqCst) {
            // Two people: who has just agreed may have left again before the message is decided.
            let (comes, leaves) = (self.newcomer(), self.newcomer());
            consent(&grant("cafe", comes, &["offers"], now_ms()));
            self.pair(stage, &own, comes, Must::BeAllowed);
            consent(&grant("cafe", leaves, &["offers"], now_ms()));
            consent(&withdraw("cafe", leaves));
            self.pair(stage, &own, leaves, Must::BeSuppressed);
            thread::sleep(PAUSE);
        }
    }

    fn pair(&self, stage: &Stage, own: &Writer, person: u32, must: Must) {
        let number = self.next_number.fetch_add(1, Ordering::SeqCst);
        let (to, value) = (phone(person), offer("cafe", person, number));
        let place = own.write_one(&stage.topics.outbound, &message(&to, &value));
        self.pairs.lock().expect("no writer panics").push(Pair { place, must });
    }
}

/// Whom the stream's message of this number goes to; some are not known to anybody.
fn stranger_or_friend(number: u64) -> u32 {
    (number.wrapping_mul(2_654_435_761) % u64::from(PEOPLE + PEOPLE / 10)) as u32
}
