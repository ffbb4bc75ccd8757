//! Why bytes of the gate's own making, or a story, cannot be read or written.
//!
//! Consent events and outbound messages have no errors: what cannot be read there has a meaning of
//! its own. No variant carries personal data.

/// Bytes that are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Not the protobuf message that belongs here.
    #[error("the {what} is no valid protobuf, check that it comes from the right topic")]
    NotProtobuf {
        /// What was expected.
        what: &'static str,
    },
    /// A field that must be there is missing, or its value makes no sense.
    #[error("field {field} {problem}")]
    Field {
        /// The field's name in the contract.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The record was signed by a key that the verifier has not pinned.
    #[error("signing key {key_id:?} is not pinned, add its public key if it is one of yours")]
    UnknownKey {
        /// The key id that the record names, cut to 64 characters.
        key_id: String,
    },
    /// The signature does not fit the bytes.
    #[error("the signature does not fit, the record was altered or signed by somebody else")]
    BadSignature,
    /// Key material that is no key.
    #[error("{what} must be {expected}")]
    BadKey {
        /// Which key.
        what: &'static str,
        /// Its form.
        expected: &'static str,
    },
    /// A published policy that this version would not have written.
    #[error("the published policy cannot be read, use the version that wrote it: {0}")]
    Policy(#[from] crate::policy::PolicyError),
    /// A line of a story that cannot be used.
    #[error("{field}: {problem}")]
    Story {
        /// The JSON field.
        field: &'static str,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

impl WireError {
    /// A field with a problem.
    pub(super) fn field(field: &'static str, problem: &'static str) -> Self {
        Self::Field { field, problem }
    }

    /// A JSON field with a problem.
    pub(super) fn story(field: &'static str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self::Story { field, problem }
    }
}
