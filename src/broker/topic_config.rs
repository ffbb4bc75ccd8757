//! The configs of a topic: their Kafka names, defaults and values.
//!
//! Knows no log. Only the message size, the kind of timestamps and their
//! limits, and `min.insync.replicas` have an effect here; the rest is kept so
//! that DescribeConfigs tells what was asked for. An unknown name or a value
//! of the wrong form is refused.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;

/// The form that a config's value must have.
#[derive(Clone, Copy)]
enum Form {
    Number,
    Truth,
    Text(&'static [&'static str]),
}

const KNOWN: &[(&str, &str, Form)] = &[
    (
        "cleanup.policy",
        "delete",
        Form::Text(&["delete", "compact", "compact,delete", "delete,compact"]),
    ),
    (
        "compression.type",
        "producer",
        Form::Text(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
    ),
    ("delete.retention.ms", "86400000", Form::Number),
    ("file.delete.delay.ms", "60000", Form::Number),
    ("flush.messages", "9223372036854775807", Form::Number),
    ("flush.ms", "9223372036854775807", Form::Number),
    ("max.compaction.lag.ms", "9223372036854775807", Form::Number),
    (MAX_MESSAGE_BYTES, "1048588", Form::Number),
    (TIMESTAMP_AFTER, "3600000", Form::Number),
    (TIMESTAMP_BEFORE, "9223372036854775807", Form::Number),
    (TIMESTAMP_TYPE, "CreateTime", Form::Text(&["CreateTime", "LogAppendTime"])),
    ("min.compaction.lag.ms", "0", Form::Number),
    (MIN_INSYNC, "1", Form::Number),
    ("retention.bytes", "-1", Form::Number),
    ("retention.ms", "604800000", Form::Number),
    ("segment.bytes", "1073741824", Form::Number),
    ("segment.ms", "604800000", Form::Number),
    ("unclean.leader.election.enable", "false", Form::Truth),
];

const MAX_MESSAGE_BYTES: &str = "max.message.bytes";
const TIMESTAMP_TYPE: &str = "message.timestamp.type";
const TIMESTAMP_BEFORE: &str = "message.timestamp.before.max.ms";
const TIMESTAMP_AFTER: &str = "message.timestamp.after.max.ms";
const MIN_INSYNC: &str = "min.insync.replicas";

/// Where a config's value comes from, with Kafka's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Set on the topic.
    Topic = 1,
    /// Not set anywhere.
    Default = 5,
}

/// The configs that were set on a topic.
#[derive(Clone, Debug, Default)]
pub(super) struct TopicConfig {
    set: BTreeMap<String, String>,
}

impl TopicConfig {
    /// Checks names and values.
    pub(super) fn new<'a>(
        configs: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ResponseError> {
        let mut set = BTreeMap::new();
        for (name, value) in configs {
            let (_, _, form) = KNOWN
                .iter()
                .find(|(known, _, _)| *known == name)
                .ok_or(ResponseError::InvalidConfig)?;
            let fits = match form {
                Form::Number => value.parse::<i64>().is_ok(),
                Form::Truth => value.parse::<bool>().is_ok(),
                Form::Text(values) => values.contains(&value),
            };
            if !fits {
                return Err(ResponseError::InvalidConfig);
            }
            set.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self { set })
    }

    /// Every config with its value and source.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &str, Source)> {
        KNOWN.iter().map(|(name, default, _)| match self.set.get(*name) {
            Some(value) => (*name, value.as_str(), Source::Topic),
            None => (*name, *default, Source::Default),
        })
    }

    /// The largest batch, in bytes.
    pub(super) fn batch_bytes_max(&self) -> usize {
        usize::try_from(self.number(MAX_MESSAGE_BYTES)).unwrap_or(0)
    }

    /// The broker's clock overwrites the writer's times.
    pub(super) fn is_log_append_time(&self) -> bool {
        self.value(TIMESTAMP_TYPE) == "LogAppendTime"
    }

    /// The span of writer's times that is accepted at `now_ms`.
    pub(super) fn accepted_times(&self, now_ms: i64) -> std::ops::RangeInclusive<i64> {
        let oldest = now_ms.saturating_sub(self.number(TIMESTAMP_BEFORE));
        let newest = now_ms.saturating_add(self.number(TIMESTAMP_AFTER));
        oldest..=newest
    }

    /// Replicas that must be alive for an acks=all write.
    pub(super) fn replicas_min(&self) -> usize {
        usize::try_from(self.number(MIN_INSYNC)).unwrap_or(1)
    }

    fn number(&self, name: &str) -> i64 {
        self.value(name).parse().unwrap_or_default()
    }

    fn value(&self, name: &str) -> &str {
        self.all().find(|(known, _, _)| *known == name).map_or("", |(_, value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_or_a_wrong_value_is_refused() {
        let refused = |name, value| TopicConfig::new([(name, value)].into_iter()).is_err();
        assert!(refused("retention", "1"));
        assert!(refused("retention.ms", "long"));
        assert!(refused("message.timestamp.type", "Whenever"));
        assert!(!refused("message.timestamp.type", "LogAppendTime"));
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let config = TopicConfig::default();
        assert_eq!(config.batch_bytes_max(), 1_048_588);
        assert!(!config.is_log_append_time());
        assert_eq!(config.accepted_times(5).end(), &3_600_005);
    }
}
