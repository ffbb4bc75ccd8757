//! A column reads back row by row, in parts that fit a record whatever it lists.

use std::sync::Arc;

use super::trusted;
use crate::consent::{Category, Identity, Offset, Partition, TextRef};
use crate::decision::Message;
use crate::wire::outbound::decode;
use crate::wire::proto::outbound as proto;
use crate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use crate::wire::receipt::{
    AllowedColumn, ColumnPart, ColumnWriter, Opened, Receipt, ReceiptId, open, seal, seal_column,
};
use crate::wire::tests::{receipt, signing_key};

/// What a topic takes in one record by default.
const RECORD_BYTES_MAX: usize = 1_048_576;

fn pseudonyms() -> Pseudonyms {
    Pseudonyms::new(Arc::new(PseudonymKey::new("k1", vec![8; 32].into()).unwrap()))
}

fn bytes(number: u32, message_id: String) -> Vec<u8> {
    crate::wire::outbound::encode(&proto::OutboundMessage {
        message_id,
        campaign_id: "spring".to_string(),
        business_id: format!("b{}", number % 3),
        to: format!("+1202555{:04}", number % 10_000),
        scope: "offers".to_string(),
        template: "t".to_string(),
        category: proto::Category::Marketing.into(),
        ..proto::OutboundMessage::default()
    })
}

fn text(number: u32) -> Option<TextRef> {
    (number % 4 > 0).then(|| TextRef::new("welcome", &number.rem_euclid(2).to_string()))
}

fn place(number: u32) -> (Partition, Offset) {
    (Partition((number % 2).cast_signed()), Offset(i64::from(number) * 2))
}

/// A column of so many messages with ids of this form.
fn written(count: u32, id: impl Fn(u32) -> String) -> (ColumnWriter, Vec<ColumnPart>) {
    let mut writer = ColumnWriter::new(pseudonyms());
    for number in 0..count {
        let bytes = bytes(number, id(number));
        let message: Message<'_> = decode(Some(&bytes)).unwrap();
        writer.add(place(number), &message, text(number).as_ref()).unwrap();
    }
    let parts = writer.parts(ReceiptId([7; 16])).unwrap();
    (writer, parts)
}

fn opened(part: &ColumnPart) -> AllowedColumn {
    match open(&seal_column(part, &signing_key(1)), &trusted()).unwrap() {
        Opened::Allowed { column, hash } if hash == part.named.hash => *column,
        other => panic!("{other:?}"),
    }
}

/// Made up, and as random as any: nothing of it can be compressed but its form.
fn uuid(number: u32) -> String {
    let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    };
    let _ = (next(), next());
    let (one, two) = (next(), next());
    format!("m{:08x}-{:04x}-{:04x}-{two:016x}", one >> 32, one & 0xffff, (one >> 16) & 0xffff)
}

#[test]
fn every_row_reads_back_as_it_was_added() {
    let (_, parts) = written(20_000, |number| format!("m-{number}"));
    assert!(parts.len() > 1, "one part holds it all");
    let columns: Vec<_> = parts.iter().map(opened).collect();
    assert!(columns.iter().all(|column| column.receipt == ReceiptId([7; 16])));
    assert!(columns.iter().all(|column| column.pseudonym_key_id == "k1"));
    let rows: Vec<_> = columns.into_iter().flat_map(|column| column.rows).collect();
    assert_eq!(rows.len(), 20_000);
    for (number, row) in (0..).zip(&rows) {
        assert_eq!((row.partition, row.offset), place(number));
        let person = Identity::parse(&format!("+1202555{:04}", number % 10_000)).unwrap();
        assert_eq!(row.pseudonym, pseudonyms().of(&row.business, person.as_ref()));
        assert_eq!(row.business, format!("b{}", number % 3));
        assert_eq!(row.message_id, format!("m-{number}"));
        assert_eq!((&*row.campaign_id, &*row.scope, &*row.template), ("spring", "offers", "t"));
        assert_eq!(row.category, Category::Marketing);
        let text = text(number).map_or((String::new(), String::new()), |text| {
            (text.id.to_string(), text.version.to_string())
        });
        assert_eq!((&row.text_id, &row.text_version), (&text.0, &text.1));
    }
}

#[test]
fn no_number_of_messages_makes_a_record_too_large() {
    // The longest ids, and no two names alike: the worst that a caller can write.
    let long = |number: u32| format!("{:x<120}{}", "", uuid(number).get(..8).unwrap());
    for (what, ids) in [("counted", None), ("uuid", Some(uuid as fn(u32) -> String))] {
        let id = |number| ids.map_or_else(|| format!("c1-{number:08}"), |id| id(number));
        let (_, parts) = written(50_000, id);
        let sealed = parts.iter().map(|part| seal_column(part, &signing_key(1)).len());
        let total: usize = sealed.clone().sum();
        println!(
            "column, ids {what}: {:.1} bytes a message, {} parts, largest {} bytes",
            total as f64 / 50_000.0,
            parts.len(),
            sealed.max().unwrap()
        );
        assert!(parts.iter().all(|part| opened(part).rows.len() > 100));
    }
    let (_, parts) = written(50_000, long);
    let largest = parts.iter().map(|part| seal_column(part, &signing_key(1)).len()).max();
    assert!(largest.unwrap() < RECORD_BYTES_MAX / 2, "{largest:?}");
}

#[test]
fn a_transaction_begins_with_an_empty_column() {
    let (mut writer, parts) = written(3, |number| number.to_string());
    assert_eq!(parts.len(), 1);
    writer.clear();
    assert_eq!(writer.parts(ReceiptId([8; 16])).unwrap(), []);
}

#[test]
fn an_id_that_may_be_a_number_is_left_out() {
    let (_, parts) = written(1, |_| "order 12025550000".to_string());
    assert_eq!(opened(&parts[0]).rows[0].message_id, "");
}

#[test]
fn a_receipt_names_all_that_it_allowed_or_lists_nothing() {
    let sealed = |rows: u32| {
        let (_, parts) = written(rows, |number| number.to_string());
        let allowed_parts = parts.iter().map(|part| part.named).collect();
        let listed = Receipt { allowed_parts, ..receipt() };
        seal(&listed, &signing_key(1)).map(|sealed| (listed, sealed))
    };
    let allowed = u32::try_from(receipt().allowed).unwrap();
    let (listed, sealed_receipt) = sealed(allowed).unwrap();
    let read = open(&sealed_receipt.value, &trusted()).unwrap();
    assert!(matches!(read, Opened::Receipt { receipt, .. } if *receipt == listed));
    assert!(sealed(allowed + 1).unwrap_err().to_string().contains("do not list all"));
    assert!(sealed(allowed - 1).unwrap_err().to_string().contains("do not list all"));
}

#[test]
fn a_changed_part_is_never_opened() {
    let (_, parts) = written(2, |number| number.to_string());
    let sealed = seal_column(&parts[0], &signing_key(1));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        if let Ok(Opened::Allowed { hash, .. }) = open(&changed, &trusted()) {
            assert_eq!(hash, parts[0].named.hash, "byte {at}");
        }
    }
    let other = seal_column(&parts[0], &signing_key(2));
    assert!(open(&other, &trusted()).is_err());
}
