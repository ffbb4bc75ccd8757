//! A record as a lane has fetched it.

use std::rc::Rc;

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{Fitness, Header, RecordView};

use super::log::Bytes;

/// A record as it was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) partition: Partition,
    pub(crate) offset: Offset,
    pub(crate) bytes: Rc<Bytes>,
    pub(crate) seq: u64,
}

impl RecordView for Fetched {
    fn partition(&self) -> Partition {
        self.partition
    }

    fn offset(&self) -> Offset {
        self.offset
    }

    fn value(&self) -> Option<&[u8]> {
        self.bytes.value.as_deref()
    }

    fn each_header<'r>(&'r self, show: &mut dyn FnMut(Header<'r>)) {
        for (name, value) in &self.bytes.headers {
            if let Ok(name) = std::str::from_utf8(name) {
                show(Header { name, value: value.as_deref() });
            }
        }
    }

    fn fitness(&self) -> Fitness {
        match self.bytes.timestamp_ms {
            1.. => Fitness::Forwardable,
            _ => Fitness::Unforwardable,
        }
    }

    fn timestamp_ms(&self) -> Option<i64> {
        Some(self.bytes.timestamp_ms)
    }
}
