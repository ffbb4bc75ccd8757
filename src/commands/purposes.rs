//! The purposes of a policy, each with the category that a message of it would have.
//!
//! For commands that ask what would become of a message to somebody. What a business demands beyond its
//! platform counts.

use crate::consent::{Category, ScopeName};
use crate::policy::Policy;

/// Every scope of the policy as this business has it, in the order of their names.
pub(super) fn purposes<'p>(
    policy: &'p Policy,
    business: &'p str,
) -> impl Iterator<Item = (&'p ScopeName, Category)> {
    policy.scopes().map(move |(scope, _)| {
        let rule = policy.terms(business, scope.as_str()).rule();
        let promotes = rule.is_none_or(|rule| rule.promotes());
        let category = match (scope.as_str(), promotes) {
            (_, true) => Category::Marketing,
            ("authentication", false) => Category::Authentication,
            (_, false) => Category::Utility,
        };
        (scope, category)
    })
}
