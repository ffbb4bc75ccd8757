//! How far a reading has come, for people who wait. On standard error, and only on a terminal.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressStyle};

use crate::consent::{Offset, Partition};
use crate::kafka::Span;

/// How many records go by between two looks at the bar.
const SHOW_EVERY: u64 = 1_024;

/// A bar for one topic at a time.
pub(in crate::commands) struct Progress {
    bar: ProgressBar,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    firsts: BTreeMap<Partition, Offset>,
    read: BTreeMap<Partition, u64>,
    steps: u64,
}

impl Progress {
    /// A bar that shows itself on a terminal.
    pub(in crate::commands) fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style =
            ProgressStyle::with_template("{msg:30} {bar:30} {percent:>3} % {per_sec} {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, state: RefCell::default() }
    }

    /// Begins with a topic.
    pub(in crate::commands) fn begin(&self, topic: &str, spans: &BTreeMap<Partition, Span>) {
        let length = |span: &Span| u64::try_from(span.next.0 - span.first.0).unwrap_or(0);
        self.bar.reset();
        self.bar.set_message(topic.to_owned());
        self.bar.set_length(spans.values().map(length).sum());
        let firsts = spans.iter().map(|(partition, span)| (*partition, span.first)).collect();
        *self.state.borrow_mut() = State { firsts, ..State::default() };
    }

    /// One record was read.
    pub(in crate::commands) fn step(&self, partition: Partition, offset: Offset) {
        let mut state = self.state.borrow_mut();
        let first = state.firsts.get(&partition).copied().unwrap_or_default();
        let read = u64::try_from(offset.next().0 - first.0).unwrap_or(0);
        state.read.insert(partition, read);
        state.steps += 1;
        if state.steps.is_multiple_of(SHOW_EVERY) {
            self.bar.set_position(state.read.values().sum());
        }
    }

    /// Takes the bar away.
    pub(in crate::commands) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
