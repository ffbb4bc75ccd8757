//! What speaks against sending, by class, each with the time of its newest event.
//!
//! Knows no message and no waiver. Joining keeps the later mark, so an objection never gets weaker.

use super::ids::EventId;
use super::link::LinkReach;
use super::time::Seconds;

/// The classes of objection that are not bound to one scope. A waiver removes one class only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// Everything from this business.
    AllScopes = 0,
    /// The platform's own stop: marketing.
    PlatformStop = 1,
    /// A complaint.
    Complaint = 2,
    /// A wrong or reassigned number.
    Number = 3,
    /// An erasure.
    Erase = 4,
    /// Something that objects in a way this version cannot read.
    Unknown = 5,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 6] = [
        Self::AllScopes,
        Self::PlatformStop,
        Self::Complaint,
        Self::Number,
        Self::Erase,
        Self::Unknown,
    ];
}

impl Class {
    /// Whether it is about the person, so that it counts on all identities of the person, and not about
    /// a number.
    pub fn travels(self) -> bool {
        self != Self::Number
    }
}

/// An objection's newest time and the event that set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// From when it counts.
    pub at: Seconds,
    /// The event; at equal times the greatest digest.
    pub event: EventId,
}

/// Keeps the later of what is there and `mark`.
pub fn join_mark(slot: &mut Option<Mark>, mark: Mark) {
    *slot = Some(slot.map_or(mark, |old| old.max(mark)));
}

/// One maximum for each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Objections([Option<Mark>; 6]);

impl Objections {
    /// The newest mark of a class.
    pub fn get(&self, class: Class) -> Option<Mark> {
        self.0[class as usize]
    }

    /// Joins a mark into its class.
    pub fn join(&mut self, class: Class, mark: Mark) {
        join_mark(&mut self.0[class as usize], mark);
    }

    /// Joins those of another.
    pub fn join_all(&mut self, other: &Self) {
        for class in Class::ALL {
            if let Some(mark) = other.get(class) {
                self.join(class, mark);
            }
        }
    }

    /// The newest mark of all classes.
    pub fn newest(&self) -> Option<Mark> {
        self.0.iter().flatten().copied().max()
    }

    /// What of it counts on an identity that this one reaches so far.
    pub fn over(&self, reach: LinkReach) -> Self {
        let mut over = Self::default();
        for class in Class::ALL.into_iter().filter(|class| class.travels()) {
            if let Some(mark) = self.get(class).filter(|mark| reach.covers(mark.at)) {
                over.join(class, mark);
            }
        }
        over
    }

    /// Whether nothing objects.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}
