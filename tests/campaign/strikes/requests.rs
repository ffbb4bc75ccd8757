//! Faults of single requests, done by the proxies.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::fault::{Mischief, REQUESTS, Role};
use crate::field::Field;
use crate::support::raw::Api;

const SOON: Duration = Duration::from_secs(15);
const DELAY: Duration = Duration::from_millis(1_500);

/// The commit of a transaction arrives when the next one is open, or after so long as that would take.
pub fn end_held(field: &Field<'_>) {
    let proxy = field.proxy_of(field.node_in(Role::TransactionCoordinator, 0));
    let held = proxy.hold_next(Api::END_TXN);
    held.wait(SOON);
    let before = proxy.requests(Api::ADD_PARTITIONS_TO_TXN);
    held.drop_client();
    let until = Instant::now() + Duration::from_secs(5);
    while proxy.requests(Api::ADD_PARTITIONS_TO_TXN) == before && Instant::now() < until {
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(200));
    held.release();
    held.answer(SOON);
}

/// The next request of some kind at each node, or all of it for some seconds.
pub fn mischief(field: &Field<'_>, mischief: Mischief, chance: &mut StdRng) {
    let api = *REQUESTS.choose(chance).expect("a kind");
    let before: u64 = field.proxies.iter().map(|proxy| proxy.requests(api)).sum();
    for proxy in field.proxies {
        match mischief {
            Mischief::Doubled => proxy.double_next(api),
            Mischief::Lost => proxy.drop_connection_next(api),
            Mischief::AnswerLost => proxy.drop_response_next(api),
            Mischief::Delayed => proxy.delay(api, DELAY),
        }
    }
    sleep(Duration::from_secs(6));
    let after: u64 = field.proxies.iter().map(|proxy| proxy.requests(api)).sum();
    assert!(after > before, "no request of kind {api:?} came");
}
