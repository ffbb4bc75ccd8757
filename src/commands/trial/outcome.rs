//! What becomes of a message in a trial, and whether it slipped: left after the person had opted out.
//!
//! Pure. Only what both sides say counts; the rest depends on whose clock was right, and is told apart.

use serde::{Deserialize, Serialize};

use super::sides::{BothSides, Side};
use crate::decision::{Reason, ReasonMask};

/// What the gate would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Let it out.
    Allowed,
    /// Stopped it.
    Stopped,
    /// Waited: everything was paused.
    Held,
    /// It depends on clocks: something that decides lies within the tolerance.
    Within,
}

impl Outcome {
    /// The name in files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Stopped => "stopped",
            Self::Held => "held",
            Self::Within => "within_tolerance",
        }
    }
}

/// What a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) outcome: Outcome,
    /// Why the gate would have stopped it.
    pub(super) reason: Option<Reason>,
    /// The person's objection that stood when it left, by more than the tolerance.
    pub(super) slip: Option<Reason>,
    /// Whether an objection stood on one side only.
    pub(super) near: Near,
}

/// Whether a message lies so close to an opt-out, or to what took it back, that clocks decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Near {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// What of the person's own speaks against a message.
const OBJECTIONS: [Reason; 6] = [
    Reason::Withdrawn,
    Reason::PlatformStop,
    Reason::Complained,
    Reason::WrongNumber,
    Reason::Erased,
    Reason::ObjectionUnknown,
];

impl Told {
    /// What both sides come to.
    pub(super) fn of(sides: BothSides) -> Self {
        let (before, around) = (objection(sides.before), objection(sides.around));
        let near = if before.is_some() == around.is_some() { Near::No } else { Near::Yes };
        let (outcome, reason) = match (sides.before, sides.around) {
            (Side::Allow, Side::Allow) => (Outcome::Allowed, None),
            (Side::Hold, Side::Hold) => (Outcome::Held, None),
            (Side::Suppress(_), Side::Suppress(found)) => (Outcome::Stopped, Some(found.primary)),
            _ => (Outcome::Within, None),
        };
        Self { outcome, reason, slip: before.filter(|_| around.is_some()), near }
    }
}

/// The first objection among all that was found.
fn objection(side: Side) -> Option<Reason> {
    let all = match side {
        Side::Suppress(suppression) => suppression.all,
        Side::Allow | Side::Hold => ReasonMask::default(),
    };
    OBJECTIONS.into_iter().find(|reason| all.contains(*reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Suppression;

    fn stopped(reasons: &[Reason]) -> Side {
        let mut all = ReasonMask::default();
        reasons.iter().for_each(|reason| all.insert(*reason));
        Side::Suppress(Suppression { primary: reasons[0], all, not_before: None })
    }

    fn told(before: Side, around: Side) -> Told {
        Told::of(BothSides { before, around })
    }

    #[test]
    fn a_slip_is_what_both_sides_object_to_whatever_stops_it_first() {
        let blocked = stopped(&[Reason::Blocked, Reason::Withdrawn]);
        let slip = told(blocked, stopped(&[Reason::Withdrawn]));
        assert_eq!((slip.slip, slip.near), (Some(Reason::Withdrawn), Near::No));
        assert_eq!((slip.outcome, slip.reason), (Outcome::Stopped, Some(Reason::Withdrawn)));
    }

    #[test]
    fn an_objection_on_one_side_is_no_slip_but_near() {
        let withdrawn = stopped(&[Reason::Withdrawn]);
        for (before, around) in [(Side::Allow, withdrawn), (withdrawn, Side::Allow)] {
            let told = told(before, around);
            assert_eq!((told.slip, told.near, told.outcome), (None, Near::Yes, Outcome::Within));
        }
        // Stopped in any case, but not for what the person said.
        let told = told(stopped(&[Reason::NoGrant]), withdrawn);
        assert_eq!((told.slip, told.near, told.outcome), (None, Near::Yes, Outcome::Stopped));
    }

    #[test]
    fn what_is_nobodys_objection_never_slips() {
        for reason in Reason::ALL.into_iter().filter(|reason| !OBJECTIONS.contains(reason)) {
            let side = stopped(&[reason]);
            assert_eq!((told(side, side).slip, told(side, side).near), (None, Near::No));
        }
    }

    #[test]
    fn a_hold_says_nothing_of_a_message() {
        assert_eq!(told(Side::Hold, Side::Hold).outcome, Outcome::Held);
        assert_eq!(told(Side::Hold, Side::Allow).outcome, Outcome::Within);
    }
}
