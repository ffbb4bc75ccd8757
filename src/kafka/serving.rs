//! Serving what a producer reports, and waiting for it without spinning.

use std::time::Duration;

use rdkafka::producer::{BaseProducer, Producer, ProducerContext};

/// How long one wait is.
const STEP: Duration = Duration::from_micros(500);

/// One poll serves one report, of the records that one request carried. With one poll a wait, small
/// requests would hold a full queue to a few thousand records a second, and keep themselves small.
const REPORTS_AT_ONCE: usize = 64;

/// Serves what is reported, without waiting. Ends where a poll takes nothing away: a producer that
/// reports only errors has mostly nothing to say, and an empty poll costs as much as a full one.
pub(super) fn serve<C: ProducerContext + 'static>(producer: &BaseProducer<C>) {
    let mut waiting = producer.in_flight_count();
    for _ in 0..REPORTS_AT_ONCE {
        producer.poll(Duration::ZERO);
        let left = producer.in_flight_count();
        if left >= waiting {
            return;
        }
        waiting = left;
    }
}

/// Serves what is reported, then waits a moment.
///
/// A poll with a wait of its own would keep the processor busy: rdkafka goes on polling until the
/// time is over, and in the last millisecond librdkafka, which counts whole ones, does not wait.
pub(super) fn serve_and_wait<C: ProducerContext + 'static>(producer: &BaseProducer<C>) {
    serve(producer);
    if producer.in_flight_count() > 0 {
        std::thread::sleep(STEP);
    }
}
