//! What the gate adds to a message's way: from its timestamp to where a sender can see it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::load::Load;
use super::super::pace::{Pace, Rate};
use super::super::{Expected, LoadSpec, SimulateArgs};
use super::drain::{Mover, start};
use super::stage::Stage;
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::note;
use crate::kafka::{Arrivals, EventWriter, Gauge};
use crate::stream::{Fault, wall_ms};

/// The latencies that were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Latency {
    /// Messages a second.
    pub(super) rate: u32,
    /// Sorted, in milliseconds.
    sorted_ms: Vec<i64>,
}

impl Latency {
    fn new(rate: u32, mut latencies_ms: Vec<i64>) -> Self {
        latencies_ms.sort_unstable();
        Self { rate, sorted_ms: latencies_ms }
    }

    /// How many were seen.
    pub(super) fn count(&self) -> usize {
        self.sorted_ms.len()
    }

    /// The latency that so many of a hundred did not exceed.
    pub(super) fn percentile_ms(&self, percent: usize) -> Option<i64> {
        let rank = (self.sorted_ms.len() * percent).div_ceil(100);
        self.sorted_ms.get(rank.saturating_sub(1)).copied()
    }
}

/// How long the gate may take to catch up, and the last messages to arrive.
const WAIT_LIMIT: Duration = Duration::from_secs(300);
/// The first messages find everything cold.
const WARM_UP_S: u64 = 2;

/// Lets a gate catch up, writes at a fixed rate, and sees when messages arrive.
pub(super) fn latency(stage: &Stage<'_>, args: &SimulateArgs) -> Result<Latency, Failure> {
    let rate = args.bench.latency_rate;
    note(&format!("latency at {rate} messages a second"));
    let run = stage.next_run()?;
    let topics = &run.config.topics;
    let gauge = Gauge::open(&run.clients, stage.partitions()).map_err(AppError::Kafka)?;
    let mut process = start(stage, Mover::Gate, &run)?;
    let began = Instant::now();
    while gauge.committed(topics.outbound.as_str()).map_err(AppError::Kafka)? < args.messages {
        process.usage()?;
        if began.elapsed() > WAIT_LIMIT {
            return Err(Failure::new(Exit::TryAgain, "the gate does not catch up"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let arrivals = Arrivals::open(&run.clients, topics.allowed.as_str(), stage.partitions());
    let arrivals = arrivals.map_err(AppError::Kafka)?;
    let writer = EventWriter::open(&run.clients).map_err(AppError::Kafka)?;
    let outbound = topics.outbound.as_str();
    let seen = seen_while_writing(stage, outbound, &arrivals, &writer).map_err(AppError::Kafka)?;
    process.stop();
    stage.end_run(&run)?;
    Ok(Latency::new(rate, seen))
}

fn seen_while_writing(
    stage: &Stage<'_>,
    outbound: &str,
    arrivals: &Arrivals,
    writer: &EventWriter,
) -> Result<Vec<i64>, Fault> {
    let args = stage.args;
    let rate = args.bench.latency_rate;
    let spec = LoadSpec { messages: u64::MAX, ..args.spec() };
    let load = Load::new(&stage.world, spec);
    let count = u64::from(rate) * (WARM_UP_S + u64::from(args.bench.latency_seconds));
    let written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(arrivals, &written));
        let pace = Pace::start(Rate::PerSecond(rate));
        let mut allowed = 0usize;
        let mut warm_up = 0usize;
        for number in 0..count {
            pace.wait_for(number);
            let message = load.message(args.messages + number);
            let goes = !matches!(message.expected, Expected::Suppressed(_));
            allowed += usize::from(goes);
            warm_up += usize::from(goes && number < u64::from(rate) * WARM_UP_S);
            writer.write(outbound, None, &message.key, &message.value)?;
            writer.serve();
        }
        writer.flush()?;
        written.store(true, Ordering::Relaxed);
        let seen =
            watching.join().unwrap_or_else(|_| Err(Fault::invariant("the watcher panicked")))?;
        if seen.len() != allowed {
            let what = format!("of {allowed} allowed messages {} arrived", seen.len());
            return Err(Fault::invariant(what));
        }
        Ok(seen.into_iter().skip(warm_up).collect())
    })
}

/// The latencies of all arrivals until nothing more comes.
fn watch(arrivals: &Arrivals, written: &AtomicBool) -> Result<Vec<i64>, Fault> {
    let mut seen = Vec::new();
    let mut heard = Instant::now();
    loop {
        match arrivals.poll(Duration::from_millis(5))? {
            Some(timestamp_ms) => {
                seen.push(wall_ms() - timestamp_ms);
                heard = Instant::now();
            }
            None if written.load(Ordering::Relaxed) && heard.elapsed().as_secs() >= 3 => {
                return Ok(seen);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_least_that_covers_so_many() {
        let latency = Latency::new(1, (1..=200).rev().collect());
        assert_eq!(latency.percentile_ms(50), Some(100));
        assert_eq!(latency.percentile_ms(99), Some(198));
        assert_eq!(Latency::new(1, vec![7]).percentile_ms(99), Some(7));
        assert_eq!(Latency::new(1, Vec::new()).percentile_ms(50), None);
    }
}
