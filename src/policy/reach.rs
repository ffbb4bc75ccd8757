//! Which messages a rule is for.
//!
//! Marketing always: there is no less. What a business sends of its own accord has room for more; a
//! code is awaited and its body is fixed by Meta, and a reply is a conversation of the person's own:
//! neither is asked for a way out, and neither waits for the morning.

use crate::consent::Category;

/// Which messages a rule is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Marketing.
    #[default]
    Marketing,
    /// All that a business sends of its own accord: marketing and utility.
    All,
}

impl Reach {
    /// Both, the looser first.
    pub const ALL: [Self; 2] = [Self::Marketing, Self::All];

    /// The name in configuration and in the canonical text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::All => "all",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.name() == name)
    }

    /// Whether the rule is for messages of this category.
    pub fn includes(self, category: Category) -> bool {
        match category {
            Category::Marketing => true,
            Category::Utility => self == Self::All,
            Category::Authentication | Category::Service | Category::Farewell => false,
        }
    }
}
