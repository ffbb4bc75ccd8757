//! The audit entries of one partition, by the record that each is about.

use std::collections::BTreeMap;

use prost::Message as _;

use crate::error::Result;
use crate::report::{At, Law, Report};
use crate::source::Source;
use crate::spec::audit::AuditEntry;

/// An entry, and where it lies.
pub(super) struct Entry {
    pub(super) offset: i64,
    pub(super) said: AuditEntry,
    /// Its key and its bytes: nobody's number may be in them.
    pub(super) bytes: Box<[u8]>,
}

/// The entries by input offset.
pub(super) type Entries = BTreeMap<i64, Entry>;

/// Reads a partition; what is no entry of this input partition is told at once.
pub(super) fn read(
    source: &impl Source,
    topic: &str,
    input: &str,
    partition: i32,
    report: &mut Report,
) -> Result<Entries> {
    let mut entries = Entries::new();
    source.read(topic, partition, &mut |record| {
        report.counts.audit += 1;
        let at = At { topic: topic.to_owned(), partition, offset: record.offset };
        let Some(said) = record.value.and_then(|value| AuditEntry::decode(value).ok()) else {
            return report.violate(Law::AuditUnreadable, at, "no audit entry");
        };
        if said.source_topic != input {
            return report.violate(Law::AuditAdded, at, "an entry of another topic's record");
        }
        if said.source_partition != partition {
            let what = format!("an entry of a record of partition {}", said.source_partition);
            return report.violate(Law::AuditMoved, at, what);
        }
        let headers = record.headers.each().flat_map(|(name, value)| [Some(name), value]);
        let parts = [record.key, record.value].into_iter().chain(headers).flatten();
        let bytes = parts.collect::<Vec<_>>().concat().into();
        let about = said.source_offset;
        let entry = Entry { offset: record.offset, said, bytes };
        if entries.contains_key(&about) {
            return report.violate(Law::AuditTwice, at, format!("a second entry of {about}"));
        }
        entries.insert(about, entry);
    })?;
    Ok(entries)
}
