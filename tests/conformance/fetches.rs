//! Fetching: limits, waits, and offsets that are not there.

use std::time::Duration;

use rdkafka::Offset;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::support;

/// A reader whose limits are smaller than what is there gets everything, in
/// order, though answers end in the middle of a batch.
pub fn check_small_fetches_lose_nothing(bootstrap: &str) {
    let topic = support::create(bootstrap, "limits", 2, &[]);
    for partition in 0..2 {
        // Batches of different sizes, some larger than the limits.
        for round in 0..10 {
            support::fill(bootstrap, &topic, partition, 1 + round * 20);
        }
    }
    let settings = [
        ("max.partition.fetch.bytes", "1000"),
        ("fetch.max.bytes", "1500"),
        ("message.max.bytes", "1000"),
    ];
    let consumer = support::consumer(bootstrap, &support::unique("g"), &settings);
    support::assign(&consumer, &topic, 2, Offset::Beginning);
    let drained = support::drain(&consumer, 2 * 910);
    for partition in 0..2 {
        let offsets: Vec<i64> = drained
            .records
            .iter()
            .filter(|record| record.partition == partition)
            .map(|record| record.offset)
            .collect();
        assert_eq!(offsets, (0..910).collect::<Vec<i64>>());
    }
}

/// A reader that waits for data is woken by it, long before its wait is over.
pub fn check_waiting_fetch_is_woken(bootstrap: &str) {
    let topic = support::create(bootstrap, "woken", 1, &[]);
    let settings = [("fetch.wait.max.ms", "60000"), ("socket.timeout.ms", "120000")];
    let consumer = support::consumer(bootstrap, &support::unique("g"), &settings);
    support::assign(&consumer, &topic, 1, Offset::Beginning);
    support::assert_silent(&consumer);
    support::fill(bootstrap, &topic, 0, 1);
    // `drain` gives up after half of the wait.
    support::drain(&consumer, 1);
}

/// A position that the log does not have is told, not mended.
pub fn check_offset_out_of_range_is_an_error(bootstrap: &str) {
    let topic = support::create(bootstrap, "range", 1, &[]);
    support::fill(bootstrap, &topic, 0, 10);
    let settings = [("auto.offset.reset", "error")];
    let consumer = support::consumer(bootstrap, &support::unique("g"), &settings);
    support::assign(&consumer, &topic, 1, Offset::Offset(5_000));
    let drained = support::drain_for(&consumer, 1, Duration::from_secs(5));
    assert_eq!(drained.values(), Vec::<&str>::new());
    let told = drained.errors.iter().any(|error| {
        let code = match error {
            KafkaError::MessageConsumption(code) => *code,
            _ => RDKafkaErrorCode::Unknown,
        };
        code == RDKafkaErrorCode::AutoOffsetReset || code == RDKafkaErrorCode::OffsetOutOfRange
    });
    assert!(told, "errors that came: {:?}", drained.errors);
}
