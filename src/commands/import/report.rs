//! What an import came to, as a person reads it: counts, reasons, lines. Never whom it is about.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::input::FileDigest;

/// So many lines are named for each reason; the files have them all.
const LINES_SHOWN: usize = 5;

/// How many rows a reason applies to, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) count: u64,
    first: Vec<u64>,
    advice: &'static str,
}

/// Whether anything was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// No: only looked.
    DryRun,
    /// No, and the log was not looked at.
    Offline,
    /// Yes.
    Write,
}

/// What an import came to.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) rows: u64,
    pub(super) taken: BTreeMap<&'static str, u64>,
    pub(super) already: u64,
    pub(super) noted: BTreeMap<&'static str, Lines>,
    pub(super) conflicts: BTreeMap<&'static str, Lines>,
    pub(super) refused: BTreeMap<&'static str, Lines>,
    /// Refused rows that may have been suppressions.
    pub(super) doubts: u64,
    /// Grants that are later than a suppression which another import wrote meanwhile.
    pub(super) overtaken: u64,
}

impl Lines {
    fn add(&mut self, line: u64, advice: &'static str) {
        self.count += 1;
        self.advice = advice;
        if self.first.len() < LINES_SHOWN {
            self.first.push(line);
        }
    }
}

/// Adds a line under a reason.
pub(super) fn add(
    to: &mut BTreeMap<&'static str, Lines>,
    reason: &'static str,
    line: u64,
    advice: &'static str,
) {
    to.entry(reason).or_default().add(line, advice);
}

impl Report {
    /// How many rows were not taken.
    pub(super) fn refused_count(&self) -> u64 {
        total(&self.refused) + total(&self.conflicts)
    }

    /// What to do next.
    fn next(&self, mode: Mode) -> String {
        let mut text = String::from("\n");
        if self.doubts > 0 {
            let _ = writeln!(
                text,
                "{} refused rows may be opt-outs: mend them, or take them out of the file.",
                self.doubts
            );
        }
        if self.refused_count() > 0 {
            text.push_str("All lines that are not taken, with the reason: --rejects FILE.\n");
        }
        text.push_str(match mode {
            Mode::DryRun => "To write what is taken: the same command with --write.\n",
            Mode::Offline => "To see conflicts with the log: the same command without --offline.\n",
            Mode::Write => "Once more writes only what is new: the log remembers what it has.\n",
        });
        text
    }

    /// The whole text.
    pub(super) fn to_text(&self, file: &Path, digest: &FileDigest, mode: Mode) -> String {
        let mut text = format!(
            "{}: {} rows, sha256 {}\n{}\n\n",
            file.display(),
            self.rows,
            hex::encode(digest),
            match mode {
                Mode::DryRun => "dry run: nothing is written",
                Mode::Offline => "dry run without the log: nothing is written",
                Mode::Write => "written to the log of record, acknowledged by all replicas",
            }
        );
        line(&mut text, 0, "taken", self.taken.values().sum());
        for (kind, count) in &self.taken {
            line(&mut text, 1, kind, *count);
        }
        line(&mut text, 0, "in the log already", self.already);
        section(&mut text, "taken otherwise than written", &self.noted);
        section(&mut text, "refused for a conflict", &self.conflicts);
        section(&mut text, "refused", &self.refused);
        text.push_str(&self.next(mode));
        text
    }
}

fn total(lines: &BTreeMap<&'static str, Lines>) -> u64 {
    lines.values().map(|lines| lines.count).sum()
}

fn section(text: &mut String, title: &str, reasons: &BTreeMap<&'static str, Lines>) {
    line(text, 0, title, total(reasons));
    for (reason, rows) in reasons {
        line(text, 1, reason, rows.count);
        let more = if rows.count > rows.first.len() as u64 { ", ..." } else { "" };
        let lines: Vec<_> = rows.first.iter().map(u64::to_string).collect();
        // Writing to a String cannot fail.
        let many = if rows.count > 1 { "s" } else { "" };
        let _ = writeln!(text, "      line{many} {}{more}", lines.join(", "));
        if !rows.advice.is_empty() {
            let _ = writeln!(text, "      {}", rows.advice);
        }
    }
}

fn line(text: &mut String, depth: usize, what: &str, count: u64) {
    let indent = "  ".repeat(depth);
    let width = 46_usize.saturating_sub(indent.len());
    let _ = writeln!(text, "{indent}{what:<width$} {count:>10}");
}
