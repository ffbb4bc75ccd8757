//! `verify --continuous`: round after round behind the gate, with metrics and a log line a difference.
//!
//! It ends on SIGTERM, or when something does not pass by itself. A fault that passes begins the
//! verification anew at the last instant that all partitions were checked to, so that nothing is left
//! out; a difference of that instant may then be told twice.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;

use super::difference::Law;
use super::progress::Progress;
use super::range::{Bound, Range};
use super::report::{Report, Unchecked};
use super::session::{Of, Session, Trouble};
use super::{ends_well, rolled_for};
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::run::start_log;
use crate::commands::told_to_end::ToldToEnd;
use crate::config::Config;
use crate::consent::Partition;
use crate::stream::{FaultKind, wall_ms};
use crate::telemetry::admin::serve_adapter;
use crate::telemetry::metrics::Verification;
use crate::wire::receipt::VerifyingKeys;

/// How often there is a look whether the process was told to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a round may take to its end when the process was told to end.
const END_LIMIT: Duration = Duration::from_secs(20);
/// How long Kafka is left alone after a fault.
const FAULT_PAUSE: Duration = Duration::from_secs(5);

/// What is to be verified, and how.
pub(super) struct Continuous {
    pub(super) config: Config,
    pub(super) keys: VerifyingKeys,
    pub(super) only: BTreeSet<Partition>,
    pub(super) range: Range,
    /// Where the metrics are.
    pub(super) listen: SocketAddr,
    /// The pause between two rounds.
    pub(super) every: Duration,
}

/// What all rounds together came to.
type Total = Arc<Mutex<Report>>;

impl Continuous {
    /// Verifies until the process is told to end.
    ///
    /// # Errors
    /// A broken promise (70), found at any time; a fault that does not pass; no place to listen at.
    pub(super) fn run(self) -> Result<(), Failure> {
        start_log(&self.config)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(AppError::Machine)?;
        let ended = runtime.block_on(self.serve());
        runtime.shutdown_background();
        ended
    }

    async fn serve(self) -> Result<(), Failure> {
        let mut told = ToldToEnd::listen().map_err(AppError::Machine)?;
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            Failure::new(Exit::Io, format!("cannot listen on {}: {error}", self.listen))
        })?;
        let address = listener.local_addr().map_err(AppError::Machine)?;
        let page = tokio::spawn(serve_adapter(listener, std::future::pending()));
        tracing::info!(%address, topic = %self.config.topics.outbound, "verify.started");
        let (total, stop) = (Total::default(), Arc::new(AtomicBool::new(false)));
        let (sum, stopped) = (Arc::clone(&total), Arc::clone(&stop));
        let mut working = tokio::task::spawn_blocking(move || self.rounds(&sum, &stopped));
        let ended = tokio::select! {
            ended = &mut working => Some(ended),
            () = told.wait() => {
                stop.store(true, Ordering::SeqCst);
                tokio::time::timeout(END_LIMIT, working).await.ok()
            }
        };
        page.abort();
        match ended {
            Some(Ok(Err(failure))) => return Err(failure),
            Some(Err(_)) => return Err(AppError::Overrun.into()),
            Some(Ok(Ok(()))) => {}
            None => tracing::warn!("verify.ended in the midst of a round"),
        }
        let total = total.lock().unwrap_or_else(PoisonError::into_inner);
        tracing::info!(differences = total.difference_count(), "verify.ended");
        print(&total.to_text())?;
        ends_well(&total)
    }

    fn rounds(self, total: &Mutex<Report>, stop: &AtomicBool) -> Result<(), Failure> {
        let meters = meters();
        let progress = Progress::hidden();
        let mut range = self.range;
        loop {
            let rolled = rolled_for(&self.config, self.keys.clone())?;
            let (keys, only) = (self.keys.clone(), self.only.clone());
            let mut until_ms = None;
            let session = Session::new(&self.config, keys, rolled, (only, range), &progress);
            let ended = session.map_err(Trouble::from).and_then(|mut session| {
                loop {
                    let report = session.round()?;
                    until_ms = session.checked_until_ms(Of::All);
                    tell(&session, &report, &meters);
                    total.lock().unwrap_or_else(PoisonError::into_inner).join(report);
                    if pause(self.every, stop) {
                        return Ok(());
                    }
                }
            });
            match ended {
                Ok(()) => return Ok(()),
                Err(Trouble::Kafka(fault)) if fault.kind == FaultKind::Retriable => {
                    tracing::warn!(%fault, "verify.fault");
                }
                Err(trouble) => return Err(trouble.into()),
            }
            range.from = until_ms.map(Bound::Time).or(range.from);
            if pause(FAULT_PAUSE, stop) {
                return Ok(());
            }
        }
    }
}

/// Waits, and says whether the process was told to end.
fn pause(time: Duration, stop: &AtomicBool) -> bool {
    let mut left = time;
    while !left.is_zero() && !stop.load(Ordering::SeqCst) {
        let step = left.min(LOOK_EVERY);
        std::thread::sleep(step);
        left -= step;
    }
    stop.load(Ordering::SeqCst)
}

fn meters() -> Verification {
    let (laws, causes) = (Law::ALL.map(Law::name), Unchecked::ALL.map(Unchecked::name));
    let librdkafka = crate::kafka::library_version();
    Verification::begin(&laws, &causes, env!("CARGO_PKG_VERSION"), &librdkafka)
}

/// Tells what one round came to.
fn tell(session: &Session<'_>, report: &Report, meters: &Verification) {
    for difference in report.differences() {
        let at = &difference.at;
        tracing::error!(
            law = difference.law.name(),
            topic = at.topic,
            partition = at.partition,
            offset = at.offset,
            expected = difference.expected,
            found = difference.found,
            "verify.difference"
        );
    }
    report.by_law().iter().for_each(|(law, count)| meters.differ(&law.name(), *count));
    report.unchecked().iter().for_each(|(why, count)| meters.leave(&why.name(), *count));
    meters.round(report.counts.decided_again);
    let age = match report.counts.undecided {
        0 => Duration::ZERO,
        _ => session.checked_until_ms(Of::Behind).map_or(Duration::ZERO, since),
    };
    meters.behind(report.counts.undecided, age);
}

fn since(instant_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(wall_ms() - instant_ms).unwrap_or(0))
}
