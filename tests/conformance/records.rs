//! Records: kept in order, byte for byte, or refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use rdkafka::client::ClientContext;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, Headers, Message, OwnedHeaders, Timestamp};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;

use super::support::{self, LONG};

/// Collects what became of each record.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<Result<i64, KafkaError>>>>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let result = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.clone()),
        };
        self.0.lock().expect("not poisoned").push(result);
    }
}

/// Sends one record and returns what the broker said of it.
fn report_of(
    bootstrap: &str,
    settings: &[(&str, &str)],
    record: BaseRecord<'_, str, str>,
) -> Result<i64, KafkaError> {
    let reports = Reports::default();
    let producer: BaseProducer<Reports> = support::producer_config(bootstrap, settings)
        .create_with_context(reports.clone())
        .expect("a producer");
    producer.send(record).map_err(|(error, _)| error).expect("the record is queued");
    producer.flush(LONG).expect("the queue is empty");
    let mut reports = reports.0.lock().expect("not poisoned");
    reports.pop().expect("one report")
}

/// Offsets have no gap, and a partition's records stay in order.
pub fn check_order_is_kept_in_each_partition(bootstrap: &str) {
    const RECORDS: i32 = 10_000;
    let topic = support::create(bootstrap, "ordered", 4, &[]);
    let producer = support::producer(bootstrap, &[]);
    for value in 0..RECORDS {
        support::send(&producer, &topic, value % 4, &value.to_string());
    }
    support::flush(&producer);
    let reader = support::reader(bootstrap, &topic, 4, "read_committed");
    let mut next: BTreeMap<i32, i64> = BTreeMap::new();
    for record in support::drain(&reader, 10_000).records {
        let offset = next.entry(record.partition).or_default();
        assert_eq!(record.offset, *offset);
        let value = i64::from(record.partition) + 4 * *offset;
        assert_eq!(record.value, Some(value.to_string()));
        *offset += 1;
    }
}

/// Key, value, headers and time come back as they were sent, and so does a
/// tombstone.
pub fn check_record_comes_back_byte_for_byte(bootstrap: &str) {
    let topic = support::create(bootstrap, "whole", 1, &[]);
    let producer = support::producer(bootstrap, &[]);
    let headers = OwnedHeaders::new()
        .insert(Header { key: "a", value: Some(&[0u8, 255][..]) })
        .insert(Header::<&[u8]> { key: "a", value: None });
    let whole = BaseRecord::to(&topic)
        .key(&[1u8, 0, 2][..])
        .payload(&[9u8, 0, 8][..])
        .timestamp(1_700_000_000_123)
        .headers(headers);
    producer.send(whole).map_err(|e| e.0).expect("queued");
    let tombstone = BaseRecord::<str, str>::to(&topic).key("gone");
    producer.send(tombstone).map_err(|e| e.0).expect("queued");
    support::flush(&producer);

    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    let mut read = Vec::new();
    support::eventually("both records come", || {
        let polled = reader.poll(LONG).expect("a record").expect("no error");
        read.push(polled.detach());
        read.len() == 2
    });
    let (whole, tombstone) = (&read[0], &read[1]);
    assert_eq!(whole.key(), Some(&[1u8, 0, 2][..]));
    assert_eq!(whole.payload(), Some(&[9u8, 0, 8][..]));
    assert_eq!(whole.timestamp(), Timestamp::CreateTime(1_700_000_000_123));
    let headers = whole.headers().expect("headers");
    assert_eq!(headers.count(), 2);
    assert_eq!(headers.get(0).value, Some(&[0u8, 255][..]));
    assert_eq!(headers.get(1).value, None);
    assert_eq!(tombstone.key(), Some(&b"gone"[..]));
    assert_eq!(tombstone.payload(), None);
}

/// On a topic with append times the writer's time is gone.
pub fn check_append_time_overwrites_the_writers(bootstrap: &str) {
    let configs = [("message.timestamp.type", "LogAppendTime")];
    let topic = support::create(bootstrap, "stamped", 1, &configs);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let before = i64::try_from(now.expect("after 1970").as_millis()).expect("fits");
    let producer = support::producer(bootstrap, &[("compression.type", "lz4")]);
    for value in ["first", "second"] {
        let record = BaseRecord::<str, str>::to(&topic).payload(value).timestamp(1_000);
        producer.send(record).map_err(|e| e.0).expect("queued");
    }
    support::flush(&producer);
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    for _ in 0..2 {
        let polled = reader.poll(LONG).expect("a record").expect("no error");
        let Timestamp::LogAppendTime(time) = polled.timestamp() else {
            panic!("not an append time: {:?}", polled.timestamp());
        };
        assert!((before - 5_000..before + 60_000).contains(&time));
    }
}

/// Every codec goes through, checksums included.
pub fn check_compressed_batches_are_kept(bootstrap: &str) {
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        let topic = support::create(bootstrap, codec, 1, &[]);
        let producer = support::producer(bootstrap, &[("compression.type", codec)]);
        for value in 0..2_000 {
            let value = format!("hello hello hello hello hello {value}");
            support::send(&producer, &topic, 0, &value);
        }
        support::flush(&producer);
        let reader = support::reader(bootstrap, &topic, 1, "read_committed");
        let drained = support::drain(&reader, 2_000);
        let last = drained.records.last().expect("a last record");
        assert_eq!(last.value.as_deref(), Some("hello hello hello hello hello 1999"));
    }
}

/// 24 MB in one partition, of which nothing is lost.
pub fn check_large_partition_is_kept(bootstrap: &str) {
    const RECORDS: usize = 24_000;
    let topic = support::create(bootstrap, "large", 1, &[]);
    let producer = support::producer(bootstrap, &[]);
    let value = "x".repeat(1_000);
    for _ in 0..RECORDS {
        support::send(&producer, &topic, 0, &value);
    }
    support::flush(&producer);
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    let marks = reader.fetch_watermarks(&topic, 0, LONG);
    assert_eq!(marks.expect("watermarks"), (0, 24_000));
    support::drain(&reader, RECORDS);
}

/// A batch above the topic's limit is refused and leaves nothing behind.
pub fn check_message_too_large_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "small", 1, &[("max.message.bytes", "2000")]);
    let large = "x".repeat(3_000);
    let report = report_of(
        bootstrap,
        &[("message.max.bytes", "1000000")],
        BaseRecord::to(&topic).payload(&large),
    );
    let expected = KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge);
    assert_eq!(report, Err(expected));
    let small = report_of(bootstrap, &[], BaseRecord::to(&topic).payload("small"));
    assert_eq!(small, Ok(0), "the refused one took no offset");
}

/// A writer whose clock is hours ahead is refused where its time would count.
pub fn check_far_future_time_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "future", 1, &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = i64::try_from(now.expect("after 1970").as_millis()).expect("fits");
    let tomorrow = now + 24 * 3_600_000;
    let record = BaseRecord::to(&topic).payload("x").timestamp(tomorrow);
    let report = report_of(bootstrap, &[], record);
    let expected = KafkaError::MessageProduction(RDKafkaErrorCode::InvalidTimestamp);
    assert_eq!(report, Err(expected));
}
