//! A producer that holds on to its topics, so that no record looks one up by its name.

use std::ffi::{CString, c_int};
use std::ptr::{NonNull, null_mut};

use rdkafka::bindings::{
    RD_KAFKA_MSG_F_COPY, rd_kafka_error_code, rd_kafka_error_destroy, rd_kafka_produceva,
    rd_kafka_topic_destroy, rd_kafka_topic_new, rd_kafka_topic_t, rd_kafka_vtype_t, rd_kafka_vu_s,
    rd_kafka_vu_s__bindgen_ty_1 as Argument, rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 as Bytes,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use rdkafka::util::IntoOpaque;

use super::message::NativeHeaders;
use crate::consent::Partition;

/// A record to send.
pub(in crate::kafka) struct OutRecord<'r, T> {
    /// Which of the producer's topics, in the order in which they were named.
    pub(in crate::kafka) topic: usize,
    pub(in crate::kafka) partition: Partition,
    pub(in crate::kafka) key: Option<&'r [u8]>,
    pub(in crate::kafka) value: Option<&'r [u8]>,
    /// Without one the producer writes its own.
    pub(in crate::kafka) timestamp_ms: Option<i64>,
    pub(in crate::kafka) headers: Option<NativeHeaders>,
    /// What comes back with its delivery.
    pub(in crate::kafka) opaque: T,
}

/// A producer and its topics.
pub(in crate::kafka) struct TopicProducer<C: ProducerContext + 'static> {
    // Topics go before the client that they belong to.
    topics: Vec<Topic>,
    producer: BaseProducer<C>,
}

impl<C: ProducerContext + 'static> TopicProducer<C>
where
    C::DeliveryOpaque: Copy,
{
    /// Takes over a producer, for topics with these names.
    pub(in crate::kafka) fn new(
        producer: BaseProducer<C>,
        names: &[&str],
    ) -> Result<Self, KafkaError> {
        let topics =
            names.iter().map(|name| Topic::open(&producer, name)).collect::<Result<_, _>>()?;
        Ok(Self { topics, producer })
    }

    /// The producer itself: all but sending.
    pub(in crate::kafka) fn producer(&self) -> &BaseProducer<C> {
        &self.producer
    }

    /// Queues a copy of a record. If it is refused, its headers are still there for another try.
    pub(in crate::kafka) fn send(
        &self,
        record: &mut OutRecord<'_, C::DeliveryOpaque>,
    ) -> Result<(), KafkaError> {
        use rd_kafka_vtype_t as kind;
        let refused = |code: RDKafkaErrorCode| Err(KafkaError::MessageProduction(code));
        let Some(topic) = self.topics.get(record.topic) else {
            return refused(RDKafkaErrorCode::UnknownTopic);
        };
        let headers = record.headers.as_ref().map_or(null_mut(), NativeHeaders::as_ptr);
        let bytes = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => Bytes { ptr: bytes.as_ptr().cast_mut().cast(), size: bytes.len() },
            None => Bytes { ptr: null_mut(), size: 0 },
        };
        let arguments = [
            (kind::RD_KAFKA_VTYPE_RKT, Argument { rkt: topic.0.as_ptr() }),
            (kind::RD_KAFKA_VTYPE_PARTITION, Argument { i32_: record.partition.0 }),
            (kind::RD_KAFKA_VTYPE_MSGFLAGS, Argument { i: RD_KAFKA_MSG_F_COPY as c_int }),
            (kind::RD_KAFKA_VTYPE_VALUE, Argument { mem: bytes(record.value) }),
            (kind::RD_KAFKA_VTYPE_KEY, Argument { mem: bytes(record.key) }),
            (kind::RD_KAFKA_VTYPE_TIMESTAMP, Argument { i64_: record.timestamp_ms.unwrap_or(0) }),
            (kind::RD_KAFKA_VTYPE_OPAQUE, Argument { ptr: record.opaque.into_ptr() }),
            (kind::RD_KAFKA_VTYPE_HEADERS, Argument { headers }),
        ]
        .map(|(vtype, u)| rd_kafka_vu_s { vtype, u });
        // Headers come last, and are left out if there are none.
        let count = arguments.len() - usize::from(headers.is_null());
        // SAFETY: client and topic live. Each argument has the type that its kind says. Key and value
        // are copied during the call. The headers are ours, and given away only if they were taken.
        let error = unsafe {
            rd_kafka_produceva(self.producer.client().native_ptr(), arguments.as_ptr(), count)
        };
        if error.is_null() {
            record.headers.take().into_iter().for_each(NativeHeaders::give_away);
            return Ok(());
        }
        // SAFETY: the error is ours.
        let code = unsafe {
            let code = rd_kafka_error_code(error);
            rd_kafka_error_destroy(error);
            code
        };
        refused(code.into())
    }
}

/// A topic of a producer.
struct Topic(NonNull<rd_kafka_topic_t>);

impl Topic {
    fn open<C: ProducerContext + 'static>(
        producer: &BaseProducer<C>,
        name: &str,
    ) -> Result<Self, KafkaError> {
        let name = CString::new(name)?;
        // SAFETY: the client lives, the name is only read, and no settings means the client's own.
        let topic = unsafe {
            rd_kafka_topic_new(producer.client().native_ptr(), name.as_ptr(), null_mut())
        };
        let none = || KafkaError::ClientCreation("librdkafka could not hold a topic".to_owned());
        NonNull::new(topic).map(Self).ok_or_else(none)
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nobody uses it any longer.
        unsafe { rd_kafka_topic_destroy(self.0.as_ptr()) };
    }
}
