//! What was suppressed, and why.

use std::collections::BTreeMap;

use super::FiguresArgs;
use super::label::label;
use super::sheet::{Sheet, Value};
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::BusinessId;
use crate::kafka::{Clients, TopicReader};
use crate::stream::Fault;
use crate::wire::audit::decode_entry;

/// Suppressed messages by reason and scope, and how many there are.
///
/// # Errors
/// The audit topic cannot be read to its end.
pub(super) fn suppressed(
    config: &Config,
    clients: &Clients,
    args: &FiguresArgs,
    business: Option<&BusinessId>,
    progress: &Progress,
) -> Result<(Sheet, u64), Fault> {
    let reader = TopicReader::open_committed(clients, config.topics.audit.as_str())?;
    let spans = reader.whole();
    let mut by_reason: BTreeMap<(&'static str, String), u64> = BTreeMap::new();
    progress.begin(reader.topic(), &spans);
    reader.read(&spans, |record| {
        if let Ok(entry) = decode_entry(record.value().unwrap_or_default())
            && args.counts(entry.decided_at_ms)
            && business.is_none_or(|business| business.as_str() == entry.business)
        {
            let reason = entry.suppression.primary.name();
            *by_reason.entry((reason, label(&entry.scope).to_owned())).or_default() += 1;
        }
        progress.step(record.partition(), record.offset());
    })?;
    let all = by_reason.values().sum();
    let rows = by_reason.into_iter().map(|((reason, scope), count)| {
        vec![Value::Text(reason.to_owned()), Value::Text(scope), Value::Count(count)]
    });
    let sheet = Sheet {
        name: "suppressions",
        caption: "Suppressed messages by reason and scope",
        about: "Messages that the gate did not let out, by their first reason.",
        columns: vec!["reason", "scope", "messages"],
        rows: rows.collect(),
    };
    Ok((sheet, all))
}
