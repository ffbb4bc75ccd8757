//! From a record to the message that it carries.

use super::ports::{Fitness, RecordView};
use crate::decision::{Message, Reason};
use crate::policy::Policy;
use crate::wire::formats::{Format, Refusal, Texts};

/// Reads a record's message; the policy knows whose number sends. What cannot be passed on untouched is
/// not even decoded.
///
/// # Errors
/// Why there is none.
pub(super) fn read<'r, R: RecordView>(
    format: &Format,
    policy: &'r Policy,
    record: &'r R,
    texts: &'r Texts,
) -> Result<Message<'r>, Reason> {
    match record.fitness() {
        Fitness::Forwardable => format
            .read(record.value(), |show| record.each_header(show), texts)
            .map(|message| message.sent_at_ms(record.timestamp_ms()).at_home(policy))
            .map_err(Refusal::reason),
        Fitness::Unforwardable => Err(Reason::Unforwardable),
    }
}
