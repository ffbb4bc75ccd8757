//! What one scope needs.

use crate::consent::{Category, Seconds, Strength};

/// Whether a scope promotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeClass {
    /// Messages of this scope are marketing, whatever they call themselves.
    Marketing,
    /// Messages of this scope inform about what the person asked for.
    Informing,
}

impl ScopeClass {
    /// The name in configuration and in the canonical text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Informing => "informing",
        }
    }
}

/// The rule of one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeRule {
    /// Whether it promotes.
    pub class: ScopeClass,
    /// How strong a grant must be.
    pub strength: Strength,
    /// For how many seconds a grant stands; `None` = until it says itself, or somebody takes it back.
    pub valid_for_s: Option<u32>,
}

const HOUR_S: u32 = 3_600;
const DAY_S: u32 = 24 * HOUR_S;

/// The shortest time for which a grant may stand, in seconds.
pub const VALID_FOR_MIN_S: u32 = HOUR_S;
/// The longest: twenty years.
pub const VALID_FOR_MAX_S: u32 = 7_300 * DAY_S;

impl ScopeRule {
    /// A rule whose grants stand until they are taken back.
    pub fn new(class: ScopeClass, strength: Strength) -> Self {
        Self { class, strength, valid_for_s: None }
    }

    /// The same, with grants that stand for so long only.
    pub fn valid_for(self, seconds: u32) -> Self {
        Self { valid_for_s: Some(seconds), ..self }
    }

    /// Whether grants would stand for no time at all, or for longer than anybody remembers.
    pub(super) fn is_absurd(self) -> bool {
        let limits = VALID_FOR_MIN_S..=VALID_FOR_MAX_S;
        self.valid_for_s.is_some_and(|seconds| !limits.contains(&seconds))
    }

    /// The first second in which a grant that was given at `at` stands no longer; `None` = it stands
    /// until it says so itself, or somebody takes it back.
    pub fn over_at(self, at: Seconds) -> Option<Seconds> {
        self.valid_for_s.and_then(|valid_for_s| at.0.checked_add(valid_for_s)).map(Seconds)
    }

    /// Whether whoever agrees to the scope agrees to marketing.
    pub fn promotes(self) -> bool {
        self.class == ScopeClass::Marketing
    }

    /// The category that counts: the strictest of what the message declares and what the scope is.
    ///
    /// A reply (service, farewell) needs no scope, so the scope cannot make it stricter.
    pub fn category(self, declared: Category) -> Category {
        match (self.class, declared) {
            (_, Category::Service | Category::Farewell) => declared,
            (ScopeClass::Marketing, _) => declared.stricter(Category::Marketing),
            (ScopeClass::Informing, _) => declared,
        }
    }
}
