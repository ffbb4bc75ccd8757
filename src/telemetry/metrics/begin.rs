//! The first call of a gate: from here on every counter is there, at zero.
//!
//! A counter that appears with its first increment hides that increment from `increase()`.

use std::sync::LazyLock;

use super::route::RouteMeters;
use super::{boards, consent, index, transaction};
use crate::consent::RouteName;

/// Lets every series begin and puts the versions down: `consentgate_build_info`.
pub fn begin(version: &str, librdkafka: &str, routes: impl Iterator<Item = RouteName>) {
    routes.map(RouteMeters::begin).for_each(drop);
    LazyLock::force(&transaction::INVARIANTS);
    LazyLock::force(&consent::CONSENT);
    LazyLock::force(&index::INDEX);
    boards::build_info(version, librdkafka);
}
