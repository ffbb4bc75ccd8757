//! Gauges by partition. They come and go with the assignment, so they are written by us.
//!
//! The exporter can drop a series only after an idle time, and then also drops series whose kept
//! handle nobody renews. Beyond [`PARTITIONS_MAX`] partitions the rest share one series with the
//! greatest value.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::consent::{Partition, RouteName, Topic};

/// How many partitions of a topic have a series of their own.
pub const PARTITIONS_MAX: usize = 256;

/// How far a lane is behind on one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Messages between the position and the end.
    pub messages: u64,
    /// Age of the next message; zero at the end.
    pub age: Duration,
}

/// By route and partition.
type Lags = BTreeMap<RouteName, BTreeMap<Partition, Lag>>;

static LAGS: LazyLock<Mutex<Lags>> = LazyLock::new(Mutex::default);
static OPEN: LazyLock<Mutex<BTreeMap<(Topic, Partition), u64>>> = LazyLock::new(Mutex::default);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a lane is behind on a partition that it owns: `consentgate_consumer_lag_messages`,
/// `consentgate_consumer_lag_seconds`.
pub fn lag(route: RouteName, partition: Partition, lag: Lag) {
    lock(&LAGS).entry(route).or_default().insert(partition, lag);
}

/// A lane owns this partition no longer: its series end.
pub fn forget_lag(route: RouteName, partition: Partition) {
    lock(&LAGS).entry(route).or_default().remove(&partition);
}

/// The lags of all partitions that this instance owns.
pub fn lags() -> Lags {
    lock(&LAGS).clone()
}

/// Records that lie behind an open transaction: `consentgate_consent_hw_minus_lso_messages`.
pub fn open_transaction(topic: Topic, partition: Partition, records: u64) {
    lock(&OPEN).insert((topic, partition), records);
}

/// Records behind open transactions, by partition.
pub fn open_transactions() -> BTreeMap<(Topic, Partition), u64> {
    lock(&OPEN).clone()
}

/// Values by partition as label values, bounded: the rest share `other` with the greatest value.
pub(super) fn bounded(values: impl Iterator<Item = (Partition, f64)>) -> Vec<(String, f64)> {
    let mut rows: Vec<(String, f64)> = Vec::new();
    let mut other = None::<f64>;
    for (partition, value) in values {
        if rows.len() < PARTITIONS_MAX {
            rows.push((partition.to_string(), value));
        } else {
            other = Some(other.map_or(value, |most| most.max(value)));
        }
    }
    rows.extend(other.map(|most| ("other".to_owned(), most)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_beyond_the_bound_share_the_greatest_value() {
        let rows = bounded((0..300).map(|p| (Partition(p), f64::from(p))));
        assert_eq!(rows.len(), PARTITIONS_MAX + 1);
        assert_eq!(rows.last(), Some(&("other".to_owned(), 299.0)));
    }

    #[test]
    fn a_partition_that_is_given_back_has_no_series() {
        let partition = Partition(i32::MAX);
        let behind = Lag { messages: 7, age: Duration::from_secs(1) };
        let codes = RouteName::parse("codes").expect("a name");
        lag(codes, partition, behind);
        let of = |route| lags().get(&route).and_then(|lags| lags.get(&partition).copied());
        assert_eq!((of(codes), of(RouteName::MAIN)), (Some(behind), None));
        forget_lag(codes, partition);
        assert_eq!(of(codes), None);
    }
}
