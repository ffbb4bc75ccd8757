//! What came of a trial: a page for people, CSV and JSON for programs.
//!
//! The page and the files show the same counts. What a trial cannot know stands on the page itself.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use maud::{Markup, html};

use super::counts::{Counts, HOUR_MS, Line};
use super::outcome::Outcome;
use super::sides::ConsentSeen;
use super::slips::OWNER_ONLY;
use crate::commands::advice::advice_list;
use crate::commands::output::instant;
use crate::commands::page::{
    Bar, Bars, Figure, Figures, Page, Point, Series, Table, Tone, grouped, percent,
};
use crate::consent::Seconds;

/// The page's name in the output folder.
pub(super) const FILE: &str = "report.html";
/// The most bars of a chart; the rest stands in the CSV.
const BARS_MAX: usize = 20;
/// The most columns of a chart over time.
const STEPS_MAX: i64 = 96;

/// What was tried.
pub(super) struct About<'a> {
    pub(super) topic: &'a str,
    pub(super) cluster_id: &'a str,
    pub(super) policy: String,
    pub(super) from_ms: Option<i64>,
    pub(super) to_ms: Option<i64>,
    pub(super) tolerance: Duration,
    /// Topics that must be kept whole and whose first records are gone.
    pub(super) trimmed: Vec<String>,
}

/// All that a trial tells.
pub(super) struct Report<'a> {
    pub(super) about: About<'a>,
    pub(super) counts: &'a Counts,
    pub(super) seen: ConsentSeen,
}

impl Report<'_> {
    /// Writes the page and the figures into a folder.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        self.decisions().write_csv(create(&folder.join("decisions.csv"))?)?;
        self.hours().write_csv(create(&folder.join("hours.csv"))?)?;
        let mut summary = create(&folder.join("summary.json"))?;
        serde_json::to_writer_pretty(&mut summary, &self.summary())?;
        writeln!(summary)?;
        summary.flush()?;
        let mut page = create(&folder.join(FILE))?;
        page.write_all(self.page().as_bytes())?;
        page.flush()
    }

    /// The range of the messages' times.
    pub(super) fn range(&self) -> String {
        let hours = &self.counts.hours;
        let at = |hour: i64| instant(Seconds::nearest_to_millis(hour * HOUR_MS));
        let (first, last) = (hours.keys().next(), hours.keys().next_back());
        match (first, last) {
            (Some(first), Some(last)) => format!("from {} to {}", at(*first), at(last + 1)),
            _ => "no message with a time".to_owned(),
        }
    }

    /// What limits all that is told, one sentence each.
    pub(super) fn limits(&self) -> Vec<String> {
        let (seen, counts) = (self.seen, self.counts);
        let tolerance_ms = i64::try_from(self.about.tolerance.as_millis()).unwrap_or(i64::MAX);
        let mut limits = vec![format!(
            "Which of two records of different topics came first rests on their timestamps. Whatever \
             lies closer together than {} has no order here and is told apart.",
            humantime::format_duration(self.about.tolerance)
        )];
        if counts.broker_time < counts.messages - counts.undated {
            limits.push(
                "The messages' times are those of their writers (CreateTime): a clock that was off by \
                 more than the tolerance shows in the figures."
                    .to_owned(),
            );
        }
        if seen.writers_time > 0 {
            limits.push(format!(
                "{} of {} consent records carry their writer's time and not the broker's (CreateTime). \
                 The gate itself refuses such a topic: set message.timestamp.type=LogAppendTime.",
                grouped(seen.writers_time),
                grouped(seen.records)
            ));
        }
        for topic in &self.about.trimmed {
            limits.push(format!(
                "{topic} does not begin at its first record: what was said before is not known here, \
                 neither yes nor no. The gate itself refuses such a topic."
            ));
        }
        if let Some(place) = seen.first_unattributed {
            limits.push(format!(
                "{} consent records cannot be read and name no business, the first at {place}. The gate \
                 holds everything until they are voided; here they were passed over.",
                grouped(seen.unattributed)
            ));
        }
        if seen.steps_back_ms > tolerance_ms {
            limits.push(format!(
                "Times of consent records step back by up to {} within a partition: such a record \
                 counts from the latest time before it.",
                humantime::format_duration(Duration::from_millis(
                    seen.steps_back_ms.unsigned_abs()
                ))
            ));
        }
        if counts.missed_turns > 0 {
            limits.push(format!(
                "The times of {} messages step back further than the tolerance: none of them counts as \
                 one that left after an opt-out.",
                grouped(counts.missed_turns)
            ));
        }
        if counts.undated > 0 {
            limits.push(format!("{} messages have no time.", grouped(counts.undated)));
        }
        limits
    }

    /// All lines as a table.
    fn decisions(&self) -> Table {
        let columns = ["business", "scope", "outcome", "reason", "left_after", "messages"];
        let mut table = Table::new("All counts", &columns);
        for (line, count) in self.counts.lines() {
            let Line { business, scope, outcome, reason, slip } = line;
            table.push([
                business.as_str().into(),
                scope.as_str().into(),
                outcome.name().into(),
                reason.as_str().into(),
                slip.as_str().into(),
                count.into(),
            ]);
        }
        table
    }

    fn hours(&self) -> Table {
        let columns = ["hour", "messages", "stopped", "left_after_opt_out"];
        let mut table = Table::new("By hour", &columns);
        for (hour, counted) in &self.counts.hours {
            let at = instant(Seconds::nearest_to_millis(hour * HOUR_MS));
            table.push([
                at.into(),
                counted.messages.into(),
                counted.stopped.into(),
                counted.slips.into(),
            ]);
        }
        table
    }

    fn summary(&self) -> serde_json::Value {
        let counts = self.counts;
        let at = |ms: Option<i64>| ms.map(|ms| instant(Seconds::nearest_to_millis(ms)));
        serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "topic": self.about.topic,
            "cluster": self.about.cluster_id,
            "policy": self.about.policy,
            "from": at(self.about.from_ms),
            "to": at(self.about.to_ms),
            "tolerance_ms": u64::try_from(self.about.tolerance.as_millis()).unwrap_or(u64::MAX),
            "messages": counts.messages,
            "left_after_opt_out": counts.slips(),
            "within_tolerance_of_opt_out": counts.near,
            "allowed": counts.of(Outcome::Allowed),
            "stopped": counts.of(Outcome::Stopped),
            "held": counts.of(Outcome::Held),
            "within_tolerance": counts.of(Outcome::Within),
            "stopped_by_reason": self.stopped().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "consent_records": self.seen.records,
            "limits": self.limits(),
        })
    }

    /// What was stopped, by reason.
    pub(super) fn stopped(&self) -> Vec<(&str, u64)> {
        self.counts.by(|line| line.outcome == Outcome::Stopped, |line| &line.reason)
    }

    fn page(&self) -> String {
        let title = "What the gate would have done";
        let lead =
            format!("{}, {}, cluster {}", self.about.topic, self.range(), self.about.cluster_id);
        Page { title, language: "en", lead: &lead, body: self.body() }.html()
    }

    fn body(&self) -> Markup {
        let slipped = |line: &Line| !line.slip.is_empty();
        let stopped = |line: &Line| line.outcome == Outcome::Stopped;
        let counts = self.counts;
        html! {
            (self.figures())
            h2 { "Left after the person had opted out" }
            p {
                (grouped(counts.slips())) " messages were written to the topic more than "
                (humantime::format_duration(self.about.tolerance))
                " after the person had said no, and before any later yes. " code { "slips.csv" }
                " names each by its place, with a pseudonym."
            }
            (bars("By what the person had said", Tone::Bad, counts.by(slipped, |line| &line.slip)))
            (bars("By business", Tone::Bad, counts.by(slipped, |line| &line.business)))
            (bars("By scope", Tone::Bad, counts.by(slipped, |line| &line.scope)))
            h2 { "What the gate would have stopped" }
            (self.reasons())
            (bars("By business", Tone::Plain, counts.by(stopped, |line| &line.business)))
            (bars("By scope", Tone::Plain, counts.by(stopped, |line| &line.scope)))
            h2 { "Over time" }
            (self.over_time("Messages", Tone::Plain, |hour| hour.messages))
            (self.over_time("Stopped", Tone::Plain, |hour| hour.stopped))
            (self.over_time("Left after an opt-out", Tone::Bad, |hour| hour.slips))
            h2 { "What this cannot know" }
            ul { @for limit in self.limits() { li { (limit) } } }
            p class="quiet" {
                "consentgate " (env!("CARGO_PKG_VERSION")) ", policy " code { (self.about.policy) } "."
            }
        }
    }

    fn figures(&self) -> Figures {
        let counts = self.counts;
        let of = |outcome| counts.of(outcome);
        let share = |count| format!("({})", percent(count, counts.messages));
        let slips = counts.slips();
        let mut figures = vec![
            figure(counts.messages, "messages".to_owned(), Tone::Plain),
            figure(
                slips,
                format!("left after the person had opted out {}", share(slips)),
                if slips > 0 { Tone::Bad } else { Tone::Good },
            ),
            figure(
                of(Outcome::Allowed),
                format!("the gate would have let out {}", share(of(Outcome::Allowed))),
                Tone::Good,
            ),
            figure(
                of(Outcome::Stopped),
                format!("the gate would have stopped {}", share(of(Outcome::Stopped))),
                Tone::Plain,
            ),
            figure(
                counts.near,
                "so close to an opt-out, or to what lifted it, that clocks decide: not counted"
                    .to_owned(),
                Tone::Plain,
            ),
            figure(
                of(Outcome::Within),
                "let out or stopped, as clocks decide".to_owned(),
                Tone::Plain,
            ),
        ];
        if of(Outcome::Held) > 0 {
            let what = "written while everything was paused".to_owned();
            figures.push(figure(of(Outcome::Held), what, Tone::Plain));
        }
        Figures(figures)
    }

    /// Bars by reason, and under them what gives the messages back.
    fn reasons(&self) -> Markup {
        let all = self.counts.messages;
        let bar = |(name, value): (&str, u64)| Bar {
            name: name.to_owned(),
            value,
            written: Some(format!("{} ({})", grouped(value), percent(value, all))),
        };
        let stopped = self.stopped();
        let bars = stopped.iter().copied().map(bar).collect();
        html! {
            (Bars { caption: "By reason, and of all messages".to_owned(), tone: Tone::Plain, bars })
            h3 { "What gives them back" }
            (advice_list(stopped.iter().map(|(name, _)| *name)))
        }
    }

    /// A chart over time, in steps of so many hours that it stays readable.
    fn over_time(
        &self,
        what: &str,
        tone: Tone,
        value: impl Fn(&super::counts::Hour) -> u64,
    ) -> Series {
        let hours = &self.counts.hours;
        let (Some(first), Some(last)) = (hours.keys().next(), hours.keys().next_back()) else {
            return series(what, 1, tone, Vec::new());
        };
        let step = [1, 3, 6, 12, 24, 24 * 7, 24 * 30, 24 * 365]
            .into_iter()
            .find(|step| (last - first) / step < STEPS_MAX)
            .unwrap_or(24 * 365);
        let first = first.div_euclid(step) * step;
        let points = (0..=(last - first) / step).map(|nth| {
            let begin = first + nth * step;
            let sum = hours.range(begin..begin + step).map(|(_, hour)| value(hour)).sum();
            Point { at: instant(Seconds::nearest_to_millis(begin * HOUR_MS)), value: sum }
        });
        series(what, step, tone, points.collect())
    }
}

fn figure(value: u64, label: String, tone: Tone) -> Figure {
    Figure { value: grouped(value), label, tone }
}

fn series(what: &str, step_hours: i64, tone: Tone, points: Vec<Point>) -> Series {
    let span = match step_hours {
        1 => "hour".to_owned(),
        hours if hours < 24 => format!("{hours} hours"),
        24 => "day".to_owned(),
        hours => format!("{} days", hours / 24),
    };
    Series {
        caption: format!("{what}, by {span}"),
        step: "from (UTC)".to_owned(),
        unit: "messages".to_owned(),
        tone,
        points,
    }
}

fn bars(caption: &str, tone: Tone, sums: Vec<(&str, u64)>) -> Bars {
    let more = sums.len().saturating_sub(BARS_MAX);
    let caption = match more {
        0 => caption.to_owned(),
        more => format!("{caption}: the first {BARS_MAX}, and {more} more in decisions.csv"),
    };
    let bar = |(name, value): (&str, u64)| Bar { name: name.to_owned(), value, written: None };
    Bars { caption, tone, bars: sums.into_iter().take(BARS_MAX).map(bar).collect() }
}

/// A file that only its owner reads, in place of one that is there.
fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(OWNER_ONLY);
    Ok(BufWriter::new(options.open(path)?))
}
