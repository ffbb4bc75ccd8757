//! `[breaker]` as meant.

use super::check::Check;
use crate::config::settings::BreakerSettings;

/// When a lane stops because messages are faulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerConfig {
    /// More than so many of a hundred messages.
    pub share_percent: u32,
    /// Of at least so many.
    pub least_messages: u32,
}

impl BreakerConfig {
    pub(super) fn check(settings: &BreakerSettings, check: &mut Check<'_>) -> Self {
        let share_percent = check.count("breaker.share_percent", settings.share_percent, 1..=100);
        let least_messages =
            check.count("breaker.least_messages", settings.least_messages, 1..=1_000_000);
        Self { share_percent, least_messages }
    }
}
