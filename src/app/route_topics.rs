//! The topics of one route: whether they are as its lanes need them, and what they take.
//!
//! Asks Kafka and judges nothing by itself: the conditions are the kafka room's. What is wrong with a topic
//! of one route is that route's affair; the consent topics are everybody's.

use crate::config::{Config, TopicNames};
use crate::consent::RouteName;
use crate::kafka::ConsentTopic;
use crate::kafka::topics::{
    Finding, Role, Roles, TopicAdmin, conditions, conditions_in_shadow, consent_topics,
};
use crate::stream::Fault;
use crate::wire::receipt::Mode;

/// How long a new topic may take until all brokers know it.
const NEW_TOPIC_ASKS: usize = 4;
const NEW_TOPIC_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// The topics of one route.
#[derive(Clone, Debug)]
pub(super) struct RouteTopics {
    route: RouteName,
    names: TopicNames,
    mode: Mode,
}

/// What was found at the start.
pub(super) struct Found {
    /// The consent topics.
    pub(super) consent: Vec<ConsentTopic>,
    /// What is wrong with topics that all routes share.
    pub(super) shared: Vec<Finding>,
    /// What the allowed topic takes, or what is wrong with the route's own topics.
    pub(super) own: Result<usize, Vec<Finding>>,
}

impl RouteTopics {
    /// Those of this configuration.
    pub(super) fn of(config: &Config) -> Self {
        Self { route: config.route, names: config.topics.clone(), mode: config.gate.mode }
    }

    /// The route.
    pub(super) fn route(&self) -> RouteName {
        self.route
    }

    /// Looks at everything, again while a topic is missing: one that was just made is not known to every
    /// broker at once.
    ///
    /// # Errors
    /// Kafka was not reached, or refused.
    pub(super) fn find(&self, admin: &TopicAdmin) -> Result<Found, Fault> {
        let mut roles = self.roles(admin)?;
        for _ in 1..=NEW_TOPIC_ASKS {
            let may_be_missing = |role: &Role| self.mode == Mode::Shadow && *role == Role::Allowed;
            if roles.iter().all(|(role, (_, facts))| facts.is_some() || may_be_missing(role)) {
                break;
            }
            std::thread::sleep(NEW_TOPIC_PAUSE);
            roles = self.roles(admin)?;
        }
        let (shared, own) = self.judged(&roles);
        Ok(Found { consent: consent_topics(&roles), shared, own })
    }

    /// Looks at the route's own topics: what the allowed topic takes, or what is wrong.
    ///
    /// # Errors
    /// Kafka was not reached, or refused.
    pub(super) fn look(&self, admin: &TopicAdmin) -> Result<Result<usize, Vec<Finding>>, Fault> {
        Ok(self.judged(&self.roles(admin)?).1)
    }

    /// The topics that the gate itself needs.
    fn roles(&self, admin: &TopicAdmin) -> Result<Roles, Fault> {
        let mut roles = admin.roles(&self.names)?;
        roles.retain(|role, _| role.is_the_gates());
        Ok(roles)
    }

    fn judged(&self, roles: &Roles) -> (Vec<Finding>, Result<usize, Vec<Finding>>) {
        let (own, shared): (Vec<_>, Vec<_>) =
            broken_conditions(self.mode, roles).into_iter().partition(|one| one.role.is_a_routes());
        match own.is_empty() {
            true => (shared, Ok(message_bytes_max(self.mode, roles))),
            false => (shared, Err(own)),
        }
    }
}

/// Says what is wrong with a route's topics.
pub(super) fn log_findings(route: RouteName, findings: &[Finding]) {
    for Finding { role, topic, what, advice } in findings {
        let role = role.name();
        tracing::error!(%route, role, topic, what, advice, "route.topic_unusable");
    }
}

/// What of the topics is not as this mode needs it.
pub fn broken_conditions(mode: Mode, roles: &Roles) -> Vec<Finding> {
    match mode {
        Mode::Gate => conditions(roles),
        Mode::Shadow => conditions_in_shadow(roles),
    }
}

/// What the allowed topic takes. The conditions have seen to it that it can be read. For a shadow before
/// there is one: what it will have to take.
fn message_bytes_max(mode: Mode, roles: &Roles) -> usize {
    let of = |role| {
        let facts = roles.get(&role).and_then(|(_, facts)| facts.as_ref());
        facts.and_then(|facts| facts.number("max.message.bytes"))
    };
    let bytes = match mode {
        Mode::Gate => of(Role::Allowed),
        Mode::Shadow => of(Role::Allowed).or_else(|| of(Role::Outbound)),
    };
    bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0)
}
