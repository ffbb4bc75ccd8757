//! What a shadow tells: a page with a part for each business, the same as CSV, and a few lines.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use maud::{Markup, html};

use super::counts::{Counts, Line};
use super::reading::ShadowPlan;
use crate::commands::advice::{advice_list, advice_on};
use crate::commands::output::instant;
use crate::commands::page::{Bar, Bars, Figure, Figures, Page, Table, Tone, grouped, percent};
use crate::config::Config;
use crate::consent::Seconds;

/// The page's name in the output folder.
pub(super) const FILE: &str = "report.html";
/// Only the owner reads and writes.
const OWNER_ONLY: u32 = 0o600;
/// So many businesses have a part of the page; all are in the CSV.
const PARTS_MAX: usize = 50;

/// What was counted, and for whom.
pub(super) struct Told<'a> {
    pub(super) counts: &'a Counts,
    pub(super) plan: &'a ShadowPlan,
    pub(super) config: &'a Config,
}

impl Told<'_> {
    /// Writes page and CSV.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        self.reasons().write_csv(create(&folder.join("reasons.csv"))?)?;
        create(&folder.join(FILE))?.write_all(self.page().as_bytes())
    }

    /// The lines for a terminal.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for figure in self.figures() {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{:>15}  {}", figure.value, figure.label);
        }
        out.push_str("\nStopped, and what gives them back:\n");
        for (name, count) in self.counts.by(|_| true, |line| line.reason.name()) {
            let _ = writeln!(out, "{:>15}  {name}: {}", grouped(count), advice_on(name));
        }
        for limit in self.limits() {
            let _ = writeln!(out, "- {limit}");
        }
        out
    }

    fn reasons(&self) -> Table {
        let columns = ["business", "reason", "scope", "messages", "what_gives_them_back"];
        let mut table = Table::new("Stopped", &columns);
        for (Line { business, reason, scope }, count) in &self.counts.lines {
            table.push([
                business.as_str().into(),
                reason.name().into(),
                scope.as_str().into(),
                (*count).into(),
                advice_on(reason.name()).into(),
            ]);
        }
        table
    }

    fn figures(&self) -> Vec<Figure> {
        let counts = self.counts;
        let figure =
            |value: u64, label: String, tone| Figure { value: grouped(value), label, tone };
        if let Some(business) = &self.plan.business {
            let label = format!("messages of {business} would have been stopped");
            return vec![figure(counts.stopped(), label, Tone::Plain)];
        }
        let all = counts.allowed + counts.suppressed;
        let share = |count| percent(count, all);
        vec![
            figure(all, "messages decided".to_owned(), Tone::Plain),
            figure(
                counts.allowed,
                format!("would have gone on ({})", share(counts.allowed)),
                Tone::Good,
            ),
            figure(
                counts.suppressed,
                format!("would have been stopped ({})", share(counts.suppressed)),
                Tone::Plain,
            ),
        ]
    }

    fn limits(&self) -> Vec<String> {
        let counts = self.counts;
        let mut limits = vec![
            "A shadow writes no allowed topic: everything that it would have stopped was sent all the \
             same, by whoever reads the old topic."
                .to_owned(),
        ];
        if self.plan.business.is_none() {
            for (cause, held_ms) in &counts.held_ms {
                let held = humantime::format_duration(Duration::from_millis(*held_ms));
                limits.push(format!("It decided nothing for {held}: {cause}."));
            }
        }
        for (count, what) in [
            (counts.unbelieved, "records are not signed by a pinned key, or cannot be read"),
            (counts.not_of_shadow, "receipts are of a gate that was no shadow"),
            (counts.without_receipt, "entries have no receipt of the shadow behind them"),
        ] {
            if count > 0 {
                limits.push(format!("{} {what}: not counted.", grouped(count)));
            }
        }
        limits
    }

    fn page(&self) -> String {
        let title = "Why messages would be stopped";
        let at = |ms: i64| instant(Seconds::nearest_to_millis(ms));
        let span = self.counts.decided_ms.map_or_else(
            || "nothing decided".to_owned(),
            |(first, last)| format!("decided from {} to {}", at(first), at(last)),
        );
        let lead = format!("Shadow of {}, {span}", self.config.topics.outbound);
        Page { title, language: "en", lead: &lead, body: self.body() }.html()
    }

    fn body(&self) -> Markup {
        let counts = self.counts;
        let businesses = counts.by(|_| true, |line| line.business.as_str());
        let more = businesses.len().saturating_sub(PARTS_MAX);
        html! {
            (Figures(self.figures()))
            h2 { "By reason" }
            (self.bars_by_reason(|_| true))
            h3 { "What gives them back" }
            (advice_list(counts.by(|_| true, |line| line.reason.name()).iter().map(|(name, _)| *name)))
            @if self.plan.business.is_none() {
                h2 { "By business" }
                @if more > 0 { p class="quiet" { (more) " more businesses are in reasons.csv." } }
                @for (business, count) in businesses.iter().take(PARTS_MAX) {
                    h3 { (named(business)) ": " (grouped(*count)) }
                    (self.bars_by_reason(|line| line.business == *business))
                }
            }
            h2 { "By scope" }
            (Bars {
                caption: "Messages that would have been stopped".to_owned(),
                tone: Tone::Plain,
                bars: bars(counts.by(|_| true, |line| line.scope.as_str())),
            })
            h2 { "What this cannot know" }
            ul { @for limit in self.limits() { li { (limit) } } }
        }
    }

    fn bars_by_reason(&self, counts: impl Fn(&Line) -> bool) -> Bars {
        let sums = self.counts.by(counts, |line| line.reason.name());
        let caption = "Messages that would have been stopped, by reason".to_owned();
        Bars { caption, tone: Tone::Plain, bars: bars(sums) }
    }
}

fn bars(sums: Vec<(&str, u64)>) -> Vec<Bar> {
    let bar = |(name, value)| Bar { name: named(name).to_owned(), value, written: None };
    sums.into_iter().map(bar).collect()
}

/// What is not said has a name too.
fn named(name: &str) -> &str {
    if name.is_empty() { "(none)" } else { name }
}

/// A file that only its owner reads, in place of one that is there.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(OWNER_ONLY).open(path)
}
