//! Names that events carry: business, scope, event, text.
//!
//! Knows no person (see `identity`). A name that does not fit its rules is no name: the caller gets
//! `None` and treats the record as undecodable.

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

/// The longest name that any id may have, in bytes.
pub const NAME_LEN_MAX: usize = 128;

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_LEN_MAX
        && !text.chars().any(|c| c == '/' || c.is_control() || c.is_whitespace())
}

/// The legal controller who asks for consent.
///
/// 1 to 128 bytes without white space, control characters or `/` (the key of a consent record is
/// `business/identity`). Up to 23 bytes lie within, so that a table of businesses is searched without
/// reading elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessId(SmolStr);

impl BusinessId {
    /// The id, or `None` if the text is no business id.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.into()))
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for BusinessId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BusinessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The purpose that a person agreed to, for example `offers`.
///
/// Any scope may stand in an event; which scopes a message may be sent for is the policy's matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeName(Arc<str>);

impl ScopeName {
    /// The scope, or `None` if the text is no scope name.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.into()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for ScopeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The digest of an event's id: what the gate keeps, compares and orders.
///
/// 64 bits of FNV-1a. It only ever has to tell apart the events of one subject, and its value is the
/// same on every instance, so state does not depend on who folded it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u64);

impl EventId {
    /// The digest of an event id as written.
    pub fn of(text: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(hash)
    }
}
