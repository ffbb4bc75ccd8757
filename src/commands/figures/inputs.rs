//! Statuses and conversions that are fed in: CSV files, and Meta's statuses in webhook bodies.
//!
//! Only the caller's message id and the state are read. A row that cannot be read is counted, and told
//! by its number alone.

use std::path::Path;

use crate::commands::exit::{Exit, Failure};

/// How far a message came. A later one includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reached {
    /// The platform delivered it.
    Delivered,
    /// The person opened it.
    Read,
    /// It led to what it was for.
    Converted,
}

impl Reached {
    /// Meta's word; `None` for sent, failed and the like.
    fn parse(status: &str) -> Option<Self> {
        match status.trim() {
            "delivered" => Some(Self::Delivered),
            // A voice message that was listened to.
            "read" | "played" => Some(Self::Read),
            _ => None,
        }
    }
}

/// Rows of a CSV file with `message_id`, and `status` if `what` is none.
///
/// # Errors
/// A file that cannot be read, or lacks a column.
pub(super) fn file(
    path: &Path,
    what: Option<Reached>,
    mut each: impl FnMut(&str, Reached),
) -> Result<(), Failure> {
    let named = path.display();
    let failed = |exit, what: String| Failure::new(exit, format!("{named}: {what}"));
    let mut reader = csv::Reader::from_path(path)
        .map_err(|error| failed(Exit::Io, format!("cannot be read: {:?}", error.kind())))?;
    let header = reader.headers().map_err(|_| failed(Exit::Data, "has no header".to_owned()))?;
    let column = |name: &str| header.iter().position(|title| title.trim() == name);
    let lacks = |name: &str| failed(Exit::Data, format!("has no column {name}"));
    let id = column("message_id").ok_or_else(|| lacks("message_id"))?;
    let status = match what {
        Some(_) => None,
        None => Some(column("status").ok_or_else(|| lacks("status"))?),
    };
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            failed(Exit::Data, format!("line {line} is no row of the header's length in UTF-8"))
        })?;
        let word = status.and_then(|status| record.get(status)).unwrap_or_default();
        let reached = what.or_else(|| Reached::parse(word));
        if let (Some(id), Some(reached)) = (record.get(id), reached) {
            each(id.trim(), reached);
        }
    }
    Ok(())
}

/// The statuses of one webhook body, by `biz_opaque_callback_data`.
pub(super) fn body(body: &[u8], mut each: impl FnMut(&str, Reached)) {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) else {
        return;
    };
    let list = |value: &serde_json::Value, name: &str| {
        value.get(name).and_then(serde_json::Value::as_array).cloned().unwrap_or_default()
    };
    for change in list(&body, "entry").iter().flat_map(|entry| list(entry, "changes")) {
        for status in change.get("value").map(|value| list(value, "statuses")).unwrap_or_default() {
            let text = |name: &str| status.get(name).and_then(serde_json::Value::as_str);
            let reached = text("status").and_then(Reached::parse);
            if let (Some(id), Some(reached)) = (text("biz_opaque_callback_data"), reached) {
                each(id, reached);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metas_statuses_are_read_by_the_callers_id() {
        let webhook = br#"{"entry":[{"changes":[{"field":"messages","value":{"statuses":[
            {"id":"wamid.1","status":"read","biz_opaque_callback_data":"m-1"},
            {"id":"wamid.2","status":"failed","biz_opaque_callback_data":"m-2"},
            {"id":"wamid.3","status":"delivered"}]}}]}]}"#;
        let mut found = Vec::new();
        body(webhook, |id, reached| found.push((id.to_owned(), reached)));
        body(b"no json", |_, _| panic!("nothing"));
        assert_eq!(found, [("m-1".to_owned(), Reached::Read)]);
    }
}
