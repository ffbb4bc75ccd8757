//! What a consent event consists of, and which of it an operator can map.
//!
//! Knows names, not places and not meanings.

use crate::wire::formats::field::FieldSet;

/// Declares the fields, their names and what they are in one list.
macro_rules! fields {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// A field of a consent event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EventField {
            $($(#[doc = $doc])* $variant,)*
        }

        impl EventField {
            /// All of them, in the order of their numbers.
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// How many there are.
            pub(super) const COUNT: usize = Self::ALL.len();

            /// The name in configuration.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

fields! {
    /// The event's id.
    EventId = "event_id",
    /// The business.
    Business = "business",
    /// The person: a number or a user id.
    Identity = "identity",
    /// What happened.
    Kind = "kind",
    /// What it is about: one text, or a list.
    Scopes = "scopes",
    /// When it happened.
    OccurredAt = "occurred_at",
    /// How consent was collected.
    Method = "method",
    /// How the person expressed it.
    Expression = "expression",
    /// The text agreed to.
    TextId = "text_id",
    /// Its version.
    TextVersion = "text_version",
    /// In which language the person read it.
    Language = "language",
    /// The hash of the sentence that the person read, in hex.
    TextSha256 = "text_sha256",
    /// Where the proof lies.
    Evidence = "evidence",
    /// Who acted.
    Actor = "actor",
    /// Who asked and wrote it down.
    Recorder = "recorder",
    /// How strong a grant is.
    Strength = "strength",
    /// Until when a grant is valid.
    ValidUntil = "valid_until",
    /// The grant that a confirm names.
    Confirms = "confirms",
    /// The inbound message.
    InboundId = "inbound_id",
    /// The other identity of a link.
    Linked = "linked",
    /// Until when a cool-down lasts.
    Until = "until",
    /// The scope that a pause stops.
    PauseScope = "pause_scope",
    /// The campaign that a pause stops.
    PauseCampaign = "pause_campaign",
    /// The template that a pause stops.
    PauseTemplate = "pause_template",
    /// Our own form: the person's number.
    Phone = "phone",
    /// Our own form: the person's user id.
    UserId = "user_id",
    /// Our own form: the other number of a link.
    LinkedPhone = "linked_phone",
    /// Our own form: the other user id of a link.
    LinkedUserId = "linked_user_id",
    /// Our own form: what the kind means to whoever does not know it.
    Effect = "effect",
    /// Our own form: the lowest rules version that can read the event by its kind.
    MinReader = "min_reader",
    /// Our own form: an imported old objection.
    Historic = "historic",
    /// Our own form: the sentence of a text.
    Sentence = "text",
    /// Our own form: the channels that it names.
    Channels = "channels",
    /// Our own form: the topic of a voided record.
    VoidTopic = "void topic",
    /// Our own form: its partition.
    VoidPartition = "void partition",
    /// Our own form: its offset.
    VoidOffset = "void offset",
    /// Our own form: why nothing stands in its place.
    DropReason = "drop_reason",
    /// Our own form: the events in its place.
    ReplacedBy = "replaced_by_event_ids",
    /// One element of the list of scopes.
    EachScope = "one of the scopes",
    /// One element of the list of channels.
    EachChannel = "one of the channels",
    /// One element of the events in a record's place.
    EachReplacement = "one of replaced_by_event_ids",
}

impl EventField {
    /// The fields that can be mapped, in the order of the manual.
    pub const MAPPED: [Self; 24] = [
        Self::Business,
        Self::Identity,
        Self::Kind,
        Self::EventId,
        Self::OccurredAt,
        Self::Scopes,
        Self::Method,
        Self::Expression,
        Self::TextId,
        Self::TextVersion,
        Self::Language,
        Self::TextSha256,
        Self::Evidence,
        Self::Actor,
        Self::Recorder,
        Self::Strength,
        Self::ValidUntil,
        Self::Confirms,
        Self::InboundId,
        Self::Linked,
        Self::Until,
        Self::PauseScope,
        Self::PauseCampaign,
        Self::PauseTemplate,
    ];

    /// The field with this number.
    pub(super) fn numbered(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }

    /// What an element of this field's list is, if it may be a list.
    pub(super) fn element(self) -> Option<Self> {
        match self {
            Self::Scopes => Some(Self::EachScope),
            Self::Channels => Some(Self::EachChannel),
            Self::ReplacedBy => Some(Self::EachReplacement),
            _ => None,
        }
    }

    /// The set of this field alone.
    pub(super) fn set(self) -> FieldSet {
        FieldSet::numbered(self as u8)
    }
}
