//! What the watch over the sender reports; nothing where there is none.

use std::time::Duration;

use metrics::Gauge;

use super::catalogue as all;
use super::registry::gauge;
use crate::consent::RouteName;

/// The gauges of one route's sender.
#[derive(Debug)]
pub struct SenderMeters {
    messages: Gauge,
    age: Gauge,
}

impl SenderMeters {
    /// Lets them begin.
    pub fn begin(route: RouteName) -> Self {
        Self {
            messages: gauge(&all::SENDER_LAG_MESSAGES, &[route.label()]),
            age: gauge(&all::SENDER_LAG_SECONDS, &[route.label()]),
        }
    }

    /// How far the sender is behind, at its worst: `consentgate_sender_lag_messages`,
    /// `consentgate_sender_lag_seconds`.
    pub fn lag(&self, records: u64, age: Duration) {
        // Exact up to 2^53, far above any lag.
        self.messages.set(records as f64);
        self.age.set(age.as_secs_f64());
    }
}
