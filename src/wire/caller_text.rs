//! Which of a caller's texts may stand in the audit, or in a report.
//!
//! Ids, scopes and templates are the caller's, and some callers put phone numbers into them. A text
//! in doubt is left out of the audit; the message is decided all the same.

use crate::consent::IdentityRef;
use crate::decision::Message;

/// The longest text that the audit takes over, in bytes.
pub(super) const CALLER_TEXT_LEN_MAX: usize = 128;
/// A text of so many digits and nothing else may be a phone number.
const PHONE_DIGITS_MIN: usize = 7;
/// So many last digits find a number in its national form too.
const TAIL_LEN: usize = 8;

/// Whether the audit and the column of allowed messages take over this text of a message to these people.
pub fn is_kept_of(text: &str, people: [Option<IdentityRef<'_>>; 3]) -> bool {
    text.is_empty() || !Screen::of(people).pass(text).is_empty()
}

/// Screens texts for the people that one message names.
pub(crate) struct Screen<'a> {
    recipients: [Option<IdentityRef<'a>>; 3],
    tails: [Option<Tail>; 3],
}

impl<'a> Screen<'a> {
    /// For the people of this message.
    pub(crate) fn new(message: &Message<'a>) -> Self {
        let [first, second] = message.also;
        Self::of([message.to, first, second])
    }

    fn of(recipients: [Option<IdentityRef<'a>>; 3]) -> Self {
        let tails = recipients.map(|recipient| match recipient {
            Some(IdentityRef::Phone(phone)) => Some(Tail::of(phone.digits())),
            Some(IdentityRef::UserId(_)) | None => None,
        });
        Self { recipients, tails }
    }

    /// The text, or nothing if it is too long, looks like a phone number or names a recipient.
    pub(crate) fn pass<'t>(&self, text: &'t str) -> &'t str {
        let presentable = text.len() <= CALLER_TEXT_LEN_MAX && !looks_like_phone(text);
        if presentable && !self.names_recipient(text) { text } else { "" }
    }

    /// The business id, which may well be a number of its own: left out only if it is a recipient.
    pub(crate) fn pass_business<'t>(&self, business: &'t str) -> &'t str {
        let identity = IdentityRef::parse(business);
        let is_recipient = identity.is_some() && self.recipients.contains(&identity);
        if business.len() <= CALLER_TEXT_LEN_MAX && !is_recipient { business } else { "" }
    }

    fn names_recipient(&self, text: &str) -> bool {
        let has_digits = text.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS_MIN;
        let names_user = |recipient: &Option<IdentityRef<'_>>| match recipient {
            Some(IdentityRef::UserId(id)) => text.contains(id),
            Some(IdentityRef::Phone(_)) | None => false,
        };
        (has_digits && self.has_tail(text)) || self.recipients.iter().any(names_user)
    }

    /// Looks for the numbers' last digits, whatever separates them in the text.
    fn has_tail(&self, text: &str) -> bool {
        let mut joined = [0u8; CALLER_TEXT_LEN_MAX];
        let mut len = 0;
        for (slot, byte) in joined.iter_mut().zip(text.bytes().filter(|b| !is_separator(*b))) {
            *slot = byte;
            len += 1;
        }
        let joined = joined.get(..len).unwrap_or_default();
        self.tails.iter().flatten().any(|tail| {
            let tail = tail.digits();
            joined.windows(tail.len()).any(|window| window == tail)
        })
    }
}

/// The last digits of a phone number.
struct Tail {
    digits: [u8; TAIL_LEN],
    start: usize,
}

impl Tail {
    fn of(mut number: u64) -> Self {
        let mut digits = [b'0'; TAIL_LEN];
        let mut start = TAIL_LEN;
        for (index, slot) in digits.iter_mut().enumerate().rev() {
            if number == 0 {
                break;
            }
            // A digit is below 10.
            *slot = b'0' + (number % 10) as u8;
            number /= 10;
            start = index;
        }
        Self { digits, start }
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }
}

fn looks_like_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.len() >= PHONE_DIGITS_MIN && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::sample_message;

    fn passes(text: &str) -> bool {
        Screen::new(&sample_message()).pass(text) == text
    }

    #[test]
    fn ordinary_ids_pass() {
        for text in ["", "m-1", "2026-11-24", "2f1c7f0e-8a41-4f9e-9d35-0b6f0d2a7c11", "123456"] {
            assert!(passes(text), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_phone_number_is_left_out() {
        for text in ["1234567", "+1234567", "99900000000012345678"] {
            assert!(!passes(text), "{text}");
        }
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        assert!(passes(&"x".repeat(CALLER_TEXT_LEN_MAX)));
        assert!(!passes(&"x".repeat(CALLER_TEXT_LEN_MAX + 1)));
    }

    #[test]
    fn what_contains_the_recipient_is_left_out() {
        for text in ["wa-12025550101-1", "(202) 555-0101 again", "for IN.Abc123"] {
            assert!(!passes(text), "{text}");
        }
        assert!(passes("wa-12025550102-1"));
    }

    #[test]
    fn a_business_that_is_a_number_stays_unless_it_is_the_recipient() {
        let message = sample_message();
        let screen = Screen::new(&message);
        assert_eq!(screen.pass_business("100000000001234"), "100000000001234");
        assert_eq!(screen.pass_business("12025550101"), "");
        assert_eq!(screen.pass_business("+12025550101"), "");
    }
}
