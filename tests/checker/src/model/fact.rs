//! What single consent records say, in the words of the rules.

use std::sync::Arc;

use super::Place;
use super::words::{Id, Identity};
use crate::spec::audit::Reason;

/// When a fact counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cond {
    /// As soon as its record does.
    Always,
    /// As soon as its record is voided too: nobody could read it before.
    Voided,
}

/// A fact, and the record that says it.
#[derive(Clone, Debug)]
pub(super) struct Noted<F> {
    pub(super) place: Place,
    pub(super) cond: Cond,
    pub(super) fact: F,
}

/// A class of objections: one never lifts or waives another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// To these scopes.
    Scopes(Arc<[Box<str>]>),
    All,
    Stop,
    Complaint,
    /// Wrong or reassigned.
    Number,
    Erase,
    Unknown,
}

impl Class {
    /// The reason that it gives.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Scopes(_) | Self::All => Reason::Withdrawn,
            Self::Stop => Reason::PlatformStop,
            Self::Complaint => Reason::Complained,
            Self::Number => Reason::WrongNumber,
            Self::Erase => Reason::Erased,
            Self::Unknown => Reason::ObjectionUnknown,
        }
    }

    /// Whether it is about the person and not about the number.
    pub(super) fn travels(&self) -> bool {
        *self != Self::Number
    }
}

/// The text that somebody agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text {
    pub(super) id: Box<str>,
    pub(super) version: Box<str>,
    pub(super) language: Box<str>,
    pub(super) sha256: Option<[u8; 32]>,
}

/// A complete grant.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) at: i64,
    pub(super) until: Option<i64>,
    pub(super) double: bool,
    pub(super) scopes: Arc<[Box<str>]>,
    pub(super) text: Arc<Text>,
    pub(super) id: Id,
}

/// The business's own list, and the restriction of processing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Block,
    Restrict,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    On,
    Off,
}

/// What is said of a person.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    Grant(Box<Grant>),
    Confirm {
        at: i64,
        of: Id,
    },
    Objection {
        class: Class,
        at: i64,
        id: Option<Id>,
        inbound: Option<Id>,
    },
    Listed {
        list: List,
        turn: Turn,
        at: i64,
    },
    Inbound {
        at: i64,
        id: Id,
    },
    Request {
        at: i64,
    },
    Cooldown {
        until: i64,
    },
    /// The identity was given up: its grants must be later.
    Cap {
        at: i64,
    },
}

/// An edge between two identities, seen from one of them.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) other: Identity,
    pub(super) turn: Turn,
    pub(super) at: i64,
}

/// What a kill switch is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Target {
    Business,
    Scope(Box<str>),
    Campaign(Box<str>),
    Template(Box<str>),
}

/// A kill switch that is turned.
#[derive(Clone, Debug)]
pub(super) struct Switch {
    pub(super) target: Target,
    pub(super) turn: Turn,
    pub(super) at: i64,
}

/// What is said of a text by its business.
#[derive(Clone, Debug)]
pub(super) enum TextFact {
    Published { text: Text, scopes: Box<[Box<str>]>, whatsapp: bool },
    Invalid { id: Box<str>, version: Box<str> },
    Retired { id: Box<str>, version: Box<str>, at: i64 },
}

/// What the platform says of a template.
#[derive(Clone, Debug)]
pub(super) struct TemplateFact {
    /// Lower case, `-` as `_`; empty for no language.
    pub(super) language: Box<str>,
    pub(super) usable: Option<Turn>,
    pub(super) category: Option<i32>,
    pub(super) announced: Option<(i32, i64)>,
    pub(super) path: Option<Path>,
    /// When it counts against.
    pub(super) at: i64,
    /// When it counts for; nothing if it can only count against.
    pub(super) lifts_at: Option<i64>,
}

/// How a template lets people leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Path {
    Carried,
    Unclear,
    Missing,
}

/// Something that must be voided before a business, or everybody, goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) place: Place,
    /// Whether the void must say what replaces the record, or why it is dropped.
    pub(super) needs_remedy: bool,
}
