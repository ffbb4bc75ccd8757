//! Who answers in the name of which route.
//!
//! Routes may read their records in different ways and wait differently long for a fence; index, policy
//! and fence are the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::problem::Problem;
use super::server::GateAnswers;
use crate::consent::RouteName;
use crate::stream::BreakerBoard;

/// What of one route can be asked.
#[derive(Clone, Debug)]
pub struct Door {
    /// Answers questions.
    pub answers: Arc<GateAnswers>,
    /// Lanes whose breakers are tripped.
    pub breakers: Arc<BreakerBoard>,
}

/// By route.
pub type Doors = BTreeMap<RouteName, Door>;

/// The door that a question names; the first route's if it names none.
pub(super) fn door_of<'d>(doors: &'d Doors, named: Option<&str>) -> Result<&'d Door, Problem> {
    let route = match named {
        None => Some(RouteName::MAIN),
        Some(word) => RouteName::parse(word),
    };
    let door = route.and_then(|route| doors.get(&route));
    door.ok_or_else(|| Problem::UnknownRoute(doors.keys().map(RouteName::to_string).collect()))
}

/// The route that a query names: `route=NAME` and nothing else.
pub(super) fn route_in(query: Option<&str>) -> Result<Option<&str>, Problem> {
    match query.filter(|query| !query.is_empty()) {
        None => Ok(None),
        Some(query) => match query.strip_prefix("route=") {
            Some(word) => Ok(Some(word)),
            None => Err(Problem::Unreadable("the only query is route=NAME".to_owned())),
        },
    }
}
