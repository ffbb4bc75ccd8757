//! `[kafka]` as meant: addresses, security, and what may be handed to librdkafka.
//!
//! Names no client library's type. The kafka room adds its own settings last, so that nothing handed
//! on can win over them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::check::Check;
use super::security::{Property, security};
use crate::config::librdkafka::reason_to_refuse;
use crate::config::settings::{FenceKind, GroupProtocol, KafkaSettings, Settings};
use crate::config::sources::Tls;
use crate::config::value::{PassThrough, Size};

/// Which of the gate's clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The one that reads the consent topics.
    Consent,
    /// The one that asks for log ends.
    Fence,
    /// A lane's reader of the outbound topic.
    Outbound,
    /// A lane's transactional writer.
    Producer,
    /// All others: checks, topic administration, operators' commands.
    Tool,
}

/// How to reach Kafka.
#[derive(Clone, Debug)]
pub struct KafkaConfig {
    /// Brokers to ask first: host:port, separated by commas.
    pub bootstrap: String,
    /// The gate's name at the brokers.
    pub client_id: String,
    /// Bytes that a lane may fill with fetched records.
    pub fetch_buffer_bytes: u64,
    /// Bytes that a lane may fill with sent records.
    pub send_buffer_bytes: u64,
    security: Vec<Property>,
    all: BTreeMap<String, String>,
    consent: BTreeMap<String, String>,
    outbound: BTreeMap<String, String>,
    producer: BTreeMap<String, String>,
}

impl KafkaConfig {
    /// What the operator hands to librdkafka for this client: the general table, then its own.
    pub fn pass_through(&self, client: Client) -> BTreeMap<String, String> {
        let mut settings = self.all.clone();
        match client {
            Client::Consent => settings.extend(self.consent.clone()),
            Client::Outbound => settings.extend(self.outbound.clone()),
            Client::Producer => settings.extend(self.producer.clone()),
            Client::Fence | Client::Tool => {}
        }
        settings
    }

    /// librdkafka's security settings; the values may be secrets.
    pub fn security(&self) -> &[Property] {
        &self.security
    }

    pub(super) fn check(settings: &Settings, tls: Tls, check: &mut Check<'_>) -> Option<Self> {
        let kafka = &settings.kafka;
        let before = "host:port, several separated by commas";
        let bootstrap_ok = is_bootstrap(&kafka.bootstrap);
        if !bootstrap_ok {
            let what = format!("\"{}\" names no brokers", kafka.bootstrap);
            let hint = match kafka.bootstrap.contains("://") {
                true => "leave out the scheme; set kafka.security_protocol",
                false => "",
            };
            check.refuse("kafka.bootstrap", what, before, hint);
        }
        let client_id = check.kafka_name("kafka.client_id", &kafka.client_id, 249);
        let limit = settings.gate.transaction_timeout.0;
        let mut table = |name: &str, table: &PassThrough| pass_through(name, table, limit, check);
        let all = table("librdkafka", &kafka.librdkafka);
        let consent = table("librdkafka_consent", &kafka.librdkafka_consent);
        let outbound = table("librdkafka_outbound", &kafka.librdkafka_outbound);
        let producer = table("librdkafka_producer", &kafka.librdkafka_producer);
        let security = security(kafka, tls, check);
        refuse_what_the_quorum_cannot_use(settings, check);
        refuse_what_the_broker_decides(settings, check);
        let (fetch, send) = buffers(kafka, check);
        Some(Self {
            bootstrap: bootstrap_ok.then(|| kafka.bootstrap.clone())?,
            client_id: client_id?,
            fetch_buffer_bytes: fetch,
            send_buffer_bytes: send,
            security,
            all,
            consent,
            outbound,
            producer,
        })
    }
}

/// The quorum fence connects by itself, as `[kafka]` says; it must not get in with less than the others.
fn refuse_what_the_quorum_cannot_use(settings: &Settings, check: &mut Check<'_>) {
    if settings.gate.fence != FenceKind::Quorum {
        return;
    }
    let unusable = ["ssl.", "sasl.", "enable.ssl.", "oauthbearer", "security."];
    for setting in settings.kafka.librdkafka.keys() {
        if unusable.iter().any(|family| setting.starts_with(family)) {
            let what = "does not reach the connections of gate.fence \"quorum\"";
            let hint = "use the keys of [kafka], or another fence";
            check.refuse(&format!("kafka.librdkafka.{setting}"), what, "", hint);
        }
    }
}

/// Where the broker shares the partitions, it also says how often members must be heard.
fn refuse_what_the_broker_decides(settings: &Settings, check: &mut Check<'_>) {
    if settings.gate.group_protocol != GroupProtocol::Consumer {
        return;
    }
    let kafka = &settings.kafka;
    let tables =
        [("librdkafka", &kafka.librdkafka), ("librdkafka_outbound", &kafka.librdkafka_outbound)];
    for (name, table) in tables {
        for setting in table.keys().filter(|setting| *setting == "heartbeat.interval.ms") {
            let what = "has no effect with gate.group_protocol \"consumer\"";
            let hint = "set the broker's group.consumer.heartbeat.interval.ms";
            check.refuse(&format!("kafka.{name}.{setting}"), what, "", hint);
        }
    }
}

fn buffers(kafka: &KafkaSettings, check: &mut Check<'_>) -> (u64, u64) {
    let limits = Size::mib(1)..=Size::mib(2_047);
    for (key, size) in
        [("kafka.fetch_buffer", kafka.fetch_buffer), ("kafka.send_buffer", kafka.send_buffer)]
    {
        if !limits.contains(&size) {
            let allowed = format!("{} to {}", limits.start(), limits.end());
            check.refuse(key, format!("\"{size}\" is out of range"), allowed, "");
        }
    }
    (kafka.fetch_buffer.0, kafka.send_buffer.0)
}

fn is_bootstrap(text: &str) -> bool {
    text.split(',').map(str::trim).all(|broker| {
        let (host, port) = broker.rsplit_once(':').unwrap_or(("", ""));
        let bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        !host.is_empty()
            && !bare_v6
            && !host.contains('/')
            && host.chars().all(|c| !c.is_control() && !c.is_whitespace())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

fn pass_through(
    name: &str,
    table: &PassThrough,
    transaction_timeout: Duration,
    check: &mut Check<'_>,
) -> BTreeMap<String, String> {
    for (setting, value) in table {
        let key = format!("kafka.{name}.{setting}");
        if let Some(reason) = reason_to_refuse(setting) {
            check.refuse(&key, "must not be set here", "", reason);
        }
        let too_slow = setting == "socket.timeout.ms"
            && value.0.parse::<u128>().is_ok_and(|ms| ms + 100 > transaction_timeout.as_millis());
        if too_slow {
            let what = format!("{} ms is not 100 ms below gate.transaction_timeout", value.0);
            check.refuse(&key, what, "", "librdkafka refuses transactions with it");
        }
    }
    table.iter().map(|(setting, value)| (setting.clone(), value.0.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_hosts_with_ports() {
        assert!(is_bootstrap("kafka-1:9092, kafka-2:9092"));
        assert!(is_bootstrap("[::1]:9092"));
        for wrong in
            ["", "kafka", "kafka:", ":9092", "kafka:0", "a:1,,b:2", "ssl://a:1", "::1:9092"]
        {
            assert!(!is_bootstrap(wrong), "{wrong}");
        }
    }
}
