//! How long a consent record took from its append to its being in the index.
//!
//! One figure a poll and class: the oldest. What lay in the log before the index was first current
//! is old for another reason, and says nothing about the time to effect.

use std::time::Duration;

use super::ports::AppendTime;
use crate::consent::{Content, Effect, EventKind};
use crate::telemetry::HoldCause;
use crate::telemetry::metrics::{self, ConsentClass};

/// The oldest append time of each class that was folded and not told yet.
#[derive(Debug, Default)]
pub(super) struct ApplyDelay {
    oldest: Vec<(ConsentClass, i64)>,
}

impl ApplyDelay {
    /// Notes a record that is folded.
    pub(super) fn note(&mut self, content: &Content, appended: AppendTime) {
        let AppendTime::Broker(at_ms) = appended else {
            return;
        };
        let class = class_of(content);
        match self.oldest.iter_mut().find(|(other, _)| *other == class) {
            Some((_, oldest_ms)) => *oldest_ms = at_ms.min(*oldest_ms),
            None => self.oldest.push((class, at_ms)),
        }
    }

    /// Everything noted is in the index now.
    pub(super) fn tell(&mut self, now_ms: i64, held_for: Option<HoldCause>) {
        for (class, at_ms) in self.oldest.drain(..) {
            if held_for != Some(HoldCause::IndexLoading) {
                // Another machine's clock may run ahead of ours by a little.
                let took_ms = u64::try_from(now_ms.saturating_sub(at_ms)).unwrap_or(0);
                metrics::consent_applied(class, Duration::from_millis(took_ms));
            }
        }
    }
}

fn class_of(content: &Content) -> ConsentClass {
    let Content::Event(event) = content else {
        return ConsentClass::Other;
    };
    match event.kind.known() {
        Some(EventKind::Erase) => ConsentClass::Erase,
        Some(EventKind::Block) => ConsentClass::Block,
        Some(kind) => match kind.effect() {
            Effect::Permits => ConsentClass::OptIn,
            Effect::Objects => ConsentClass::OptOut,
            Effect::Neutral => ConsentClass::Other,
        },
        None => ConsentClass::Other,
    }
}
