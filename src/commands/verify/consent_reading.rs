//! The consent topics, read and folded.

use std::collections::BTreeMap;

use super::consent_log::{ConsentLog, floor_of};
use super::epochs::Clocks;
use super::receipts::Batch;
use super::shelf::Shelf;
use crate::commands::rolled::refuse_trouble;
use crate::config::TopicNames;
use crate::consent::Topic;
use crate::stream::{Fault, RolledLog};
use crate::wire::formats::EventFormats;

/// Folds the consent topics; a second time if some batch was decided after a void.
///
/// # Errors
/// A topic that cannot be read to its end.
pub(super) fn read_consent(
    shelf: &Shelf<'_>,
    topics: &TopicNames,
    formats: &EventFormats,
    batches: &[Batch],
    mut rolled: RolledLog,
) -> Result<ConsentLog, Fault> {
    let (mut readers, mut extents) = (Vec::new(), BTreeMap::new());
    for (role, name) in topics.consent_topics() {
        let reader = shelf.open(name.as_str())?;
        let all = reader.extents().iter();
        extents.extend(all.map(|extent| ((role, extent.partition), *extent)));
        readers.push((role, reader));
    }
    let floor = floor_of(batches);
    let mut clocks = Clocks::plain();
    loop {
        let mut log = ConsentLog::new(extents.clone(), floor.clone(), clocks, formats.clone());
        rolled.restart();
        for (role, reader) in &readers {
            let whole = reader.whole();
            shelf
                .read(reader, &whole, |record| log.take(&rolled.take(&record.to_consent(*role))))?;
            if *role == Topic::ConsentEvents {
                refuse_trouble(&rolled, reader)?;
            }
        }
        log.rolled(rolled.ends());
        match log.other_clocks(batches) {
            Some(others) if log.clocks.is_plain() => clocks = others,
            _ => return Ok(log),
        }
    }
}
