//! What came of a trial, in lines for a terminal.

use std::fmt::Write as _;

use super::outcome::Outcome;
use super::report::Report;
use crate::commands::advice::advice_on;
use crate::commands::page::{grouped, percent};

impl Report<'_> {
    /// The lines.
    pub(super) fn text(&self) -> String {
        let counts = self.counts;
        let tolerance = humantime::format_duration(self.about.tolerance);
        let all = counts.messages;
        let mut out = String::new();
        let mut line = |count: u64, what: &str| {
            let share = if count == all { String::new() } else { percent(count, all) };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{:>15} {share:>9}  {what}", grouped(count));
        };
        line(all, &format!("messages of {}, {}", self.about.topic, self.range()));
        line(counts.slips(), "left after the person had opted out: slips.csv");
        let near = format!("within {tolerance} of an opt-out or of what lifted it: not counted");
        line(counts.near, &near);
        line(counts.of(Outcome::Allowed), "the gate would have let out");
        line(counts.of(Outcome::Stopped), "it would have stopped");
        line(counts.of(Outcome::Within), &format!("one or the other, within {tolerance}"));
        if counts.of(Outcome::Held) > 0 {
            line(counts.of(Outcome::Held), "written while everything was paused");
        }
        out.push_str("\nStopped, and what gives them back:\n");
        for (reason, count) in self.stopped() {
            let _ = writeln!(out, "{:>15}  {reason}: {}", grouped(count), advice_on(reason));
        }
        out.push_str("\nWhat this cannot know:\n");
        for limit in self.limits() {
            let _ = writeln!(out, "- {limit}");
        }
        out
    }
}
