//! The Kafka of one test: an embedded broker of its own, or a real one that is lent to it.
//!
//! So the same test runs on both: the integration tests take a broker each, and a trial with a real Kafka
//! lends that.

use std::cell::RefCell;

#[cfg(feature = "demo")]
use consentgate::broker::{Broker, BrokerConfig};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::topics::TIMEOUT;

thread_local! {
    static LENT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a test on this Kafka.
pub fn lend(kafka: &str, test: fn()) {
    LENT.with_borrow_mut(|lent| *lent = Some(kafka.to_owned()));
    test();
    LENT.with_borrow_mut(|lent| *lent = None);
}

/// Where a test is at home.
pub struct Home {
    kafka: String,
    #[cfg(feature = "demo")]
    broker: Option<Broker>,
}

impl Home {
    /// What is lent, else a broker of its own.
    pub fn new() -> Home {
        if let Some(kafka) = LENT.with_borrow(Clone::clone) {
            return Home {
                kafka,
                #[cfg(feature = "demo")]
                broker: None,
            };
        }
        Home::embedded()
    }

    #[cfg(feature = "demo")]
    fn embedded() -> Home {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        Home { kafka: broker.bootstrap(), broker: Some(broker) }
    }

    #[cfg(not(feature = "demo"))]
    fn embedded() -> Home {
        panic!("a Kafka must be lent where no broker is built in")
    }

    /// The address to ask first.
    pub fn kafka(&self) -> &str {
        &self.kafka
    }

    /// The embedded broker, for what no real one does on request.
    #[cfg(feature = "demo")]
    pub fn broker(&self) -> &Broker {
        self.broker.as_ref().expect("an embedded broker")
    }

    /// How many offsets a topic has, over all partitions; `None` if it is not there.
    pub fn offsets(&self, topic: &str) -> Option<i64> {
        let client: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.kafka)
            .set("allow.auto.create.topics", "false")
            .create()
            .expect("a client");
        let metadata = client.fetch_metadata(Some(topic), TIMEOUT).expect("metadata");
        let found = metadata.topics().first().filter(|found| found.error().is_none())?;
        let size = |partition: i32| {
            let (begin, end) = client.fetch_watermarks(topic, partition, TIMEOUT).expect("ends");
            end - begin
        };
        Some(found.partitions().iter().map(|partition| size(partition.id())).sum())
    }
}
