//! `tail`: a topic that the gate wrote, as JSON, one record a line.
//!
//! Reads committed records and changes nothing. Knows neither entries nor receipts: whoever calls says
//! how a value is shown. A value that cannot be read is a line too, and the command then ends with 65;
//! none is left out silently.

mod begin;
mod sink;

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU64;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use serde::Serialize;

pub(super) use sink::{Shown, Verdict};

use self::begin::Begin;
use self::sink::Sink;
use super::exit::{Exit, Failure};
use super::settings_args::RouteArgs;
use super::told_to_end::ToldToEnd;
use crate::config::{Config, TopicName};
use crate::consent::Partition;
use crate::kafka::{Clients, Span, TopicReader, TopicRecord, TopicTail};

/// How often who follows looks whether it is told to end.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0 done   2 wrong usage   65 a record cannot be read, or its signature is wrong (its line says so)
  69 Kafka not reachable   74 output failed   78 bad configuration";

/// What to read of a topic.
#[derive(Clone, Debug, Args)]
pub struct TailArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// Only this partition. Can be repeated.
    #[arg(long, value_name = "NUMBER")]
    pub partition: Vec<i32>,
    /// Where to begin: beginning, end, a time such as 2026-01-31T00:00:00Z, or -N for the last N
    /// records of each partition that are to be shown.
    #[arg(
        long,
        value_name = "beginning|end|TIME|-N",
        default_value = "-10",
        allow_hyphen_values = true,
        value_parser = Begin::parse
    )]
    pub from: Begin,
    /// Go on with what comes, until interrupted. Without it: up to what is committed now.
    #[arg(long, short = 'f')]
    pub follow: bool,
    /// End after so many lines.
    #[arg(long, value_name = "COUNT")]
    pub max: Option<NonZeroU64>,
}

/// Prints what `show` makes of the records of a topic; `None` leaves one out.
///
/// # Errors
/// A record that is doubtful (65), a partition that is not there (2), Kafka that is not reached (69),
/// an output that is closed (74).
pub(super) fn run<T: Serialize>(
    args: &TailArgs,
    config: &Config,
    topic: &TopicName,
    show: impl Fn(Option<&[u8]>) -> Option<Shown<T>>,
) -> Result<(), Failure> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let reader = TopicReader::open_committed(&clients, topic.as_str())
        .map_err(|fault| Failure::unavailable(&fault))?;
    let wanted = wanted(&reader, &args.partition)?;
    let counts = |record: &TopicRecord<'_>| show(record.value()).is_some();
    let spans =
        args.from.spans(&reader, wanted, counts).map_err(|fault| Failure::unavailable(&fault))?;
    let mut sink = Sink::new(io::stdout().lock(), args.max);
    let put = |sink: &mut Sink<_>, record: &TopicRecord<'_>| match show(record.value()) {
        Some(shown) => sink.put(record.into(), &shown),
        None => ControlFlow::Continue(()),
    };
    if args.follow {
        let starts = spans.iter().map(|(partition, span)| (*partition, span.first)).collect();
        let tail = TopicTail::open_at(&clients, topic.as_str(), &starts)
            .map_err(|fault| Failure::unavailable(&fault))?;
        let told = listen().map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
        while !told.load(Ordering::Relaxed) {
            let polled = tail.poll_records(LOOK_EVERY, |record| put(&mut sink, record));
            if polled.map_err(|fault| Failure::unavailable(&fault))?.is_break()
                || sink.flush().is_break()
            {
                break;
            }
        }
    } else {
        reader
            .read_while(&spans, |record| put(&mut sink, record))
            .map_err(|fault| Failure::unavailable(&fault))?;
    }
    sink.end()
}

fn wanted(reader: &TopicReader, only: &[i32]) -> Result<BTreeMap<Partition, Span>, Failure> {
    let mut spans = reader.whole();
    if let Some(missing) = only.iter().find(|number| !spans.contains_key(&Partition(**number))) {
        let (topic, count) = (reader.topic(), spans.len());
        let message = format!("topic {topic} has no partition {missing}, it has {count} from 0 on");
        return Err(Failure::new(Exit::Usage, message));
    }
    spans.retain(|partition, _| only.is_empty() || only.contains(&partition.0));
    Ok(spans)
}

/// Becomes true when a signal says that this is the end.
fn listen() -> io::Result<Arc<AtomicBool>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        ToldToEnd::listen()?
    };
    let told = Arc::new(AtomicBool::new(false));
    let tells = told.clone();
    let wait = move || {
        runtime.block_on(signals.wait());
        tells.store(true, Ordering::Relaxed);
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(told)
}
