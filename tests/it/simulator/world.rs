//! A run: gates, those who write, and whatever goes wrong, one step after the other.
//!
//! What happens next is always chance of the seed. A lane that waits for its fence lets everything
//! else go on meanwhile, on the same thread, other lanes and crashes among it.

mod mishaps;
mod nested;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::consent::RouteName;
use consentgate::policy::{ConsentTexts, Policy};
use consentgate::stream::{
    Fault, FaultKind, Lane, LaneParts, LaneSettings, OnUndecodable, Origin, StartFrom,
};
use consentgate::wire::audit::AuditEncoder;
use consentgate::wire::formats::Format;
use consentgate::wire::pseudonym::Pseudonyms;
use consentgate::wire::receipt::{ColumnWriter, FenceMode, Mode};

use super::bugs::{Bug, BuggyFence, BuggyLane};
use super::cluster::{CLUSTER_ID, Shared, Trace, Why};
use super::group::MemberId;
use super::keys::Keys;
use super::log::Name;
use super::process::{Common, Process, Running};
use super::producers::ProducerId;
use super::seen_holds::SeenHolds;
use super::writers::Writers;

pub(crate) use self::nested::Nested;

pub(crate) const SOURCE: &str = "outbound";
/// How many lanes each gate has.
const GATES: [u32; 2] = [2, 1];
const STEPS: usize = 1_000;
/// Steps in which everything must come to an end once nothing is wrong any longer.
const STEPS_TO_END: usize = 8_000;

/// What went wrong in a run, counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mishaps {
    pub(crate) killed: usize,
    pub(crate) stopped: usize,
    pub(crate) frozen: usize,
    pub(crate) thrown_out: usize,
    pub(crate) clocks: usize,
}

/// A run that is over.
pub(crate) struct Outcome {
    pub(crate) shared: Shared,
    pub(crate) keys: Keys,
    pub(crate) policy: Policy,
    pub(crate) holds: SeenHolds,
    pub(crate) messages: u64,
    pub(crate) mishaps: Mishaps,
    /// Invariants that the code under test found broken.
    pub(crate) broken: Vec<String>,
    /// Whether everything was decided at the end.
    pub(crate) is_finished: bool,
}

pub(crate) struct World {
    common: Common,
    is_quiet: Cell<bool>,
    keys: Keys,
    processes: RefCell<Vec<Rc<Process>>>,
    /// Members that are gone, and whose sessions have not ended yet.
    expiring: RefCell<Vec<MemberId>>,
    opened: Cell<u32>,
    holds: RefCell<SeenHolds>,
    mishaps: Cell<Mishaps>,
    broken: RefCell<Vec<String>>,
}

/// Runs a seed to its end.
pub(crate) fn run(seed: u64, bug: Option<Bug>, trace: Trace) -> Outcome {
    let shared = Shared::new(seed, trace);
    let on_undecodable = match seed % 4 {
        0 => OnUndecodable::Hold,
        _ => OnUndecodable::Quarantine,
    };
    let writers = Rc::new(RefCell::new(Writers::new(&shared, on_undecodable)));
    let common = Common { shared: shared.clone(), writers, bug, on_undecodable };
    let world = Rc::new(World {
        common,
        is_quiet: Cell::new(false),
        keys: Keys::new(),
        processes: RefCell::default(),
        expiring: RefCell::default(),
        opened: Cell::new(0),
        holds: RefCell::default(),
        mishaps: Cell::default(),
        broken: RefCell::default(),
    });
    for _ in 0..STEPS {
        world.happen();
        if !world.broken.borrow().is_empty() {
            break;
        }
    }
    let is_finished = world.come_to_an_end();
    world.outcome(is_finished)
}

impl World {
    fn shared(&self) -> &Shared {
        &self.common.shared
    }

    fn note(&self, what: impl FnOnce() -> String) {
        self.shared().borrow().note(what);
    }

    fn count(&self, what: impl FnOnce(&mut Mishaps)) {
        let mut mishaps = self.mishaps.get();
        what(&mut mishaps);
        self.mishaps.set(mishaps);
    }

    /// One thing happens, whatever is going on.
    fn happen(self: &Rc<Self>) {
        self.shared().borrow().clock.advance(1);
        self.bury();
        match self.shared().below(100) {
            0..=7 => self.mend(),
            8..=15 => self.expire(),
            16..=23 => self.start_one(),
            _ => {}
        }
        match self.shared().below(1_000) {
            0..=149 => self.step_both(),
            150..=269 => self.step_consent(),
            270..=389 => self.step_ends(),
            390..=429 => self.common.writers.borrow_mut().consent(),
            430..=529 => self.common.writers.borrow_mut().engine(),
            530..=929 => self.step_lane(),
            930..=932 => self.change_ends_trouble(),
            933..=937 => self.change_leader(),
            938 => self.cut(),
            939..=940 => self.shared().borrow().group.rebalance(),
            941..=942 => self.throw_out(),
            943 => self.kill(),
            944 => self.freeze(),
            945 => self.stop(),
            946..=949 => self.coordinate(),
            950 => self.shared().borrow().time_out(),
            951..=969 => self.shared().borrow().arrive(),
            970 => self.set_a_clock(),
            971..=974 => self.shared().borrow().clock.advance(7),
            975 => self.shared().borrow().clock.advance(2_000),
            _ => {}
        }
    }

    /// Nothing goes wrong any longer, and nobody writes.
    fn happen_quietly(self: &Rc<Self>) {
        self.shared().borrow().clock.advance(1);
        self.common.writers.borrow_mut().heal();
        match self.shared().below(100) {
            0..=34 => self.step_consent(),
            35..=64 => self.step_ends(),
            65..=96 => self.step_lane(),
            _ => self.start_one(),
        }
    }

    /// Any process, if there is one.
    fn any(&self) -> Option<Rc<Process>> {
        let processes = self.processes.borrow();
        let at = self.shared().borrow().pick(processes.len());
        processes.get(at).cloned()
    }

    fn find_broken(&self, done: Result<(), Fault>) {
        if let Err(fault) = done
            && fault.kind == FaultKind::Invariant
        {
            self.broken.borrow_mut().push(fault.what);
        }
    }

    /// Both loops of a process get ahead.
    fn step_both(&self) {
        if let Some(process) = self.any() {
            for _ in 0..2 {
                self.find_broken(process.step_consent());
                self.find_broken(process.step_ends());
            }
        }
    }

    fn step_consent(&self) {
        if let Some(process) = self.any() {
            self.find_broken(process.step_consent());
        }
    }

    fn step_ends(&self) {
        if let Some(process) = self.any() {
            self.find_broken(process.step_ends());
        }
    }

    fn step_lane(self: &Rc<Self>) {
        let Some(process) = self.any() else {
            return;
        };
        let number = self.shared().below(process.lanes.len());
        // A lane in the middle of a step waits for its fence, and does nothing else.
        let Ok(mut slot) = process.lanes[number].try_borrow_mut() else {
            return;
        };
        let Some(running) = &mut *slot else {
            *slot = Some(self.open(&process, u32::try_from(number).unwrap()));
            return;
        };
        let step = running.lane.step();
        let (wall_ms, name) = (self.shared().borrow().wall_max_ms(), running.name.clone());
        self.note(|| format!("{name}: {}", shown(&step)));
        self.holds.borrow_mut().note(&name, step.as_ref().ok(), wall_ms);
        if let Err(fault) = step {
            let member = running.member;
            *slot = None;
            self.find_broken(Err(fault));
            match process.life.get() {
                // Its client says farewell to the group.
                true => self.shared().borrow().group.leave(member),
                false => self.expiring.borrow_mut().push(member),
            }
        }
    }

    fn open(self: &Rc<Self>, process: &Rc<Process>, lane: u32) -> Running {
        self.opened.set(self.opened.get() + 1);
        let name = format!("gate-{}/{lane}#{}", process.gate, self.opened.get());
        let id = ProducerId { gate: process.gate, lane };
        let port = BuggyLane::open(&self.common, &process.life, id, self.keys.clone());
        let member = port.member();
        let fence = Nested { world: self.clone(), process: process.clone() };
        let fence = BuggyFence::new(fence, self.common.bug);
        let parts = LaneParts {
            format: Arc::new(Format::PROTOBUF),
            index: process.index.clone(),
            policy: Arc::new(policy()),
            audit: AuditEncoder::new(Pseudonyms::new(self.keys.pseudonym.clone())),
            // Every other lane lists what it allows; planted bugs write receipts of their own.
            column: (self.common.bug.is_none() && self.opened.get().is_multiple_of(2))
                .then(|| ColumnWriter::new(Pseudonyms::new(self.keys.pseudonym.clone()))),
            signing: self.keys.signing.clone(),
            trusted: self.keys.trusted.clone(),
            origin: Origin {
                cluster_id: CLUSTER_ID.to_string(),
                route: RouteName::MAIN,
                instance: name.clone(),
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
        let lane = Lane::new(port, fence, process.clock.clone(), parts, settings);
        Running { lane, member, name }
    }

    /// A gate that does not run is started.
    fn start_one(&self) {
        let runs =
            |gate| self.processes.borrow().iter().any(|p| p.gate == gate && !p.is_zombie.get());
        for (gate, lanes) in (0..).zip(GATES) {
            if !runs(gate) {
                self.note(|| format!("gate-{gate} starts"));
                let process = Rc::new(Process::start(&self.common, gate, lanes));
                self.processes.borrow_mut().push(process);
                return;
            }
        }
    }

    /// Nothing is wrong any longer: everything must be decided.
    fn come_to_an_end(self: &Rc<Self>) -> bool {
        self.note(|| "from here on nothing goes wrong".to_string());
        self.heal();
        for step in 1..=STEPS_TO_END {
            if step % 1_000 == 0 {
                // Time enough for an end that is no more to be given up, and then forgotten.
                self.shared().borrow().clock.advance(61_000);
            }
            if !self.broken.borrow().is_empty() {
                return false;
            }
            self.happen_quietly();
            if self.is_all_committed() {
                return true;
            }
        }
        false
    }

    fn heal(&self) {
        {
            let cluster = &mut *self.shared().borrow();
            cluster.is_troubled = false;
            cluster.ends = None;
            cluster.close_windows(|why| why == Why::Ends);
            for (name, partition) in cluster.leaderless.clone() {
                cluster.change_leader(name, partition);
            }
        }
        self.is_quiet.set(true);
        for process in &*self.processes.borrow() {
            process.clock.set_back(0);
            if process.is_zombie.get() {
                process.life.set(false);
            }
        }
        self.bury();
        while !self.expiring.borrow().is_empty() {
            self.expire();
        }
        self.coordinate();
        self.common.writers.borrow_mut().begin_to_heal();
        // Time enough for everything that waits for a time.
        self.shared().borrow().clock.advance(300_000);
    }

    /// Whether the group's offsets lie behind the last message that can be seen.
    fn is_all_committed(&self) -> bool {
        let cluster = self.shared().borrow();
        cluster.log.partitions(Name::Outbound).all(|partition| {
            let last = cluster.log.committed(Name::Outbound, partition).pop();
            let next = cluster.group.offsets.get(&partition).map(|(next, _)| *next);
            last.is_none_or(|last| next.is_some_and(|next| next > last.offset))
        })
    }

    fn outcome(&self, is_finished: bool) -> Outcome {
        // Lanes hold the world, and the world holds them.
        for process in self.processes.take() {
            process.lanes.iter().for_each(|slot| drop(slot.take()));
        }
        Outcome {
            shared: self.shared().clone(),
            keys: self.keys.clone(),
            policy: policy(),
            holds: self.holds.take(),
            messages: self.common.writers.borrow().messages(),
            mishaps: self.mishaps.get(),
            broken: self.broken.take(),
            is_finished,
        }
    }
}

fn shown<T: std::fmt::Debug>(step: &Result<T, Fault>) -> String {
    match step {
        Ok(step) => format!("{step:?}"),
        Err(fault) => fault.to_string(),
    }
}

/// Grants on any text will do: these laws are not about texts.
fn policy() -> Policy {
    Policy::standard().with_consent_texts(ConsentTexts::Any)
}
