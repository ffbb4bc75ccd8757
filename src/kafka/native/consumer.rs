//! A consumer whose records come in batches.
//!
//! All partitions of an assignment are forwarded to one queue of our own; what is not a record, such
//! as a rebalance, stays in the client's own queue and is polled there as ever. librdkafka ends a
//! forward whenever it stops to fetch a partition, which it does some time after it is told. So every
//! poll forwards again, which also brings what came in between, in order.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::mem::replace;
use std::ptr::{NonNull, null_mut};
use std::time::Duration;

use rdkafka::bindings::{
    rd_kafka_consume_batch_queue, rd_kafka_message_t, rd_kafka_queue_destroy,
    rd_kafka_queue_forward, rd_kafka_queue_get_partition, rd_kafka_queue_new, rd_kafka_queue_t,
};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;

use super::message::NativeMessage;
use crate::consent::Partition;

/// A consumer, and the queue that its records come to.
pub(in crate::kafka) struct BatchConsumer<C: ConsumerContext + 'static> {
    // Queues go before the client that they belong to.
    partitions: RefCell<BTreeMap<Partition, Queue>>,
    records: Queue,
    /// Room for what one call returns, kept between calls; empty between them.
    taken: RefCell<Vec<*mut rd_kafka_message_t>>,
    consumer: BaseConsumer<C>,
}

impl<C: ConsumerContext + 'static> BatchConsumer<C> {
    /// Takes over a consumer that is not assigned anything yet.
    pub(in crate::kafka) fn new(consumer: BaseConsumer<C>) -> Result<Self, KafkaError> {
        // SAFETY: the client lives as long as `consumer`, and the queue is destroyed before it.
        let records = Queue::own(unsafe { rd_kafka_queue_new(consumer.client().native_ptr()) })?;
        let (partitions, taken) = (RefCell::default(), RefCell::default());
        Ok(Self { partitions, records, taken, consumer })
    }

    /// The consumer itself: all but records. A record that comes out of its own poll was not
    /// forwarded.
    pub(in crate::kafka) fn consumer(&self) -> &BaseConsumer<C> {
        &self.consumer
    }

    /// From here on the records of these partitions come to the queue too. To be called before they are
    /// assigned: what was never forwarded goes to the client's own queue.
    pub(in crate::kafka) fn forward(
        &self,
        topic: &str,
        partitions: impl Iterator<Item = Partition>,
    ) -> Result<(), KafkaError> {
        let topic = CString::new(topic)?;
        let client = self.consumer.client().native_ptr();
        for partition in partitions {
            // SAFETY: the client lives, the name ends with a zero and is only read during the call.
            let queue =
                unsafe { rd_kafka_queue_get_partition(client, topic.as_ptr(), partition.0) };
            self.partitions.borrow_mut().insert(partition, Queue::own(queue)?);
        }
        self.forward_again();
        Ok(())
    }

    /// These partitions are forwarded no longer. To be called when they are not fetched any more.
    pub(in crate::kafka) fn forget(&self, partitions: &[Partition]) {
        self.partitions.borrow_mut().retain(|partition, _| !partitions.contains(partition));
    }

    /// No partition is forwarded any longer.
    pub(in crate::kafka) fn forget_all(&self) {
        self.partitions.borrow_mut().clear();
    }

    /// Hands `each` up to `max` records or errors. Waits for so many, unless `wait` is over before.
    pub(in crate::kafka) fn poll<'c>(
        &'c self,
        wait: Duration,
        max: usize,
        mut each: impl FnMut(Result<NativeMessage<'c>, KafkaError>),
    ) -> usize {
        self.forward_again();
        let mut taken = self.taken.borrow_mut();
        if taken.len() < max {
            taken.resize(max, null_mut());
        }
        // SAFETY: the queue lives, and there is room for `max` pointers.
        let count = unsafe {
            let (queue, room) = (self.records.0.as_ptr(), taken.as_mut_ptr());
            rd_kafka_consume_batch_queue(queue, whole_ms(wait), room, max)
        };
        // What it could not do it reports as less than nothing.
        let count = usize::try_from(count).unwrap_or(0);
        let messages = taken.iter_mut().take(count).map(|place| replace(place, null_mut()));
        for message in messages.filter_map(NonNull::new) {
            // SAFETY: librdkafka gave the message to us, and it borrows from the consumer.
            each(unsafe { NativeMessage::own(message) });
        }
        count
    }

    fn forward_again(&self) {
        for queue in self.partitions.borrow().values() {
            // SAFETY: both queues live.
            unsafe { rd_kafka_queue_forward(queue.0.as_ptr(), self.records.0.as_ptr()) };
        }
    }
}

/// The client counts whole milliseconds; rounded down it would spin in the last one.
fn whole_ms(wait: Duration) -> i32 {
    i32::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
}

/// A queue of ours.
struct Queue(NonNull<rd_kafka_queue_t>);

impl Queue {
    /// Takes over a queue that librdkafka made for us.
    fn own(queue: *mut rd_kafka_queue_t) -> Result<Self, KafkaError> {
        let none = || KafkaError::ClientCreation("librdkafka could not make a queue".to_owned());
        NonNull::new(queue).map(Self).ok_or_else(none)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nobody uses it any longer.
        unsafe { rd_kafka_queue_destroy(self.0.as_ptr()) };
    }
}
