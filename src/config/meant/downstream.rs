//! `[downstream]` as meant.

use std::time::Duration;

use super::check::Check;
use crate::config::settings::{DownstreamSettings, GateSettings};
use crate::config::value::Span;

/// The sender, and how far behind it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downstream {
    /// Its consumer group.
    pub group: String,
    /// The most records of a partition that may be unread.
    pub max_ahead: u32,
    /// The oldest that an unread decision may be.
    pub max_age: Duration,
    /// How long it may be unknown where the sender stands.
    pub silence_limit: Duration,
}

impl Downstream {
    /// `Some(None)`: nobody watches a sender.
    pub(super) fn check(
        settings: &DownstreamSettings,
        gate: &GateSettings,
        check: &mut Check<'_>,
    ) -> Option<Option<Self>> {
        let max_ahead = check.count("downstream.max_ahead", settings.max_ahead, 1..=1_000_000_000);
        let (age, silence) = (settings.max_age, settings.silence_limit);
        let max_age = check.span("downstream.max_age", age, Span::secs(1)..=Span::days(1));
        let silence_limit =
            check.span("downstream.silence_limit", silence, Span::secs(1)..=Span::secs(600));
        let Some(group) = &settings.group else {
            return Some(None);
        };
        if *group == gate.group {
            let what = format!("\"{group}\" is also gate.group");
            let hint = "name the group of the sender, which reads the allowed topic";
            check.refuse("downstream.group", what, "", hint);
            return None;
        }
        let group = check.kafka_name("downstream.group", group, 249)?;
        Some(Some(Self { group, max_ahead, max_age, silence_limit }))
    }
}
