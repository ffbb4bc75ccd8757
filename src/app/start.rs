//! From a configuration to a gate at work: ask, check, then start.
//!
//! Nothing is read or written before every condition of the topics is kept.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::blind_ends::Asking;
use super::fence::{FenceParts, spawn_fence};
use super::loops::{ConsentParts, LaneMaker, spawn_consent, spawn_lane};
use super::meters::{MeterParts, spawn_meters};
use super::owned::Owned;
use super::sender::{SenderParts, spawn_sender};
use super::{AppError, Gate, Keyring};
use crate::config::{Config, TopicNames};
use crate::index::ConsentIndex;
use crate::kafka::topics::{
    Finding, Role, Roles, TopicAdmin, conditions, conditions_in_shadow, consent_topics,
};
use crate::kafka::{Clients, ConsentTopic, Overrun, TaintDefence, library_version};
use crate::stream::{Answers, BreakerBoard, FenceBoard, SenderBoard, SharedIndex, SystemClock};
use crate::telemetry::{Health, metrics};
use crate::wire::receipt::Mode;

/// How long a new topic may take until all brokers know it.
const NEW_TOPIC_ASKS: usize = 4;
const NEW_TOPIC_PAUSE: Duration = Duration::from_millis(500);

/// A gate whose conditions are kept and that may start.
pub struct Prepared {
    config: Config,
    keys: Keyring,
    clients: Clients,
    cluster_id: String,
    consent_topics: Vec<ConsentTopic>,
    message_bytes_max: usize,
    defence: TaintDefence,
    asking: Asking,
}

/// Loads the keys, asks Kafka, and checks the topics.
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
    let roles = settled_roles(&admin, &config.topics, config.gate.mode)?;
    let findings = broken_conditions(config.gate.mode, &roles);
    if !findings.is_empty() {
        return Err(AppError::Topics(findings));
    }
    Ok(Prepared {
        consent_topics: consent_topics(&roles),
        message_bytes_max: message_bytes_max(config.gate.mode, &roles),
        cluster_id: cluster.id,
        defence: TaintDefence::Replace,
        asking: Asking::Brokers(config.gate.fence),
        config,
        keys,
        clients,
    })
}

/// The topics, asked for again while one is missing: one that was just made is not known to every
/// broker at once.
fn settled_roles(admin: &TopicAdmin, names: &TopicNames, mode: Mode) -> Result<Roles, AppError> {
    for _ in 0..NEW_TOPIC_ASKS {
        let roles = gate_roles(admin, names)?;
        let may_be_missing = |role: &Role| mode == Mode::Shadow && *role == Role::Allowed;
        if roles.iter().all(|(role, (_, facts))| facts.is_some() || may_be_missing(role)) {
            return Ok(roles);
        }
        std::thread::sleep(NEW_TOPIC_PAUSE);
    }
    gate_roles(admin, names)
}

/// The topics that the gate itself needs.
fn gate_roles(admin: &TopicAdmin, names: &TopicNames) -> Result<Roles, AppError> {
    let mut roles = admin.roles(names)?;
    roles.retain(|role, _| role.is_the_gates());
    Ok(roles)
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
        self
    }

    /// Starts all loops. `bark` is called from another thread when a call to Kafka hangs.
    ///
    /// # Errors
    /// The machine refused a thread.
    pub fn start(self, bark: impl Fn(Overrun) + Clone + Send + 'static) -> Result<Gate, AppError> {
        let gate = &self.config.gate;
        let health = Arc::new(Health::new(gate.lanes));
        let index = Arc::new(SharedIndex::new(ConsentIndex::new(self.keys.index.clone())));
        let board = Arc::new(FenceBoard::new(&self.cluster_id));
        let clock = Arc::new(SystemClock::start());
        let stop = Arc::new(AtomicBool::new(false));
        let owned = Arc::new(Owned::default());
        metrics::begin(env!("CARGO_PKG_VERSION"), &library_version());
        let mut threads = Vec::new();
        threads.push(spawn_consent(ConsentParts {
            clients: self.clients.clone(),
            topics: self.consent_topics.clone(),
            settings: gate.clone(),
            formats: self.config.consent.clone(),
            keys: self.keys.index.clone(),
            rolled: self.keys.rolled.clone(),
            index: index.clone(),
            board: board.clone(),
            health: health.clone(),
            clock: clock.clone(),
            stop: stop.clone(),
        })?);
        threads.push(spawn_fence(FenceParts {
            clients: self.clients.clone(),
            topics: self.consent_topics.clone(),
            limit: gate.fence_limit,
            asking: self.asking,
            formats: self.config.consent.clone(),
            index: index.clone(),
            board: board.clone(),
            health: health.clone(),
            clock: clock.clone(),
            stop: stop.clone(),
        })?);
        let breakers = Arc::new(BreakerBoard::default());
        let sender = self.config.downstream.clone().map(|downstream| {
            let board = Arc::new(SenderBoard::new(downstream.silence_limit));
            (downstream, board)
        });
        if let Some((downstream, board)) = &sender {
            threads.push(spawn_sender(SenderParts {
                clients: self.clients.clone(),
                downstream: downstream.clone(),
                allowed: self.config.topics.allowed.to_string(),
                board: board.clone(),
                clock: clock.clone(),
                stop: stop.clone(),
            })?);
        }
        for lane in 0..gate.lanes {
            threads.push(spawn_lane(LaneMaker {
                lane,
                config: self.config.clone(),
                keys: self.keys.clone(),
                clients: self.clients.clone(),
                cluster_id: self.cluster_id.clone(),
                message_bytes_max: self.message_bytes_max,
                defence: self.defence,
                index: index.clone(),
                board: board.clone(),
                health: health.clone(),
                owned: owned.clone(),
                breakers: breakers.clone(),
                sender: sender.as_ref().map(|(_, board)| board.clone()),
                clock: clock.clone(),
                stop: stop.clone(),
                bark: bark.clone(),
            })?);
        }
        threads.push(spawn_meters(MeterParts {
            clients: self.clients.clone(),
            consent: self.consent_topics.clone(),
            outbound: self.config.topics.outbound.to_string(),
            index: index.clone(),
            board: board.clone(),
            owned,
            stop: stop.clone(),
        })?);
        let rules = (Arc::new(self.config.policy.clone()), Arc::new(self.config.messages.clone()));
        let answers = Answers::new(index.clone(), board.clone(), clock, rules, gate.fence_limit);
        let answers = Arc::new(answers);
        Ok(Gate { health, index, board, answers, breakers, stop, threads })
    }

    /// The configuration that it will start with.
    pub fn config(&self) -> &Config {
        &self.config
    }
}

/// What of the topics is not as this mode needs it.
pub fn broken_conditions(mode: Mode, roles: &Roles) -> Vec<Finding> {
    match mode {
        Mode::Gate => conditions(roles),
        Mode::Shadow => conditions_in_shadow(roles),
    }
}

/// What the allowed topic takes. The conditions have seen to it that it can be read. For a shadow before there is one: what it will have to take.
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
