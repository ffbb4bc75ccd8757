//! Waiting for a producer without spinning.

use std::time::Duration;

use rdkafka::producer::{BaseProducer, Producer, ProducerContext};

/// How long one wait is.
const STEP: Duration = Duration::from_micros(500);

/// Serves what is reported, then waits a moment.
///
/// A poll with a wait of its own would keep the processor busy: rdkafka goes on polling until the
/// time is over, and in the last millisecond librdkafka, which counts whole ones, does not wait.
pub(super) fn serve_and_wait<C: ProducerContext + 'static>(producer: &BaseProducer<C>) {
    producer.poll(Duration::ZERO);
    if producer.in_flight_count() > 0 {
        std::thread::sleep(STEP);
    }
}
