//! A fence's question that is not asked: a test of the tests.
//!
//! It claims that the consent topics end where the index stands, so every fence is reached at once
//! and nothing waits. A test of the fence that this passes proves nothing. Never wired by itself.

use std::sync::Arc;

use crate::config::FenceKind;
use crate::consent::{Offset, Partition};
use crate::index::ConsentIndex;
use crate::stream::ports::{EndAnswer, Ends, EndsPort, OpenTransaction, TopicWidth};
use crate::stream::{Fault, SharedIndex};

/// Whom the fence asks where the consent topics end. Anything but `Brokers` exists for tests of the
/// tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// The brokers, in this way.
    Brokers(FenceKind),
    /// Nobody: it claims that they end where the index stands.
    Nobody,
}

/// Answers from the index.
pub(super) struct BlindEnds {
    pub(super) index: Arc<SharedIndex>,
    pub(super) widths: Vec<TopicWidth>,
    pub(super) cluster_id: String,
}

impl EndsPort for BlindEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        let partitions = self
            .widths
            .iter()
            .flat_map(|width| (0..width.partitions).map(|p| (width.topic, Partition(p))));
        let end_of = |index: &mut ConsentIndex, (topic, partition)| {
            // Of what was never read it claims that there is nothing.
            index.advance(topic, partition, Offset(0));
            let end = index.positions().get(topic, partition).unwrap_or(Offset(0));
            EndAnswer { topic, partition, end: Ok(end) }
        };
        let answers = self
            .index
            .write(|index| partitions.map(|partition| end_of(index, partition)).collect())?;
        Ok(Ends { cluster_id: self.cluster_id.clone(), answers })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        Ok(None)
    }
}
