//! How far a trial has come: records, rate and time left. On standard error, and only on a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// How many records go by between two looks at the bar.
const SHOW_EVERY: u64 = 1_024;

/// The bar.
pub(super) struct Bar {
    bar: ProgressBar,
    read: u64,
}

impl Bar {
    /// A bar for so many offsets, of consent and messages together.
    pub(super) fn new(offsets: u64) -> Self {
        let bar = ProgressBar::new(offsets);
        let template = "{msg:14} {bar:30} {human_pos}/{human_len} {per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message("consent");
        Self { bar, read: 0 }
    }

    /// One record more; `what` it is about.
    pub(super) fn step(&mut self, what: &'static str) {
        self.read += 1;
        if self.read.is_multiple_of(SHOW_EVERY) {
            self.bar.set_message(what);
            self.bar.set_position(self.read);
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
