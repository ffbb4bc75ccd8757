//! Who a person is to the gate: a phone number or a business-scoped user id.
//!
//! Personal data lives here, so `Debug` never shows it and there is no `Display`: whoever needs the
//! digits asks for them by name. Anything that is not exactly an identity is none.

use std::fmt;
use std::sync::Arc;

use super::ids::BusinessId;
use super::spelling;

/// The largest E.164 number: 15 digits.
pub const PHONE_MAX: u64 = 999_999_999_999_999;
const PHONE_DIGITS_MIN: usize = 7;
pub(super) const PHONE_DIGITS_MAX: usize = 15;

/// An E.164 phone number as a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(u64);

impl Phone {
    /// Reads a number in any spelling that leaves no doubt about its country: `+` or `00` and then 7 to 15
    /// digits, the first not 0, with blanks, dots, hyphens and brackets between them and in other scripts'
    /// digits; or the digits alone, as in WhatsApp ids. See [`spelling`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::plain(text).or_else(|| Self::spelt(text))
    }

    /// Reads `+` and 7 to 15 digits, or the digits alone.
    fn plain(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+').unwrap_or(text).as_bytes();
        if !(PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits.len())
            || digits.first() == Some(&b'0')
        {
            return None;
        }
        let mut number = 0u64;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + u64::from(digit - b'0');
        }
        Some(Self(number))
    }

    /// Reads any other spelling.
    fn spelt(text: &str) -> Option<Self> {
        Self::plain(&spelling::international(text)?)
    }

    /// The number with these digits; `None` if that is no phone number.
    pub(crate) fn from_digits(digits: u64) -> Option<Self> {
        let least = 10_u64.pow(PHONE_DIGITS_MIN as u32 - 1);
        (least..=PHONE_MAX).contains(&digits).then_some(Self(digits))
    }

    /// The digits as a number (below 2^50).
    pub fn digits(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(***)")
    }
}

/// Whether `text` is a business-scoped user id: `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`.
pub fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    let id = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A business-scoped user id (BSUID).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Arc<str>);

impl UserId {
    /// The id, or `None` if the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        is_user_id(text).then(|| Self(text.into()))
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(***)")
    }
}

/// A person as a business addresses them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// An E.164 phone number.
    Phone(Phone),
    /// A business-scoped user id.
    UserId(UserId),
}

impl Identity {
    /// Reads either form.
    pub fn parse(text: &str) -> Option<Self> {
        IdentityRef::parse(text).map(IdentityRef::to_owned)
    }

    /// The same identity, borrowed.
    pub fn as_ref(&self) -> IdentityRef<'_> {
        match self {
            Self::Phone(phone) => IdentityRef::Phone(*phone),
            Self::UserId(id) => IdentityRef::UserId(id.as_str()),
        }
    }
}

/// An identity that borrows its text: what the hot path works with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityRef<'a> {
    /// An E.164 phone number.
    Phone(Phone),
    /// A checked business-scoped user id.
    UserId(&'a str),
}

impl<'a> IdentityRef<'a> {
    /// Reads either form.
    pub fn parse(text: &'a str) -> Option<Self> {
        if let Some(phone) = Phone::plain(text) {
            return Some(Self::Phone(phone));
        }
        if is_user_id(text) {
            return Some(Self::UserId(text));
        }
        Phone::spelt(text).map(Self::Phone)
    }

    /// The same identity with its own memory.
    pub fn to_owned(self) -> Identity {
        match self {
            Self::Phone(phone) => Identity::Phone(phone),
            Self::UserId(text) => Identity::UserId(UserId(text.into())),
        }
    }

    /// The canonical text: `+` and digits, or the user id. For keys, pseudonyms and reports to the
    /// person only; never for logs, metrics or errors.
    pub fn canonical(self) -> String {
        match self {
            Self::Phone(phone) => format!("+{}", phone.digits()),
            Self::UserId(text) => text.to_string(),
        }
    }
}

impl fmt::Debug for IdentityRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone(_) => "Phone(***)",
            Self::UserId(_) => "UserId(***)",
        })
    }
}

/// One person as one business knows them: the unit of all consent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The controller.
    pub business: BusinessId,
    /// The person.
    pub identity: Identity,
}

impl Subject {
    /// The key of this subject's consent records: `business/identity`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.business, self.identity.as_ref().canonical())
    }
}
