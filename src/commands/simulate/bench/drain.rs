//! One process drains the whole backlog once, and is watched from outside.
//!
//! Its start, and for the gate the loading of its index, are left out: the clock begins when the
//! first records have come out at the other end, and stops when the group has committed all.

use std::time::{Duration, Instant};

use super::child::Process;
use super::stage::{Run, Stage};
use super::usage::Usage;
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::kafka::Gauge;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mover {
    /// The gate: exactly once, every message decided.
    Gate,
    /// The bare loop: at least once, nothing decided.
    BareLoop,
}

/// What one drain took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drained {
    /// Messages a second.
    pub(super) per_second: f64,
    /// Seconds of processor time for a million messages.
    pub(super) processor_s_per_million: f64,
    /// The most memory resident, in bytes.
    pub(super) peak_bytes: u64,
}

/// How often the outputs are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// A drain may not stand still for longer.
const STILL_LIMIT: Duration = Duration::from_secs(60);

/// Drains the backlog as a new group.
pub(super) fn drain(stage: &Stage<'_>, mover: Mover) -> Result<Drained, Failure> {
    let run = stage.next_run()?;
    let gauge = Gauge::open(&run.clients, stage.partitions()).map_err(AppError::Kafka)?;
    let topics = &run.config.topics;
    let outputs = match mover {
        Mover::Gate => vec![topics.allowed.as_str(), topics.audit.as_str()],
        Mover::BareLoop => vec![topics.allowed.as_str()],
    };
    let written = || -> Result<u64, Failure> {
        let ends = outputs.iter().map(|topic| gauge.end(topic));
        Ok(ends.sum::<Result<u64, _>>().map_err(AppError::Kafka)?)
    };
    let before = written()?;
    let mut process = start(stage, mover, &run)?;
    let backlog = stage.args.messages;
    let wait = Wait { process: &mut process };
    let first = wait.until(|| Ok(written()? - before).map(|count| (count > 0).then_some(count)))?;
    let wait = Wait { process: &mut process };
    // Control records lie among the outputs too, so the end is what the group has committed.
    let last = wait.until(|| {
        let near = written()? - before >= backlog;
        let done =
            near && gauge.committed(topics.outbound.as_str()).map_err(AppError::Kafka)? >= backlog;
        Ok(done.then_some(backlog))
    })?;
    process.stop();
    stage.end_run(&run)?;
    Ok(between(&first, &last))
}

/// Starts a gate or a bare loop.
pub(super) fn start(stage: &Stage<'_>, mover: Mover, run: &Run) -> Result<Process, Failure> {
    let to = run.config.topics.allowed.as_str();
    match mover {
        Mover::Gate => Process::start(stage, &["run"], &run.settings),
        Mover::BareLoop => Process::start(stage, &["simulate", "--bare-loop", to], &run.settings),
    }
}

/// A look at a process.
struct Look {
    at: Instant,
    usage: Usage,
    count: u64,
}

struct Wait<'p> {
    process: &'p mut Process,
}

impl Wait<'_> {
    /// Looks until there is an answer.
    fn until(self, answer: impl Fn() -> Result<Option<u64>, Failure>) -> Result<Look, Failure> {
        let began = Instant::now();
        while began.elapsed() < STILL_LIMIT * 5 {
            // The usage is read first: what is used while asking belongs to nobody.
            let usage = self.process.usage()?;
            let at = Instant::now();
            if let Some(count) = answer()? {
                return Ok(Look { at, usage, count });
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Err(Failure::new(Exit::TryAgain, "the measured process does not move; see its log above"))
    }
}

fn between(first: &Look, last: &Look) -> Drained {
    let count = last.count.saturating_sub(first.count).max(1) as f64;
    let seconds = (last.at - first.at).as_secs_f64();
    let processor = last.usage.processor.saturating_sub(first.usage.processor);
    Drained {
        per_second: count / seconds.max(0.001),
        processor_s_per_million: processor.as_secs_f64() * 1e6 / count,
        peak_bytes: last.usage.peak_bytes,
    }
}
