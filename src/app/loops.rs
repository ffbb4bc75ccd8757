//! The threads: each makes its part, runs it, and makes it again after a fault.
//!
//! While a part is being made, the lanes hold.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::Keyring;
use super::home::Home;
use super::owned::Owned;
use super::supervise::supervise;
use crate::config::{
    AllowedMessages, Config, FenceKind, GateConfig, OnUndecodable as OnUndecodableSetting,
    StartFrom as StartFromSetting,
};
use crate::index::{ConsentIndex, IndexKeys};
use crate::kafka::{
    Clients, ConsentSource, ConsentTopic, LaneClients, LaneTopics, Overrun, TaintDefence, Watchdog,
};
use crate::stream::{
    Breaker, BreakerBoard, BreakerLimits, ConsentLoop, ConsentSettings, Fault, FaultKind,
    FenceBoard, Holder, Lane, LaneParts, LaneSettings, LaneStep, OnUndecodable, Origin, RolledLog,
    SenderBoard, SharedIndex, StartFrom, SystemClock,
};
use crate::telemetry::metrics::{self, ReplaceReason};
use crate::telemetry::{Health, HoldCause, Part, State};
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
    pub(super) keys: IndexKeys,
    pub(super) rolled: RolledLog,
    pub(super) index: Arc<SharedIndex>,
    pub(super) board: Arc<FenceBoard>,
    pub(super) health: Arc<Health>,
    pub(super) clock: Arc<SystemClock>,
    pub(super) stop: Arc<AtomicBool>,
}

pub(super) fn spawn_consent(parts: ConsentParts) -> io::Result<Thread> {
    Builder::new().name("consent".into()).spawn(move || {
        supervise(&parts.stop, &parts.health, Part::Consent, || {
            let outcome = run_consent(&parts);
            if outcome.is_err() {
                parts.board.hold(Holder::Consent, HoldCause::KafkaUnreachable);
            }
            outcome
        })
    })
}

fn run_consent(parts: &ConsentParts) -> Result<(), Fault> {
    let port = ConsentSource::open(&parts.clients, parts.topics.clone())?;
    // A new reader starts from the beginning, and so must the index: what the old one learnt may be
    // from topics that are no longer there.
    let keys = parts.keys.clone();
    let new_index = move || ConsentIndex::new(keys.clone());
    parts.board.reset();
    parts.index.write(|index| *index = new_index())?;
    let mut consent = ConsentLoop::new(
        port,
        parts.clock.clone(),
        parts.index.clone(),
        parts.board.clone(),
        Box::new(new_index),
        consent_settings(&parts.settings, parts.formats.clone()),
    )
    .with_rolled(parts.rolled.clone());
    while !parts.stop.load(Ordering::Relaxed) {
        consent.step()?;
        parts.health.set(Part::Consent, State::Ready);
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
    pub(super) config: Config,
    pub(super) keys: Keyring,
    pub(super) clients: Clients,
    pub(super) cluster_id: String,
    pub(super) message_bytes_max: usize,
    pub(super) defence: TaintDefence,
    pub(super) index: Arc<SharedIndex>,
    pub(super) board: Arc<FenceBoard>,
    pub(super) health: Arc<Health>,
    pub(super) owned: Arc<Owned>,
    pub(super) breakers: Arc<BreakerBoard>,
    pub(super) sender: Option<Arc<SenderBoard>>,
    pub(super) clock: Arc<SystemClock>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) bark: B,
}

pub(super) fn spawn_lane<B>(maker: LaneMaker<B>) -> io::Result<Thread>
where
    B: Fn(Overrun) + Clone + Send + 'static,
{
    Builder::new().name(format!("lane-{}", maker.lane)).spawn(move || {
        let part = Part::Lane(maker.lane);
        let mut home = Home::new(&maker.clients, &maker.board);
        supervise(&maker.stop, &maker.health, part, || {
            home.run(&maker.stop, &maker.health, part, || maker.run())
        })
    })
}

impl<B: Fn(Overrun) + Clone + Send + 'static> LaneMaker<B> {
    fn run(&self) -> Result<(), Fault> {
        let no_thread = |error| Fault::new(FaultKind::Fatal, format!("no watchdog: {error}"));
        let limit = self.config.gate.watchdog_limit;
        let watchdog = Watchdog::start(limit, self.bark.clone()).map_err(no_thread)?;
        let port = LaneClients::open(
            &self.clients,
            self.lane,
            self.topics(),
            self.message_bytes_max,
            watchdog,
            self.defence,
        )?;
        let (board, clock) = (self.board.clone(), self.clock.clone());
        let mut lane = Lane::new(port, board, clock, self.parts(), self.settings());
        let limits = BreakerLimits {
            share_percent: self.config.breaker.share_percent.into(),
            least_messages: self.config.breaker.least_messages.into(),
        };
        lane = lane.with_breaker(Breaker::new(limits, self.breakers.clone(), self.lane.into()));
        if let Some(sender) = &self.sender {
            lane = lane.with_sender(sender.clone());
        }
        if let Some(header) = self.config.decision_header {
            lane = lane.with_decision_header(header);
        }
        let ended = lane.run(&self.stop, |lane, step| {
            let state = match step {
                LaneStep::Held(cause) => State::Holding(*cause),
                _ => State::Ready,
            };
            self.health.set(Part::Lane(self.lane), state);
            if !matches!(step, LaneStep::Idle | LaneStep::Decided(_)) {
                self.owned.set(self.lane, lane.positions());
            }
        });
        self.owned.set(self.lane, std::iter::empty());
        if let Err(fault) = &ended {
            let reason = match fault.kind {
                FaultKind::Fenced => ReplaceReason::Fenced,
                _ => ReplaceReason::Fatal,
            };
            metrics::producer_replaced(reason);
        }
        ended
    }

    fn topics(&self) -> LaneTopics {
        let topics = &self.config.topics;
        LaneTopics {
            outbound: topics.outbound.to_string(),
            allowed: topics.allowed.to_string(),
            audit: topics.audit.to_string(),
            receipts: topics.receipts.to_string(),
        }
    }

    fn parts(&self) -> LaneParts {
        LaneParts {
            index: self.index.clone(),
            format: Arc::new(self.config.messages.clone()),
            policy: Arc::new(self.config.policy.clone()),
            audit: AuditEncoder::new(Pseudonyms::new(self.keys.pseudonym.clone())),
            column: match self.config.allowed_messages {
                AllowedMessages::Offsets => None,
                AllowedMessages::Listed => {
                    Some(ColumnWriter::new(Pseudonyms::new(self.keys.pseudonym.clone())))
                }
            },
            signing: self.keys.signing.clone(),
            trusted: self.keys.trusted.clone(),
            origin: Origin {
                cluster_id: self.cluster_id.clone(),
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
