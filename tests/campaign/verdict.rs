//! What a round's check found.

use std::fmt;

use crate::gates::End;

/// A promise of the gate, see `docs/guarantees.md`.
///
/// That an opt-out is never undone (P6) is part of the first and of the fifth here: a message that should
/// not have left is a slip, or does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    Fenced,
    Conserved,
    FailsClosed,
    Untouched,
    Provable,
    NoPersonalData,
    /// The independent checker finds nothing wrong.
    Checked,
    /// A gate ends with 0, asks to be started again, or is ended by an assertion of librdkafka.
    EndsInOrder,
    /// After a fault it goes on by itself.
    GoesOn,
}

/// What was checked, and what was found.
#[derive(Debug, Default)]
pub struct Verdict {
    pub messages: usize,
    pub allowed: usize,
    pub suppressed: usize,
    pub pairs: usize,
    /// Decisions that the independent checker has judged by its own rules.
    pub judged: u64,
    /// Those that it leaves open.
    pub not_judged: u64,
    /// How often a gate asked to be started again.
    pub restarts: usize,
    /// How often an assertion of librdkafka ended a gate, which is started again as well.
    pub assertions: Vec<String>,
    pub violations: Vec<Violation>,
}

/// A promise that was broken.
#[derive(Debug)]
pub struct Violation {
    pub promise: Promise,
    pub count: usize,
    pub what: String,
}

impl Verdict {
    /// Enters how gates have ended that no fault had ended.
    pub fn enter_ends(&mut self, ends: Vec<End>) {
        for end in ends {
            match end {
                End::TryAgain => self.restarts += 1,
                End::Assertion(line) => self.assertions.push(line),
                End::Odd(what) => self.broken(Promise::EndsInOrder, 1, &what),
            }
        }
    }

    /// Enters a violation, unless there is none of it.
    pub fn broken(&mut self, promise: Promise, count: usize, what: &str) {
        if count > 0 {
            self.violations.push(Violation { promise, count, what: what.to_owned() });
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Promise::Fenced => "P1 fenced",
            Promise::Conserved => "P2 conserved",
            Promise::FailsClosed => "P3 fails closed",
            Promise::Untouched => "P4 untouched",
            Promise::Provable => "P5 provable",
            Promise::NoPersonalData => "P7 no personal data",
            Promise::Checked => "independent checker",
            Promise::EndsInOrder => "ends in order",
            Promise::GoesOn => "goes on",
        })
    }
}
