//! The category table: what each category needs and which objections it waives.
//!
//! Fixed in code, not configurable: marketing without a grant is not a policy that can be written.

use crate::consent::{Category, Class};

/// Where permission comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedsGrant {
    /// A grant for the message's scope.
    ForScope,
    /// A grant for `authentication`, or a fresh request of the person.
    ForScopeOrRequest,
    /// No grant: the person's own open conversation.
    Conversation,
}

/// Which objections a category may pass over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waives {
    /// None.
    Nothing,
    /// The platform's marketing stop.
    PlatformStop,
    /// What is older by more than 60 s than the person's last inbound message, but never a wrong
    /// number, a complaint, or what this version cannot read.
    OlderThanInbound,
    /// The objection that the farewell names, and older ones; never a wrong number, a complaint, or
    /// what this version cannot read.
    TheOneNamed,
}

/// What a category needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryRule {
    /// Where permission comes from.
    pub needs: NeedsGrant,
    /// What it passes over.
    pub waives: Waives,
}

/// The rule of a category.
pub fn rule_of(category: Category) -> CategoryRule {
    let (needs, waives) = match category {
        Category::Marketing => (NeedsGrant::ForScope, Waives::Nothing),
        Category::Utility => (NeedsGrant::ForScope, Waives::PlatformStop),
        Category::Authentication => (NeedsGrant::ForScopeOrRequest, Waives::PlatformStop),
        Category::Service => (NeedsGrant::Conversation, Waives::OlderThanInbound),
        Category::Farewell => (NeedsGrant::Conversation, Waives::TheOneNamed),
    };
    CategoryRule { needs, waives }
}

impl Waives {
    /// Whether an objection of this class can be waived at all.
    pub fn may_waive(self, class: Class) -> bool {
        match self {
            Self::Nothing => false,
            Self::PlatformStop => class == Class::PlatformStop,
            Self::OlderThanInbound | Self::TheOneNamed => {
                !matches!(class, Class::Number | Class::Complaint | Class::Unknown)
            }
        }
    }
}
