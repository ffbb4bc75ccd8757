//! One route: its lanes, the watch over its sender, its breakers, and the answers in its name.
//!
//! Index, fence and clock are all routes'; whatever fails in here holds this route alone.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::api::Door;
use super::loops::{LaneMaker, Thread, spawn_lane};
use super::owned::Owned;
use super::route_topics::RouteTopics;
use super::sender::{SenderParts, spawn_sender};
use super::{AppError, Keyring};
use crate::config::Config;
use crate::kafka::{Clients, Overrun, TaintDefence};
use crate::stream::{Answers, BreakerBoard, FenceBoard, SenderBoard, SharedIndex, SystemClock};
use crate::telemetry::Health;

/// What all loops share.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) keys: Keyring,
    pub(super) cluster_id: String,
    pub(super) defence: TaintDefence,
    pub(super) index: Arc<SharedIndex>,
    pub(super) board: Arc<FenceBoard>,
    pub(super) health: Arc<Health>,
    pub(super) clock: Arc<SystemClock>,
    pub(super) stop: Arc<AtomicBool>,
}

/// A route that may start.
pub(super) struct PreparedRoute {
    pub(super) config: Config,
    pub(super) topics: RouteTopics,
    /// What the allowed topic takes, if the topics are as they must be.
    pub(super) message_bytes_max: Option<usize>,
}

/// A route at work.
pub(super) struct RouteAtWork {
    pub(super) door: Door,
    pub(super) outbound: String,
    pub(super) owned: Arc<Owned>,
    pub(super) threads: Vec<Thread>,
}

impl PreparedRoute {
    /// Starts its loops.
    ///
    /// # Errors
    /// The machine refused a thread.
    pub(super) fn start(
        self,
        common: &Common,
        bark: impl Fn(Overrun) + Clone + Send + 'static,
    ) -> Result<RouteAtWork, AppError> {
        let Self { config, topics, message_bytes_max } = self;
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let owned = Arc::new(Owned::new(config.route));
        let breakers = Arc::new(BreakerBoard::default());
        let mut threads = Vec::new();
        let sender = config.downstream.clone().map(|downstream| {
            let board = Arc::new(SenderBoard::new(downstream.silence_limit));
            (downstream, board)
        });
        if let Some((downstream, board)) = &sender {
            threads.push(spawn_sender(SenderParts {
                clients: clients.clone(),
                downstream: downstream.clone(),
                route: config.route,
                allowed: config.topics.allowed.to_string(),
                board: board.clone(),
                clock: common.clock.clone(),
                stop: common.stop.clone(),
            })?);
        }
        for lane in 0..config.gate.lanes {
            threads.push(spawn_lane(LaneMaker {
                lane,
                config: config.clone(),
                topics: topics.clone(),
                clients: clients.clone(),
                message_bytes_max,
                owned: owned.clone(),
                breakers: breakers.clone(),
                sender: sender.as_ref().map(|(_, board)| board.clone()),
                common: common.clone(),
                bark: bark.clone(),
            })?);
        }
        let outbound = config.topics.outbound.to_string();
        let rules = (Arc::new(config.policy), Arc::new(config.messages));
        let (index, board) = (common.index.clone(), common.board.clone());
        let limit = config.gate.fence_limit;
        let answers = Arc::new(Answers::new(index, board, common.clock.clone(), rules, limit));
        Ok(RouteAtWork { door: Door { answers, breakers }, outbound, owned, threads })
    }
}
