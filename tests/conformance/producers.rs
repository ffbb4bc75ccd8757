//! Idempotence, and the fencing of producers that were replaced.

use rdkafka::error::KafkaError;
use rdkafka::producer::Producer;
use rdkafka::types::RDKafkaErrorCode;

use super::support::{self, LONG};

/// Everything once.
pub fn check_idempotent_producer(bootstrap: &str) {
    let topic = support::create(bootstrap, "idempotent", 4, &[]);
    let producer = support::producer(bootstrap, &[("enable.idempotence", "true")]);
    for value in 0..5_000 {
        support::send(&producer, &topic, value % 4, &value.to_string());
    }
    support::flush(&producer);
    let reader = support::reader(bootstrap, &topic, 4, "read_committed");
    let mut values: Vec<i32> = support::drain(&reader, 5_000)
        .values()
        .iter()
        .map(|value| value.parse().expect("a number"))
        .collect();
    values.sort_unstable();
    assert_eq!(values, (0..5_000).collect::<Vec<i32>>());
}

fn is_fenced(result: Result<(), KafkaError>) -> bool {
    let Err(KafkaError::Transaction(error)) = result else {
        return false;
    };
    error.is_fatal()
        && matches!(
            error.code(),
            RDKafkaErrorCode::Fenced
                | RDKafkaErrorCode::ProducerFenced
                | RDKafkaErrorCode::InvalidProducerEpoch
        )
}

/// A producer with the same transactional id takes over: what the old one had
/// open is aborted, and it cannot commit any more.
pub fn check_zombie_is_fenced(bootstrap: &str) {
    let topic = support::create(bootstrap, "fenced", 1, &[]);
    let id = support::unique("txn");
    let zombie = support::transactional(bootstrap, &id);
    zombie.begin_transaction().expect("begun");
    support::send(&zombie, &topic, 0, "before");
    support::flush(&zombie);
    let heir = support::transactional(bootstrap, &id);
    heir.begin_transaction().expect("begun");
    support::send(&heir, &topic, 0, "new");
    heir.commit_transaction(LONG).expect("committed");
    support::send(&zombie, &topic, 0, "after");
    assert!(is_fenced(zombie.commit_transaction(LONG)));
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    assert_eq!(support::drain(&reader, 1).values(), ["new"]);
    support::assert_silent(&reader);
}

/// The same for one that had nothing open, and begins when it is too late.
pub fn check_idle_zombie_is_fenced(bootstrap: &str) {
    let topic = support::create(bootstrap, "idle", 1, &[]);
    let id = support::unique("txn");
    let zombie = support::transactional(bootstrap, &id);
    let heir = support::transactional(bootstrap, &id);
    heir.begin_transaction().expect("begun");
    support::send(&heir, &topic, 0, "new");
    zombie.begin_transaction().expect("begun without a request");
    support::send(&zombie, &topic, 0, "late");
    assert!(is_fenced(zombie.commit_transaction(LONG)));
    heir.commit_transaction(LONG).expect("committed");
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    assert_eq!(support::drain(&reader, 1).values(), ["new"]);
    support::assert_silent(&reader);
}
