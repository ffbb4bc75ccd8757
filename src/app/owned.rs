//! Which partitions a route's lanes of this process own, and where each stands: for the metrics only.
//!
//! A partition that is given back loses its lag at once, so that nobody adds up what two instances
//! say of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::consent::{Offset, Partition, RouteName};
use crate::telemetry::metrics::{self, Lag, RouteMeters};

type Positions = BTreeMap<Partition, Offset>;

/// The board that lanes write after each commit.
#[derive(Debug)]
pub(super) struct Owned {
    route: RouteName,
    meters: RouteMeters,
    lanes: Mutex<BTreeMap<u16, Positions>>,
}

impl Owned {
    /// A board on which no lane owns anything.
    pub(super) fn new(route: RouteName) -> Self {
        Self { route, meters: RouteMeters::begin(route), lanes: Mutex::default() }
    }

    /// The route.
    pub(super) fn route(&self) -> RouteName {
        self.route
    }

    /// A lane owns exactly these partitions now.
    pub(super) fn set(&self, lane: u16, positions: impl Iterator<Item = (Partition, Offset)>) {
        let positions: Positions = positions.collect();
        let mut lanes = self.lock();
        let owned = lanes.entry(lane).or_default();
        for given_back in owned.keys().filter(|p| !positions.contains_key(p)) {
            metrics::forget_lag(self.route, *given_back);
        }
        let change = positions.len() as i64 - owned.len() as i64;
        if change != 0 {
            self.meters.assigned(i32::try_from(change).unwrap_or(0));
        }
        *owned = positions;
    }

    /// All partitions of all lanes.
    pub(super) fn partitions(&self) -> Vec<Partition> {
        self.lock().values().flat_map(|p| p.keys().copied()).collect()
    }

    /// Nobody knows the lags any longer.
    pub(super) fn forget_lags(&self) {
        for partition in self.partitions() {
            metrics::forget_lag(self.route, partition);
        }
    }

    /// Tells the lag of each partition that is still owned; `lag_of` computes it from the position.
    pub(super) fn tell_lags(
        &self,
        ends: &[(Partition, Offset)],
        mut lag_of: impl FnMut(Partition, Offset, Offset) -> Lag,
    ) {
        let lanes = self.lock();
        for &(partition, end) in ends {
            let position = lanes.values().find_map(|owned| owned.get(&partition));
            if let Some(position) = position {
                metrics::lag(self.route, partition, lag_of(partition, *position, end));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u16, Positions>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_partition_that_is_given_back_has_no_lag_any_longer() {
        let (kept, gone) = (Partition(i32::MAX - 1), Partition(i32::MAX - 2));
        let owned = Owned::new(RouteName::MAIN);
        let lag_of_main = |partition| {
            let lags = metrics::lags().remove(&RouteName::MAIN).unwrap_or_default();
            lags.get(&partition).map(|lag| lag.messages)
        };
        owned.set(0, [(kept, Offset(3)), (gone, Offset(3))].into_iter());
        let ends = [(kept, Offset(5)), (gone, Offset(5))];
        let lag_of = |_, position: Offset, end: Offset| Lag {
            messages: (end.0 - position.0).cast_unsigned(),
            age: Duration::ZERO,
        };
        owned.tell_lags(&ends, lag_of);
        assert_eq!(lag_of_main(gone), Some(2));
        owned.set(0, [(kept, Offset(4))].into_iter());
        owned.tell_lags(&ends, lag_of);
        assert_eq!(lag_of_main(gone), None);
        assert_eq!(lag_of_main(kept), Some(1));
        owned.set(0, std::iter::empty());
    }
}
