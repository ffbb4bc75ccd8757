//! Records that nobody should write: each is suppressed with a reason and its place, or forwarded
//! untouched. None is skipped, none ends or blocks the gate.

use std::sync::OnceLock;
use std::time::Duration;

use consentgate::wire::proto::audit::Reason;
use consentgate::wire::proto::outbound::OutboundMessage;
use libtest_mimic::Trial;
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::support::gate::{await_ready, start};
use crate::support::producers::{NewRecord, Place, Writer, settings};
use crate::support::raw::{RawHeader, RawRecord, produce_raw, read_raw};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, offer, phone};
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("bad_input_is_suppressed_with_a_reason_or_passed_untouched", odd_records),
        on_shared("bad_input_of_ten_megabytes_is_suppressed", |kafka| {
            well_compressed_input(kafka, |stage| {
                let message = numbered(10_000_000);
                write_compressed(stage, "lz4", message.value.as_deref().unwrap(), &[])
            });
        }),
        on_shared("bad_input_with_headers_too_large_to_go_out_again_is_suppressed", |kafka| {
            well_compressed_input(kafka, write_oversize);
        }),
    ]
}

/// Raw readers do not decompress.
const PLAIN: &str = "[kafka.librdkafka_producer]\n\"compression.type\" = \"none\"";

/// What must become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Allowed,
    Suppressed(Reason),
}

use Expected::{Allowed, Suppressed};

fn odd_records(kafka: &str) {
    let stage = Stage::new(kafka, "odd", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    let gate = start(stage.prepared(PLAIN)).expect("the gate starts");
    await_ready(&gate);

    let cases = cases();
    for (what, record, _) in &cases {
        let written = produce_raw(kafka, &stage.topics.outbound, 0, std::slice::from_ref(record));
        written.unwrap_or_else(|error| panic!("{what} is not accepted: {error}"));
    }
    stage.await_drained(Duration::from_secs(60));
    gate.join(Duration::from_secs(20)).expect("an orderly end");

    let ledger = stage.ledger();
    for ((what, _, expected), (place, fate)) in cases.iter().zip(&ledger.fates) {
        match expected {
            Allowed => assert_eq!(fate.audit, [], "{what} is allowed"),
            Suppressed(reason) => {
                let entry = ledger.entry(*place);
                assert_eq!(entry.reason(), *reason, "{what}");
            }
        }
    }
    let written = read_raw(kafka, &stage.topics.outbound, 0).expect("the input");
    let passed = read_raw(kafka, &stage.topics.allowed, 0).expect("the output");
    let expected = written.iter().zip(&cases).filter(|(_, (_, _, expected))| *expected == Allowed);
    let expected: Vec<_> =
        expected.map(|(record, (what, _, _))| (*what, untouched(record))).collect();
    assert_eq!(expected.len(), passed.len());
    for ((what, expected), passed) in expected.iter().zip(&passed) {
        assert_eq!(expected.headers, passed.headers, "{what}");
        assert!(*expected == untouched(passed), "{what} is not what it was");
    }
    assert_eq!(ledger.suppressed() + passed.len(), cases.len());
}

/// What each is, the record, and what must become of it.
fn cases() -> Vec<(&'static str, RawRecord, Expected)> {
    let good = || numbered(0);
    let header =
        |name: &[u8], bytes| RawHeader { name: name.to_vec(), value: Some(vec![7; bytes]) };
    let changed = |change: fn(&mut OutboundMessage)| {
        let mut message = OutboundMessage::decode(good().value.as_deref().unwrap()).unwrap();
        change(&mut message);
        RawRecord { value: Some(message.encode_to_vec()), ..good() }
    };
    let headers = |headers: Vec<RawHeader>| RawRecord { headers, ..good() };
    let malformed = Suppressed(Reason::Malformed);
    let unforwardable = Suppressed(Reason::Unforwardable);
    vec![
        ("a good one", good(), Allowed),
        ("no value", RawRecord { value: None, ..good() }, malformed),
        ("an empty value", RawRecord { value: Some(vec![]), ..good() }, malformed),
        ("garbage", RawRecord { value: Some(vec![0xff; 300]), ..good() }, malformed),
        ("text", RawRecord { value: Some(b"{\"to\": 1}".to_vec()), ..good() }, malformed),
        ("no key", RawRecord { key: None, ..good() }, Allowed),
        ("a key of garbage", RawRecord { key: Some(vec![0xfe, 0, 0xff]), ..good() }, Allowed),
        ("header names that are no text", headers(vec![header(&[0xff, 0, 0xfe], 3)]), Allowed),
        ("a header without a name", headers(vec![RawHeader::default()]), Allowed),
        ("timestamp 0", RawRecord { timestamp_ms: 0, ..good() }, unforwardable),
        ("no timestamp", RawRecord { timestamp_ms: -1, ..good() }, unforwardable),
        ("900 KB", numbered(900_000), Allowed),
        ("800 KB of headers", headers(vec![header(b"big", 800_000)]), Allowed),
        ("an empty key", RawRecord { key: Some(vec![]), ..good() }, Allowed),
        ("an empty header", headers(vec![header(b"empty", 0)]), Allowed),
        ("an unknown category", changed(|message| message.category = 77), Allowed),
        (
            "an unknown opt-out path",
            changed(|message| message.opt_out_path = 99),
            Suppressed(Reason::NoOptOutPath),
        ),
        (
            "an unknown scope",
            changed(|m| m.scope = "gossip".into()),
            Suppressed(Reason::ScopeUnknown),
        ),
        ("nobody", changed(|m| m.to = String::new()), Suppressed(Reason::IdentityUnreadable)),
        ("a good one behind all that", good(), Allowed),
    ]
}

/// A message to one who agreed. Each has a number of its own.
fn numbered(body_bytes: usize) -> RawRecord {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut value = offer("cafe", 1, NEXT.fetch_add(1, Ordering::Relaxed));
    if body_bytes > 0 {
        let mut message = OutboundMessage::decode(value.as_slice()).unwrap();
        message.body = vec![b'x'; body_bytes];
        value = message.encode_to_vec();
    }
    RawRecord {
        timestamp_ms: now_ms(),
        key: Some(phone(1).into_bytes()),
        value: Some(value),
        ..RawRecord::default()
    }
}

/// A record without its offset, which is another in the output.
fn untouched(record: &RawRecord) -> RawRecord {
    RawRecord { offset: 0, ..record.clone() }
}

/// 1.8 million digits in no order: gzip halves them, lz4 finds nothing to save.
pub fn digits() -> &'static [u8] {
    static DIGITS: OnceLock<Vec<u8>> = OnceLock::new();
    DIGITS.get_or_init(|| {
        let mut random = StdRng::seed_from_u64(1);
        (0..1_800_000).map(|_| b"0123456789abcdef"[random.random_range(0..16)]).collect()
    })
}

/// Writes a message to one who agreed that comes well compressed and cannot go out again.
pub fn write_oversize(stage: &Stage) -> Place {
    let (message, digits) = (numbered(0), digits());
    let headers: &[(&str, Option<&[u8]>)] = &[("digits", Some(digits))];
    write_compressed(stage, "gzip", message.value.as_deref().unwrap(), headers)
}

fn write_compressed(
    stage: &Stage,
    compression: &str,
    value: &[u8],
    headers: &[(&str, Option<&[u8]>)],
) -> Place {
    let mut config = settings(&stage.kafka);
    config.set("message.max.bytes", "20000000").set("compression.type", compression);
    let record =
        NewRecord { partition: Some(0), value: Some(value), headers, ..NewRecord::default() };
    Writer::with(&config).write_one(&stage.topics.outbound, &record)
}

/// A record that passes the broker's limit only because it is well compressed, between two others.
fn well_compressed_input(kafka: &str, write: impl FnOnce(&Stage) -> Place) {
    let stage = Stage::new(kafka, "large", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    let gate = stage.gate();
    await_ready(&gate);
    let before = stage.offer(1, 1);
    let large = write(&stage);
    let behind = stage.offer(1, 2);
    stage.await_drained(Duration::from_secs(60));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let ledger = stage.ledger();
    ledger.assert_clean();
    assert_eq!(ledger.entry(large).reason(), Reason::Unforwardable);
    assert!(ledger.is_allowed(before) && ledger.is_allowed(behind), "the others pass");
}
