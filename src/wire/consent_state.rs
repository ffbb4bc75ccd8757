//! Who may be reached: what the topic `consent-state` says of one person.
//!
//! Advice for targeting. Knows no rule: whoever encodes has asked them. The same facts give the same
//! bytes, so that what has not changed is not written again.

use prost::Message as _;

use super::proto::consent_state::{self as proto, ReachableScope};
use crate::consent::{Category, IdentityRef, ScopeName, Seconds, Strength, Subject};

/// One purpose for which a person may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reachable {
    /// What the person agreed to.
    pub scope: ScopeName,
    /// What a message of it counts as.
    pub category: Category,
    /// Since when.
    pub agreed_at: Seconds,
    /// The first second in which it stands no longer; `None` = until it is taken back.
    pub until: Option<Seconds>,
    /// Whether it was confirmed by a second act.
    pub strength: Strength,
}

/// The value of a person's record; `None`, a tombstone, if nothing stands.
pub fn encode(subject: &Subject, reachable: &[Reachable]) -> Option<Vec<u8>> {
    if reachable.is_empty() {
        return None;
    }
    let (phone, user_id) = match subject.identity.as_ref() {
        identity @ IdentityRef::Phone(_) => (identity.canonical(), String::new()),
        IdentityRef::UserId(id) => (String::new(), id.to_owned()),
    };
    let state = proto::ConsentState {
        business_id: subject.business.to_string(),
        phone,
        user_id,
        scopes: reachable.iter().map(scope).collect(),
    };
    Some(state.encode_to_vec())
}

fn scope(reachable: &Reachable) -> ReachableScope {
    let category = match reachable.category {
        Category::Marketing => proto::Category::Marketing,
        Category::Utility => proto::Category::Utility,
        Category::Authentication => proto::Category::Authentication,
        Category::Service | Category::Farewell => proto::Category::Unspecified,
    };
    let millis = |at: Seconds| i64::from(at.0) * 1_000;
    ReachableScope {
        scope: reachable.scope.to_string(),
        category: category.into(),
        agreed_at_ms: millis(reachable.agreed_at),
        until_ms: reachable.until.map(millis),
        confirmed: reachable.strength == Strength::Double,
    }
}
