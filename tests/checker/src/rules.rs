//! The rules alone, on records in memory, for whoever holds other rules against them.
//!
//! Knows no receipt and no Kafka. What the documents leave open is no difference.

use crate::model::{Comparison, Log, Message, Place, Policy, Positions, Topic, grounds, judge};

/// One of the consent topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentTopic {
    /// The log of record.
    Events,
    /// What people do just now.
    Activity,
    /// What the platform says of templates.
    Templates,
}

/// How much of the consent records counts.
#[derive(Clone, Debug)]
pub struct UpTo(Positions);

/// A policy, and consent records.
pub struct Rules {
    policy: Policy,
    /// Of each topic.
    partitions: i32,
    log: Log,
    positions: Positions,
}

impl Rules {
    /// The rules under a policy, as it is published beside the receipts; nothing for one that they cannot
    /// read.
    pub fn under(policy: &str, partitions: i32) -> Option<Self> {
        let (log, positions) = (Log::default(), Positions::default());
        Some(Self { policy: Policy::read(policy)?, partitions, log, positions })
    }

    /// Takes the next record of a partition. Says at which offset it lies.
    pub fn take(
        &mut self,
        topic: ConsentTopic,
        partition: i32,
        appended_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> i64 {
        let topic = match topic {
            ConsentTopic::Events => Topic::Events,
            ConsentTopic::Activity => Topic::Activity,
            ConsentTopic::Templates => Topic::Templates,
        };
        let offset = self.positions.of(topic, partition);
        let place = Place { topic, partition, offset };
        self.log.take(place, self.partitions, appended_ms, key, value);
        self.positions.advance(topic, partition, 1);
        offset
    }

    /// What was taken so far.
    pub fn so_far(&self) -> UpTo {
        UpTo(self.positions.clone())
    }

    /// What is wrong with a decision on a message, and what was known; nothing if it follows, if the documents
    /// leave it open, or if the message cannot be read. `suppressed` has the first reason's number and the
    /// mask of all; nothing means allowed.
    pub fn difference(
        &self,
        up_to: &UpTo,
        value: &[u8],
        sent_ms: i64,
        now_ms: i64,
        suppressed: Option<(i32, u64)>,
    ) -> Option<String> {
        let message = Message::read(Some(value), sent_ms)?;
        let UpTo(positions) = up_to;
        let verdict = judge(&self.log, &self.policy, &message, positions, now_ms);
        let what = match verdict.compare(suppressed) {
            Comparison::Same | Comparison::Open(_) => return None,
            Comparison::OtherAnswer(what) | Comparison::OtherReasons(what) => what,
        };
        let grounds = grounds(&self.log, &self.policy, &message, positions, now_ms);
        Some(format!("{what} ({}); {grounds}", message.kind()))
    }
}
