//! What can go wrong on the other side of a port, sorted once at the wall.
//!
//! Knows no client's error codes. A fault never decides a message: it makes the loop try again,
//! abort, rebuild or end.

/// What the loop must do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Nothing is lost; the same call may be made again later.
    Retriable,
    /// The open transaction must be aborted and the input read again from the committed offsets.
    Abortable,
    /// Somebody else owns the partitions or the transactional id now: rebuild.
    Fenced,
    /// The client is of no use any longer, or the outcome is unknown: rebuild.
    Fatal,
    /// Kafka says that something is not as the gate needs it, for example an offset that is gone.
    /// Trying again does not help: hold until somebody mends it.
    Refused,
    /// An invariant of the gate itself is broken: abort and end the process.
    Invariant,
}

impl FaultKind {
    /// The metric label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retriable => "retriable",
            Self::Abortable => "abortable",
            Self::Fenced => "fenced",
            Self::Fatal => "fatal",
            Self::Refused => "refused",
            Self::Invariant => "invariant",
        }
    }
}

/// A fault with a sentence for the log. The sentence never holds a key, a value or a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} ({})", kind.name())]
pub struct Fault {
    /// What to do about it.
    pub kind: FaultKind,
    /// What happened, in lower case.
    pub what: String,
}

impl Fault {
    /// A fault of a kind.
    pub fn new(kind: FaultKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }

    /// A broken invariant of the gate.
    pub fn invariant(what: impl Into<String>) -> Self {
        Self::new(FaultKind::Invariant, what)
    }
}
