//! A consent log that may have been rolled, for commands that read it.
//!
//! What cannot be opened, or is not vouched for, fails the command: half a log is none.

use super::exit::Failure;
use super::output::note;
use crate::app::rolled_log;
use crate::config::Config;
use crate::consent::Topic;
use crate::kafka::TopicReader;
use crate::stream::{Fault, FaultKind, RollTrouble, RolledLog};
use crate::wire::receipt::VerifyingKeys;

/// What reads the log of this configuration.
///
/// # Errors
/// A key that cannot be used (78).
pub(super) fn rolled_for(config: &Config, pinned: VerifyingKeys) -> Result<RolledLog, Failure> {
    let mut warnings = Vec::new();
    let rolled = rolled_log(&config.keys, pinned, &mut warnings)?;
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    Ok(rolled)
}

/// Refuses a log, read to its end, that must not be relied on.
///
/// # Errors
/// What is wrong with it, and what helps.
pub(super) fn refuse_trouble(rolled: &RolledLog, reader: &TopicReader) -> Result<(), Fault> {
    let width = reader.width(Topic::ConsentEvents);
    let what = match rolled.trouble(width.partitions) {
        None => return Ok(()),
        Some(RollTrouble::KeyMissing) => {
            "holds records under a tombstone key that is not held here: name it in \
             keys.tombstone_key_file or keys.older_tombstone_key_files"
        }
        Some(RollTrouble::Unsealed) => {
            "was rolled, and its signed ends are missing: the roll was not finished"
        }
        Some(RollTrouble::Broken) => {
            "was rolled, and is not what was signed, or by a key that is not trusted here: see \
             keys.roll_public_keys"
        }
    };
    Err(Fault::new(FaultKind::Refused, format!("topic {} {what}", reader.topic())))
}
