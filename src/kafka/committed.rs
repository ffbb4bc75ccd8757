//! Committed offsets as librdkafka tells them.
//!
//! Whatever is neither an offset nor none is no answer: nobody starts from a guess.

use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::fault::fault_of;
use crate::consent::{Offset, Partition};
use crate::stream::ports::CommittedOffset;
use crate::stream::{Fault, FaultKind};

/// The committed offset of each partition that was asked for; `what` says what was tried, in lower case.
pub(super) fn committed_in(
    told: &TopicPartitionList,
    what: &str,
) -> Result<Vec<CommittedOffset>, Fault> {
    let place = |element: &TopicPartitionListElem<'_>| {
        element.error().map_err(|error| fault_of(what, &error))?;
        let next = match element.offset() {
            KafkaOffset::Offset(next) => Some(Offset(next)),
            KafkaOffset::Invalid => None,
            other => {
                let what = format!("{what}: no offset but {other:?}");
                return Err(Fault::new(FaultKind::Retriable, what));
            }
        };
        let partition = Partition(element.partition());
        Ok(CommittedOffset { partition, next, metadata: element.metadata().to_owned() })
    };
    told.elements().iter().map(place).collect()
}
