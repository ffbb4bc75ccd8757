//! `[policy]` as written: the scopes, and the scopes that once were.
//!
//! Knows no category: what a category needs is fixed in code.

use serde::{Deserialize, Serialize};

use crate::config::section::section;
use crate::config::value::{Setting, Shape};

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSettings {
    /// What people agree to receive, for example `offers`.
    pub name: String,
    /// `marketing` or `informing`.
    pub class: String,
    /// How strong a grant must be: `single`, or `double` (confirmed by a second act).
    #[serde(default = "single")]
    pub strength: String,
}

fn single() -> String {
    "single".to_owned()
}

impl Setting for Vec<ScopeSettings> {
    const SHAPE: Shape = Shape::tables(
        "tables with name, class (\"marketing\", \"informing\") and strength (\"single\", \"double\")",
    );
}

section! {
    /// What scopes there are and what they need. Without any: the nine standard scopes.
    ["policy"] PolicySettings {
        /// Scopes that messages are no longer sent for. An objection to a name that stands nowhere
        /// counts against every scope, so keep the old names here.
        retired: Vec<String> = Vec::new();
        /// The scopes; they replace the standard ones. `class` is "marketing" or "informing",
        /// `strength` is "single" or "double" (the person must have confirmed).
        scopes: Option<Vec<ScopeSettings>> = None,
            example "name = \"offers\"\nclass = \"marketing\"\nstrength = \"single\"";
    }
}
