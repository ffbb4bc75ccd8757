//! What a consumer gave, and how it is waited for.

use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::message::Message;

use super::support::LONG;

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub partition: i32,
    pub offset: i64,
    pub value: Option<String>,
}

/// What a consumer gave: records and errors.
#[derive(Debug, Default)]
pub struct Drained {
    pub records: Vec<Read>,
    pub errors: Vec<KafkaError>,
}

impl Drained {
    /// The values in the order they came.
    pub fn values(&self) -> Vec<&str> {
        self.records.iter().map(|record| record.value.as_deref().unwrap_or("(none)")).collect()
    }
}

/// Polls until there are `count` records, or for a while.
pub fn drain_for(consumer: &BaseConsumer, count: usize, at_most: Duration) -> Drained {
    let start = Instant::now();
    let mut drained = Drained::default();
    while drained.records.len() < count && start.elapsed() < at_most {
        match consumer.poll(Duration::from_millis(50)) {
            None => {}
            Some(Err(error)) => drained.errors.push(error),
            Some(Ok(message)) => drained.records.push(Read {
                partition: message.partition(),
                offset: message.offset(),
                value: message.payload().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            }),
        }
    }
    drained
}

/// Polls until there are `count` records; panics if they do not come.
pub fn drain(consumer: &BaseConsumer, count: usize) -> Drained {
    let drained = drain_for(consumer, count, LONG);
    assert_eq!(drained.records.len(), count, "records that came; errors: {:?}", drained.errors);
    drained
}

/// Polls for a while in which nothing may come.
pub fn assert_silent(consumer: &BaseConsumer) {
    let drained = drain_for(consumer, 1, Duration::from_millis(1_500));
    assert_eq!(drained.values(), Vec::<&str>::new(), "records that came");
}
