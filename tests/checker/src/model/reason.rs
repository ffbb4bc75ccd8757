//! Reasons by their numbers in the contract, and the order of the rules that give them.

use crate::spec::audit::Reason;

/// The bit of a reason in a mask.
pub(crate) fn bit(reason: Reason) -> u64 {
    1 << reason as i32
}

/// The numbers that callers ask for by themselves.
pub(crate) const MALFORMED: Reason = Reason::Malformed;
pub(crate) const UNFORWARDABLE: Reason = Reason::Unforwardable;

/// The rules in the order in which they are asked; within a rule no order is documented.
const RULES: [&[Reason]; 14] = [
    &[Reason::Malformed, Reason::Unforwardable],
    &[
        Reason::BusinessUnknown,
        Reason::BusinessQuarantined,
        Reason::BusinessObjection,
        Reason::Paused,
        Reason::SenderUnregistered,
    ],
    &[Reason::Expired],
    &[Reason::IdentityUnreadable, Reason::IdentityUnsuited],
    &[Reason::Blocked, Reason::Restricted],
    // Whether the category is agreed is asked with the scope.
    &[Reason::ScopeUnknown, Reason::Contradictory],
    &[
        Reason::Withdrawn,
        Reason::PlatformStop,
        Reason::Complained,
        Reason::WrongNumber,
        Reason::Erased,
        Reason::ObjectionUnknown,
    ],
    &[
        Reason::NoGrant,
        Reason::GrantExpired,
        Reason::GrantTooWeak,
        Reason::TextInvalid,
        Reason::ProofMissing,
    ],
    &[Reason::WindowClosed, Reason::FarewellUnfounded],
    &[Reason::TemplateUnusable],
    &[Reason::NoOptOutPath],
    &[Reason::CountryRule],
    &[Reason::Cooldown],
    &[Reason::QuietHours],
];

/// The reasons of the first rule that has any in a mask; the primary reason is one of them.
pub(crate) fn first_group(mask: u64) -> u64 {
    let groups = RULES.iter().map(|rule| rule.iter().fold(0, |bits, reason| bits | bit(*reason)));
    groups.map(|group| group & mask).find(|found| *found != 0).unwrap_or(0)
}

/// The name of a reason by its number, as in metrics.
pub(crate) fn name_of(reason: i32) -> String {
    match Reason::try_from(reason) {
        Ok(reason) => reason.as_str_name().trim_start_matches("REASON_").to_lowercase(),
        Err(_) => format!("reason {reason}"),
    }
}

/// The names of all reasons in a mask.
pub(crate) fn names_of(mask: u64) -> String {
    let names: Vec<_> = (0..64).filter(|n| mask >> n & 1 == 1).map(name_of).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
