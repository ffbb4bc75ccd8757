//! Meta's class of a message, from the strictest to the loosest.
//!
//! Knows no rule; `policy` says what each needs. An unknown category is marketing, the strictest.

/// Meta's category of a message, plus `farewell`, the one reply to a person who just left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Category {
    /// Offers, recommendations, anything that promotes. Also whatever is unknown.
    Marketing = 1,
    /// About something the person already asked for: orders, appointments, accounts.
    Utility = 2,
    /// One-time codes.
    Authentication = 3,
    /// A free-form reply inside the 24-hour window.
    Service = 4,
    /// The confirmation that somebody has been taken off a list.
    Farewell = 5,
}

impl Category {
    /// All categories, strictest first.
    pub const ALL: [Self; 5] =
        [Self::Marketing, Self::Utility, Self::Authentication, Self::Service, Self::Farewell];

    /// The name in configuration, metrics and audit.
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
            Self::Service => "service",
            Self::Farewell => "farewell",
        }
    }

    /// Reads a name; `None` if it is no category.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == text)
    }

    /// Whether it answers the person: it needs no grant but a conversation.
    pub fn is_reply(self) -> bool {
        matches!(self, Self::Service | Self::Farewell)
    }

    /// The stricter of two: where two sources disagree, the one with more needs counts.
    pub fn stricter(self, other: Self) -> Self {
        self.min(other)
    }
}
