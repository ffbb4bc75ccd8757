//! The answer: a permit, or a suppression.
//!
//! A [`Permit`] has no public maker. Without one, nothing can be written to the allowed topic.

use super::reason::{Reason, ReasonMask};
use crate::consent::Seconds;

/// Leave for exactly one message of one batch. Made by [`super::decide`] only.
#[derive(Debug)]
#[must_use = "a permit that is not used is a message that is lost"]
pub struct Permit(());

impl Permit {
    pub(super) fn new() -> Self {
        Self(())
    }
}

/// Why one message must not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a suppression that is not written is a message that is lost"]
pub struct Suppression {
    /// The first reason in the order of the rules.
    pub primary: Reason,
    /// All reasons that hold.
    pub all: ReasonMask,
    /// From when it may go, if quiet hours are among the reasons.
    pub not_before: Option<Seconds>,
}

impl Suppression {
    /// A suppression for one reason alone.
    pub fn because(reason: Reason) -> Self {
        Self { primary: reason, all: reason.into(), not_before: None }
    }
}

/// The fate of one message.
#[derive(Debug)]
pub enum Decision {
    /// It may go.
    Allow(Permit),
    /// It must not.
    Suppress(Suppression),
}
