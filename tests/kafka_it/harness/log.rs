//! Writing, reading and topics, on the shared Kafka.

use libtest_mimic::Trial;

use crate::support::producers::{NewRecord, Transaction, Writer};
use crate::support::raw::{RawHeader, RawRecord, produce_raw, read_raw};
use crate::support::reading::{Headers, Isolation, read_all, texts};
use crate::support::topics::{GateTopics, create_topic, delete_topics, topic_setting};
use crate::support::unique::unique;
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("harness_one_node_reads_what_is_written", what_is_written_is_read),
        on_shared("harness_gate_topics_have_their_settings", gate_topics_have_their_settings),
        on_shared("harness_an_open_transaction_is_invisible", an_open_transaction_is_invisible),
        on_shared("harness_raw_records_keep_their_bytes", raw_records_keep_their_bytes),
    ]
}

fn what_is_written_is_read(kafka: &str) {
    let topic = unique("written");
    create_topic(kafka, &topic, 3, &[]);
    let headers: &[(&str, Option<&[u8]>)] =
        &[("a", Some(&[0, 255])), ("b", None), ("a", Some(b""))];
    let first = NewRecord {
        partition: Some(2),
        key: Some(b"key"),
        value: Some(b"value"),
        timestamp_ms: Some(1_700_000_000_123),
        headers,
    };
    let second = NewRecord { partition: Some(0), ..NewRecord::default() };
    let places = Writer::new(kafka).write(&topic, &[first, second]);
    let read = read_all(kafka, &topic, Isolation::Committed);

    assert_eq!(read.len(), 2);
    assert_eq!([read[1].partition, read[0].partition], [places[0].partition, places[1].partition]);
    assert_eq!(read[1].key.as_deref(), Some(&b"key"[..]));
    assert_eq!(read[1].value.as_deref(), Some(&b"value"[..]));
    assert_eq!(read[1].timestamp_ms, Some(1_700_000_000_123));
    let expected =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.map(<[u8]>::to_vec)));
    assert_eq!(read[1].headers, Headers::Text(expected.collect()));
    assert_eq!((read[0].key.as_ref(), read[0].value.as_ref()), (None, None));
    delete_topics(kafka, &[&topic]);
}

fn gate_topics_have_their_settings(kafka: &str) {
    let topics = GateTopics::named("settings");
    topics.create(kafka, 2);
    let setting = |topic: &str, name: &str| topic_setting(kafka, topic, name).unwrap_or_default();

    assert_eq!(setting(&topics.consent_events, "retention.ms"), "-1");
    assert_eq!(setting(&topics.consent_events, "message.timestamp.type"), "LogAppendTime");
    assert_eq!(setting(&topics.consent_activity, "retention.ms"), "691200000");
    assert_eq!(setting(&topics.allowed, "message.timestamp.type"), "CreateTime");
    assert_eq!(setting(&topics.allowed, "message.timestamp.before.max.ms"), i64::MAX.to_string());
    for topic in topics.all() {
        assert_eq!(setting(topic, "cleanup.policy"), "delete", "{topic}");
    }
    topics.delete(kafka);
}

fn an_open_transaction_is_invisible(kafka: &str) {
    let topic = unique("open");
    create_topic(kafka, &topic, 1, &[]);
    let record = NewRecord { value: Some(b"hidden"), ..NewRecord::default() };
    let transaction = Transaction::begin(kafka, &topic);
    transaction.write(&topic, std::slice::from_ref(&record));
    Writer::new(kafka).write_one(&topic, &NewRecord { value: Some(b"behind"), ..record });

    let seen = |isolation| texts(&read_all(kafka, &topic, isolation));
    assert_eq!(seen(Isolation::Committed), Vec::<String>::new());
    assert_eq!(seen(Isolation::Uncommitted), ["hidden", "behind"]);
    transaction.commit();
    assert_eq!(seen(Isolation::Committed), ["hidden", "behind"]);
    delete_topics(kafka, &[&topic]);
}

fn raw_records_keep_their_bytes(kafka: &str) {
    let topic = unique("raw");
    create_topic(kafka, &topic, 2, &[("compression.type", "uncompressed")]);
    let name = vec![0xff, b'x', 0xfe];
    let headers = vec![RawHeader { name, value: Some(vec![0, 1]) }, RawHeader::default()];
    let odd =
        RawRecord { timestamp_ms: 5, value: Some(vec![0, 159]), headers, ..RawRecord::default() };
    let plain =
        RawRecord { offset: 1, timestamp_ms: 4, key: Some(vec![9]), ..RawRecord::default() };
    let written = vec![odd, plain];

    assert_eq!(produce_raw(kafka, &topic, 1, &written).expect("acknowledged"), 0);
    assert_eq!(read_raw(kafka, &topic, 1).expect("read"), written);
    let through_client = read_all(kafka, &topic, Isolation::Committed);
    assert_eq!(through_client[0].headers, Headers::NotText);
    assert_eq!(through_client[0].value, Some(vec![0, 159]));
    assert_eq!(through_client[1].headers, Headers::Text(vec![]));

    // An rdkafka producer compresses; the topic's setting undoes it.
    let copy = NewRecord { partition: Some(0), value: Some(&[7; 500]), ..NewRecord::default() };
    Writer::new(kafka).write_one(&topic, &copy);
    assert_eq!(read_raw(kafka, &topic, 0).expect("read")[0].value, Some(vec![7; 500]));
    delete_topics(kafka, &[&topic]);
}
