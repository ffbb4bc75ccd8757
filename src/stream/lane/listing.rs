//! Lists allowed messages for the receipt, where it is to have such a column.
//!
//! Runs only then, and reads the allowed messages once more: what is kept for all costs more. The texts
//! are looked up on the batch's own view; everything else waits until the view is given back.

use crate::consent::TextRef;
use crate::decision::{Decision, query};
use crate::index::ConsentView;
use crate::policy::Policy;
use crate::stream::fault::Fault;
use crate::stream::ports::RecordView;
use crate::stream::reading::read;
use crate::wire::formats::{Format, Texts};
use crate::wire::receipt::ColumnWriter;

/// The text behind each allowed message of a batch, in order; `None` where none was needed.
pub(super) fn texts<R: RecordView>(
    (format, policy): (&Format, &Policy),
    view: &ConsentView<'_>,
    records: &[R],
    decisions: &[Decision],
) -> Vec<Option<TextRef>> {
    let text = |record: &R| {
        let texts = Texts::default();
        let message = read(format, policy, record, &texts).ok()?;
        let template = view.template(message.business, message.template, message.template_language);
        let query = query(policy, &message, template);
        if message.known_by(template).category.is_reply() {
            None
        } else {
            view.text(&query).cloned()
        }
    };
    allowed(records, decisions).map(text).collect()
}

/// Adds a row for each allowed message of a batch.
///
/// # Errors
/// A row that cannot be written, or a message that is allowed and cannot be read: the transaction must
/// not be committed.
pub(super) fn add<R: RecordView>(
    column: &mut ColumnWriter,
    (format, policy): (&Format, &Policy),
    records: &[R],
    decisions: &[Decision],
    texts: Vec<Option<TextRef>>,
) -> Result<(), Fault> {
    for (record, text) in allowed(records, decisions).zip(texts) {
        let room = Texts::default();
        let message = read(format, policy, record, &room)
            .map_err(|_| Fault::invariant("a message that was allowed cannot be read"))?;
        let place = (record.partition(), record.offset());
        column.add(place, &message, text.as_ref()).map_err(|error| {
            Fault::invariant(format!("the column of allowed messages cannot be written: {error}"))
        })?;
    }
    Ok(())
}

fn allowed<'r, R>(records: &'r [R], decisions: &'r [Decision]) -> impl Iterator<Item = &'r R> {
    let decided = records.iter().zip(decisions);
    decided.filter(|(_, decision)| matches!(decision, Decision::Allow(_))).map(|(record, _)| record)
}
