//! What the fence asks the brokers, asked of the embedded one.

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::consent::{Offset, Partition, Topic};
use consentgate::kafka::{Clients, ConsentTopic, LogEnds};
use consentgate::stream::ports::{EndsPort, OpenTransaction};

use crate::support::gate::{await_that, config};
use crate::support::producers::Transaction;
use crate::support::stage::{Stage, event_record};
use crate::support::world::{grant, now_ms, withdraw};

#[test]
fn an_open_transaction_is_named_by_topic_partition_and_last_stable_offset() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), "log-ends", 1);
    stage.consent(&[1, 2].map(|person| grant("cafe", person, &["offers"], now_ms())));
    let config = config(&stage.toml(""), "gate-0");
    let topics = vec![ConsentTopic {
        role: Topic::ConsentEvents,
        name: stage.topics.consent_events.clone(),
        partitions: 1,
    }];
    let mut ends = LogEnds::open(&Clients::new(config.kafka, config.gate), topics).expect("open");
    assert_eq!(ends.open_transaction(), Ok(None));

    let transaction = Transaction::begin(&stage.kafka, &stage.topics.consent_events);
    transaction.write(&stage.topics.consent_events, &[event_record(&withdraw("cafe", 1))]);
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let open = OpenTransaction { topic, partition, stable: Offset(2) };
    await_that("it is open", || ends.open_transaction() == Ok(Some(open)));
    transaction.commit();
    await_that("it has ended", || ends.open_transaction() == Ok(None));
}
