//! Leaving a group before the consumer is closed.
//!
//! Knows no partition and commits nothing. A consumer that still has a subscription gives it up while it
//! closes. A rebalance that it was told before is void then, and the answer to it may come when the group
//! is gone: librdkafka (2.12.1, `rd_kafka_cgrp_op_serve`) throws such an answer away, and whoever gave it
//! waits for ever. So the subscription goes first, and all that is told until then is answered while
//! somebody listens; nothing more comes after it, and to close has nothing to ask.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};

/// A poll serves one rebalance without a word, so a single one that brings nothing proves nothing.
/// No more than three wait at once: one that is void, the one for the end of the subscription, and one
/// between them.
const QUIET_POLLS: u32 = 16;

/// Gives the subscription up, and serves what is told until then: records are thrown away, rebalances
/// answered by the consumer's context.
pub(super) fn leave<C: ConsumerContext>(consumer: &BaseConsumer<C>) {
    consumer.unsubscribe();
    let mut quiet = 0;
    while quiet < QUIET_POLLS {
        match consumer.poll(Duration::ZERO) {
            Some(_) => quiet = 0,
            None => quiet += 1,
        }
    }
}
