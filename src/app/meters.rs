//! A thread that looks now and then at what no loop knows: lag, open transactions, the index's size.
//!
//! It decides nothing and holds nothing. Where Kafka does not answer, the figures that would be old
//! go away.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::{Duration, Instant};

use super::lag_history::LagHistory;
use super::owned::Owned;
use crate::consent::{Partition, RouteName};
use crate::index::IndexStats;
use crate::kafka::{Clients, ConsentEnd, ConsentTopic, LogWatch};
use crate::stream::{Fault, FenceBoard, SharedIndex};
use crate::telemetry::HoldCause;
use crate::telemetry::metrics::{self, IndexSize};

/// How soon an end of the gate, or of the loading, is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const ASK_EVERY: Duration = Duration::from_secs(2);
/// Counting walks over all businesses under the index's read lock.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// What the thread needs.
pub(super) struct MeterParts {
    pub(super) clients: Clients,
    pub(super) consent: Vec<ConsentTopic>,
    /// The outbound topics, each with what its route's lanes own.
    pub(super) outbound: Vec<(String, Arc<Owned>)>,
    pub(super) index: Arc<SharedIndex>,
    pub(super) board: Arc<FenceBoard>,
    pub(super) stop: Arc<AtomicBool>,
}

pub(super) fn spawn_meters(parts: MeterParts) -> io::Result<JoinHandle<Result<(), Fault>>> {
    Builder::new().name("meters".into()).spawn(move || {
        let stop = parts.stop.clone();
        let mut meters = Meters {
            parts,
            watch: None,
            histories: BTreeMap::new(),
            started: Instant::now(),
            loaded: Loaded::NotYet,
            asked: Every::new(ASK_EVERY),
            counted: Every::new(COUNT_EVERY),
        };
        while !stop.load(Ordering::Relaxed) {
            meters.look();
            sleep(LOOK_EVERY);
        }
        Ok(())
    })
}

/// Whether the index was ever current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loaded {
    NotYet,
    Once,
}

struct Meters {
    parts: MeterParts,
    watch: Option<LogWatch>,
    histories: BTreeMap<(RouteName, Partition), LagHistory>,
    started: Instant,
    loaded: Loaded,
    asked: Every,
    counted: Every,
}

impl Meters {
    fn look(&mut self) {
        if self.loaded == Loaded::NotYet && self.parts.board.cause().is_none() {
            self.loaded = Loaded::Once;
            metrics::bootstrap_done(self.started.elapsed());
            self.counted.last = None;
        }
        if self.counted.is_due()
            && let Ok(index) = self.parts.index.read()
        {
            metrics::index_size(&size_of(&index.stats()));
        }
        if self.asked.is_due()
            && let Err(fault) = self.ask()
        {
            tracing::debug!(%fault, "meters.unanswered");
            self.histories.clear();
            self.parts.outbound.iter().for_each(|(_, owned)| owned.forget_lags());
        }
    }

    fn ask(&mut self) -> Result<(), Fault> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            empty => {
                let parts = &self.parts;
                empty.insert(LogWatch::open(&parts.clients, parts.consent.clone())?)
            }
        };
        for (topic, owned) in &self.parts.outbound {
            let (route, partitions) = (owned.route(), owned.partitions());
            let histories = &mut self.histories;
            let ends = watch.outbound(topic, &partitions);
            let is_known = |partition: &Partition| ends.is_ok() && partitions.contains(partition);
            histories.retain(|(of, partition), _| *of != route || is_known(partition));
            let now = Instant::now();
            match &ends {
                Ok(ends) => owned.tell_lags(ends, |partition, position, end| {
                    histories.entry((route, partition)).or_default().look(position, end, now)
                }),
                // A route whose topic is lost hides nobody else's lag.
                Err(fault) => {
                    tracing::debug!(%fault, %route, "meters.unanswered");
                    owned.forget_lags();
                }
            }
        }
        let ends = watch.consent()?;
        for end in &ends {
            let open = u64::try_from(end.high.0 - end.stable.0).unwrap_or(0);
            metrics::open_transaction(end.topic, end.partition, open);
        }
        self.tell_progress(&ends)
    }

    fn tell_progress(&self, ends: &[ConsentEnd]) -> Result<(), Fault> {
        if self.parts.board.cause() != Some(HoldCause::IndexLoading) {
            metrics::bootstrap_progress(1, 1);
            return Ok(());
        }
        let index = self.parts.index.read()?;
        let (mut read, mut all) = (0, 0);
        for end in ends {
            let applied = index.positions().get(end.topic, end.partition);
            let applied = applied.map_or(0, |position| position.0.min(end.high.0));
            read += u64::try_from(applied).unwrap_or(0);
            all += u64::try_from(end.high.0).unwrap_or(0);
        }
        metrics::bootstrap_progress(read, all);
        Ok(())
    }
}

fn size_of(stats: &IndexStats) -> IndexSize {
    IndexSize {
        businesses: stats.businesses,
        subjects: stats.subjects,
        grants: stats.grants,
        objections: stats.objections,
        tombstones: stats.tombstones,
        bitmaps: stats.bitmaps,
        bytes: stats.bytes.total(),
    }
}

/// Something that is done once a while, the first time at once.
struct Every {
    span: Duration,
    last: Option<Instant>,
}

impl Every {
    fn new(span: Duration) -> Self {
        Self { span, last: None }
    }

    fn is_due(&mut self) -> bool {
        let due = self.last.is_none_or(|at| at.elapsed() >= self.span);
        if due {
            self.last = Some(Instant::now());
        }
        due
    }
}
