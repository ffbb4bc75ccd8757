//! The calls of librdkafka that rdkafka has no safe form of, and the only unsafe code of the crate.
//!
//! A lane takes records in batches from one queue, sends to topics that it holds on to, and looks at the
//! generation of its membership. With
//! rdkafka's own calls, one record at a time and every topic looked up by name, a gate took 1.4 times
//! the processor time of a bare loop, and not the 1.25 that it may take. Nothing here decides or
//! knows consent. A call that fails is an error of the caller's, never a record less.
//!
//! What keeps it sound: whatever points into a client is owned by it or borrows from it, so nothing
//! outlives its client; nothing here is shared between threads.

mod consumer;
mod membership;
mod message;
mod producer;

pub(in crate::kafka) use consumer::BatchConsumer;
pub(in crate::kafka) use membership::current_membership;
pub(in crate::kafka) use message::{NativeHeaders, NativeMessage, Written, written};
pub(in crate::kafka) use producer::{OutRecord, TopicProducer};
