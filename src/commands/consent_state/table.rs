//! The topic `consent-state` as it stands: what was last told of each person.
//!
//! It is the publisher's only memory, so that a restart writes differences alone.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::roster::Roster;
use crate::commands::verify::Progress;
use crate::consent::{KeyParts, Subject};
use crate::kafka::{Clients, TopicReader};
use crate::stream::Fault;

/// A value's fingerprint, for comparing it with what stands.
pub(super) fn fingerprint(value: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Reads what was told, and returns the keys that name nobody: nothing vouches for them.
///
/// # Errors
/// The topic is not there, or cannot be read to its end.
pub(super) fn remember(
    clients: &Clients,
    topic: &str,
    roster: &mut Roster,
    progress: &Progress,
) -> Result<Vec<Vec<u8>>, Fault> {
    let reader = TopicReader::open(clients, topic)?;
    let mut told: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let spans = reader.whole();
    progress.begin(reader.topic(), &spans);
    reader.read(&spans, |record| {
        let key = record.key().unwrap_or_default().to_vec();
        match record.value() {
            Some(value) => told.insert(key, fingerprint(value)),
            None => told.remove(&key),
        };
        progress.step(record.partition(), record.offset());
    })?;
    let mut strays = Vec::new();
    for (key, print) in told {
        match subject_of(&key) {
            Some(subject) => roster.remember(subject, print),
            None => strays.push(key),
        }
    }
    Ok(strays)
}

/// The person that a key names, if it is written as we write it.
fn subject_of(key: &[u8]) -> Option<Subject> {
    match KeyParts::parse(Some(key)) {
        KeyParts::Subject(subject) if subject.key().as_bytes() == key => Some(subject),
        _ => None,
    }
}
