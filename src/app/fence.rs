//! The fence's thread: it asks where the consent topics end, in the way that the configuration says.
//!
//! Without an answer it asks again after a pause, and the lanes hold.

use std::io;
use std::sync::atomic::Ordering;
use std::thread::Builder;
use std::time::Duration;

use super::blind_ends::{Asking, BlindEnds};
use super::loops::Thread;
use super::route::Common;
use super::supervise::supervise;
use crate::config::FenceKind;
use crate::kafka::{Beat, BeatEnds, Clients, ConsentTopic, LogEnds, QuorumEnds};
use crate::stream::ports::{EndsPort, TopicWidth};
use crate::stream::{
    Clock, Fault, FaultKind, FenceBoard, FenceLoop, FenceSettings, FenceStep, SystemClock,
};
use crate::telemetry::metrics;
use crate::telemetry::{Part, State};
use crate::wire::consent::{heartbeat, produce};
use crate::wire::formats::EventFormats;

/// Pauses of the fence between questions that brokers do not answer.
const ASK_AGAIN_MAX: Duration = Duration::from_millis(200);

/// How often a fence may ask.
struct Pace {
    /// However many batches wait.
    every: Duration,
    /// With nobody waiting.
    idle_every: Duration,
    /// After a question that was not answered; twice as long after the next.
    again: Duration,
}

impl Pace {
    fn of(asking: Asking, limit: Duration) -> Self {
        let millis = Duration::from_millis;
        match asking {
            // Each question is a record in every partition, kept for ever.
            Asking::Brokers(FenceKind::Beat) => {
                Self { every: millis(50), idle_every: Duration::from_secs(5), again: millis(50) }
            }
            Asking::Brokers(FenceKind::Leader | FenceKind::Quorum) | Asking::Nobody => {
                Self { every: millis(2), idle_every: limit / 4, again: millis(20) }
            }
        }
    }
}

/// What the fence thread needs.
pub(super) struct FenceParts {
    pub(super) clients: Clients,
    pub(super) topics: Vec<ConsentTopic>,
    pub(super) limit: Duration,
    pub(super) asking: Asking,
    pub(super) formats: EventFormats,
    pub(super) common: Common,
}

pub(super) fn spawn_fence(parts: FenceParts) -> io::Result<Thread> {
    Builder::new().name("fence".into()).spawn(move || {
        let Common { health, stop, .. } = &parts.common;
        supervise(stop, health, Part::Fence, || run_fence(&parts))
    })
}

fn run_fence(parts: &FenceParts) -> Result<(), Fault> {
    let widths: Vec<_> = parts.topics.iter().map(ConsentTopic::width).collect();
    let (clients, topics) = (&parts.clients, parts.topics.clone());
    match parts.asking {
        Asking::Brokers(FenceKind::Leader) => {
            roll_fence(parts, LogEnds::open(clients, topics)?, &widths)
        }
        Asking::Brokers(FenceKind::Quorum) => {
            roll_fence(parts, QuorumEnds::open(clients, topics)?, &widths)
        }
        Asking::Brokers(FenceKind::Beat) => {
            roll_fence(parts, BeatEnds::open(clients, with_beats(parts)?)?, &widths)
        }
        Asking::Nobody => {
            let ends = BlindEnds {
                cluster_id: parts.common.cluster_id.clone(),
                index: parts.common.index.clone(),
                widths: widths.clone(),
            };
            roll_fence(parts, ends, &widths)
        }
    }
}

/// Each topic's heartbeat, in the topic's own format. It says nothing and names nobody.
fn with_beats(parts: &FenceParts) -> Result<Vec<(ConsentTopic, Beat)>, Fault> {
    let produced = produce(heartbeat("consentgate fence"))
        .map_err(|error| Fault::new(FaultKind::Invariant, format!("no heartbeat: {error}")))?;
    let beat_in = |topic: &ConsentTopic| {
        let produced = parts.formats.of(topic.role).write(produced.clone());
        Beat { key: produced.key.into_bytes(), value: produced.value }
    };
    Ok(parts.topics.iter().map(|topic| (topic.clone(), beat_in(topic))).collect())
}

fn roll_fence(parts: &FenceParts, port: impl EndsPort, widths: &[TopicWidth]) -> Result<(), Fault> {
    let Pace { every, idle_every, again } = Pace::of(parts.asking, parts.limit);
    let settings = FenceSettings { limit: parts.limit, idle_every };
    let Common { index, board, health, clock, stop, .. } = &parts.common;
    let mut fence =
        FenceLoop::new(port, clock.clone(), index.clone(), board.clone(), widths, settings);
    let mut pause = again;
    while !stop.load(Ordering::Relaxed) {
        let step = fence.step()?;
        if step != FenceStep::Unanswered {
            pause = again;
        }
        match step {
            FenceStep::Idle => board.wait_until_wanted(parts.limit / 4),
            FenceStep::Waiting => index.wait_for_progress(Duration::from_millis(5)),
            FenceStep::Published => {
                tell_published(board, clock);
                std::thread::sleep(every);
            }
            FenceStep::Unanswered => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(ASK_AGAIN_MAX);
            }
        }
        let state = board.cause().map_or(State::Ready, State::Holding);
        health.set(Part::Fence, state);
    }
    Ok(())
}

/// A fence was just published: the index had everything at the instant of its question.
fn tell_published(board: &FenceBoard, clock: &SystemClock) {
    if let Some(asked_at) = board.proven_at() {
        let took = Duration::from_nanos(clock.tick().0.saturating_sub(asked_at.0));
        metrics::fence_completed(took);
        metrics::consent_current(took);
    }
}
