//! How each fault is done. A strike returns when it is over; what it leaves broken, the field mends.

mod consent;
mod gates;
mod network;
mod nodes;
mod requests;

use rand::rngs::StdRng;

use crate::fault::Fault;
use crate::field::Field;
use crate::traffic::Traffic;

/// Does it. Panics if it did not come about.
pub fn strike(field: &Field<'_>, fault: Fault, traffic: &Traffic, chance: &mut StdRng) {
    match fault {
        Fault::Nothing => std::thread::sleep(std::time::Duration::from_secs(8)),
        Fault::GateKilled => gates::killed(field, chance),
        Fault::GateFrozen => gates::frozen(field, chance),
        Fault::GateUpgraded => gates::upgraded(field, chance),
        Fault::GateTwice => gates::twice(field, chance),
        Fault::RebalanceStorm => gates::storm(field, chance),
        Fault::ClockAhead => gates::clock(field, chance, "+3600"),
        Fault::ClockBack => gates::clock(field, chance, "-3600"),
        Fault::NodeKilled(role) => nodes::killed(field, role, chance),
        Fault::NodeFrozen(role) => nodes::frozen(field, role, chance),
        Fault::AllNodesKilled => nodes::all_killed(field),
        Fault::RollingRestart => nodes::rolling_restart(field),
        Fault::DiskFull => nodes::disk_full(field, chance),
        Fault::LeaderCutOff => network::leader_cut_off(field, chance),
        Fault::ConnectionsReset => network::reset(field),
        Fault::PacketsLost => network::packets_lost(field, chance),
        Fault::EndTxnHeld => requests::end_held(field),
        Fault::Request(mischief) => requests::mischief(field, mischief, chance),
        Fault::ConsentTransactionHangs => consent::transaction_hangs(field, traffic),
        Fault::ConsentPartitionLate => consent::partition_late(field, chance),
    }
}
