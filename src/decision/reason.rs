//! Why a message is suppressed: a closed list with stable numbers.
//!
//! Reasons are not errors. The numbers are those of `proto/audit.proto`; the names are the metric
//! labels.

use crate::consent::Class;

/// Why a message is suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The message cannot be decoded, is empty, or lacks a field.
    Malformed = 1,
    /// Its fields contradict each other.
    Contradictory = 2,
    /// It cannot be passed on untouched: too large, or without a timestamp.
    Unforwardable = 3,
    /// Nobody ever agreed to anything from this business.
    BusinessUnknown = 4,
    /// A consent record of the business cannot be read.
    BusinessQuarantined = 5,
    /// An event of a later version objects for the whole business. Given by rules version 2 and older;
    /// now such an event quarantines.
    BusinessObjection = 6,
    /// A kill switch is on.
    Paused = 7,
    /// The message is past its deadline, or older than the policy lets its category be.
    Expired = 8,
    /// The address is no phone number and no user id.
    IdentityUnreadable = 9,
    /// The person is on the business's own list.
    Blocked = 10,
    /// Processing is restricted.
    Restricted = 11,
    /// The policy does not know the scope.
    ScopeUnknown = 12,
    /// The person took consent back, or declined.
    Withdrawn = 13,
    /// The platform reports a marketing stop.
    PlatformStop = 14,
    /// The person complained.
    Complained = 15,
    /// The number is not, or no longer, theirs.
    WrongNumber = 16,
    /// The person is erased.
    Erased = 17,
    /// Something of a later version objects.
    ObjectionUnknown = 18,
    /// The person never agreed to this scope.
    NoGrant = 19,
    /// The grant is no longer valid, or older than the policy lets it be.
    GrantExpired = 20,
    /// The policy wants a confirmed grant.
    GrantTooWeak = 21,
    /// The text agreed to was no good.
    TextInvalid = 22,
    /// No message of the person in the last 24 hours.
    WindowClosed = 23,
    /// The message offers no way to leave.
    NoOptOutPath = 24,
    /// Marketing waits.
    Cooldown = 25,
    /// Flags and bitmaps of the index disagree: our defect.
    IndexInconsistent = 26,
    /// A farewell that answers no fresh objection.
    FarewellUnfounded = 27,
    /// It is night where the person is, or the policy says that it is: the message may go later.
    QuietHours = 28,
    /// No marketing goes to where the person is.
    CountryRule = 29,
    /// The text that was agreed to is not published, or does not say what was agreed to.
    ProofMissing = 30,
    /// The platform lets nobody send the template, or must have approved it and has not said so.
    TemplateUnusable = 31,
    /// The number that sends is not registered for its business, or nobody says which it is.
    SenderUnregistered = 32,
    /// A user id cannot receive this: the platform delivers codes to phone numbers only.
    IdentityUnsuited = 33,
}

impl Reason {
    /// All reasons, in order of their numbers.
    pub const ALL: [Self; 33] = [
        Self::Malformed,
        Self::Contradictory,
        Self::Unforwardable,
        Self::BusinessUnknown,
        Self::BusinessQuarantined,
        Self::BusinessObjection,
        Self::Paused,
        Self::Expired,
        Self::IdentityUnreadable,
        Self::Blocked,
        Self::Restricted,
        Self::ScopeUnknown,
        Self::Withdrawn,
        Self::PlatformStop,
        Self::Complained,
        Self::WrongNumber,
        Self::Erased,
        Self::ObjectionUnknown,
        Self::NoGrant,
        Self::GrantExpired,
        Self::GrantTooWeak,
        Self::TextInvalid,
        Self::WindowClosed,
        Self::NoOptOutPath,
        Self::Cooldown,
        Self::IndexInconsistent,
        Self::FarewellUnfounded,
        Self::QuietHours,
        Self::CountryRule,
        Self::ProofMissing,
        Self::TemplateUnusable,
        Self::SenderUnregistered,
        Self::IdentityUnsuited,
    ];

    /// One more than the highest number: so many places has what is counted by number, and 0 is none's.
    pub(super) const NUMBERS: usize = Self::ALL[Self::ALL.len() - 1] as usize + 1;

    /// The stable number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The name in audit reports and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Contradictory => "contradictory",
            Self::Unforwardable => "unforwardable",
            Self::BusinessUnknown => "business_unknown",
            Self::BusinessQuarantined => "business_quarantined",
            Self::BusinessObjection => "business_objection",
            Self::Paused => "paused",
            Self::Expired => "expired",
            Self::IdentityUnreadable => "identity_unreadable",
            Self::Blocked => "blocked",
            Self::Restricted => "restricted",
            Self::ScopeUnknown => "scope_unknown",
            Self::Withdrawn => "withdrawn",
            Self::PlatformStop => "platform_stop",
            Self::Complained => "complained",
            Self::WrongNumber => "wrong_number",
            Self::Erased => "erased",
            Self::ObjectionUnknown => "objection_unknown",
            Self::NoGrant => "no_grant",
            Self::GrantExpired => "grant_expired",
            Self::GrantTooWeak => "grant_too_weak",
            Self::TextInvalid => "text_invalid",
            Self::WindowClosed => "window_closed",
            Self::NoOptOutPath => "no_opt_out_path",
            Self::Cooldown => "cooldown",
            Self::IndexInconsistent => "index_inconsistent",
            Self::FarewellUnfounded => "farewell_unfounded",
            Self::QuietHours => "quiet_hours",
            Self::CountryRule => "country_rule",
            Self::ProofMissing => "proof_missing",
            Self::TemplateUnusable => "template_unusable",
            Self::SenderUnregistered => "sender_unregistered",
            Self::IdentityUnsuited => "identity_unsuited",
        }
    }

    /// The reason that names a class of objection.
    pub fn of_objection(class: Class) -> Self {
        match class {
            Class::AllScopes => Self::Withdrawn,
            Class::PlatformStop => Self::PlatformStop,
            Class::Complaint => Self::Complained,
            Class::Number => Self::WrongNumber,
            Class::Erase => Self::Erased,
            Class::Unknown => Self::ObjectionUnknown,
        }
    }

    /// Whether a machine made a mistake: the message, its address or what was configured for it is at
    /// fault, and nothing that a person said or never said. A closed list; the breaker counts these.
    pub fn is_technical(self) -> bool {
        match self {
            Self::Malformed
            | Self::Contradictory
            | Self::Unforwardable
            | Self::BusinessUnknown
            | Self::IdentityUnreadable
            | Self::IdentityUnsuited
            | Self::ScopeUnknown
            | Self::NoOptOutPath
            | Self::TemplateUnusable
            | Self::SenderUnregistered
            | Self::IndexInconsistent => true,
            Self::BusinessQuarantined
            | Self::BusinessObjection
            | Self::Paused
            | Self::Expired
            | Self::Blocked
            | Self::Restricted
            | Self::Withdrawn
            | Self::PlatformStop
            | Self::Complained
            | Self::WrongNumber
            | Self::Erased
            | Self::ObjectionUnknown
            | Self::NoGrant
            | Self::GrantExpired
            | Self::GrantTooWeak
            | Self::TextInvalid
            | Self::WindowClosed
            | Self::Cooldown
            | Self::FarewellUnfounded
            | Self::QuietHours
            | Self::CountryRule
            | Self::ProofMissing => false,
        }
    }

    /// Whether this should never be seen in healthy operation.
    pub fn is_unexpected(self) -> bool {
        self == Self::IndexInconsistent
    }
}

/// A set of reasons: bit n stands for the reason with number n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonMask(pub u64);

impl ReasonMask {
    /// Adds a reason.
    pub fn insert(&mut self, reason: Reason) {
        self.0 |= 1 << reason.number();
    }

    /// Whether a reason holds.
    pub fn contains(self, reason: Reason) -> bool {
        self.0 & (1 << reason.number()) != 0
    }

    /// Whether no reason holds.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons that hold, by number.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |reason| self.contains(*reason))
    }
}

impl From<Reason> for ReasonMask {
    fn from(reason: Reason) -> Self {
        let mut mask = Self::default();
        mask.insert(reason);
        mask
    }
}
