//! What a message asks of the index.
//!
//! Knows no message: only who writes, to whom and for what purpose. A query without an identity is
//! answered as for a person nobody knows.

use crate::consent::IdentityRef;

/// How much the caller needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// A plain yes is enough where nothing at all speaks against it.
    #[default]
    Quick,
    /// The grant and the objections themselves.
    Full,
}

/// One message's question.
#[derive(Clone, Copy, Debug)]
pub struct Query<'q> {
    /// The business that sends.
    pub business: &'q str,
    /// The identity that the platform addresses: the grant must be on it.
    pub to: Option<IdentityRef<'q>>,
    /// Other identities of the same person: what speaks against sending counts on them too.
    pub also: [Option<IdentityRef<'q>>; 2],
    /// The purpose.
    pub scope: &'q str,
    /// How much to answer.
    pub detail: Detail,
}

/// The other forms of these identities, none of which is among them itself.
pub(super) fn variants<'q>(named: [Option<IdentityRef<'q>>; 3]) -> [Option<IdentityRef<'q>>; 3] {
    named.map(|identity| {
        let variant = identity.and_then(IdentityRef::variant);
        variant.filter(|variant| !named.contains(&Some(*variant)))
    })
}
