//! One pass over an encoded `OutboundMessage`.
//!
//! Borrows what decides and skips the rest, the body above all. Any field of a known number but of
//! another layout, and any text that is no UTF-8, refuses the whole message, as prost does.

use super::cursor::{Cursor, Layout};

/// The fields that decide, as written; absent ones are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub(super) message_id: &'a str,
    pub(super) campaign_id: &'a str,
    pub(super) business: &'a str,
    pub(super) to: &'a str,
    pub(super) also_known_as: &'a str,
    pub(super) scope: &'a str,
    pub(super) category: i32,
    pub(super) template: &'a str,
    pub(super) template_language: &'a str,
    pub(super) deadline_ms: Option<i64>,
    pub(super) opt_out_path: i32,
    pub(super) objection_event_id: &'a str,
    pub(super) sender: &'a str,
}

/// Reads to the end of the message; `None` if it is malformed.
///
/// The numbers are those of `proto/outbound.proto`.
pub(super) fn scan(bytes: &[u8]) -> Option<Fields<'_>> {
    let mut fields = Fields::default();
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        match cursor.key()? {
            (1, Layout::Length) => fields.message_id = cursor.text()?,
            (2, Layout::Length) => fields.campaign_id = cursor.text()?,
            (3, Layout::Length) => fields.business = cursor.text()?,
            (4, Layout::Length) => fields.to = cursor.text()?,
            (5, Layout::Length) => fields.also_known_as = cursor.text()?,
            (6, Layout::Length) => fields.scope = cursor.text()?,
            (7, Layout::Varint) => fields.category = enum_number(cursor.varint()?),
            (8, Layout::Length) => fields.template = cursor.text()?,
            (9, Layout::Length) => fields.template_language = cursor.text()?,
            (10, Layout::Varint) => fields.deadline_ms = Some(cursor.varint()?.cast_signed()),
            (11, Layout::Varint) => fields.opt_out_path = enum_number(cursor.varint()?),
            (12, Layout::Length) => fields.objection_event_id = cursor.text()?,
            (13, Layout::Length) => fields.sender = cursor.text()?,
            (15, Layout::Length) => drop(cursor.bytes()?),
            (1..=13 | 15, _) => return None,
            (number, layout) => cursor.skip(number, layout)?,
        }
    }
    Some(fields)
}

/// Enums travel as 64 bits, of which the low 32 count.
#[inline]
fn enum_number(varint: u64) -> i32 {
    (varint as u32).cast_signed()
}
