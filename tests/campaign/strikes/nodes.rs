//! Faults of Kafka's nodes.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::StdRng;

use crate::fault::Role;
use crate::field::Field;
use crate::round::PARTITIONS;

/// Longer than a broker's session (4 s): others lead.
const BEYOND_A_SESSION: Duration = Duration::from_secs(7);
const DISK_NOTICED_WITHIN: Duration = Duration::from_secs(15);

pub fn killed(field: &Field<'_>, role: Role, chance: &mut StdRng) {
    let node = field.node_in(role, chance.random_range(0..PARTITIONS));
    node.kill9();
    sleep(BEYOND_A_SESSION);
    node.restart();
}

pub fn frozen(field: &Field<'_>, role: Role, chance: &mut StdRng) {
    let node = field.node_in(role, chance.random_range(0..PARTITIONS));
    node.sigstop();
    sleep(BEYOND_A_SESSION);
    node.sigcont();
}

pub fn all_killed(field: &Field<'_>) {
    let nodes = field.cluster.nodes();
    nodes.iter().for_each(|node| node.kill9());
    // A lone node waits for its peers, so all start side by side.
    std::thread::scope(|scope| {
        for node in nodes {
            scope.spawn(|| node.restart());
        }
    });
}

pub fn rolling_restart(field: &Field<'_>) {
    for node in field.cluster.nodes() {
        node.stop();
        node.restart();
    }
}

/// The node notices when it writes, and ends itself.
pub fn disk_full(field: &Field<'_>, chance: &mut StdRng) {
    let node = field.cluster.node(chance.random_range(1..=3));
    node.fill_disk();
    let until = Instant::now() + DISK_NOTICED_WITHIN;
    while node.runs() && Instant::now() < until {
        sleep(Duration::from_millis(100));
    }
    assert!(!node.runs(), "node {} does not notice its full disk", node.id());
    sleep(BEYOND_A_SESSION);
    node.empty_disk();
    node.restart();
}
