//! Topics read as one stream in the order of their times.

use std::ops::ControlFlow;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::consent::{Offset, Partition};
use consentgate::kafka::{Clients, MergedInput, Span, TopicReader, TopicRecord, read_merged};

use crate::support::producers::{NewRecord, Writer};
use crate::support::stage::Stage;
use crate::support::topics::create_topic;

/// Consent and messages of a test, two partitions each, times as planted.
struct Log {
    _broker: Broker,
    clients: Clients,
    writer: Writer,
    names: [String; 2],
}

impl Log {
    fn new(test: &str) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let stage = Stage::new(&broker.bootstrap(), test, 1);
        let names = ["a", "b"].map(|name| format!("{}.{name}", stage.topics.outbound));
        for name in &names {
            let no_limit = "9223372036854775807";
            let settings = [
                ("message.timestamp.before.max.ms", no_limit),
                ("message.timestamp.after.max.ms", no_limit),
            ];
            create_topic(&stage.kafka, name, 2, &settings);
        }
        let writer = Writer::new(&stage.kafka);
        Self { clients: stage.clients(""), _broker: broker, writer, names }
    }

    fn write(&self, topic: usize, partition: i32, times: impl Iterator<Item = i64>, value: &[u8]) {
        let record = |time| NewRecord {
            partition: Some(partition),
            value: Some(value),
            timestamp_ms: Some(time),
            ..NewRecord::default()
        };
        let records: Vec<_> = times.map(record).collect();
        for records in records.chunks(10_000) {
            self.writer.write(&self.names[topic], records);
        }
    }

    /// Topic, partition, offset and time of each record, as they come.
    fn merged(&self) -> Vec<(usize, i32, i64, i64)> {
        let open = |name: &String| TopicReader::open(&self.clients, name).expect("a topic");
        let readers: Vec<_> = self.names.iter().map(open).collect();
        let input = |reader| MergedInput { reader, spans: TopicReader::whole(reader) };
        let inputs: Vec<_> = readers.iter().map(input).collect();
        let mut seen = Vec::new();
        let time_of = |_, record: &TopicRecord<'_>| record.timestamp_ms().unwrap_or(0);
        read_merged(&inputs, time_of, |input, time, record| {
            seen.push((input, record.partition().0, record.offset().0, time));
            Ok(ControlFlow::Continue(()))
        })
        .expect("read to the end");
        seen
    }
}

#[test]
fn records_come_in_the_order_of_their_times_and_equal_ones_by_topic() {
    let log = Log::new("merged");
    log.write(0, 0, [10, 30].into_iter(), b"x");
    log.write(0, 1, [20].into_iter(), b"x");
    log.write(1, 0, [10, 25].into_iter(), b"x");
    let seen: Vec<_> = log.merged().into_iter().map(|(topic, .., time)| (topic, time)).collect();
    assert_eq!(seen, [(0, 10), (1, 10), (0, 20), (1, 25), (0, 30)]);
}

#[test]
fn a_time_that_steps_back_counts_as_the_newest_before_it() {
    let log = Log::new("merged-back");
    log.write(0, 0, [10, 5, 40].into_iter(), b"x");
    log.write(1, 1, [7, 20].into_iter(), b"x");
    let seen: Vec<_> = log.merged().into_iter().map(|(topic, .., time)| (topic, time)).collect();
    assert_eq!(seen, [(1, 7), (0, 10), (0, 10), (1, 20), (0, 40)]);
}

#[test]
fn what_runs_ahead_is_paused_and_nothing_is_lost_or_doubled() {
    let log = Log::new("merged-ahead");
    // All of the large records are earlier, and come in many fetches.
    log.write(0, 0, 2_000..72_000, b"x");
    log.write(0, 1, 0..800, &[b'x'; 20_000]);
    log.write(1, 0, 1_000..61_000, b"x");
    let seen = log.merged();
    assert!(seen.is_sorted_by_key(|(.., time)| *time));
    for (topic, partition, count) in [(0, 0, 70_000), (0, 1, 800), (1, 0, 60_000)] {
        let its = seen.iter().filter(|at| (at.0, at.1) == (topic, partition));
        assert!(its.map(|at| at.2).eq(0..count), "{topic} {partition}");
    }
}

#[test]
fn only_the_parts_that_are_asked_for_are_read() {
    let log = Log::new("merged-parts");
    log.write(0, 0, 0..100, b"x");
    let reader = TopicReader::open(&log.clients, &log.names[0]).expect("a topic");
    let span = Span { first: Offset(10), next: Offset(20) };
    let inputs = [MergedInput { reader: &reader, spans: [(Partition(0), span)].into() }];
    let mut seen = Vec::new();
    read_merged(
        &inputs,
        |_, _| 0,
        |_, _, record| {
            seen.push(record.offset().0);
            let enough = seen.len() == 7;
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
    )
    .expect("read");
    assert!(seen.into_iter().eq(10..17), "from the first of the part to where it was enough");
}
