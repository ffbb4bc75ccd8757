//! One run: a seed, a bug or none, and what is left in the topics.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::policy::{ConsentTexts, Policy};
use consentgate::stream::{
    Fault, FaultKind, Lane, LaneParts, LaneSettings, OnUndecodable, Origin, StartFrom,
};
use consentgate::wire::audit::AuditEncoder;
use consentgate::wire::formats::Format;
use consentgate::wire::pseudonym::Pseudonyms;
use consentgate::wire::receipt::{ColumnWriter, FenceMode, Mode};

use super::backstage::{Backstage, Nested};
use super::bugs::{Bug, BuggyFence, BuggyLane};
use super::clock::ModelClock;
use super::cluster::{CLUSTER_ID, Shared};
use super::group::MemberId;
use super::keys::Keys;
use super::lane_port::ModelLane;
use super::seen_holds::SeenHolds;

pub(crate) const SOURCE: &str = "outbound";
const LANES: u32 = 2;
const STEPS: usize = 500;
/// Steps in which everything must come to an end once nothing is wrong any longer.
const STEPS_TO_END: usize = 4_000;

type TestedLane = Lane<BuggyLane, BuggyFence, Arc<ModelClock>>;

struct Running {
    lane: TestedLane,
    member: MemberId,
    instance: String,
}

/// A run that is over.
pub(crate) struct Outcome {
    pub(crate) shared: Shared,
    pub(crate) keys: Keys,
    pub(crate) policy: Policy,
    pub(crate) holds: SeenHolds,
    pub(crate) messages: u64,
    /// Invariants that the code under test found broken.
    pub(crate) broken: Vec<String>,
    /// Whether everything was decided at the end.
    pub(crate) is_finished: bool,
}

struct Run {
    shared: Shared,
    backstage: Rc<RefCell<Backstage>>,
    is_quiet: Rc<RefCell<bool>>,
    bug: Option<Bug>,
    keys: Keys,
    lanes: Vec<Option<Running>>,
    opened: u32,
    holds: SeenHolds,
    broken: Vec<String>,
}

/// Runs a seed to its end.
pub(crate) fn run(seed: u64, bug: Option<Bug>) -> Outcome {
    let shared = Shared::new(seed, Arc::new(ModelClock::default()));
    let on_undecodable = match seed % 4 {
        0 => OnUndecodable::Hold,
        _ => OnUndecodable::Quarantine,
    };
    let backstage = Rc::new(RefCell::new(Backstage::new(&shared, bug, on_undecodable)));
    let mut run = Run {
        shared,
        backstage,
        is_quiet: Rc::new(RefCell::new(false)),
        bug,
        keys: Keys::new(),
        lanes: (0..LANES).map(|_| None).collect(),
        opened: 0,
        holds: SeenHolds::default(),
        broken: Vec::new(),
    };
    for _ in 0..STEPS {
        run.step();
    }
    let is_finished = run.come_to_an_end();
    let backstage = run.backstage.borrow();
    run.broken.extend(backstage.broken.clone());
    Outcome {
        shared: run.shared,
        keys: run.keys,
        policy: policy(),
        holds: run.holds,
        messages: backstage.writers.messages(),
        broken: run.broken,
        is_finished,
    }
}

impl Run {
    fn step(&mut self) {
        match self.shared.below(100) {
            0..=44 => self.backstage.borrow_mut().step(),
            45..=89 => self.step_lane(),
            90..=92 => self.shared.borrow().group.rebalance(),
            93..=94 => self.crash(),
            95 => self.throw_out(),
            96..=97 => self.coordinate(),
            98 => self.shared.borrow().clock.set_back(700),
            _ => self.shared.borrow().clock.advance(2_000),
        }
    }

    fn step_lane(&mut self) {
        let number = self.shared.below(self.lanes.len());
        if self.lanes[number].is_none() {
            let lane = u32::try_from(number).unwrap();
            self.lanes[number] = Some(self.open(lane));
            return;
        }
        let Some(running) = &mut self.lanes[number] else {
            return;
        };
        let step = running.lane.step();
        let wall_ms = self.shared.borrow().wall_max_ms();
        self.holds.note(&running.instance, step.as_ref().ok(), wall_ms);
        if let Err(fault) = step {
            self.end_of(number, fault);
        }
    }

    /// A lane that failed is dropped; its client says farewell to the group.
    fn end_of(&mut self, number: usize, fault: Fault) {
        if fault.kind == FaultKind::Invariant {
            self.broken.push(fault.what);
        }
        if let Some(running) = self.lanes[number].take() {
            self.shared.borrow().group.leave(running.member);
        }
    }

    /// A lane is gone without a word.
    fn crash(&mut self) {
        let number = self.shared.below(self.lanes.len());
        if let Some(running) = self.lanes[number].take() {
            // Its session ends before anybody else gets its partitions.
            self.shared.borrow().group.leave(running.member);
        }
    }

    fn throw_out(&mut self) {
        let number = self.shared.below(self.lanes.len());
        if let Some(running) = &self.lanes[number] {
            self.shared.borrow().group.throw_out(running.member);
        }
    }

    /// Transactions of lanes that are gone come to their end.
    fn coordinate(&mut self) {
        for (number, lane) in self.lanes.iter().enumerate() {
            if lane.is_none() {
                self.shared.borrow().finish(u32::try_from(number).unwrap());
            }
        }
    }

    fn open(&mut self, lane: u32) -> Running {
        self.opened += 1;
        let instance = format!("gate-{}", self.opened);
        let port = ModelLane::open(&self.shared, lane);
        let member = port.member;
        let port = BuggyLane::new(port, self.bug, self.keys.clone());
        let backstage = self.backstage.clone();
        let is_quiet = self.is_quiet.clone();
        let fence = BuggyFence::new(Nested { backstage, is_quiet }, self.bug);
        let parts = LaneParts {
            format: Arc::new(Format::PROTOBUF),
            index: self.backstage.borrow().index.clone(),
            policy: Arc::new(policy()),
            audit: AuditEncoder::new(Pseudonyms::new(self.keys.pseudonym.clone())),
            // Every other lane lists what it allows; planted bugs write receipts of their own.
            column: (self.bug.is_none() && self.opened.is_multiple_of(2))
                .then(|| ColumnWriter::new(Pseudonyms::new(self.keys.pseudonym.clone()))),
            signing: self.keys.signing.clone(),
            trusted: self.keys.trusted.clone(),
            origin: Origin {
                cluster_id: CLUSTER_ID.to_string(),
                instance: instance.clone(),
                lane,
                fence: FenceMode::Leader,
                mode: Mode::Gate,
            },
        };
        let settings = LaneSettings {
            source_topic: SOURCE.to_string(),
            batch_records: 8,
            batch_wait: Duration::ZERO,
            idle_wait: Duration::from_millis(20),
            commit_every: Duration::from_millis(30),
            commit_records: 12,
            fence_limit: Duration::from_millis(40),
            start_from: Some(StartFrom::Beginning),
        };
        let clock = self.shared.borrow().clock.clone();
        Running { lane: Lane::new(port, fence, clock, parts, settings), member, instance }
    }

    /// Nothing is wrong any longer: everything must be decided, and then the lanes stop in order.
    fn come_to_an_end(&mut self) -> bool {
        self.backstage.borrow_mut().heal();
        *self.is_quiet.borrow_mut() = true;
        self.coordinate();
        for _ in 0..STEPS_TO_END {
            if !self.broken.is_empty() {
                return false;
            }
            self.backstage.borrow_mut().step_quietly();
            self.step_lane();
            if self.is_all_committed() {
                return true;
            }
        }
        false
    }

    /// Whether the group's offsets lie behind the last message that can be seen.
    fn is_all_committed(&self) -> bool {
        use super::log::Name;
        let cluster = self.shared.borrow();
        cluster.log.partitions(Name::Outbound).all(|partition| {
            let last = cluster.log.committed(Name::Outbound, partition).pop();
            let next = cluster.group.offsets.get(&partition).map(|(next, _)| *next);
            last.is_none_or(|last| next.is_some_and(|next| next > last.offset))
        })
    }
}

/// Grants on any text will do: these laws are not about texts.
fn policy() -> Policy {
    Policy::standard().with_consent_texts(ConsentTexts::Any)
}
