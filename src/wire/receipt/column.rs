//! The column of allowed messages: who was written to, under which id, on which text.
//!
//! Off by default. It lets a message be told of when the outbound and the allowed topic are gone.
//! Written in parts of a bounded size, each a record of its own, for 50,000 rows would not fit one
//! record: a part is closed when it is full, so no number of messages makes a record too large. The
//! receipt names every part by its hash and must list all that it allowed. It names nobody: people are
//! pseudonyms, and a caller's text that may name one is left out, as in the audit.

use std::collections::{BTreeMap, HashMap};

use prost::Message as _;

use super::ids::{ColumnHash, ReceiptId};
use super::model::AllowedPart;
use crate::consent::{Category, Offset, Partition, TextRef};
use crate::decision::Message;
use crate::wire::WireError;
use crate::wire::caller_text::Screen;
use crate::wire::proto::audit as proto;
use crate::wire::pseudonym::{Pseudonym, Pseudonyms};

/// A part is closed at this size, before it is compressed, in bytes. One row is below 1.5 KiB, and a
/// topic takes records of 1 MiB by default.
const PART_BYTES: usize = 256 * 1024;
/// No part of ours grows past this when it is read, in bytes.
const PART_BYTES_MAX: usize = 2 * PART_BYTES;
/// What a row takes beside its texts, in bytes: pseudonym, offset, ten numbers.
const ROW_BYTES: usize = 40;
/// Higher levels take several times as long and save a few percent: most of a row is a pseudonym.
const LEVEL: i32 = 3;
const PSEUDONYM_LEN: usize = 16;

/// Gathers the rows of one transaction.
#[derive(Debug)]
pub struct ColumnWriter {
    pseudonyms: Pseudonyms,
    rows: Rows,
    /// Closed parts: how many rows, and those compressed.
    closed: Vec<(u32, Vec<u8>)>,
}

/// The rows of the part that is open.
#[derive(Debug, Default)]
struct Rows {
    proto: proto::AllowedRows,
    numbers: HashMap<String, u32>,
    last: BTreeMap<i32, i64>,
    bytes: usize,
}

/// One part, ready to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPart {
    /// What the receipt says of it.
    pub named: AllowedPart,
    pub(super) body: Vec<u8>,
}

/// A part as read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedColumn {
    /// The receipt that names it.
    pub receipt: ReceiptId,
    /// Which key made the pseudonyms.
    pub pseudonym_key_id: String,
    /// The messages, in the order in which they were decided.
    pub rows: Vec<AllowedRow>,
}

/// An allowed message. Texts that the column does not carry are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedRow {
    /// The partition of the input.
    pub partition: Partition,
    /// The offset in the input.
    pub offset: Offset,
    /// The business that sent.
    pub business: String,
    /// The recipient.
    pub pseudonym: Pseudonym,
    /// The caller's id of the message.
    pub message_id: String,
    /// The caller's campaign.
    pub campaign_id: String,
    /// The purpose.
    pub scope: String,
    /// The declared category.
    pub category: Category,
    /// The template's name.
    pub template: String,
    /// The text that the person agreed to; empty if the message needed none.
    pub text_id: String,
    /// The text's version.
    pub text_version: String,
}

impl ColumnWriter {
    /// With no row yet.
    pub fn new(pseudonyms: Pseudonyms) -> Self {
        Self { pseudonyms, rows: Rows::default(), closed: Vec::new() }
    }

    /// Drops all rows: a transaction begins.
    pub fn clear(&mut self) {
        self.rows = Rows::default();
        self.closed.clear();
    }

    /// Adds an allowed message, with the text that its grant rests on.
    ///
    /// # Errors
    /// A full part that cannot be compressed.
    pub fn add(
        &mut self,
        (partition, offset): (Partition, Offset),
        message: &Message<'_>,
        text: Option<&TextRef>,
    ) -> Result<(), WireError> {
        let screen = Screen::new(message);
        let pseudonym = message.to.map(|to| self.pseudonyms.of(message.business, to));
        let rows = &mut self.rows;
        rows.place(partition, offset);
        rows.proto.pseudonyms.extend_from_slice(&pseudonym.map_or([0; PSEUDONYM_LEN], |p| p.0));
        let id = screen.pass(message.message_id);
        rows.bytes += id.len() + ROW_BYTES;
        rows.proto.message_ids.push(id.to_owned());
        let (text_id, text_version) = text.map_or(("", ""), |text| (&*text.id, &*text.version));
        let numbers = [
            screen.pass_business(message.business),
            screen.pass(message.campaign_id),
            screen.pass(message.scope),
            message.category.name(),
            screen.pass(message.template),
            screen.pass(text_id),
            screen.pass(text_version),
        ]
        .map(|name| rows.number(name));
        for (column, number) in rows.proto.numbered_mut().into_iter().zip(numbers) {
            column.push(number);
        }
        if self.rows.bytes >= PART_BYTES { self.close() } else { Ok(()) }
    }

    /// The parts of a transaction; the writer keeps them until it is cleared.
    ///
    /// # Errors
    /// A part that cannot be compressed.
    pub fn parts(&mut self, receipt: ReceiptId) -> Result<Vec<ColumnPart>, WireError> {
        self.close()?;
        let key_id = self.pseudonyms.key_id();
        let part = |(rows, zstd): &(u32, Vec<u8>)| {
            let column = proto::AllowedColumn {
                receipt_id: receipt.0.to_vec(),
                pseudonym_key_id: key_id.to_owned(),
                rows: *rows,
                zstd: zstd.clone(),
            };
            let body = column.encode_to_vec();
            let hash = ColumnHash::of(&body);
            ColumnPart { named: AllowedPart { hash, rows: *rows }, body }
        };
        Ok(self.closed.iter().map(part).collect())
    }

    fn close(&mut self) -> Result<(), WireError> {
        let rows = std::mem::take(&mut self.rows);
        let Ok(count) = u32::try_from(rows.proto.partitions.len()) else {
            return Err(WireError::field("rows", "are too many for one part"));
        };
        if count > 0 {
            let bytes = rows.proto.encode_to_vec();
            let failed = |_| WireError::field("zstd", "cannot be written");
            self.closed.push((count, zstd::bulk::compress(&bytes, LEVEL).map_err(failed)?));
        }
        Ok(())
    }
}

impl Rows {
    fn place(&mut self, partition: Partition, offset: Offset) {
        let last = self.last.insert(partition.0, offset.0).unwrap_or(0);
        self.proto.partitions.push(partition.0.cast_unsigned());
        self.proto.offsets.push(offset.0.wrapping_sub(last));
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        // A part holds far fewer names than there are numbers.
        let number = u32::try_from(self.proto.names.len()).unwrap_or(u32::MAX);
        self.bytes += name.len() + ROW_BYTES;
        self.proto.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

impl proto::AllowedRows {
    /// The columns that name names, in the order of the contract.
    fn numbered_mut(&mut self) -> [&mut Vec<u32>; 7] {
        [
            &mut self.businesses,
            &mut self.campaigns,
            &mut self.scopes,
            &mut self.categories,
            &mut self.templates,
            &mut self.text_ids,
            &mut self.text_versions,
        ]
    }
}

pub(super) fn read_column(body: &[u8]) -> Result<(AllowedColumn, ColumnHash), WireError> {
    let what = "allowed column";
    let column = proto::AllowedColumn::decode(body).map_err(|_| WireError::NotProtobuf { what })?;
    let bytes = zstd::bulk::decompress(&column.zstd, PART_BYTES_MAX).map_err(|_| {
        WireError::field("zstd", "cannot be decompressed, or is larger than a part")
    })?;
    let rows = proto::AllowedRows::decode(bytes.as_slice())
        .map_err(|_| WireError::NotProtobuf { what: "allowed rows" })?;
    let rows = rows_of(rows)?;
    if rows.len() as u64 != u64::from(column.rows) {
        return Err(WireError::field("rows", "are not as many as the part says"));
    }
    let receipt = ReceiptId::from_bytes(&column.receipt_id)?;
    let pseudonym_key_id = column.pseudonym_key_id;
    Ok((AllowedColumn { receipt, pseudonym_key_id, rows }, ColumnHash::of(body)))
}

fn rows_of(mut proto: proto::AllowedRows) -> Result<Vec<AllowedRow>, WireError> {
    let count = proto.partitions.len();
    let uneven = WireError::field("rows", "have columns of different lengths");
    let numbered = proto.numbered_mut().map(std::mem::take);
    let is_even = numbered.iter().all(|column| column.len() == count)
        && proto.offsets.len() == count
        && proto.message_ids.len() == count
        && proto.pseudonyms.len() == count * PSEUDONYM_LEN;
    if !is_even {
        return Err(uneven);
    }
    let mut last: BTreeMap<u32, i64> = BTreeMap::new();
    let mut rows = Vec::with_capacity(count);
    let (pseudonyms, _) = proto.pseudonyms.as_chunks::<PSEUDONYM_LEN>();
    let texts = proto.partitions.iter().zip(&proto.offsets).zip(pseudonyms).zip(proto.message_ids);
    for (row, (((partition, delta), pseudonym), message_id)) in texts.enumerate() {
        let offset = last.entry(*partition).or_default();
        *offset = offset.wrapping_add(*delta);
        let [business, campaign_id, scope, category, template, text_id, text_version] =
            numbered.each_ref().map(|column| named(&proto.names, column, row));
        let later = WireError::field("categories", "name one of a later version");
        rows.push(AllowedRow {
            partition: Partition(partition.cast_signed()),
            offset: Offset(*offset),
            business: business?,
            pseudonym: Pseudonym(*pseudonym),
            message_id,
            campaign_id: campaign_id?,
            scope: scope?,
            category: Category::parse(&category?).ok_or(later)?,
            template: template?,
            text_id: text_id?,
            text_version: text_version?,
        });
    }
    Ok(rows)
}

fn named(names: &[String], column: &[u32], row: usize) -> Result<String, WireError> {
    let name = column.get(row).and_then(|number| names.get(*number as usize));
    name.cloned().ok_or(WireError::field("names", "lack one that a row names"))
}
