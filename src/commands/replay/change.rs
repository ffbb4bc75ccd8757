//! One message that would be decided differently, without who it is for.

use serde::Serialize;

use crate::commands::verify::{Again, Verdict};
use crate::wire::caller_text::Screen;
use crate::wire::pseudonym::Pseudonyms;

/// The columns of the list.
pub(super) const COLUMNS: &str =
    "partition,offset,decided_at,business,pseudonym,scope,category,template,old,new";

/// One line of the list. A text that may name a person is empty, as in the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    /// Of the outbound topic.
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// When it was decided.
    pub(super) decided_at: String,
    pub(super) business: String,
    /// Who it is for, as the audit names them.
    pub(super) pseudonym: String,
    pub(super) scope: String,
    pub(super) category: String,
    pub(super) template: String,
    /// `allowed`, or the primary reason.
    pub(super) old: &'static str,
    pub(super) new: &'static str,
}

impl Change {
    /// Of this message.
    pub(super) fn of(again: &Again<'_>, pseudonyms: Option<&mut Pseudonyms>) -> Self {
        let (partition, offset) = (again.at.0.0, again.at.1.0);
        let instant = u64::try_from(again.now_ms).unwrap_or_default();
        let instant = std::time::UNIX_EPOCH + std::time::Duration::from_millis(instant);
        let mut change = Self {
            partition,
            offset,
            decided_at: humantime::format_rfc3339_millis(instant).to_string(),
            business: String::new(),
            pseudonym: String::new(),
            scope: String::new(),
            category: String::new(),
            template: String::new(),
            old: answer(again.old),
            new: answer(again.new),
        };
        let Ok(message) = &again.message else {
            return change;
        };
        let screen = Screen::new(message);
        change.business = screen.pass_business(message.business).to_owned();
        change.scope = screen.pass(message.scope).to_owned();
        change.template = screen.pass(message.template).to_owned();
        change.category = message.category.name().to_owned();
        if let (Some(pseudonyms), Some(identity)) = (pseudonyms, message.to) {
            change.pseudonym = pseudonyms.of(message.business, identity).to_string();
        }
        change
    }

    /// The line, its texts quoted where they must be (RFC 4180).
    pub(super) fn to_csv(&self) -> String {
        let Self { partition, offset, decided_at, old, new, .. } = self;
        let texts = [&self.business, &self.pseudonym, &self.scope, &self.category, &self.template];
        let texts = texts.map(|text| quoted(text)).join(",");
        format!("{partition},{offset},{decided_at},{texts},{old},{new}\n")
    }
}

/// What was decided, in one word.
pub(super) fn answer(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::Suppress(suppression) => suppression.primary.name(),
    }
}

/// A spreadsheet would read a text that begins with one of these as a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

fn quoted(text: &str) -> String {
    let text = match text.starts_with(FORMULA) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_breaks_no_line_and_is_no_formula() {
        assert_eq!(quoted("cafe"), "cafe");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
    }
}
