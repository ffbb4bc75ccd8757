//! Assigning partitions where others, or the same, are assigned already.
//!
//! Decides nothing. librdkafka (2.12.1) stops what an assignment replaces some time after the call. If the same
//! partition is assigned in that call and taken away by the next, it is stopped twice, and the second
//! answer ends the process (`rd_kafka_assignment_partition_stopped: rktp->rktp_started`). An empty assignment in
//! between is served behind the first stop and before the second.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;

/// Fetches exactly these partitions, from where the list says.
pub(super) fn assign_anew<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &TopicPartitionList,
) -> Result<(), KafkaError> {
    consumer.assign(&TopicPartitionList::new())?;
    consumer.assign(partitions)
}
