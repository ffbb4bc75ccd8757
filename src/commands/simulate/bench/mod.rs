//! `simulate --bench`: the gate and a bare loop on the same messages, in turns.
//!
//! Both run as processes of their own on one backlog. What holds on a busy machine too is the ratio
//! of both in one round, so they take turns and the median over the rounds counts. Topics of its own
//! are made and deleted again.

mod child;
mod drain;
mod latency;
mod report;
mod stage;
mod usage;

use clap::Args;

use super::SimulateArgs;
use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::commands::output::note;
use crate::commands::run::start_log;
use crate::kafka::{Clients, run_bare_loop};
use drain::{Drained, Mover, drain};
use latency::{Latency, latency};
use report::report;
use stage::Stage;

/// Arguments of the measurement.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// Run a gate on topics of its own, beside a bare loop that only moves records, and measure
    /// both: messages a second, processor time, memory, added latency.
    #[arg(long)]
    pub bench: bool,
    /// How often both are measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100), requires = "bench")]
    pub rounds: u32,
    /// Partitions of each topic.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024), requires = "bench")]
    pub partitions: u16,
    /// Replicas of each partition.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=15), requires = "bench")]
    pub replication: u16,
    /// Messages a second while the latency is measured.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..), value_name = "PER_SECOND", requires = "bench")]
    pub latency_rate: u32,
    /// How long the latency is measured.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", requires = "bench")]
    pub latency_seconds: u32,
    /// Move records of the outbound topic to this one, without deciding. Used by the measurement.
    #[arg(long, value_name = "TOPIC", hide = true, conflicts_with = "bench")]
    pub bare_loop: Option<String>,
}

/// Runs the measurement and prints its figures.
///
/// # Errors
/// Kafka was not reached, or a process ended early.
pub(super) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let stage = Stage::set(args)?;
    let outcome = measure(&stage, args);
    // What was made is taken away again, whatever came of it.
    let cleared = stage.clear();
    outcome.and(cleared)
}

/// Moves records until the process is ended.
///
/// # Errors
/// Kafka was not reached, or did not take a record.
pub(super) fn move_bare(args: &SimulateArgs, to: &str) -> Result<(), Failure> {
    let loaded = args.settings.settings.load(&[])?;
    start_log(&loaded.config)?;
    let config = loaded.config;
    let clients = Clients::new(config.kafka, config.gate);
    run_bare_loop(&clients, config.topics.outbound.as_str(), to).map_err(AppError::Kafka)?;
    Ok(())
}

fn measure(stage: &Stage<'_>, args: &SimulateArgs) -> Result<(), Failure> {
    let mut rounds = Vec::new();
    for round in 1..=args.bench.rounds {
        note(&format!("round {round} of {}: the gate, then the bare loop", args.bench.rounds));
        let gate = drain(stage, Mover::Gate)?;
        let bare = drain(stage, Mover::BareLoop)?;
        rounds.push((gate, bare));
    }
    let latency = match args.bench.latency_seconds {
        0 => None,
        _ => Some(latency(stage, args)?),
    };
    report(&rounds, latency.as_ref())
}
