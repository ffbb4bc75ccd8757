//! The membership of a consumer in its group, with the number that the broker checks.
//!
//! rdkafka hands out a membership and hides its generation, and librdkafka hands out one without a
//! generation when it has just lost it. Kafka takes offsets under such a one unchecked, so here it is
//! none.

use rdkafka::bindings::{
    rd_kafka_consumer_group_metadata, rd_kafka_consumer_group_metadata_destroy,
    rd_kafka_consumer_group_metadata_generation_id,
};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, ConsumerGroupMetadata};

/// How often it is asked again while it moves.
const ATTEMPTS: usize = 3;

/// The membership at this instant; `None` if there is none that a broker checks.
pub(in crate::kafka) fn current_membership<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
) -> Option<ConsumerGroupMetadata> {
    for _ in 0..ATTEMPTS {
        // A generation or epoch only grows, so what lies between two equal ones has it too.
        let before = generation(consumer)?;
        let membership = consumer.group_metadata()?;
        if before > 0 && generation(consumer)? == before {
            return Some(membership);
        }
    }
    None
}

/// The generation, or the member's epoch where the broker shares; not above 0 if there is none.
fn generation<C: ConsumerContext>(consumer: &BaseConsumer<C>) -> Option<i32> {
    // SAFETY: the client lives, and what it hands out is ours until it is destroyed, here and once.
    unsafe {
        let membership = rd_kafka_consumer_group_metadata(consumer.client().native_ptr());
        if membership.is_null() {
            return None;
        }
        let generation = rd_kafka_consumer_group_metadata_generation_id(membership);
        rd_kafka_consumer_group_metadata_destroy(membership);
        Some(generation)
    }
}
