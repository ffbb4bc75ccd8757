//! From a record to the message that it carries.

use super::ports::{Fitness, RecordView};
use crate::decision::{Message, Reason};
use crate::wire::outbound;

/// Reads a record's message. What cannot be passed on untouched is not even decoded.
///
/// # Errors
/// Why there is none.
pub(super) fn read<R: RecordView>(record: &R) -> Result<Message<'_>, Reason> {
    match record.fitness() {
        Fitness::Forwardable => outbound::decode(record.value()),
        Fitness::Unforwardable => Err(Reason::Unforwardable),
    }
}
