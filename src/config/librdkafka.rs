//! Which settings of librdkafka are refused in the pass-through tables, and why.
//!
//! Knows librdkafka's names by heart, aliases included; what it does not know it hands on, and
//! librdkafka itself refuses a name that it does not have. A setting stands here if a promise rests
//! on it, if the gate computes it from its own settings, or if it would silence a signal that the
//! gate listens to.

/// Why a setting is refused.
pub(super) fn reason_to_refuse(name: &str) -> Option<&'static str> {
    let exact = REFUSED.iter().find(|(names, _)| names.contains(&name));
    let family = || FAMILIES.iter().find(|(prefix, _)| name.starts_with(prefix));
    exact.map(|(_, reason)| *reason).or_else(|| family().map(|(_, reason)| *reason))
}

/// Whether a setting's value must not be shown.
pub(super) fn is_secret(name: &str) -> bool {
    ["password", "secret", "token", "jaas", ".pem", "oauthbearer.config"]
        .iter()
        .any(|part| name.contains(part))
}

const FAMILIES: [(&str, &str); 1] =
    [("test.mock.", "it would replace the brokers by a mock inside the process")];

const REFUSED: [(&[&str], &str); 37] = [
    // Exactly once.
    (
        &["enable.auto.commit", "auto.commit.enable", "auto.commit.interval.ms"],
        "offsets are committed within transactions only, or messages would be lost or doubled",
    ),
    (
        &[
            "enable.auto.offset.store",
            "offset.store.method",
            "offset.store.path",
            "offset.store.sync.interval.ms",
        ],
        "offsets are stored by the gate only, after the decision",
    ),
    (
        &["isolation.level"],
        "the lanes must not read aborted messages, and the fence must see open transactions",
    ),
    (
        &["acks", "request.required.acks"],
        "every record must be acknowledged by all in-sync replicas",
    ),
    (&["enable.idempotence", "enable.gapless.guarantee"], "transactions rest on it"),
    (
        &["max.in.flight", "max.in.flight.requests.per.connection", "queuing.strategy"],
        "the order of messages rests on it",
    ),
    (
        &["retries", "message.send.max.retries"],
        "a transaction that gives up early would be aborted over and over",
    ),
    (
        &["retry.backoff.ms", "retry.backoff.max.ms"],
        "the search for a coordinator is retried twice and then hangs: a shorter wait hangs sooner",
    ),
    (
        &["auto.offset.reset"],
        "a lost position holds the gate; jumping would skip or repeat messages (see gate.start_from)",
    ),
    (
        &["transactional.id"],
        "it is made of gate.group, gate.instance and the lane, to fence off a former self",
    ),
    (&["group.id"], "set gate.group"),
    (&["group.instance.id"], "it is made of gate.group, gate.instance and the lane"),
    (&["group.protocol", "partition.assignment.strategy"], "set gate.group_protocol"),
    (&["group.remote.assignor"], "the gate leaves it to the broker how partitions are shared"),
    (&["session.timeout.ms"], "set gate.session_timeout"),
    (
        &["transaction.timeout.ms"],
        "set gate.transaction_timeout; it must stay below gate.session_timeout",
    ),
    (
        &["message.timeout.ms", "delivery.timeout.ms"],
        "a record that times out aborts its transaction: it is derived from gate.transaction_timeout",
    ),
    (
        &["delivery.report.only.error", "dr_cb", "dr_msg_cb"],
        "the gate reads delivery reports itself",
    ),
    (&["enable.partition.eof"], "the end of a partition is proven by the fence, not by this event"),
    // Bytes and partitions.
    (
        &["partitioner", "partitioner_cb"],
        "a message leaves on the partition number that it came from",
    ),
    (&["check.crcs"], "a flipped bit can turn an opt-out into something else"),
    (&["allow.auto.create.topics"], "a topic that Kafka makes up has the wrong settings"),
    (&["topic.blacklist"], "hidden topics would look like missing ones"),
    (&["produce.offset.report"], "receipts need the offsets that Kafka gave"),
    // Signals that the gate listens to.
    (
        &["log_level", "log.queue", "log.thread.name", "log.connection.close", "log_cb"],
        "the gate finds a silently repeated end of a transaction in librdkafka's log lines",
    ),
    (
        &["statistics.interval.ms", "stats_cb"],
        "the gate finds a silently repeated end of a transaction in librdkafka's counters",
    ),
    (
        &["enabled_events", "error_cb", "event_cb", "rebalance_cb", "offset_commit_cb"],
        "the gate receives these events itself",
    ),
    // What has a key of its own.
    (&["bootstrap.servers", "metadata.broker.list"], "set kafka.bootstrap"),
    (&["client.id"], "set kafka.client_id"),
    (&["queued.max.messages.kbytes"], "set kafka.fetch_buffer"),
    (&["queue.buffering.max.kbytes"], "set kafka.send_buffer"),
    (&["security.protocol"], "set kafka.security_protocol"),
    (&["sasl.mechanism", "sasl.mechanisms"], "set kafka.sasl_mechanism"),
    (&["sasl.username", "sasl.password"], "set kafka.sasl_username and kafka.sasl_password"),
    (
        &["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password"],
        "set kafka.ssl_ca_file, kafka.ssl_certificate_file, kafka.ssl_key_file, kafka.ssl_key_password",
    ),
    // Foreign code, and checks that must stay.
    (
        &["plugin.library.paths", "ssl.engine.location", "ssl.providers", "interceptors"],
        "it loads foreign code into the gate",
    ),
    (
        &["enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm"],
        "an unchecked broker could answer anything, also that nobody has opted out",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_a_promise_rests_on_is_refused_with_a_reason() {
        for name in [
            "enable.auto.commit",
            "enable.auto.offset.store",
            "isolation.level",
            "acks",
            "enable.idempotence",
            "auto.offset.reset",
            "transactional.id",
            "group.id",
            "group.protocol",
            "partition.assignment.strategy",
            "partitioner",
            "check.crcs",
            "allow.auto.create.topics",
            "transaction.timeout.ms",
            "delivery.report.only.error",
            "log.connection.close",
            "test.mock.num.brokers",
        ] {
            assert!(reason_to_refuse(name).is_some(), "{name}");
        }
    }

    #[test]
    fn settings_of_speed_are_handed_on() {
        for name in ["fetch.min.bytes", "linger.ms", "compression.type", "client.rack"] {
            assert_eq!(reason_to_refuse(name), None, "{name}");
        }
    }

    #[test]
    fn no_setting_stands_in_the_list_twice() {
        let mut names: Vec<_> = REFUSED.iter().flat_map(|(names, _)| names.iter()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
