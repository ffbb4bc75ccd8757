//! The watch over the sender: where does its group stand in the allowed topic?
//!
//! One watch for all lanes, a few questions a second. Offsets count more than a sender can read, so
//! before a partition is called behind, its first unread record is looked for. Whoever does not
//! answer leaves the board as it is, and what stands there grows old: then the lanes hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::fault::Fault;
use super::ports::{SenderPlace, SenderPort, Unread};
use super::sender_ages::SenderAges;
use super::sender_board::{SenderBoard, Standing};
use crate::consent::{Offset, Partition};
use crate::index::Tick;
use crate::telemetry::metrics::SenderMeters;

/// How far behind the sender may be, in each partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderLimits {
    /// At most so many offsets unread.
    pub max_ahead: u64,
    /// At most so old the oldest unread decision.
    pub max_age: Duration,
}

impl SenderLimits {
    /// What a partition that is behind must come down to: half, so that no lane stops and goes at
    /// every look.
    fn halved(self) -> Self {
        Self { max_ahead: self.max_ahead / 2, max_age: self.max_age / 2 }
    }
}

/// The watch.
#[derive(Debug)]
pub struct SenderWatch<P, C> {
    port: P,
    clock: C,
    board: Arc<SenderBoard>,
    limits: SenderLimits,
    meters: SenderMeters,
    partitions: BTreeMap<Partition, Watched>,
}

/// What is known of one partition.
#[derive(Debug, Default)]
struct Watched {
    ages: SenderAges,
    probe: Option<Probe>,
    standing: Option<Standing>,
}

/// The last search for the first unread record.
#[derive(Clone, Copy, Debug)]
struct Probe {
    /// What the group had committed.
    next: Offset,
    found: Found,
}

#[derive(Clone, Copy, Debug)]
enum Found {
    /// The first record lies here.
    Record(Offset),
    /// There was none before this end.
    NothingBefore(Offset),
}

/// How far behind the sender is in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lag {
    /// It has read all.
    None,
    /// So many offsets, the oldest at most so old.
    Some(u64, Duration),
    /// Nobody can say.
    Unknown,
}

impl<P: SenderPort, C: Clock> SenderWatch<P, C> {
    /// A watch that has seen nothing yet.
    pub fn new(
        port: P,
        clock: C,
        board: Arc<SenderBoard>,
        limits: SenderLimits,
        meters: SenderMeters,
    ) -> Self {
        Self { port, clock, board, limits, meters, partitions: BTreeMap::new() }
    }

    /// One look at all partitions.
    ///
    /// # Errors
    /// A fault of the port. What was seen before stands, for as long as the board lets it.
    pub fn look(&mut self) -> Result<(), Fault> {
        let width = self.port.width()?;
        // The instant is taken before the question, so the answer can only be newer than it.
        let asked_at = self.clock.tick();
        let places = self.port.places()?;
        for place in &places {
            let watched = self.partitions.entry(place.partition).or_default();
            watched.ages.look(asked_at, place.end, self.limits.max_age);
        }
        let probed = self.probe(&places);
        let now = self.clock.tick();
        let mut standings = Vec::with_capacity(places.len());
        let (mut records, mut age) = (0, Duration::ZERO);
        for place in &places {
            let Some(watched) = self.partitions.get_mut(&place.partition) else { continue };
            if let Lag::Some(behind, old) = watched.lag(*place, now) {
                (records, age) = (records.max(behind), age.max(old));
            }
            standings.push((place.partition, watched.judge(*place, self.limits, now)));
        }
        self.board.put(asked_at, width, &standings);
        self.meters.lag(records, age);
        probed
    }

    /// Looks for the first unread record where that could show that the sender is not behind.
    fn probe(&mut self, places: &[SenderPlace]) -> Result<(), Fault> {
        let now = self.clock.tick();
        let needs = |place: &&SenderPlace| {
            self.partitions
                .get(&place.partition)
                .is_some_and(|watched| watched.needs_probe(**place, self.limits, now))
        };
        let doubtful: Vec<SenderPlace> = places.iter().filter(needs).copied().collect();
        if doubtful.is_empty() {
            return Ok(());
        }
        for (partition, unread) in self.port.first_unread(&doubtful)? {
            let place = doubtful.iter().find(|place| place.partition == partition);
            if let (Some(place), Some(watched)) = (place, self.partitions.get_mut(&partition)) {
                let found = match unread {
                    Unread::From(first) => Found::Record(first),
                    Unread::Nothing => Found::NothingBefore(place.end),
                };
                watched.probe = Some(Probe { next: place.next, found });
            }
        }
        Ok(())
    }
}

impl Watched {
    fn lag(&self, place: SenderPlace, now: Tick) -> Lag {
        if place.next > place.end {
            // The log was cut or made anew, or the sender reads what is not committed.
            return Lag::Unknown;
        }
        let first = self.first_unread(place);
        if first >= place.end {
            return Lag::None;
        }
        let records = u64::try_from(place.end.0 - first.0).unwrap_or(u64::MAX);
        self.ages.age(first, now).map_or(Lag::Unknown, |age| Lag::Some(records, age))
    }

    /// Where the first unread record lies, as far as anybody has looked.
    fn first_unread(&self, place: SenderPlace) -> Offset {
        let probe = self.probe.filter(|probe| probe.next == place.next);
        let found = probe.map(|probe| match probe.found {
            Found::Record(first) | Found::NothingBefore(first) => first,
        });
        found.map_or(place.next, |first| first.max(place.next))
    }

    fn needs_probe(&self, place: SenderPlace, limits: SenderLimits, now: Tick) -> bool {
        let is_conclusive = self.probe.is_some_and(|probe| {
            // A record that was found stays the first; an end that was reached moves on.
            let is_settled = match probe.found {
                Found::Record(_) => true,
                Found::NothingBefore(end) => end >= place.end,
            };
            probe.next == place.next && is_settled
        });
        !is_conclusive && place.next <= place.end && self.is_behind(place, limits, now)
    }

    fn is_behind(&self, place: SenderPlace, limits: SenderLimits, now: Tick) -> bool {
        let limits = match self.standing {
            Some(Standing::Behind) => limits.halved(),
            Some(Standing::Near) | None => limits,
        };
        match self.lag(place, now) {
            Lag::None => false,
            Lag::Some(records, age) => records > limits.max_ahead || age > limits.max_age,
            Lag::Unknown => true,
        }
    }

    fn judge(&mut self, place: SenderPlace, limits: SenderLimits, now: Tick) -> Standing {
        let standing = match self.is_behind(place, limits, now) {
            true => Standing::Behind,
            false => Standing::Near,
        };
        self.standing = Some(standing);
        standing
    }
}
