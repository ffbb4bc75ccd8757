//! The parts of the gate, and what each can be doing.

use std::fmt;

use super::hold_cause::HoldCause;
use crate::consent::RouteName;

/// A part of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Reads the consent topics into the index.
    Consent,
    /// Proves that the index has all of them.
    Fence,
    /// Decides messages of a route; by number, from 0.
    Lane(RouteName, u16),
}

impl Part {
    /// The route that it works for; `None`: all of them.
    pub fn route(self) -> Option<RouteName> {
        match self {
            Self::Consent | Self::Fence => None,
            Self::Lane(route, _) => Some(route),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consent => f.write_str("consent"),
            Self::Fence => f.write_str("fence"),
            Self::Lane(RouteName::MAIN, number) => write!(f, "lane {number}"),
            Self::Lane(route, number) => write!(f, "route {route} lane {number}"),
        }
    }
}

/// What a part is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not done its first work.
    Starting,
    /// It works.
    Ready,
    /// It waits, and nothing is decided meanwhile.
    Holding(HoldCause),
    /// It has ended.
    Stopped,
}

impl State {
    /// The name on the admin page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Holding(_) => "holding",
            Self::Stopped => "stopped",
        }
    }

    /// Why it holds, if it does.
    pub fn cause(self) -> Option<HoldCause> {
        match self {
            Self::Holding(cause) => Some(cause),
            Self::Starting | Self::Ready | Self::Stopped => None,
        }
    }
}
