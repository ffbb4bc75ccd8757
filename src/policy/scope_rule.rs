//! What one scope needs.

use crate::consent::{Category, Strength};

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
}

impl ScopeRule {
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
