//! What goes on behind a lane's back: the consent loop, the fence loop, and all who write.
//!
//! A lane that waits for its fence lets these go on, on the same thread, until the fence is there or
//! the time is over.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::index::{ConsentIndex, Fence, IndexKeys, Tick};
use consentgate::stream::{
    Clock, ConsentLoop, ConsentSettings, FaultKind, FenceBoard, FenceLoop, FenceSettings,
    FenceSource, Holder, OnUndecodable, SharedIndex,
};
use consentgate::telemetry::HoldCause;

use super::bugs::{Bug, BuggyConsent, BuggyEnds};
use super::clock::ModelClock;
use super::cluster::{CLUSTER_ID, EndsTrouble, Shared, Why};
use super::consent_ports::widths;
use super::writers::{AHEAD_LIMIT_S, Writers};

type Consent = ConsentLoop<BuggyConsent, Arc<ModelClock>>;
type Ends = FenceLoop<BuggyEnds, Arc<ModelClock>>;

/// Everything but the lanes.
pub(crate) struct Backstage {
    pub(crate) shared: Shared,
    pub(crate) index: Arc<SharedIndex>,
    pub(crate) board: Arc<FenceBoard>,
    pub(crate) writers: Writers,
    on_undecodable: OnUndecodable,
    consent: Option<Consent>,
    ends: Ends,
    bug: Option<Bug>,
    /// Faults of the consent loop that end the process.
    pub(crate) broken: Option<String>,
}

fn new_index() -> ConsentIndex {
    ConsentIndex::new(IndexKeys { mixing: 7, user_ids: [3; 16], tombstones: [5; 16] })
}

impl Backstage {
    pub(crate) fn new(shared: &Shared, bug: Option<Bug>, on_undecodable: OnUndecodable) -> Self {
        let clock = shared.borrow().clock.clone();
        let index = Arc::new(SharedIndex::new(new_index()));
        let board = Arc::new(FenceBoard::new(CLUSTER_ID));
        let settings = FenceSettings {
            limit: Duration::from_millis(60),
            idle_every: Duration::from_millis(15),
        };
        let ends = BuggyEnds::open(shared, bug);
        let widths = widths(shared);
        let ends = FenceLoop::new(ends, clock, index.clone(), board.clone(), &widths, settings);
        let writers = Writers::new(shared, on_undecodable);
        let (shared, consent, broken) = (shared.clone(), None, None);
        Self { shared, index, board, writers, on_undecodable, consent, ends, bug, broken }
    }

    /// One thing happens.
    pub(crate) fn step(&mut self) {
        self.shared.borrow().clock.advance(1);
        match self.shared.below(100) {
            0..=34 => self.step_consent(),
            35..=66 => self.step_ends(),
            67..=75 => self.writers.consent(),
            76..=96 => self.writers.engine(),
            97 => self.change_ends_trouble(),
            _ => self.shared.borrow().clock.advance(7),
        }
    }

    /// Like [`Backstage::step`], but nobody writes and nothing new goes wrong.
    pub(crate) fn step_quietly(&mut self) {
        self.shared.borrow().clock.advance(1);
        match self.shared.chance(50) {
            true => self.step_consent(),
            false => self.step_ends(),
        }
    }

    /// The consent loop as its thread runs it: after a fault it is made anew, and so is the index.
    fn step_consent(&mut self) {
        let Some(consent) = &mut self.consent else {
            self.board.reset();
            self.index.write(|index| *index = new_index()).unwrap();
            self.consent = Some(self.new_consent());
            return;
        };
        match consent.step() {
            Ok(_) => {}
            Err(fault) if fault.kind == FaultKind::Invariant => self.broken = Some(fault.what),
            Err(_) => {
                self.board.hold(Holder::Consent, HoldCause::KafkaUnreachable);
                self.consent = None;
            }
        }
    }

    fn new_consent(&self) -> Consent {
        let settings = ConsentSettings {
            poll_records: 6,
            poll_wait: Duration::ZERO,
            recheck_every: Duration::from_millis(40),
            clock_skew_limit_s: AHEAD_LIMIT_S,
            append_ahead_limit_s: AHEAD_LIMIT_S + 5,
            on_undecodable: self.on_undecodable,
            formats: Default::default(),
        };
        ConsentLoop::new(
            BuggyConsent::open(&self.shared, self.bug),
            self.shared.borrow().clock.clone(),
            self.index.clone(),
            self.board.clone(),
            Box::new(new_index),
            settings,
        )
    }

    fn step_ends(&mut self) {
        if let Err(fault) = self.ends.step() {
            self.broken = Some(fault.what);
        }
    }

    fn change_ends_trouble(&mut self) {
        use EndsTrouble::{Error, Missing, Regress, Silent};
        let kind = [Silent, Missing, Error, Regress][self.shared.below(4)];
        let cluster = &mut *self.shared.borrow();
        if cluster.ends.take().is_none() {
            cluster.ends = Some(kind);
            cluster.open_window(Why::Ends);
        } else {
            cluster.close_windows(|why| why == Why::Ends);
        }
    }

    /// No more trouble, and time enough for everything that waits for a time.
    pub(crate) fn heal(&mut self) {
        self.writers.heal();
        let cluster = &mut *self.shared.borrow();
        cluster.is_troubled = false;
        cluster.ends = None;
        cluster.close_windows(|why| why == Why::Ends);
        cluster.clock.advance(300_000);
    }
}

/// The fence as a lane sees it.
#[derive(Clone)]
pub(crate) struct Nested {
    pub(crate) backstage: Rc<RefCell<Backstage>>,
    /// Whether others write meanwhile.
    pub(crate) is_quiet: Rc<RefCell<bool>>,
}

impl FenceSource for Nested {
    fn fence_for(&self, polled_at: Tick, limit: Duration) -> Result<Arc<Fence>, HoldCause> {
        let (board, clock) = {
            let backstage = self.backstage.borrow();
            let clock = backstage.shared.borrow().clock.clone();
            (backstage.board.clone(), clock)
        };
        let until = clock.tick().0 + u64::try_from(limit.as_nanos()).unwrap();
        loop {
            let answer = board.fence_for(polled_at, Duration::ZERO);
            // Without a hold the board says that there is no fence yet.
            let waits = answer.is_err() && board.cause().is_none();
            if !waits || clock.tick().0 > until {
                return answer;
            }
            match *self.is_quiet.borrow() {
                true => self.backstage.borrow_mut().step_quietly(),
                false => self.backstage.borrow_mut().step(),
            }
        }
    }

    fn held(&self) -> Option<HoldCause> {
        self.backstage.borrow().board.cause()
    }
}
