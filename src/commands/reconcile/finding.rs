//! What a comparison may find, and how much it looked at.

/// What became of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Sent, and no decision has its id.
    NotDecided,
    /// Sent although it was suppressed.
    Suppressed,
    /// Sent under the id of a message that was allowed for somebody else.
    OtherPerson,
    /// Sent before it was allowed.
    BeforeAllowed,
    /// Sent more often than it was allowed.
    SentAgain,
    /// Sent without an id by which it could be found.
    NoUsableId,
    /// Allowed, and nobody reported that it was sent.
    NeverSent,
}

impl What {
    /// All, the gravest first.
    pub const ALL: [Self; 7] = [
        Self::NotDecided,
        Self::Suppressed,
        Self::OtherPerson,
        Self::BeforeAllowed,
        Self::SentAgain,
        Self::NoUsableId,
        Self::NeverSent,
    ];

    /// The word in CSV.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotDecided => "sent_without_decision",
            Self::Suppressed => "sent_though_suppressed",
            Self::OtherPerson => "sent_to_another_person",
            Self::BeforeAllowed => "sent_before_allowed",
            Self::SentAgain => "sent_again",
            Self::NoUsableId => "sent_without_usable_id",
            Self::NeverSent => "allowed_never_sent",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotDecided => "sent, and the gate never decided it",
            Self::Suppressed => "sent although the gate suppressed it",
            Self::OtherPerson => {
                "sent under the id of a message that was allowed for another person or business"
            }
            Self::BeforeAllowed => "sent before the gate allowed it",
            Self::SentAgain => "sent more often than it was allowed",
            Self::NoUsableId => "sent without an id by which its decision could be found",
            Self::NeverSent => "allowed, and nobody reported that it was sent",
        }
    }

    /// Whether it went round the gate.
    pub fn goes_round(self) -> bool {
        match self {
            Self::NotDecided | Self::Suppressed | Self::OtherPerson | Self::BeforeAllowed => true,
            Self::SentAgain | Self::NoUsableId | Self::NeverSent => false,
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub what: What,
    /// The caller's id.
    pub message_id: String,
    /// The business, if it is known.
    pub business: String,
    /// The person's pseudonym, if a decision names it.
    pub pseudonym: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at_ms: Option<i64>,
    /// When it was decided, in milliseconds since 1970.
    pub decided_at_ms: Option<i64>,
    /// Why it was suppressed.
    pub reason: &'static str,
    /// Where the report of the send lies, or the decision if there is none.
    pub place: String,
}

/// How much was compared, within the time asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that left.
    pub sent: u64,
    /// Of them those that the gate allowed.
    pub matched: u64,
    /// Messages that were allowed.
    pub allowed: u64,
    /// Of them those that may still be on their way.
    pub open: u64,
    /// Of them those without an id, or with one that is not kept.
    pub allowed_without_id: u64,
}
