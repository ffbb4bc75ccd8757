//! Faults of the consent topics that pass.

use std::thread::sleep;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;

use crate::fault::Role;
use crate::field::Field;
use crate::round::PARTITIONS;
use crate::support::producers::{Transaction, Writer};
use crate::support::raw::Api;
use crate::support::stage::event_record;
use crate::support::unique::unique;
use crate::support::world::{grant, now_ms, withdraw};
use crate::traffic::Traffic;

const OPEN_FOR: Duration = Duration::from_secs(8);

/// A writer agrees for somebody, and takes it back in a transaction that stays open for long. Its commit
/// is an acknowledgement like any other.
pub fn transaction_hangs(field: &Field<'_>, traffic: &Traffic) {
    let stage = field.stage;
    let own = Writer::new(&stage.kafka);
    let person = traffic.newcomer();
    let consent = &stage.topics.consent_events;
    let agreed = grant("cafe", person, &["offers"], now_ms());
    own.write_one(consent, &event_record(&agreed));
    let hanging = Transaction::begin(&stage.kafka, &unique("hanging"));
    hanging.write(consent, &[event_record(&withdraw("cafe", person))]);
    sleep(OPEN_FOR);
    hanging.commit();
    traffic.finish_pair(stage, &own, person);
}

/// All that is fetched from the node of one consent partition comes seconds late.
pub fn partition_late(field: &Field<'_>, chance: &mut StdRng) {
    let node = field.node_in(Role::ConsentLeader, chance.random_range(0..PARTITIONS));
    let proxy = field.proxy_of(node);
    proxy.delay(Api::FETCH, Duration::from_secs(3));
    sleep(OPEN_FOR);
    proxy.clear();
}
