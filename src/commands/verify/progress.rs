//! How far a reading has come, for people who wait. On standard error, and only on a terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use crate::consent::{Offset, Partition};
use crate::kafka::Span;

/// How many records go by between two looks at the bar.
const SHOW_EVERY: u64 = 1_024;

/// A bar for one topic at a time.
pub(in crate::commands) struct Progress {
    bar: ProgressBar,
    /// Where each partition was last, for who steps without [`Steps`].
    last: Mutex<BTreeMap<Partition, Offset>>,
}

impl Progress {
    /// A bar that shows itself on a terminal.
    pub(in crate::commands) fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style =
            ProgressStyle::with_template("{msg:30} {bar:30} {percent:>3} % {per_sec} {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, last: Mutex::default() }
    }

    /// One that nobody sees.
    pub(in crate::commands) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), last: Mutex::default() }
    }

    /// Begins with a topic.
    pub(in crate::commands) fn begin(&self, topic: &str, spans: &BTreeMap<Partition, Span>) {
        let length = |span: &Span| u64::try_from(span.next.0 - span.first.0).unwrap_or(0);
        self.bar.reset();
        self.bar.set_message(topic.to_owned());
        self.bar.set_length(spans.values().map(length).sum());
        let firsts = spans.iter().map(|(partition, span)| (*partition, span.first)).collect();
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = firsts;
    }

    /// One record was read.
    pub(in crate::commands) fn step(&self, partition: Partition, offset: Offset) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.entry(partition).or_default();
        self.bar.inc(distance(*last, offset.next()));
        *last = offset.next();
    }

    /// Counts steps for one of several readers of these parts.
    pub(super) fn steps(&self, spans: &BTreeMap<Partition, Span>) -> Steps<'_> {
        let next = spans.iter().map(|(partition, span)| (*partition, span.first)).collect();
        Steps { bar: &self.bar, next, last: None, gone: 0, steps: 0 }
    }

    /// Takes the bar away.
    pub(in crate::commands) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// One reader's steps.
pub(super) struct Steps<'p> {
    bar: &'p ProgressBar,
    next: BTreeMap<Partition, Offset>,
    /// The partition of the last record, and what comes after it.
    last: Option<(Partition, Offset)>,
    gone: u64,
    steps: u64,
}

impl Steps<'_> {
    /// One record was read.
    pub(super) fn step(&mut self, partition: Partition, offset: Offset) {
        match &mut self.last {
            Some((here, next)) if *here == partition => {
                self.gone += distance(*next, offset.next());
                *next = offset.next();
            }
            _ => self.turn_to(partition, offset),
        }
        self.steps += 1;
        if self.steps.is_multiple_of(SHOW_EVERY) {
            self.bar.inc(std::mem::take(&mut self.gone));
        }
    }

    fn turn_to(&mut self, partition: Partition, offset: Offset) {
        if let Some((left, next)) = self.last {
            self.next.insert(left, next);
        }
        let next = self.next.get(&partition).copied().unwrap_or(offset);
        self.gone += distance(next, offset.next());
        self.last = Some((partition, offset.next()));
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.bar.inc(self.gone);
    }
}

fn distance(from: Offset, to: Offset) -> u64 {
    u64::try_from(to.0 - from.0).unwrap_or(0)
}
