//! A lane on a port that does what the test says and notes what the lane does.

mod port;
mod rebalancing;
mod transactions;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use self::port::{Call, Port, Script};
use super::{Lane, LaneParts, LaneSettings, LaneStep, Origin, StartFrom};
use crate::consent::{Offset, Partition, RouteName, Topic};
use crate::index::{Fence, Tick};
use crate::policy::Policy;
use crate::stream::ports::{LaneEvent, Revocation};
use crate::stream::tests::{TestClock, shared_index};
use crate::stream::{Fault, FaultKind, FenceSource, SharedIndex};
use crate::telemetry::HoldCause;
use crate::wire::audit::AuditEncoder;
use crate::wire::formats::Format;
use crate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use crate::wire::receipt::{FenceMode, Mode, Opened, Receipt, SigningKey, VerifyingKeys, open};

/// A fence that is there, or not for a cause.
#[derive(Clone)]
struct Switch {
    index: Arc<SharedIndex>,
    cause: Rc<RefCell<Option<HoldCause>>>,
    polled_at: Cell<Option<Tick>>,
}

impl FenceSource for Switch {
    fn fence_for(&self, polled_at: Tick, _: Duration) -> Result<Arc<Fence>, HoldCause> {
        self.polled_at.set(Some(polled_at));
        match *self.cause.borrow() {
            Some(cause) => Err(cause),
            None => {
                let ends = self.index.read().unwrap().positions().clone();
                Ok(Arc::new(Fence { asked_at: polled_at, ends }))
            }
        }
    }

    fn held(&self) -> Option<HoldCause> {
        *self.cause.borrow()
    }
}

struct Stage {
    script: Rc<Script>,
    clock: Arc<TestClock>,
    held: Rc<RefCell<Option<HoldCause>>>,
    lane: Lane<Port, Switch, Arc<TestClock>>,
    trusted: VerifyingKeys,
}

/// A lane that commits after four records or a second.
fn lane_on(script: &Rc<Script>, start_from: Option<StartFrom>) -> Stage {
    let (clock, index) = (Arc::new(TestClock::default()), shared_index());
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    index.write(|index| index.advance(topic, partition, Offset(0))).unwrap();
    let held = Rc::new(RefCell::new(None));
    let fence = Switch { index: index.clone(), cause: held.clone(), polled_at: Cell::new(None) };
    let signing = SigningKey::from_seed(&vec![9; 32].into()).unwrap();
    let mut trusted = VerifyingKeys::default();
    trusted.pin(&signing);
    let pseudonyms =
        Pseudonyms::new(Arc::new(PseudonymKey::new("k1", vec![8; 32].into()).unwrap()));
    let parts = LaneParts {
        format: Arc::new(Format::PROTOBUF),
        index,
        policy: Arc::new(Policy::standard()),
        audit: AuditEncoder::new(pseudonyms),
        column: None,
        signing: Arc::new(signing),
        trusted: trusted.clone(),
        origin: Origin {
            cluster_id: "c".to_string(),
            route: RouteName::MAIN,
            instance: "gate-0".to_string(),
            lane: 0,
            fence: FenceMode::Leader,
            mode: Mode::Gate,
        },
    };
    let settings = LaneSettings {
        source_topic: "outbound".to_string(),
        batch_records: 10,
        batch_wait: Duration::ZERO,
        idle_wait: Duration::ZERO,
        commit_every: Duration::from_secs(1),
        commit_records: 4,
        fence_limit: Duration::ZERO,
        start_from,
    };
    let port = Port(script.clone());
    let lane = Lane::new(port, fence, clock.clone(), parts, settings);
    Stage { script: script.clone(), clock, held, lane, trusted }
}

/// A lane that has been given partition 0 at offset 0.
fn stage() -> Stage {
    let mut stage = lane_on(&Rc::new(Script::default()), Some(StartFrom::Beginning));
    stage.assign();
    stage.script.forget();
    stage
}

impl Stage {
    fn assign(&mut self) -> LaneStep {
        self.event(LaneEvent::Assigned(vec![Partition(0)]))
    }

    fn revoke(&mut self, partitions: &[i32], how: Revocation) -> LaneStep {
        let partitions = partitions.iter().copied().map(Partition).collect();
        self.event(LaneEvent::Revoked(partitions, how))
    }

    /// The partitions that the lane owns.
    fn owned(&self) -> Vec<i32> {
        self.lane.positions().map(|(partition, _)| partition.0).collect()
    }

    fn event(&mut self, event: LaneEvent) -> LaneStep {
        self.script.events.borrow_mut().push_back(event);
        self.lane.step().unwrap()
    }

    /// Decides so many records in one batch.
    fn decide(&mut self, records: usize) {
        self.script.write(records);
        assert!(matches!(self.lane.step(), Ok(LaneStep::Decided(_))));
    }

    fn fail(&self, call: &'static str, kind: FaultKind) {
        self.script.faults.borrow_mut().push((call, kind));
    }

    fn hold(&self, cause: Option<HoldCause>) {
        *self.held.borrow_mut() = cause;
    }

    /// The committed receipts.
    fn receipts(&self) -> Vec<Receipt> {
        let records = self.script.committed_receipts.borrow();
        let opened = records.iter().map(|record| open(record, &self.trusted).unwrap());
        opened
            .filter_map(|opened| match opened {
                Opened::Receipt { receipt, .. } => Some(*receipt),
                Opened::Policy { .. } | Opened::Allowed { .. } => None,
            })
            .collect()
    }
}
