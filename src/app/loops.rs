//! The threads: each makes its part, runs it, and makes it again after a fault.
//!
//! While a part is being made, the lanes hold.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::home::Home;
use super::lane_state::{InHand, LaneState};
use super::owned::Owned;
use super::route::Common;
use super::route_topics::RouteTopics;
use super::supervise::supervise;
use crate::config::{
    AllowedMessages, Config, FenceKind, GateConfig, OnUndecodable as OnUndecodableSetting,
    StartFrom as StartFromSetting,
};
use crate::consent::RouteName;
use crate::index::ConsentIndex;
use crate::kafka::{
    Clients, ConsentSource, ConsentTopic, LaneClients, LaneTopics, Overrun, Watchdog,
};
use crate::stream::{
    Breaker, BreakerBoard, BreakerLimits, Clock, ConsentLoop, ConsentSettings, Fault, FaultKind,
    Holder, Lane, LaneParts, LaneSettings, LaneStep, OnUndecodable, Origin, SenderBoard, StartFrom,
};
use crate::telemetry::metrics::{ReplaceReason, RouteMeters};
use crate::telemetry::{HoldCause, Part, State};
use crate::wire::audit::AuditEncoder;
use crate::wire::formats::EventFormats;
use crate::wire::pseudonym::Pseudonyms;
use crate::wire::receipt::{ColumnWriter, FenceMode};

pub(super) type Thread = JoinHandle<Result<(), Fault>>;

/// What the consent thread needs.
pub(super) struct ConsentParts {
    pub(super) clients: Clients,
    pub(super) topics: Vec<ConsentTopic>,
    pub(super) settings: GateConfig,
    pub(super) formats: EventFormats,
    pub(super) common: Common,
}

pub(super) fn spawn_consent(parts: ConsentParts) -> io::Result<Thread> {
    Builder::new().name("consent".into()).spawn(move || {
        let Common { board, health, stop, .. } = &parts.common;
        supervise(stop, health, Part::Consent, || {
            let outcome = run_consent(&parts);
            if outcome.is_err() {
                board.hold(Holder::Consent, HoldCause::KafkaUnreachable);
            }
            outcome
        })
    })
}

fn run_consent(parts: &ConsentParts) -> Result<(), Fault> {
    let Common { keys, index, board, health, clock, stop, .. } = &parts.common;
    let port = ConsentSource::open(&parts.clients, parts.topics.clone())?;
    // A new reader starts from the beginning, and so must the index: what the old one learnt may be
    // from topics that are no longer there.
    let index_keys = keys.index.clone();
    let new_index = move || ConsentIndex::new(index_keys.clone());
    board.reset();
    index.write(|index| *index = new_index())?;
    let mut consent = ConsentLoop::new(
        port,
        clock.clone(),
        index.clone(),
        board.clone(),
        Box::new(new_index),
        consent_settings(&parts.settings, parts.formats.clone()),
    )
    .with_rolled(keys.rolled.clone());
    while !stop.load(Ordering::Relaxed) {
        consent.step()?;
        health.set(Part::Consent, State::Ready);
    }
    Ok(())
}

fn consent_settings(gate: &GateConfig, formats: EventFormats) -> ConsentSettings {
    let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
    ConsentSettings {
        poll_records: 2_000,
        poll_wait: Duration::from_millis(100),
        recheck_every: Duration::from_secs(10),
        clock_skew_limit_s: seconds(gate.clock_skew_limit),
        append_ahead_limit_s: seconds(gate.append_ahead_limit),
        on_undecodable: match gate.on_undecodable {
            OnUndecodableSetting::Quarantine => OnUndecodable::Quarantine,
            OnUndecodableSetting::Hold => OnUndecodable::Hold,
        },
        formats,
    }
}

/// What a lane's thread needs.
pub(super) struct LaneMaker<B> {
    pub(super) lane: u16,
    /// Of its route.
    pub(super) config: Config,
    pub(super) topics: RouteTopics,
    pub(super) clients: Clients,
    /// What the allowed topic takes, if the route's topics are known to be as they must.
    pub(super) message_bytes_max: Option<usize>,
    pub(super) owned: Arc<Owned>,
    pub(super) breakers: Arc<BreakerBoard>,
    pub(super) sender: Option<Arc<SenderBoard>>,
    pub(super) common: Common,
    pub(super) bark: B,
}

/// Of a lane whose route's topics are of no use.
const LOST: State = State::Holding(HoldCause::TopicUnusable);

pub(super) fn spawn_lane<B>(maker: LaneMaker<B>) -> io::Result<Thread>
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

/// Log lines of what belongs to a further route say so.
pub(super) fn route_span(route: RouteName) -> tracing::Span {
    match route {
        RouteName::MAIN => tracing::Span::none(),
        // At the level of errors, so that it is there whatever level is logged.
        route => tracing::error_span!("route", %route),
    }
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

    fn lane_topics(&self) -> LaneTopics {
        let topics = &self.config.topics;
        LaneTopics {
            outbound: topics.outbound.to_string(),
            allowed: topics.allowed.to_string(),
            audit: topics.audit.to_string(),
            receipts: topics.receipts.to_string(),
        }
    }

    fn parts(&self) -> LaneParts {
        let Common { keys, index, cluster_id, .. } = &self.common;
        LaneParts {
            index: index.clone(),
            format: Arc::new(self.config.messages.clone()),
            policy: Arc::new(self.config.policy.clone()),
            audit: AuditEncoder::new(Pseudonyms::new(keys.pseudonym.clone())),
            column: match self.config.allowed_messages {
                AllowedMessages::Offsets => None,
                AllowedMessages::Listed => {
                    Some(ColumnWriter::new(Pseudonyms::new(keys.pseudonym.clone())))
                }
            },
            signing: keys.signing.clone(),
            trusted: keys.trusted.clone(),
            origin: Origin {
                cluster_id: cluster_id.clone(),
                route: self.config.route,
                instance: self.config.gate.instance.clone(),
                lane: self.lane.into(),
                fence: match self.config.gate.fence {
                    FenceKind::Leader => FenceMode::Leader,
                    FenceKind::Quorum => FenceMode::Quorum,
                    FenceKind::Beat => FenceMode::Beat,
                },
                mode: self.config.gate.mode,
            },
        }
    }

    fn settings(&self) -> LaneSettings {
        let gate = &self.config.gate;
        LaneSettings {
            source_topic: self.config.topics.outbound.to_string(),
            batch_records: gate.batch_messages as usize,
            batch_wait: Duration::from_millis(2),
            idle_wait: Duration::from_millis(100),
            commit_every: gate.commit_interval,
            commit_records: gate.commit_messages.into(),
            fence_limit: gate.fence_limit,
            start_from: gate.start_from.map(start_from),
        }
    }
}

fn start_from(setting: StartFromSetting) -> StartFrom {
    match setting {
        StartFromSetting::Beginning => StartFrom::Beginning,
        StartFromSetting::End => StartFrom::End,
        StartFromSetting::Committed => StartFrom::Committed,
        StartFromSetting::Time { millis } => StartFrom::Time(millis),
    }
}
