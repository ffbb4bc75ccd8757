//! P1: what was acknowledged before a message was written is honoured for it.
//!
//! Offsets and acknowledgements decide, so the pairs come from who wrote them; what became of each message
//! is read from the audit and from the receipts alone, and no rule is asked.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::error::Result;
use crate::receipts::{Book, Keys};
use crate::report::{At, Law, Report};
use crate::source::Source;
use crate::spec::audit::AuditEntry;
use crate::{Options, Topics};
use prost::Message as _;

/// What Kafka had acknowledged before the message was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledged {
    /// An opt-out that nothing later lifts: the message must be suppressed.
    OptOut,
    /// A grant that nothing stands against: the message must be allowed.
    Grant,
}

/// A message, and what was acknowledged before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CausalPair {
    /// What came before.
    pub acknowledged: Acknowledged,
    /// Where the message lies in the outbound topic.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
}

/// Checks the pairs.
pub(crate) fn check(
    source: &impl Source,
    topics: &Topics,
    pairs: &[CausalPair],
    options: &Options,
) -> Result<Report> {
    let mut report = Report::default();
    let keys = Keys::new(&options.public_keys)?;
    let book = Book::read(source, &topics.receipts, &keys, &mut Report::default())?;
    let mut audited = BTreeSet::new();
    for partition in 0..source.partitions(&topics.audit)? {
        source.read(&topics.audit, partition, &mut |record| {
            let entry = record.value.and_then(|value| AuditEntry::decode(value).ok());
            audited.extend(entry.map(|entry| (entry.source_partition, entry.source_offset)));
        })?;
    }
    for pair in pairs {
        let (partition, offset) = (pair.partition, pair.offset);
        let at = At { topic: topics.outbound.clone(), partition, offset };
        let tiles = book.tiles.get(&partition).map_or(&[][..], Vec::as_slice);
        let tile = tiles.iter().rev().find(|tile| (tile.first..tile.next).contains(&offset));
        let Some(decided) = tile.and_then(|tile| Some((tile.first, tile.decided.as_ref()?))) else {
            report.leave("a causal pair whose message no receipt decides", 1);
            continue;
        };
        let allowed = decided.1.allowed.contains((offset - decided.0).cast_unsigned());
        report.counts.messages += 1;
        report.counts.decisions += 1;
        match (pair.acknowledged, allowed, audited.contains(&(partition, offset))) {
            (Acknowledged::OptOut, false, true) | (Acknowledged::Grant, true, false) => {}
            (Acknowledged::OptOut, ..) => {
                report.violate(
                    Law::CausalPair,
                    at,
                    "not suppressed, though an opt-out was acknowledged",
                );
            }
            (Acknowledged::Grant, ..) => {
                report.violate(Law::CausalPair, at, "not allowed, though a grant was acknowledged");
            }
        }
    }
    report.settle();
    Ok(report)
}
