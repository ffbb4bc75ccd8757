//! Why a policy cannot be built.

use crate::consent::ScopeName;

/// A policy that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No scope: nothing could ever be sent.
    #[error("the policy names no scope, name at least one")]
    NoScopes,
    /// More scopes than a policy may have.
    #[error("the policy names {0} scopes, at most 64 are allowed")]
    TooManyScopes(usize),
    /// One scope stands in both lists.
    #[error("scope {0} is both current and retired, keep it in one list")]
    CurrentAndRetired(ScopeName),
    /// A canonical text that this version did not write.
    #[error("line {line} of the policy text cannot be read")]
    Unreadable {
        /// The line, from 1.
        line: usize,
    },
}
