//! What the watch over the sender reports; nothing where there is none.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::Gauge;

use super::catalogue as all;
use super::registry::gauge;

struct SenderMeters {
    messages: Gauge,
    age: Gauge,
}

static SENDER: LazyLock<SenderMeters> = LazyLock::new(|| SenderMeters {
    messages: gauge(&all::SENDER_LAG_MESSAGES, &[]),
    age: gauge(&all::SENDER_LAG_SECONDS, &[]),
});

/// How far the sender is behind, at its worst: `consentgate_sender_lag_messages`,
/// `consentgate_sender_lag_seconds`.
pub fn sender_lag(records: u64, age: Duration) {
    // Exact up to 2^53, far above any lag.
    SENDER.messages.set(records as f64);
    SENDER.age.set(age.as_secs_f64());
}
