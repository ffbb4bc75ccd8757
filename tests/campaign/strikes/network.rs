//! Faults of the network between nodes, and between nodes and gates.

use std::thread::sleep;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;

use crate::fault::Role;
use crate::field::Field;
use crate::round::PARTITIONS;

/// The others elect a leader after 4 s; the old one is asked for as long again.
const CUT: Duration = Duration::from_secs(9);

pub fn leader_cut_off(field: &Field<'_>, chance: &mut StdRng) {
    let node = field.node_in(Role::ConsentLeader, chance.random_range(0..PARTITIONS));
    node.cut_off();
    sleep(CUT);
    node.join_again();
}

pub fn reset(field: &Field<'_>) {
    for _ in 0..5 {
        field.proxies.iter().for_each(|proxy| proxy.reset());
        sleep(Duration::from_millis(400));
    }
}

pub fn packets_lost(field: &Field<'_>, chance: &mut StdRng) {
    let node = field.cluster.node(chance.random_range(1..=3));
    for _ in 0..3 {
        node.go_deaf();
        sleep(Duration::from_millis(chance.random_range(300..2_000)));
        node.listen_again();
        sleep(Duration::from_millis(chance.random_range(300..1_500)));
    }
}
