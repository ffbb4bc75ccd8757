//! The threads: each makes its part, runs it, and makes it again after a fault.
//!
//! While a part is being made, the lanes hold.

mod consent;
mod lane;
mod lane_parts;

use std::thread::JoinHandle;

pub(super) use consent::{ConsentParts, spawn_consent};
pub(super) use lane::{LaneMaker, spawn_lane};

use crate::consent::RouteName;
use crate::stream::Fault;

pub(super) type Thread = JoinHandle<Result<(), Fault>>;

/// Log lines of what belongs to a further route say so.
pub(super) fn route_span(route: RouteName) -> tracing::Span {
    match route {
        RouteName::MAIN => tracing::Span::none(),
        // At the level of errors, so that it is there whatever level is logged.
        route => tracing::error_span!("route", %route),
    }
}
