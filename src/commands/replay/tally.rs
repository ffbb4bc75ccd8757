//! What would change, counted: by reasons, by business and scope; and the first of the changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::change::{COLUMNS, Change, answer};
use crate::commands::verify::{Again, Report};
use crate::consent::{Offset, Partition};
use crate::wire::caller_text::Screen;
use crate::wire::pseudonym::{PseudonymKey, Pseudonyms};

/// Businesses and scopes are texts of callers: more than so many pairs are counted together.
const PAIRS_MAX: usize = 10_000;
/// How those are called that are counted together.
const OTHERS: &str = "(others)";

/// How many of some messages would be decided differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Changed {
    /// Allowed, and no longer.
    stopped: u64,
    /// Suppressed, and no longer.
    released: u64,
    /// Suppressed, for another reason.
    otherwise: u64,
}

impl Changed {
    fn count(&mut self, old: &str, new: &str) {
        match (old, new) {
            ("allowed", _) => self.stopped += 1,
            (_, "allowed") => self.released += 1,
            _ => self.otherwise += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.stopped += other.stopped;
        self.released += other.released;
        self.otherwise += other.otherwise;
    }
}

/// All counts, and the first changes in the order of partitions and offsets.
pub(super) struct Tally {
    messages: u64,
    all: Changed,
    by_reason: BTreeMap<(&'static str, &'static str), u64>,
    by_purpose: BTreeMap<(String, String), Changed>,
    list: BTreeMap<(Partition, Offset), Change>,
    max: usize,
    pseudonyms: Option<Pseudonyms>,
}

impl Tally {
    /// Nothing is counted yet; lists at most so many.
    pub(super) fn new(key: Option<Arc<PseudonymKey>>, max: usize) -> Self {
        Self {
            messages: 0,
            all: Changed::default(),
            by_reason: BTreeMap::new(),
            by_purpose: BTreeMap::new(),
            list: BTreeMap::new(),
            max,
            pseudonyms: key.map(Pseudonyms::new),
        }
    }

    /// Counts a message.
    pub(super) fn take(&mut self, again: &Again<'_>) {
        self.messages += 1;
        let (old, new) = (answer(again.old), answer(again.new));
        if old == new {
            return;
        }
        self.all.count(old, new);
        *self.by_reason.entry((old, new)).or_default() += 1;
        let purpose = again.message.as_ref().map_or_else(
            |_| Default::default(),
            |message| {
                let screen = Screen::new(message);
                let business = screen.pass_business(message.business).to_owned();
                (business, screen.pass(message.scope).to_owned())
            },
        );
        self.purpose(purpose).count(old, new);
        let last = self.list.last_key_value().map(|(at, _)| *at);
        if self.list.len() < self.max || last.is_some_and(|last| again.at < last) {
            let change = Change::of(again, self.pseudonyms.as_mut());
            self.list.insert(again.at, change);
            self.keep_first();
        }
    }

    /// Adds what another reader counted.
    pub(super) fn join(&mut self, other: Self) {
        self.messages += other.messages;
        self.all.add(other.all);
        for (reasons, count) in other.by_reason {
            *self.by_reason.entry(reasons).or_default() += count;
        }
        for (purpose, changed) in other.by_purpose {
            self.purpose(purpose).add(changed);
        }
        self.list.extend(other.list);
        self.keep_first();
    }

    fn keep_first(&mut self) {
        while self.list.len() > self.max {
            self.list.pop_last();
        }
    }

    fn purpose(&mut self, purpose: (String, String)) -> &mut Changed {
        let full = self.by_purpose.len() >= PAIRS_MAX && !self.by_purpose.contains_key(&purpose);
        let purpose = if full { (OTHERS.to_owned(), OTHERS.to_owned()) } else { purpose };
        self.by_purpose.entry(purpose).or_default()
    }

    fn changed(&self) -> u64 {
        self.all.stopped + self.all.released + self.all.otherwise
    }

    /// For people; `left_out` are lines about what was not decided again.
    pub(super) fn to_text(&self, left_out: &str) -> String {
        let mut text = self.counts(left_out);
        if self.changed() > 0 {
            text.push_str(&format!("\nthe first {} of {}\n", self.list.len(), self.changed()));
            text.push_str(&self.to_csv());
        }
        text
    }

    /// The counts alone, for people.
    pub(super) fn counts(&self, left_out: &str) -> String {
        let Changed { stopped, released, otherwise } = self.all;
        let mut text = format!(
            "replayed {} messages: {stopped} would stop, {released} would go, {otherwise} would stop \
             for another reason\n{left_out}",
            self.messages,
        );
        if self.changed() == 0 {
            return text;
        }
        text.push_str("\nold -> new\n");
        for ((old, new), count) in &self.by_reason {
            text.push_str(&format!("  {count:>10}  {old} -> {new}\n"));
        }
        text.push_str("\nbusiness, scope: stop, go, other reason\n");
        for ((business, scope), changed) in &self.by_purpose {
            let Changed { stopped, released, otherwise } = changed;
            let (business, scope) = (named(business), named(scope));
            text.push_str(&format!("  {business}, {scope}: {stopped}, {released}, {otherwise}\n"));
        }
        text
    }

    /// For machines: one change a line, then the counts.
    pub(super) fn to_json(&self, report: &Report) -> String {
        let mut text: String =
            self.list.values().map(|change| format!("{}\n", json!(change))).collect();
        let by_reason = self
            .by_reason
            .iter()
            .map(|((old, new), count)| json!({ "old": old, "new": new, "count": count }));
        let by_purpose = self.by_purpose.iter().map(|((business, scope), changed)| {
            let Changed { stopped, released, otherwise } = changed;
            json!({
                "business": business, "scope": scope,
                "stopped": stopped, "released": released, "otherwise": otherwise,
            })
        });
        let summary = json!({
            "summary": {
                "messages": self.messages,
                "stopped": self.all.stopped,
                "released": self.all.released,
                "otherwise": self.all.otherwise,
                "by_reason": by_reason.collect::<Vec<_>>(),
                "by_business_and_scope": by_purpose.collect::<Vec<_>>(),
                "not_replayed": report.unchecked(),
            }
        });
        text.push_str(&format!("{summary}\n"));
        text
    }

    /// The list as CSV with a header.
    pub(super) fn to_csv(&self) -> String {
        let lines: String = self.list.values().map(Change::to_csv).collect();
        format!("{COLUMNS}\n{lines}")
    }
}

/// Something to see where there is no name.
fn named(text: &str) -> &str {
    if text.is_empty() { "(none)" } else { text }
}
