//! Which messages must tell the person how to leave.
//!
//! Marketing always: there is no less. Codes have a body that Meta fixes, and a reply is a
//! conversation in which the person can say so: neither has room for a way out, so neither is asked
//! for one.

use crate::consent::Category;

/// Which messages need an opt-out path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptOutPathFor {
    /// Marketing.
    #[default]
    Marketing,
    /// All that have room for one: marketing and utility.
    All,
}

impl OptOutPathFor {
    /// Both, the looser first.
    pub const ALL: [Self; 2] = [Self::Marketing, Self::All];

    /// The name in configuration and in the canonical text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::All => "all",
        }
    }

    /// Whether a message of this category needs one.
    pub fn includes(self, category: Category) -> bool {
        match category {
            Category::Marketing => true,
            Category::Utility => self == Self::All,
            Category::Authentication | Category::Service | Category::Farewell => false,
        }
    }
}
