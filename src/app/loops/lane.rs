//! The thread of a lane: its clients, its loop, and what is told of both.
//!
//! A lane that ended by a fault is made again, after a pause; one whose topics are of no
//! use holds until they are as they must be.

use std::io;
use std::sync::Arc;
use std::thread::Builder;
use std::time::Instant;

use super::{Thread, route_span};
use crate::app::home::Home;
use crate::app::lane_state::{InHand, LaneState};
use crate::app::owned::Owned;
use crate::app::route::Common;
use crate::app::route_topics::RouteTopics;
use crate::app::supervise::supervise;
use crate::config::Config;
use crate::consent::RouteName;
use crate::kafka::{Clients, LaneClients, Overrun, Watchdog};
use crate::stream::{
    Breaker, BreakerBoard, BreakerLimits, Clock, Fault, FaultKind, Lane, LaneStep, SenderBoard,
};
use crate::telemetry::metrics::{ReplaceReason, RouteMeters};
use crate::telemetry::{HoldCause, Part, State};

/// What a lane's thread needs.
pub(in crate::app) struct LaneMaker<B> {
    pub(in crate::app) lane: u16,
    /// Of its route.
    pub(in crate::app) config: Config,
    pub(in crate::app) topics: RouteTopics,
    pub(in crate::app) clients: Clients,
    /// What the allowed topic takes, if the route's topics are known to be as they must.
    pub(in crate::app) message_bytes_max: Option<usize>,
    pub(in crate::app) owned: Arc<Owned>,
    pub(in crate::app) breakers: Arc<BreakerBoard>,
    pub(in crate::app) sender: Option<Arc<SenderBoard>>,
    pub(in crate::app) common: Common,
    pub(in crate::app) bark: B,
}

/// Of a lane whose route's topics are of no use.
const LOST: State = State::Holding(HoldCause::TopicUnusable);

pub(in crate::app) fn spawn_lane<B>(maker: LaneMaker<B>) -> io::Result<Thread>
where
    B: Fn(Overrun) + Clone + Send + 'static,
{
    let name = match maker.config.route {
        RouteName::MAIN => format!("lane-{}", maker.lane),
        route => format!("{route}-{}", maker.lane),
    };
    Builder::new().name(name).spawn(move || {
        let _told = route_span(maker.config.route).entered();
        let part = maker.part();
        let found = maker.message_bytes_max;
        let Common { board, health, clock, stop, .. } = &maker.common;
        let mut home = Home::new(&maker.clients, board, &maker.topics, found);
        let mut state = LaneState::default();
        supervise(stop, health, part, || {
            let ended = home.run(stop, health, part, |home, message_bytes_max| {
                maker.run(home, message_bytes_max, &mut state)
            });
            match ended {
                Err(fault)
                    if fault.kind != FaultKind::Invariant
                        && state.failed(fault.kind, Instant::now()) == LOST =>
                {
                    state.lost(clock.wall_ms());
                    Err(Fault { kind: FaultKind::Refused, ..fault })
                }
                ended => ended,
            }
        })
    })
}

impl<B: Fn(Overrun) + Clone + Send + 'static> LaneMaker<B> {
    fn part(&self) -> Part {
        Part::Lane(self.config.route, self.lane)
    }

    fn run(
        &self,
        home: &Home<'_>,
        message_bytes_max: usize,
        state: &mut LaneState,
    ) -> Result<(), Fault> {
        let no_thread = |error| Fault::new(FaultKind::Fatal, format!("no watchdog: {error}"));
        let limit = self.config.gate.watchdog_limit;
        let watchdog = Watchdog::start(limit, self.bark.clone()).map_err(no_thread)?;
        let port = LaneClients::open(
            &self.clients,
            self.lane,
            self.lane_topics(),
            message_bytes_max,
            watchdog,
            self.common.defence,
        )?;
        let (board, clock) = (self.common.board.clone(), self.common.clock.clone());
        let mut lane = Lane::new(port, board, clock, self.parts(), self.settings());
        let limits = BreakerLimits {
            share_percent: self.config.breaker.share_percent.into(),
            least_messages: self.config.breaker.least_messages.into(),
        };
        lane = lane.with_breaker(Breaker::new(limits, self.breakers.clone(), self.lane.into()));
        if let Some(sender) = &self.sender {
            lane = lane.with_sender(sender.clone());
        }
        if let Some(since_ms) = home.lost_since_ms() {
            state.lost(since_ms);
        }
        if let Some(since_ms) = state.lost_since_ms() {
            lane = lane.after_hold(HoldCause::TopicUnusable, since_ms);
        }
        if let Some(header) = self.config.decision_header {
            lane = lane.with_decision_header(header);
        }
        let ended = lane.run(&self.common.stop, |lane, step| {
            let in_hand = match (lane.has_open_transaction(), lane.positions().next()) {
                (true, _) => InHand::Open,
                (false, Some(_)) => InHand::Settled,
                (false, None) => InHand::Nothing,
            };
            self.common.health.set(self.part(), state.after(step, in_hand, Instant::now()));
            // A topic that is gone looks like brokers that do not answer, for ever.
            if state.must_look() {
                home.still_there()?;
            }
            if !matches!(step, LaneStep::Idle | LaneStep::Decided(_)) {
                self.owned.set(self.lane, lane.positions());
            }
            Ok(())
        });
        self.owned.set(self.lane, std::iter::empty());
        if !lane.owes_past_hold() {
            state.told();
        }
        if let Err(fault) = &ended {
            let reason = match fault.kind {
                FaultKind::Fenced => ReplaceReason::Fenced,
                _ => ReplaceReason::Fatal,
            };
            RouteMeters::begin(self.config.route).producer_replaced(reason);
        }
        ended
    }
}
