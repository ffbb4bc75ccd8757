//! The faults of the campaign, as a closed list. It knows names; how each is done stands in `strikes/`.

use crate::support::raw::Api;

/// What a node does for the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    ConsentLeader,
    OutboundLeader,
    TransactionCoordinator,
    GroupCoordinator,
    Controller,
}

/// What becomes of one request of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mischief {
    /// It arrives twice.
    Doubled,
    /// It is lost, and its connection breaks.
    Lost,
    /// It arrives, its answer is lost.
    AnswerLost,
    /// All of its kind wait.
    Delayed,
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// None: what the figures look like undisturbed.
    Nothing,
    GateKilled,
    /// For longer than its session: the others take over, and it wakes as a zombie.
    GateFrozen,
    /// An orderly end and a new start.
    GateUpgraded,
    /// A second process with the same name, so with the same transactional ids.
    GateTwice,
    /// Gates come and go, each after a second.
    RebalanceStorm,
    /// A gate's clock jumps an hour ahead, and back.
    ClockAhead,
    /// A gate's clock jumps an hour back, and forth.
    ClockBack,
    NodeKilled(Role),
    NodeFrozen(Role),
    AllNodesKilled,
    RollingRestart,
    DiskFull,
    /// A consent partition's leader is cut off from its peers and the controllers, but not from the gate.
    LeaderCutOff,
    ConnectionsReset,
    /// All that clients and one node say to each other is lost, again and again.
    PacketsLost,
    /// An EndTxn arrives when the next transaction is open (KAFKA-17754).
    EndTxnHeld,
    Request(Mischief),
    /// A consent writer's transaction stays open, and is committed at last.
    ConsentTransactionHangs,
    /// What is read of one node's consent partitions comes late.
    ConsentPartitionLate,
}

const ROLES: [Role; 5] = [
    Role::ConsentLeader,
    Role::OutboundLeader,
    Role::TransactionCoordinator,
    Role::GroupCoordinator,
    Role::Controller,
];

/// The requests that mischief is done to: those that a gate sends all the time.
pub const REQUESTS: [Api; 7] = [
    Api::PRODUCE,
    Api::FETCH,
    Api::LIST_OFFSETS,
    Api::ADD_PARTITIONS_TO_TXN,
    Api::ADD_OFFSETS_TO_TXN,
    Api::TXN_OFFSET_COMMIT,
    Api::END_TXN,
];

impl Fault {
    /// Every fault once.
    pub fn all() -> Vec<Fault> {
        let mut all = vec![
            Fault::Nothing,
            Fault::GateKilled,
            Fault::GateFrozen,
            Fault::GateUpgraded,
            Fault::GateTwice,
            Fault::RebalanceStorm,
            Fault::ClockAhead,
            Fault::ClockBack,
            Fault::AllNodesKilled,
            Fault::RollingRestart,
            Fault::DiskFull,
            Fault::LeaderCutOff,
            Fault::ConnectionsReset,
            Fault::PacketsLost,
            Fault::EndTxnHeld,
            Fault::Request(Mischief::Doubled),
            Fault::Request(Mischief::Lost),
            Fault::Request(Mischief::AnswerLost),
            Fault::Request(Mischief::Delayed),
            Fault::ConsentTransactionHangs,
            Fault::ConsentPartitionLate,
        ];
        all.extend(ROLES.map(Fault::NodeKilled));
        all.extend(ROLES.map(Fault::NodeFrozen));
        all
    }

    /// What the results call it.
    pub fn name(self) -> String {
        let role = |role: Role| match role {
            Role::ConsentLeader => "leader of a consent partition",
            Role::OutboundLeader => "leader of an input partition",
            Role::TransactionCoordinator => "coordinator of transactions",
            Role::GroupCoordinator => "coordinator of the group",
            Role::Controller => "controller",
        };
        match self {
            Fault::Nothing => "nothing (the measure of the rest)".to_owned(),
            Fault::GateKilled => "gate: kill -9".to_owned(),
            Fault::GateFrozen => "gate: frozen beyond its session".to_owned(),
            Fault::GateUpgraded => "gate: orderly end and new start".to_owned(),
            Fault::GateTwice => "gate: a second one of the same name".to_owned(),
            Fault::RebalanceStorm => "gates that come and go".to_owned(),
            Fault::ClockAhead => "gate: clock an hour ahead, and back".to_owned(),
            Fault::ClockBack => "gate: clock an hour back, and forth".to_owned(),
            Fault::NodeKilled(of) => format!("{}: kill -9", role(of)),
            Fault::NodeFrozen(of) => format!("{}: frozen", role(of)),
            Fault::AllNodesKilled => "all nodes: kill -9 at once".to_owned(),
            Fault::RollingRestart => "rolling restart of the nodes".to_owned(),
            Fault::DiskFull => "a node's disk is full".to_owned(),
            Fault::LeaderCutOff => "consent leader cut off, but not from the gate".to_owned(),
            Fault::ConnectionsReset => "all connections reset, five times".to_owned(),
            Fault::PacketsLost => "all packets of a node lost, three times".to_owned(),
            Fault::EndTxnHeld => "EndTxn held into the next transaction".to_owned(),
            Fault::Request(Mischief::Doubled) => "a request comes twice".to_owned(),
            Fault::Request(Mischief::Lost) => "a request and its connection lost".to_owned(),
            Fault::Request(Mischief::AnswerLost) => "an answer lost".to_owned(),
            Fault::Request(Mischief::Delayed) => "requests of a kind delayed".to_owned(),
            Fault::ConsentTransactionHangs => "consent transaction open for 8 s".to_owned(),
            Fault::ConsentPartitionLate => "consent of one node comes late".to_owned(),
        }
    }
}
