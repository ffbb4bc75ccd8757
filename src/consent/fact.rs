//! What one record contributes to the state.
//!
//! Facts are joined, never applied in order: any order and any repetition of the same facts gives
//! the same state. A fact that permits exists only for an event whose evidence is complete.

use super::grant::Grant;
use super::identity::{Identity, Subject};
use super::ids::{BusinessId, EventId, ScopeName};
use super::link::LinkChange;
use super::objection::{Class, Mark};
use super::pause::PauseTarget;
use super::position::Place;
use super::template::{TemplateRef, TemplateState};
use super::text::{Edition, TextRef};
use super::time::Seconds;

/// One join-able piece of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A complete grant.
    Grant {
        /// Who agreed.
        subject: Subject,
        /// To what.
        scope: ScopeName,
        /// The grant.
        grant: Grant,
    },
    /// A confirmation of a grant.
    Confirm {
        /// Who confirmed.
        subject: Subject,
        /// The grant's event.
        grant: EventId,
        /// When.
        at: Seconds,
    },
    /// An objection to one scope.
    ScopeObjection {
        /// Who objected.
        subject: Subject,
        /// To what.
        scope: ScopeName,
        /// When.
        mark: Mark,
    },
    /// An objection of a class.
    Objection {
        /// Who objected.
        subject: Subject,
        /// How.
        class: Class,
        /// When.
        mark: Mark,
    },
    /// The business blocked the person.
    Block(Subject, Seconds),
    /// The business lifted its block.
    Unblock(Subject, Seconds),
    /// Processing was restricted.
    Restrict(Subject, Seconds),
    /// The restriction was lifted.
    Unrestrict(Subject, Seconds),
    /// Marketing to the person waits until before this second.
    Cooldown(Subject, Seconds),
    /// Two identities were linked, or unlinked.
    Link {
        /// Whose customer it is.
        business: BusinessId,
        /// The two, the lesser one first.
        ends: [Identity; 2],
        /// What happened.
        change: LinkChange,
    },
    /// The person has given this identity up: no grant on it stands that is not later.
    GivenUp(Subject, Seconds),
    /// The person wrote.
    Inbound {
        /// Who wrote.
        subject: Subject,
        /// The message, and when.
        message: Mark,
    },
    /// By this inbound message the person objected, so it never speaks for sending.
    ObjectingInbound(Subject, EventId),
    /// The person asked for a code.
    Requested(Subject, Seconds),
    /// The business paused something.
    Pause {
        /// Whose kill switch.
        business: BusinessId,
        /// Of what.
        target: PauseTarget,
        /// When.
        at: Seconds,
    },
    /// The business lifted a pause.
    Resume {
        /// Whose kill switch.
        business: BusinessId,
        /// Of what.
        target: PauseTarget,
        /// When.
        at: Seconds,
    },
    /// Everything of everybody is paused: hold.
    PauseAll {
        /// Which record says so.
        place: Place,
        /// When.
        at: Seconds,
    },
    /// Everything goes on.
    ResumeAll(Seconds),
    /// No grant on such a text stands any longer. `None` fields match everything.
    InvalidText {
        /// The business whose text it is.
        business: BusinessId,
        /// The text's id.
        id: Option<String>,
        /// The text's version.
        version: Option<String>,
    },
    /// The platform said something of a template.
    Template {
        /// Whose template.
        business: BusinessId,
        /// Which.
        template: TemplateRef,
        /// What was said.
        said: Box<TemplateState>,
    },
    /// What a text says.
    TextPublished {
        /// The business whose text it is.
        business: BusinessId,
        /// Which text, and in which language.
        text: TextRef,
        /// What it says.
        edition: Edition,
    },
    /// No grant from about then on stands on such a text. `None` fields match everything.
    TextRetired {
        /// The business whose text it is.
        business: BusinessId,
        /// The text's id.
        id: Option<String>,
        /// The text's version.
        version: Option<String>,
        /// When.
        at: Seconds,
    },
    /// A record that cannot be decoded, or contradicts itself.
    Undecodable {
        /// Which record.
        place: Place,
        /// The business that is quarantined; `None` holds the gate.
        business: Option<BusinessId>,
        /// Whether the record's key named a subject of this business, whose objection is already a
        /// fact: then any void is enough.
        subject_named: bool,
    },
    /// A record was voided.
    Void {
        /// Which record.
        place: Place,
        /// Whether the void says what replaces it, or why nothing does.
        remedied: bool,
    },
}

impl Fact {
    /// The person that it is about; a link is about two.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Grant { subject, .. }
            | Self::Confirm { subject, .. }
            | Self::ScopeObjection { subject, .. }
            | Self::Objection { subject, .. }
            | Self::Block(subject, _)
            | Self::Unblock(subject, _)
            | Self::Restrict(subject, _)
            | Self::Unrestrict(subject, _)
            | Self::Cooldown(subject, _)
            | Self::GivenUp(subject, _)
            | Self::Inbound { subject, .. }
            | Self::ObjectingInbound(subject, _)
            | Self::Requested(subject, _) => Some(subject),
            Self::Link { .. }
            | Self::InvalidText { .. }
            | Self::Template { .. }
            | Self::TextPublished { .. }
            | Self::TextRetired { .. }
            | Self::Pause { .. }
            | Self::Resume { .. }
            | Self::PauseAll { .. }
            | Self::ResumeAll(_)
            | Self::Undecodable { .. }
            | Self::Void { .. } => None,
        }
    }
}

/// What an operator should hear about a record. Notes change no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// Something that permits or lifts, and lacks its date.
    Undated,
    /// A grant whose evidence is not complete, an activity that is not the person's or has no id, or a
    /// void or resume that does not say clearly of what.
    ProofMissing,
    /// A publication that lacks something, or whose hash is not that of its sentence.
    TextRefused,
    /// An import, which never grants by itself.
    ImportGrants,
    /// A record in the wrong partition.
    WrongPartition,
    /// Something that permits or lifts, outside the log of record.
    WrongTopic,
    /// A kind or version that this gate does not know, counted by its effect.
    UnknownKind,
    /// A record that cannot be decoded or contradicts itself.
    Quarantined,
}

impl Note {
    /// The metric label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Undated => "undated",
            Self::ProofMissing => "proof_missing",
            Self::TextRefused => "text_refused",
            Self::ImportGrants => "import_grants",
            Self::WrongPartition => "wrong_partition",
            Self::WrongTopic => "wrong_topic",
            Self::UnknownKind => "unknown_kind",
            Self::Quarantined => "quarantined",
        }
    }
}

/// The result of folding one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// What it contributes.
    pub facts: Vec<Fact>,
    /// What an operator should hear.
    pub notes: Vec<Note>,
}
