//! A message of the topic that is tried, copied out of the client until its turn comes.

use std::cmp::Ordering;

use crate::consent::{Offset, Partition};
use crate::decision::{Message, Reason};
use crate::kafka::TopicRecord;
use crate::policy::Policy;
use crate::stream::ports::{AppendTime, Fitness};
use crate::wire::formats::{Format, Header, Refusal, Texts};

/// Whether a message came in time to be decided in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It did.
    InOrder,
    /// Its time steps back further than the tolerance: later ones were decided before it.
    Missed,
}

/// One record of the topic, ordered by its own time, then by its place.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) time_ms: i64,
    pub(super) partition: Partition,
    pub(super) offset: Offset,
    pub(super) turn: Turn,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Copied {
    /// Copies a record; `None` if it has no time, and so no place in the order. All that is earlier
    /// than `horizon_ms` has been decided.
    pub(super) fn of(record: &TopicRecord<'_>, horizon_ms: i64) -> Option<Self> {
        let time_ms = record.timestamp_ms()?;
        let turn = if time_ms < horizon_ms { Turn::Missed } else { Turn::InOrder };
        if record.fitness(usize::MAX) == Fitness::Unforwardable {
            return None;
        }
        let mut headers = Vec::new();
        record.each_text_header(&mut |Header { name, value }| {
            headers.push((name.to_owned(), value.map(<[u8]>::to_vec)));
        });
        Some(Self {
            time_ms,
            partition: record.partition(),
            offset: record.offset(),
            turn,
            value: record.value().map(<[u8]>::to_vec),
            headers,
        })
    }

    /// Reads its message as a lane does.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn read<'r>(
        &'r self,
        format: &Format,
        policy: &'r Policy,
        texts: &'r Texts,
    ) -> Result<Message<'r>, Reason> {
        let show = |show: &mut dyn FnMut(Header<'r>)| {
            for (name, value) in &self.headers {
                show(Header { name, value: value.as_deref() });
            }
        };
        format
            .read(self.value.as_deref(), show, texts)
            .map(|message| message.sent_at_ms(Some(self.time_ms)).at_home(policy))
            .map_err(Refusal::reason)
    }

    fn order(&self) -> (i64, Partition, Offset) {
        (self.time_ms, self.partition, self.offset)
    }
}

impl PartialEq for Copied {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Copied {}

impl PartialOrd for Copied {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Copied {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// Whether a record's time is the broker's.
pub(super) fn is_brokers_time(record: &TopicRecord<'_>) -> bool {
    record.appended() != AppendTime::NotBroker
}
