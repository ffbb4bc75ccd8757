//! For which reasons a second try makes sense.

use crate::decision::Reason;

/// What was a mistake of a machine, or of a moment. What a person said, or never said, is not among it,
/// nor what is too late.
pub(super) const REDRIVABLE: [Reason; 17] = [
    // Read with the wrong mapping.
    Reason::Malformed,
    Reason::Contradictory,
    Reason::IdentityUnreadable,
    // The allowed topic takes more now.
    Reason::Unforwardable,
    // The consent topic, the policy or a registry lacked something.
    Reason::BusinessUnknown,
    Reason::BusinessQuarantined,
    Reason::ScopeUnknown,
    Reason::SenderUnregistered,
    Reason::TemplateUnusable,
    Reason::ProofMissing,
    Reason::NoOptOutPath,
    Reason::CountryRule,
    // A switch was on, or it was the wrong moment.
    Reason::Paused,
    Reason::QuietHours,
    Reason::Cooldown,
    Reason::WindowClosed,
    // Our defect.
    Reason::IndexInconsistent,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_person_said_is_sent_again() {
        for reason in [
            Reason::Withdrawn,
            Reason::PlatformStop,
            Reason::Complained,
            Reason::WrongNumber,
            Reason::Erased,
            Reason::ObjectionUnknown,
            Reason::Blocked,
            Reason::Restricted,
            Reason::NoGrant,
            Reason::GrantExpired,
            Reason::GrantTooWeak,
            Reason::Expired,
        ] {
            assert!(!REDRIVABLE.contains(&reason), "{}", reason.name());
        }
    }
}
