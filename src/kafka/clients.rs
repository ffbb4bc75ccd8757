//! How each client is set up. What the promises rest on stands here and cannot be configured.
//!
//! Order of settings: defaults, then what the operator passes through, then ours, so that ours win.

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use secrecy::ExposeSecret;

use crate::config::{Client, GateConfig, GroupProtocol, KafkaConfig};

/// Makes client settings.
#[derive(Clone, Debug)]
pub struct Clients {
    kafka: KafkaConfig,
    gate: GateConfig,
}

/// Good for throughput and for quick recovery; an operator may change them. A topic that is deleted or gets
/// partitions is noticed with the next refresh, by a question of a few hundred bytes.
const DEFAULTS: [(&str, &str); 5] = [
    ("reconnect.backoff.ms", "50"),
    ("reconnect.backoff.max.ms", "1000"),
    ("topic.metadata.refresh.interval.ms", "10000"),
    ("socket.keepalive.enable", "true"),
    ("enable.metrics.push", "false"),
];

/// A consumer never commits by itself, never jumps, and checks every byte.
const READER: [(&str, &str); 6] = [
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "error"),
    ("isolation.level", "read_committed"),
    ("check.crcs", "true"),
    ("allow.auto.create.topics", "false"),
];

/// A producer never writes twice and never makes a topic.
const WRITER: [(&str, &str); 4] = [
    ("enable.idempotence", "true"),
    ("acks", "all"),
    ("allow.auto.create.topics", "false"),
    ("delivery.report.only.error", "true"),
];

impl Clients {
    /// Settings for this gate.
    pub fn new(kafka: KafkaConfig, gate: GateConfig) -> Self {
        Self { kafka, gate }
    }

    /// How to reach Kafka.
    pub(super) fn kafka(&self) -> &KafkaConfig {
        &self.kafka
    }

    /// A client that only asks: no group, no fetching.
    pub fn tool(&self) -> ClientConfig {
        let mut config = self.base(Client::Tool);
        config.set("allow.auto.create.topics", "false");
        config
    }

    /// Asks for log ends. `isolation` decides which end: `read_uncommitted` is the high watermark.
    pub(super) fn ends(&self, isolation: &str) -> ClientConfig {
        let mut config = self.base(Client::Fence);
        set_all(&mut config, &READER);
        config.set("isolation.level", isolation);
        config.set("socket.timeout.ms", "1000");
        config
    }

    /// Reads the consent topics from the beginning.
    pub(super) fn consent(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("fetch.wait.max.ms", "100");
        config.set("fetch.queue.backoff.ms", "2");
        config.set("queued.max.messages.kbytes", "131072");
        self.fill(&mut config, Client::Consent);
        set_all(&mut config, &READER);
        // librdkafka wants a group for `assign`; nothing is ever committed to it.
        config.set("group.id", format!("{}.consent.{}", self.gate.group, self.gate.instance));
        config
    }

    /// Reads the outbound topic in the gate's group.
    pub(super) fn outbound(&self, lane: u16) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("fetch.wait.max.ms", "20");
        config.set("fetch.queue.backoff.ms", "2");
        config.set("fetch.error.backoff.ms", "100");
        config.set("queued.min.messages", "200000");
        config.set("max.poll.interval.ms", "60000");
        if self.gate.group_protocol != GroupProtocol::Consumer {
            config.set("heartbeat.interval.ms", "3000");
        }
        self.fill(&mut config, Client::Outbound);
        config
            .set("queued.max.messages.kbytes", (self.kafka.fetch_buffer_bytes / 1024).to_string());
        set_all(&mut config, &READER);
        config.set("group.id", &self.gate.group);
        let strategy = match self.gate.group_protocol {
            GroupProtocol::Range => "range",
            GroupProtocol::Cooperative => "cooperative-sticky",
            // The broker shares, and its own limit says when a member is gone. No instance id: a gate that
            // comes back under one is turned away until its former self has run into that limit.
            GroupProtocol::Consumer => {
                config.set("group.protocol", "consumer");
                return config;
            }
        };
        config.set("group.instance.id", self.gate.transactional_id(lane));
        config.set("group.protocol", "classic");
        config.set("partition.assignment.strategy", strategy);
        config.set("session.timeout.ms", self.gate.session_timeout.as_millis().to_string());
        config
    }

    /// How the gate's instances share the partitions.
    pub(super) fn group_protocol(&self) -> GroupProtocol {
        self.gate.group_protocol
    }

    /// The group that the instances share.
    pub(super) fn gate_group(&self) -> &str {
        &self.gate.group
    }

    /// Kafka's limit for an open transaction.
    pub(super) fn transaction_timeout(&self) -> std::time::Duration {
        self.gate.transaction_timeout
    }

    /// The bare loop's reader: a lane's, but it starts at the beginning where nothing is committed,
    /// for nobody else tells it where to start.
    pub(super) fn bare_consumer(&self) -> ClientConfig {
        let mut config = self.outbound(0);
        config.set("auto.offset.reset", "earliest");
        config
    }

    /// The bare loop's writer: a lane's without transactions.
    pub(super) fn bare_producer(&self) -> ClientConfig {
        let mut config = self.producer(0, usize::from(u16::MAX) * 64);
        config.remove("transactional.id");
        config.remove("transaction.timeout.ms");
        config
    }

    /// Asks how far this gate's group has come, without waiting for open transactions.
    pub(super) fn gauge(&self) -> ClientConfig {
        self.of_group(&self.gate.group)
    }

    /// Asks how far a group has come, without joining it and without waiting for open transactions.
    pub(super) fn of_group(&self, group: &str) -> ClientConfig {
        let mut config = self.ends("read_uncommitted");
        config.set("group.id", group);
        config
    }

    /// Asks where a group stands, and moves it, without joining it. An offset that an open transaction may
    /// still change is waited for.
    pub(super) fn stable_group(&self, group: &str) -> ClientConfig {
        let mut config = self.of_group(group);
        config.set("isolation.level", "read_committed");
        config.set("socket.timeout.ms", "5000");
        config
    }

    /// Looks for the first record after an offset, in few bytes, and notices where there is none.
    pub(super) fn first_records(&self) -> ClientConfig {
        let mut config = self.base(Client::Tool);
        set_all(&mut config, &READER);
        config.set("group.id", format!("{}.sender.{}", self.gate.group, self.gate.instance));
        config.set("enable.partition.eof", "true");
        config.set("fetch.wait.max.ms", "10");
        config.set("fetch.message.max.bytes", "4096");
        config.set("queued.min.messages", "1");
        config
    }

    /// Sees records as a sender does that honours transactions, as soon as they are there.
    pub(super) fn arrivals(&self) -> ClientConfig {
        let mut config = self.base(Client::Tool);
        set_all(&mut config, &READER);
        config.set("fetch.wait.max.ms", "10");
        config.set("group.id", format!("{}.arrivals", self.gate.group));
        config
    }

    /// Reads a topic in a group of its own. Where nothing is committed it begins at the first record:
    /// at least once, never later.
    pub(super) fn group(&self, group: &str) -> ClientConfig {
        let mut config = self.base(Client::Tool);
        set_all(&mut config, &READER);
        config.set("auto.offset.reset", "earliest");
        config.set("group.id", group);
        config.set("group.protocol", "classic");
        config.set("partition.assignment.strategy", "range");
        config.set("session.timeout.ms", self.gate.session_timeout.as_millis().to_string());
        config
    }

    /// Reads all of a topic that this gate wrote.
    pub(super) fn own_records(&self) -> ClientConfig {
        let mut config = self.base(Client::Tool);
        set_all(&mut config, &READER);
        config.set("group.id", format!("{}.read.{}", self.gate.group, self.gate.instance));
        config.set("enable.partition.eof", "true");
        // Each partition's end is told after a fetch that found nothing, one fetch after the other.
        config.set("fetch.wait.max.ms", "10");
        config
    }

    /// Reads whole topics as fast as they come.
    pub(super) fn whole_topics(&self) -> ClientConfig {
        let mut config = self.own_records();
        config.set("fetch.wait.max.ms", "10");
        config.set("fetch.queue.backoff.ms", "2");
        config.set("queued.min.messages", "200000");
        config
    }

    /// Writes a lane's three output topics in transactions.
    pub(super) fn producer(&self, lane: u16, message_bytes_max: usize) -> ClientConfig {
        let mut config = ClientConfig::new();
        // Few large requests: with five of a partition in flight librdkafka spins until one returns.
        config.set("linger.ms", "10");
        config.set("batch.size", "1000000");
        config.set("batch.num.messages", "10000");
        config.set("compression.type", "lz4");
        // librdkafka asks for a group's coordinator three times and then hangs: this, twice this, each
        // give or take a fifth. So the group may lack one for 1.2 s. The price: after a change of
        // leader a record may wait half a second. Longer, and the watchdog ends the process.
        config.set("retry.backoff.ms", "500");
        config.set("retry.backoff.max.ms", "1000");
        config.set("queue.buffering.max.messages", "1000000");
        self.fill(&mut config, Client::Producer);
        config.set("queue.buffering.max.kbytes", (self.kafka.send_buffer_bytes / 1024).to_string());
        set_all(&mut config, &WRITER);
        config.set("message.max.bytes", message_bytes_max.to_string());
        config.set("transactional.id", self.gate.transactional_id(lane));
        let timeout_ms = self.gate.transaction_timeout.as_millis();
        config.set("transaction.timeout.ms", timeout_ms.to_string());
        // librdkafka wants it below the transaction's own limit.
        config.set("message.timeout.ms", (timeout_ms * 2 / 3).to_string());
        // The lines that tell of a request whose outcome is unknown come at this level.
        config.set("log.connection.close", "true");
        config.set_log_level(RDKafkaLogLevel::Info);
        config
    }

    /// Writes single records: idempotent, acknowledged by all, keys placed as Java does it.
    pub(super) fn event_writer(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("linger.ms", "2");
        config.set("message.timeout.ms", "30000");
        self.fill(&mut config, Client::Tool);
        set_all(&mut config, &WRITER);
        config.set("delivery.report.only.error", "false");
        config.set("partitioner", "murmur2_random");
        config
    }

    /// Writes copies of records to their own topic, one writer a topic.
    pub(super) fn redrive(&self, topic: &str) -> ClientConfig {
        let mut config = self.base(Client::Tool);
        set_all(&mut config, &WRITER);
        config.set("linger.ms", "5");
        config.set("compression.type", "lz4");
        config.set("transactional.id", format!("{}.redrive.{topic}", self.gate.group));
        config.set("transaction.timeout.ms", "60000");
        config.set("message.timeout.ms", "30000");
        config.set("message.max.bytes", "100000000");
        config
    }

    /// Writes heartbeats: acknowledged by all in time, or not at all. Twice is harmless, so nothing
    /// waits for an order.
    pub(super) fn beat(&self, limit: std::time::Duration) -> ClientConfig {
        let mut config = self.base(Client::Fence);
        set_all(&mut config, &WRITER);
        config.set("enable.idempotence", "false");
        config.set("delivery.report.only.error", "false");
        config.set("linger.ms", "0");
        config.set("message.timeout.ms", limit.as_millis().to_string());
        config
    }

    /// How long a transactional call may take before its fault is reported.
    pub(super) fn call_limit(&self) -> std::time::Duration {
        self.gate.transaction_timeout / 2
    }

    fn base(&self, client: Client) -> ClientConfig {
        let mut config = ClientConfig::new();
        self.fill(&mut config, client);
        config
    }

    fn fill(&self, config: &mut ClientConfig, client: Client) {
        set_all(config, &DEFAULTS);
        if matches!(client, Client::Consent | Client::Fence) {
            // A deposed leader that was cut off tells nobody; without this its readers stay with it for
            // ten seconds, and the lanes hold.
            config.set("topic.metadata.refresh.interval.ms", "2000");
        }
        for (key, value) in self.kafka.pass_through(client) {
            config.set(key, value);
        }
        config.set("bootstrap.servers", &self.kafka.bootstrap);
        config.set("client.id", &self.kafka.client_id);
        for property in self.kafka.security() {
            config.set(property.name, property.value.expose_secret());
        }
    }
}

fn set_all(config: &mut ClientConfig, settings: &[(&str, &str)]) {
    for (key, value) in settings {
        config.set(*key, *value);
    }
}
