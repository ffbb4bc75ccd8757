//! The rules by name, in the order in which they are asked.
//!
//! Every reason belongs to one of them. What the person said stands before where and when it would
//! reach them, so that the first reason is the one that lasts.

use super::reason::Reason;

/// The rules, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The message can be read and passed on.
    Decode,
    /// The business is known, not quarantined, not paused.
    Business,
    /// The message is not too late, and not too old.
    Deadline,
    /// The address can be read.
    Identity,
    /// What nothing waives: blocked, restricted.
    NeverWaived,
    /// The scope is known and agrees with the category.
    Scope,
    /// What the person has said against it.
    Objections,
    /// What the person has agreed to.
    Grant,
    /// The person's open conversation.
    Window,
    /// The platform lets the template be sent.
    Template,
    /// The way to leave.
    OptOutPath,
    /// Marketing goes to where the person is.
    Country,
    /// Marketing waits.
    Cooldown,
    /// It is not night where the person is.
    QuietHours,
}

impl Rule {
    /// All rules in order.
    pub const ALL: [Self; 14] = [
        Self::Decode,
        Self::Business,
        Self::Deadline,
        Self::Identity,
        Self::NeverWaived,
        Self::Scope,
        Self::Objections,
        Self::Grant,
        Self::Window,
        Self::Template,
        Self::OptOutPath,
        Self::Country,
        Self::Cooldown,
        Self::QuietHours,
    ];

    /// The rule's name in stories and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Business => "business",
            Self::Deadline => "deadline",
            Self::Identity => "identity",
            Self::NeverWaived => "never waived",
            Self::Scope => "scope",
            Self::Objections => "objections",
            Self::Grant => "grant",
            Self::Window => "window",
            Self::Template => "template",
            Self::OptOutPath => "opt-out path",
            Self::Country => "country",
            Self::Cooldown => "cooldown",
            Self::QuietHours => "quiet hours",
        }
    }

    /// The rule that finds a reason.
    pub fn of(reason: Reason) -> Self {
        match reason {
            Reason::Malformed | Reason::Unforwardable => Self::Decode,
            Reason::BusinessUnknown
            | Reason::BusinessQuarantined
            | Reason::BusinessObjection
            | Reason::SenderUnregistered
            | Reason::Paused => Self::Business,
            Reason::Expired => Self::Deadline,
            Reason::IdentityUnreadable | Reason::IdentityUnsuited => Self::Identity,
            Reason::Blocked | Reason::Restricted => Self::NeverWaived,
            Reason::ScopeUnknown | Reason::Contradictory => Self::Scope,
            Reason::Withdrawn
            | Reason::PlatformStop
            | Reason::Complained
            | Reason::WrongNumber
            | Reason::Erased
            | Reason::ObjectionUnknown => Self::Objections,
            Reason::NoGrant
            | Reason::GrantExpired
            | Reason::GrantTooWeak
            | Reason::TextInvalid
            | Reason::ProofMissing
            | Reason::IndexInconsistent => Self::Grant,
            Reason::WindowClosed | Reason::FarewellUnfounded => Self::Window,
            Reason::TemplateUnusable => Self::Template,
            Reason::NoOptOutPath => Self::OptOutPath,
            Reason::CountryRule => Self::Country,
            Reason::Cooldown => Self::Cooldown,
            Reason::QuietHours => Self::QuietHours,
        }
    }
}
