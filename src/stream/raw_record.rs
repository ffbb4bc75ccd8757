//! From a raw consent record to one that the rules can fold.
//!
//! The same for the gate and for whoever verifies it. The append time is handed in, for it depends on
//! the records before.

use super::ports::{AppendTime, RawConsent, TopicWidth};
use crate::consent::{ConsentRecord, Place, Placement, Seconds, Topic};
use crate::wire::formats::EventFormats;

impl RawConsent {
    /// Where it lies.
    pub fn place(&self) -> Place {
        Place { topic: self.topic, partition: self.partition, offset: self.offset }
    }

    /// Its key.
    pub fn key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    /// Its value.
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }

    /// The broker's append time; `None` if the broker gave none.
    pub fn broker_time(&self) -> Option<Seconds> {
        self.broker_ms().and_then(Seconds::from_millis)
    }

    /// The same in milliseconds since 1970.
    pub fn broker_ms(&self) -> Option<i64> {
        match self.appended {
            AppendTime::Broker(at_ms) | AppendTime::Rolled { broker_ms: at_ms, .. } => Some(at_ms),
            AppendTime::NotBroker => None,
        }
    }

    /// The record as the rules see it, read in the format of its topic and appended at `at` in the sense of
    /// [`AppendClock`](super::AppendClock).
    pub fn to_record(
        &self,
        at: Seconds,
        widths: &[TopicWidth],
        formats: &EventFormats,
    ) -> ConsentRecord {
        let key = self.key.as_deref();
        let placement = Placement::of(key, self.partition, width_of(widths, self.topic));
        formats.record(self.place(), at, key, placement, self.value.as_deref())
    }
}

fn width_of(widths: &[TopicWidth], topic: Topic) -> i32 {
    widths.iter().find(|width| width.topic == topic).map_or(0, |width| width.partitions)
}
