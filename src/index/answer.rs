//! What the index answers.
//!
//! An answer is made by a [`ConsentView`](super::ConsentView) alone, so whoever holds one knows that
//! a fence stands behind it. It is no verdict: the policy and the time are not known here.

use crate::consent::Pauses;

use super::standing::{Against, Standing};

/// Whether a record of the business waits to be voided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quarantined {
    /// One could not be read, and may have been an opt-out.
    Yes,
    /// All were read, or voided.
    #[default]
    No,
}

/// The answer to one query, backed by a fence.
#[derive(Debug)]
pub struct Answer<'i> {
    facts: AnswerFacts<'i>,
}

impl<'i> Answer<'i> {
    pub(super) fn new(facts: AnswerFacts<'i>) -> Self {
        Self { facts }
    }

    /// What is known.
    pub fn facts(&self) -> &AnswerFacts<'i> {
        &self.facts
    }
}

/// What is known about one query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerFacts<'i> {
    /// The quick yes. The addressed identity has a grant for this scope without end of validity, on
    /// texts that are valid and prove what was agreed to, later than every objection of every class
    /// and every scope; it is neither blocked nor restricted, and no cool-down of it was ever told. The
    /// business is not quarantined, and nothing of it is paused. Nothing speaks against sending on the
    /// other identities, and on linked ones and on the other form of a phone number nothing that the
    /// grant is not later than. How strong the grant is, is not said.
    Stands,
    /// No fact names the business.
    UnknownBusiness,
    /// Something has to be weighed.
    Full(FullFacts<'i>),
    /// Flags and bitmaps disagree: a defect of this index. Nothing may be sent on it.
    Inconsistent,
}

/// All that is known about one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FullFacts<'i> {
    /// Whether the business is quarantined.
    pub quarantined: Quarantined,
    /// Its kill switches; `None` where none is on.
    pub pauses: Option<&'i Pauses>,
    /// The addressed identity.
    pub to: Standing<'i>,
    /// The other identities, in the order of the query; `None` where it named none.
    pub also: [Option<Box<Standing<'i>>>; 2],
    /// The newest of what counts on them from elsewhere: from the other form of a phone number, and from
    /// identities that are linked to any of these. What the query named itself is left out.
    pub elsewhere: Option<Box<Against<'i>>>,
}
