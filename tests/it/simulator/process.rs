//! One gate's process: an index, a board, the consent loop, the fence loop, and lanes.
//!
//! A process that is killed is dead for all of its ports at once, in the middle of a call too; what
//! it knew is gone with it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::index::{ConsentIndex, IndexKeys};
use consentgate::stream::{
    ConsentLoop, ConsentSettings, Fault, FaultKind, FenceBoard, FenceLoop, FenceSettings, Holder,
    Lane, OnUndecodable, SharedIndex,
};
use consentgate::telemetry::HoldCause;

use super::bugs::{Bug, BuggyConsent, BuggyEnds, BuggyFence, BuggyLane};
use super::clock::ModelClock;
use super::cluster::{CLUSTER_ID, Shared};
use super::consent_ports::widths;
use super::group::MemberId;
use super::lane_port::Life;
use super::writers::{AHEAD_LIMIT_S, Writers};

pub(crate) type TestedLane = Lane<BuggyLane, BuggyFence, Arc<ModelClock>>;
type Consent = ConsentLoop<BuggyConsent, Arc<ModelClock>>;
type Ends = FenceLoop<BuggyEnds, Arc<ModelClock>>;

/// A lane at work.
pub(crate) struct Running {
    pub(crate) lane: TestedLane,
    pub(crate) member: MemberId,
    /// What its receipts call it: no other lane that was ever opened is called so.
    pub(crate) name: String,
}

/// What everything in a run shares.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) shared: Shared,
    pub(crate) writers: Rc<RefCell<Writers>>,
    pub(crate) bug: Option<Bug>,
    pub(crate) on_undecodable: OnUndecodable,
}

/// The process.
pub(crate) struct Process {
    pub(crate) gate: u32,
    pub(crate) life: Life,
    /// Whether its group and its supervisor have given it up, although it goes on.
    pub(crate) is_zombie: Cell<bool>,
    pub(crate) clock: Arc<ModelClock>,
    pub(crate) index: Arc<SharedIndex>,
    pub(crate) board: Arc<FenceBoard>,
    pub(crate) lanes: Vec<RefCell<Option<Running>>>,
    common: Common,
    consent: RefCell<Option<Consent>>,
    ends: RefCell<Ends>,
}

fn new_index() -> ConsentIndex {
    ConsentIndex::new(IndexKeys { mixing: 7, user_ids: [3; 16], tombstones: [5; 16] })
}

impl Process {
    pub(crate) fn start(common: &Common, gate: u32, lanes: u32) -> Self {
        let clock = common.shared.borrow().clock.of_another_machine();
        let index = Arc::new(SharedIndex::new(new_index()));
        let board = Arc::new(FenceBoard::new(CLUSTER_ID));
        let settings = FenceSettings {
            limit: Duration::from_millis(60),
            idle_every: Duration::from_millis(15),
        };
        let life = Rc::new(Cell::new(true));
        let ends = BuggyEnds::open(common, &life);
        let widths = widths(&common.shared);
        let (c, i, b) = (clock.clone(), index.clone(), board.clone());
        let ends = RefCell::new(FenceLoop::new(ends, c, i, b, &widths, settings));
        Self {
            gate,
            life,
            is_zombie: Cell::new(false),
            clock,
            index,
            board,
            lanes: (0..lanes).map(|_| RefCell::new(None)).collect(),
            common: common.clone(),
            consent: RefCell::new(None),
            ends,
        }
    }

    /// The consent loop as its thread runs it: after a fault it is made anew, and so is the index.
    ///
    /// # Errors
    /// A broken invariant.
    pub(crate) fn step_consent(&self) -> Result<(), Fault> {
        let mut consent = self.consent.borrow_mut();
        let Some(running) = &mut *consent else {
            self.common.shared.borrow().note(|| "index reset".to_string());
            self.board.reset();
            self.index.write(|index| *index = new_index())?;
            *consent = Some(self.new_consent());
            return Ok(());
        };
        match running.step() {
            Err(fault) if fault.kind == FaultKind::Invariant => Err(fault),
            Err(_) => {
                self.board.hold(Holder::Consent, HoldCause::KafkaUnreachable);
                *consent = None;
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    fn new_consent(&self) -> Consent {
        let settings = ConsentSettings {
            poll_records: 10,
            poll_wait: Duration::ZERO,
            recheck_every: Duration::from_millis(100),
            clock_skew_limit_s: AHEAD_LIMIT_S,
            append_ahead_limit_s: AHEAD_LIMIT_S + 5,
            on_undecodable: self.common.on_undecodable,
            formats: Default::default(),
        };
        ConsentLoop::new(
            BuggyConsent::open(&self.common, &self.life),
            self.clock.clone(),
            self.index.clone(),
            self.board.clone(),
            Box::new(new_index),
            settings,
        )
    }

    /// The fence loop's part.
    ///
    /// # Errors
    /// A broken invariant.
    pub(crate) fn step_ends(&self) -> Result<(), Fault> {
        self.ends.borrow_mut().step().map(drop)
    }

    /// Whether no lane of it is in the middle of a step.
    pub(crate) fn is_between_steps(&self) -> bool {
        self.lanes.iter().all(|lane| lane.try_borrow_mut().is_ok())
    }
}
