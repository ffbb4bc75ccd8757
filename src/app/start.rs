//! From a configuration to a gate at work: ask, check, then start.
//!
//! Nothing is read or written before every condition of the topics is kept.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::api::Doors;
use super::blind_ends::Asking;
use super::fence::{FenceParts, spawn_fence};
use super::loops::{ConsentParts, spawn_consent};
use super::meters::{MeterParts, spawn_meters};
use super::route::{Common, PreparedRoute};
use super::route_topics::{RouteTopics, log_findings};
use super::{AppError, Gate, Keyring};
use crate::config::{Config, GroupProtocol};
use crate::index::ConsentIndex;
use crate::kafka::topics::TopicAdmin;
use crate::kafka::{Clients, ConsentTopic, Overrun, TaintDefence, broker_sharing, library_version};
use crate::stream::{FenceBoard, SharedIndex, SystemClock};
use crate::telemetry::{Health, metrics};

/// A gate whose conditions are kept and that may start.
pub struct Prepared {
    config: Config,
    keys: Keyring,
    clients: Clients,
    cluster_id: String,
    consent_topics: Vec<ConsentTopic>,
    routes: Vec<PreparedRoute>,
    defence: TaintDefence,
    asking: Asking,
}

/// Loads the keys, asks Kafka, and checks the topics. Of several routes those start whose topics are as
/// they must be; the others hold until theirs are.
///
/// # Errors
/// Keys that cannot be used, Kafka that is not reached, topics that are not as they must be.
pub fn prepare(config: Config) -> Result<Prepared, AppError> {
    let (keys, warnings) = config.keys.load().map_err(AppError::Keys)?;
    for warning in warnings {
        let path = warning.path.display();
        tracing::warn!(%path, mode = format!("{:o}", warning.mode), "keys.readable_by_others");
    }
    let keys = Keyring::new(&keys)?;
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let admin = TopicAdmin::open(&clients)?;
    let cluster = admin.cluster()?;
    if config.gate.group_protocol == GroupProtocol::Consumer {
        broker_sharing(&clients, &admin)?;
    }
    let (routes, consent_topics) = find_routes(&config, &admin)?;
    Ok(Prepared {
        routes,
        consent_topics,
        cluster_id: cluster.id,
        defence: TaintDefence::Replace,
        asking: Asking::Brokers(config.gate.fence),
        config,
        keys,
        clients,
    })
}

/// Looks at the topics of each route.
fn find_routes(
    config: &Config,
    admin: &TopicAdmin,
) -> Result<(Vec<PreparedRoute>, Vec<ConsentTopic>), AppError> {
    let (mut routes, mut consent_topics) = (Vec::new(), Vec::new());
    let (mut shared, mut own) = (Vec::new(), Vec::new());
    for config in config.routes() {
        let topics = RouteTopics::of(config);
        let found = topics.find(admin)?;
        consent_topics = found.consent;
        for finding in found.shared {
            if !shared.contains(&finding) {
                shared.push(finding);
            }
        }
        let message_bytes_max = found.own.as_ref().ok().copied();
        own.push((config.route, found.own.err()));
        routes.push(PreparedRoute { config: config.clone(), topics, message_bytes_max });
    }
    let none_is_whole = own.iter().all(|(_, findings)| findings.is_some());
    if none_is_whole || !shared.is_empty() {
        shared.extend(own.into_iter().filter_map(|(_, findings)| findings).flatten());
        return Err(AppError::Topics(shared));
    }
    for (route, findings) in own {
        log_findings(route, &findings.unwrap_or_default());
    }
    Ok((routes, consent_topics))
}

impl Prepared {
    /// Switches the defence against late transaction ends off. For tests of the tests only.
    #[doc(hidden)]
    #[must_use]
    pub fn without_taint_defence(mut self) -> Self {
        self.defence = TaintDefence::Ignore;
        self
    }

    /// Lets the fence claim that the consent topics end where the index stands, without asking.
    /// Nothing holds then, and opt-outs slip. For tests of the tests only.
    #[doc(hidden)]
    #[must_use]
    pub fn with_blind_fence(mut self) -> Self {
        self.asking = Asking::Nobody;
        // It decides before it knows any business, which a breaker takes for a broken engine.
        self.routes.iter_mut().for_each(|route| route.config.breaker.share_percent = 100);
        self
    }

    /// Starts all loops. `bark` is called from another thread when a call to Kafka hangs.
    ///
    /// # Errors
    /// The machine refused a thread.
    pub fn start(self, bark: impl Fn(Overrun) + Clone + Send + 'static) -> Result<Gate, AppError> {
        let gate = &self.config.gate;
        let limits = self.routes.iter().map(|route| route.config.gate.fence_limit);
        // One fence serves all: it says that it is late when it is so for every route, and each lane waits
        // no longer than its own route lets it.
        let fence_limit = limits.max().unwrap_or(gate.fence_limit);
        let common = self.common();
        let mut threads = vec![
            spawn_consent(ConsentParts {
                clients: self.clients.clone(),
                topics: self.consent_topics.clone(),
                settings: gate.clone(),
                formats: self.config.consent.clone(),
                common: common.clone(),
            })?,
            spawn_fence(FenceParts {
                clients: self.clients.clone(),
                topics: self.consent_topics.clone(),
                limit: fence_limit,
                asking: self.asking,
                formats: self.config.consent.clone(),
                common: common.clone(),
            })?,
        ];
        let (mut doors, mut outbound) = (Doors::default(), Vec::new());
        for route in self.routes {
            let name = route.config.route;
            let at_work = route.start(&common, bark.clone())?;
            doors.insert(name, at_work.door);
            outbound.push((at_work.outbound, at_work.owned));
            threads.extend(at_work.threads);
        }
        threads.push(spawn_meters(MeterParts {
            clients: self.clients,
            consent: self.consent_topics,
            outbound,
            index: common.index.clone(),
            board: common.board.clone(),
            stop: common.stop.clone(),
        })?);
        let Common { health, index, board, stop, .. } = common;
        Ok(Gate { health, index, board, doors: Arc::new(doors), stop, threads })
    }

    /// What the loops share, before any of them has begun.
    fn common(&self) -> Common {
        let lanes = self.routes.iter().map(|route| (route.config.route, route.config.gate.lanes));
        let routes = self.routes.iter().map(|route| route.config.route);
        metrics::begin(env!("CARGO_PKG_VERSION"), &library_version(), routes);
        Common {
            keys: self.keys.clone(),
            cluster_id: self.cluster_id.clone(),
            defence: self.defence,
            index: Arc::new(SharedIndex::new(ConsentIndex::new(self.keys.index.clone()))),
            board: Arc::new(FenceBoard::new(&self.cluster_id)),
            health: Arc::new(Health::new(lanes)),
            clock: Arc::new(SystemClock::start()),
            stop: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The configuration that it will start with.
    pub fn config(&self) -> &Config {
        &self.config
    }
}
