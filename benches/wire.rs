//! What bytes cost: reading a message, and writing what is left behind.
//!
//! One message is about 300 bytes with its body, in whatever format. A lane that decides 1 M messages a second has 1 us
//! for each; a tenth of them is suppressed, so an audit entry may cost ten times a scan.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on must stop, and uses its own part of the data sets"
)]

use std::hint::black_box;
use std::sync::Arc;

use consentgate::consent::{Offset, Partition, RouteName, TextRef, Topic};
use consentgate::decision::{Message, Reason, Suppression};
use consentgate::wire::audit::{AuditEncoder, SuppressedMessage};
use consentgate::wire::formats::{Field, Format, Framing, Header, Kind, Refusal, Source, Texts};
use consentgate::wire::outbound::decode;
use consentgate::wire::proto::outbound::OutboundMessage;
use consentgate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use consentgate::wire::receipt::{
    BatchReceipt, ColumnWriter, FenceMode, Mode, PartitionRange, PolicyHash, Previous, Receipt,
    ReceiptId, SigningKey, seal, seal_column,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use prost::Message as _;
use secrecy::SecretSlice;

/// The allocator of the gate itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MESSAGES: usize = 1_000;
const BUSINESSES: usize = 100;

fn message(index: usize) -> OutboundMessage {
    OutboundMessage {
        message_id: format!("2f1c7f0e-8a41-4f9e-9d35-{index:012x}"),
        campaign_id: format!("camp-{:08x}", index % 7),
        business_id: format!("business-{}", index % BUSINESSES),
        to: format!("+1202555{:04}", index % 10_000),
        scope: "offers".to_string(),
        category: 1,
        template: "spring_offer_v3".to_string(),
        template_language: "pt_BR".to_string(),
        deadline_ms: Some(1_790_000_000_000),
        opt_out_path: 2,
        body: vec![b'x'; 150],
        ..Default::default()
    }
}

fn messages() -> Vec<Vec<u8>> {
    (0..MESSAGES).map(|index| message(index).encode_to_vec()).collect()
}

/// The same messages as bodies for the Cloud API.
fn bodies() -> Vec<Vec<u8>> {
    let body = |message: OutboundMessage| {
        let (to, id, template) = (message.to, message.message_id, message.template);
        let (language, text) = (message.template_language, "x".repeat(40));
        let head = r#"{"messaging_product":"whatsapp","recipient_type":"individual""#;
        let parameters = format!(r#"{{"type":"text","parameter_name":"name","text":"{text}"}}"#);
        let components = format!(r#"[{{"type":"body","parameters":[{parameters}]}}]"#);
        let template = format!(
            r#"{{"name":"{template}","language":{{"code":"{language}"}},"components":{components}}}"#
        );
        let address = format!(r#""to":"{to}","type":"template","biz_opaque_callback_data":"{id}""#);
        format!(r#"{head},{address},"template":{template}}}"#).into_bytes()
    };
    (0..MESSAGES).map(|index| body(message(index))).collect()
}

/// The same messages as somebody's own JSON, with the body that the protobuf has.
fn documents() -> Vec<Vec<u8>> {
    let document = |message: OutboundMessage| {
        let meta = format!(
            r#"{{"tenant":"{}","campaign":"{}","purpose":"{}","class":"marketing","way_out":"button"}}"#,
            message.business_id, message.campaign_id, message.scope
        );
        let template = format!(
            r#"{{"name":"{}","language":"{}"}}"#,
            message.template, message.template_language
        );
        let (id, to, body) = (message.message_id, message.to, "x".repeat(150));
        let head = format!(r#""id":"{id}","to":"{to}","expires":1790000000000"#);
        format!(r#"{{{head},"meta":{meta},"template":{template},"body":"{body}"}}"#).into_bytes()
    };
    (0..MESSAGES).map(|index| document(message(index))).collect()
}

/// Where the fields of such a document stand.
fn pointed() -> Format {
    let places = [
        (Field::MessageId, "/id"),
        (Field::Recipient, "/to"),
        (Field::Deadline, "/expires"),
        (Field::Business, "/meta/tenant"),
        (Field::CampaignId, "/meta/campaign"),
        (Field::Scope, "/meta/purpose"),
        (Field::Category, "/meta/class"),
        (Field::OptOutPath, "/meta/way_out"),
        (Field::Template, "/template/name"),
        (Field::TemplateLanguage, "/template/language"),
    ];
    let source = |(field, text)| (field, Source::parse(text).unwrap());
    Format::new(Kind::Json, Framing::Plain, &places.map(source)).unwrap()
}

/// The fields that a message has, as headers, and one header that is nobody's.
type Headers = Vec<(&'static str, Vec<u8>)>;

fn headers(index: usize) -> Headers {
    let message = message(index);
    vec![
        ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_vec()),
        ("business", message.business_id.into_bytes()),
        ("recipient", message.to.into_bytes()),
        ("scope", message.scope.into_bytes()),
        ("category", b"marketing".to_vec()),
        ("template", message.template.into_bytes()),
        ("template_language", message.template_language.into_bytes()),
        ("deadline", b"1790000000000".to_vec()),
        ("opt_out_path", b"button".to_vec()),
        ("campaign_id", message.campaign_id.into_bytes()),
        ("message_id", message.message_id.into_bytes()),
    ]
}

/// A format whose fields stand in headers of their names, but for those that Meta's body has.
fn mapped(kind: Kind) -> Format {
    let headers = headers(0).into_iter().map(|(name, _)| name);
    let in_header = |name: &str| {
        let field = Field::MAPPED.into_iter().find(|field| field.name() == name)?;
        let in_body = [Field::Recipient, Field::Template, Field::TemplateLanguage];
        let source = match (kind, field) {
            (Kind::CloudApi, Field::MessageId) => "/biz_opaque_callback_data".to_owned(),
            (Kind::CloudApi, field) if in_body.contains(&field) => return None,
            _ => format!("header:{name}"),
        };
        Some((field, Source::parse(&source).unwrap()))
    };
    let sources: Vec<_> = headers.filter_map(in_header).collect();
    Format::new(kind, Framing::Plain, &sources).unwrap()
}

/// Reads one record.
fn read_one<'r>(
    format: &Format,
    value: &'r [u8],
    headers: &'r Headers,
    texts: &'r Texts,
) -> Result<Message<'r>, Refusal> {
    let each = |show: &mut dyn FnMut(Header<'r>)| {
        headers.iter().for_each(|(name, value)| show(Header { name, value: Some(value) }));
    };
    format.read(Some(value), each, texts)
}

/// Every format beside the others: the same messages, with the same fields.
fn formats(c: &mut Criterion) {
    let (protobuf, bodies, documents) = (messages(), bodies(), documents());
    let texts = Texts::default();
    let all: Vec<Headers> = (0..MESSAGES).map(headers).collect();
    // What the body carries is not in a header too.
    let few = all.iter().map(|headers| {
        let beside = ["business", "scope", "category", "deadline", "opt_out_path", "campaign_id"];
        headers.iter().filter(|(name, _)| beside.contains(name)).cloned().collect()
    });
    let (few, none) = (few.collect::<Vec<Headers>>(), vec![Headers::new(); MESSAGES]);
    let mut group = c.benchmark_group("wire/formats");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    let cases = [
        ("protobuf", Format::PROTOBUF, &protobuf, &none),
        ("cloud_api", mapped(Kind::CloudApi), &bodies, &few),
        ("json", pointed(), &documents, &none),
        ("headers", mapped(Kind::Headers), &protobuf, &all),
    ];
    for (name, format, values, headers) in cases {
        let message = read_one(&format, &values[0], &headers[0], &texts).expect("a message");
        assert_eq!(message.campaign_id, "camp-00000000", "{name}");
        group.bench_function(name, |b| {
            b.iter(|| {
                for (value, headers) in values.iter().zip(headers) {
                    let _message = black_box(read_one(&format, value, headers, &texts));
                }
            });
        });
    }
    group.bench_function("protobuf_by_prost", |b| {
        b.iter(|| {
            for bytes in &protobuf {
                black_box(OutboundMessage::decode(bytes.as_slice()).unwrap());
            }
        });
    });
    group.finish();
}

fn read(c: &mut Criterion) {
    let messages = messages();
    let mut group = c.benchmark_group("wire/read");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("scan", |b| {
        b.iter(|| {
            messages.iter().for_each(|bytes| {
                let _message = black_box(decode(Some(bytes)));
            })
        });
    });
    group.bench_function("prost_full", |b| {
        b.iter(|| {
            for bytes in &messages {
                black_box(OutboundMessage::decode(bytes.as_slice()).unwrap());
            }
        });
    });
    group.bench_function("prost_reused", |b| {
        let mut reused = OutboundMessage::default();
        b.iter(|| {
            for bytes in &messages {
                reused.clear();
                reused.merge(bytes.as_slice()).unwrap();
                black_box(&reused);
            }
        });
    });
    group.finish();
}

fn audit(c: &mut Criterion) {
    let bytes = messages();
    let messages: Vec<_> = bytes.iter().map(|bytes| decode(Some(bytes)).unwrap()).collect();
    let key = PseudonymKey::new("k1", SecretSlice::from(vec![1; 32])).unwrap();
    let mut encoder = AuditEncoder::new(Pseudonyms::new(Arc::new(key)));
    let mut out = Vec::new();
    let mut group = c.benchmark_group("wire/audit");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("encode", |b| {
        b.iter(|| {
            for (offset, message) in (0..).zip(&messages) {
                let suppressed = SuppressedMessage {
                    source_topic: "outbound-messages",
                    partition: Partition(3),
                    offset: Offset(offset),
                    message: Some(message),
                    suppression: Suppression::because(Reason::Withdrawn),
                    receipt: ReceiptId([7; 16]),
                    decided_at_ms: 1_790_000_000_000,
                };
                encoder.encode_entry(&suppressed, &mut out);
                black_box(&out);
            }
        });
    });
    group.finish();
}

/// A transaction of ten batches over four partitions, nine in ten allowed.
fn receipt() -> Receipt {
    let mut next = [0i64; 4];
    let batches = (0..10).map(|batch| BatchReceipt {
        ranges: (0..4)
            .zip(&mut next)
            .map(|(partition, next)| {
                let mut range = PartitionRange::starting_at(Partition(partition), Offset(*next));
                for offset in *next..*next + 250 {
                    match offset % 10 {
                        0 => range.suppress(Offset(offset)),
                        _ => range.allow(Offset(offset)),
                    }
                }
                *next += 250;
                range
            })
            .collect(),
        positions: (0..16)
            .map(|partition| (Topic::ConsentEvents, Partition(partition), Offset(1_000 + batch)))
            .collect(),
        now_ms: 1_790_000_000_000 + batch,
        policy: None,
    });
    Receipt {
        id: ReceiptId([7; 16]),
        gate_version: "0.1.0".to_string(),
        rules_version: 1,
        cluster_id: "cluster-1".to_string(),
        instance: "gate-0".to_string(),
        lane: 0,
        route: RouteName::MAIN,
        source_topic: "outbound-messages".to_string(),
        policy: PolicyHash([1; 32]),
        batches: batches.collect(),
        previous: (0..4)
            .map(|partition| Previous { partition: Partition(partition), hash: None })
            .collect(),
        holds: Vec::new(),
        gaps: Vec::new(),
        fence: FenceMode::Leader,
        fence_limit_ms: Some(2_000),
        decision_header: None,
        allowed: 9_000,
        suppressed: 1_000,
        mode: Mode::Gate,
        allowed_parts: Vec::new(),
    }
}

fn receipts(c: &mut Criterion) {
    let receipt = receipt();
    let key = SigningKey::from_seed(&SecretSlice::from(vec![1; 32])).unwrap();
    println!(
        "a receipt for 10,000 messages has {} bytes",
        seal(&receipt, &key).unwrap().value.len()
    );
    let mut group = c.benchmark_group("wire/receipt");
    group.throughput(Throughput::Elements(receipt.allowed + receipt.suppressed));
    group.bench_function("seal", |b| b.iter(|| black_box(seal(&receipt, &key).unwrap())));
    group.finish();
}

/// The column of allowed messages, a part of 1,000 rows at a time, compressed and signed.
fn column(c: &mut Criterion) {
    let bytes = messages();
    let messages: Vec<_> = bytes.iter().map(|bytes| decode(Some(bytes)).unwrap()).collect();
    let key = PseudonymKey::new("k1", SecretSlice::from(vec![1; 32])).unwrap();
    let mut writer = ColumnWriter::new(Pseudonyms::new(Arc::new(key)));
    let signing = SigningKey::from_seed(&SecretSlice::from(vec![1; 32])).unwrap();
    let text = TextRef::new("welcome", "1");
    let mut write = || {
        writer.clear();
        for (offset, message) in (0..).zip(&messages) {
            writer.add((Partition(3), Offset(offset)), message, Some(&text)).unwrap();
        }
        let parts = writer.parts(ReceiptId([7; 16])).unwrap();
        parts.iter().map(|part| seal_column(part, &signing).len()).sum::<usize>()
    };
    println!("a column takes {:.1} bytes a message", write() as f64 / MESSAGES as f64);
    let mut group = c.benchmark_group("wire/column");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("write", |b| b.iter(|| black_box(write())));
    group.finish();
}

criterion_group!(benches, read, formats, audit, receipts, column);
criterion_main!(benches);
