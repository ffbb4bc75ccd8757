//! How people are shown: masked, unless an operator asks to see them.

use crate::consent::IdentityRef;

/// Whether people can be recognised in what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Faces {
    Shown,
    Masked,
}

impl Faces {
    /// An identity as it may be shown.
    pub(super) fn of(self, identity: IdentityRef<'_>) -> String {
        match self {
            Self::Shown => identity.canonical(),
            Self::Masked => masked(&identity.canonical()),
        }
    }

    /// A text as it may be shown: an id may be, or hold, one of these people.
    pub(super) fn text<'p>(
        self,
        people: impl IntoIterator<Item = IdentityRef<'p>>,
        text: &str,
    ) -> String {
        match text {
            "" => "-".to_owned(),
            text if self == Self::Masked => without(people, text),
            text => text.to_owned(),
        }
    }
}

/// The first and last signs of an identity.
fn masked(identity: &str) -> String {
    let chars: Vec<char> = identity.chars().collect();
    // A short user id is all but given away by its ends.
    let ends = if chars.len() >= 10 { (4, 2) } else { (2, 0) };
    let head: String = chars.iter().take(ends.0).collect();
    let tail: String = chars.iter().skip(chars.len() - ends.1).collect();
    format!("{head}***{tail}")
}

fn without<'p>(people: impl IntoIterator<Item = IdentityRef<'p>>, text: &str) -> String {
    let mut text = text.to_owned();
    for identity in people {
        let canonical = identity.canonical();
        let digits = canonical.trim_start_matches('+');
        text = text.replace(digits, &masked(digits));
    }
    text
}
