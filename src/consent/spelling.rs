//! How people write phone numbers, and the one form that the gate compares.
//!
//! A number that says its country, by `+` or `00`, is read in every spelling. A number with blanks or
//! brackets that does not say it is a national one, and of which country nobody knows: it is none. So is
//! one with a `(0)` in it, for some countries keep that digit and others drop it.

use super::identity::PHONE_DIGITS_MAX;

/// The longest spelling that is looked at, in signs.
const SIGNS_MAX: usize = 64;

/// The number as `+` and its digits; `None` if it does not say its country, or has other signs in it.
#[cold]
pub(super) fn international(text: &str) -> Option<String> {
    if text.chars().nth(SIGNS_MAX).is_some() {
        return None;
    }
    let signs = text.chars().filter_map(sign).skip_while(|sign| *sign == Some(Sign::Gap));
    let signs: Option<Vec<Sign>> = signs.collect();
    let signs = signs?;
    let rest = match signs.as_slice() {
        [Sign::Plus, rest @ ..] => rest,
        [Sign::Digit('0'), Sign::Digit('0'), rest @ ..] => rest,
        _ => return None,
    };
    let mut number = String::with_capacity(PHONE_DIGITS_MAX + 1);
    number.push('+');
    // How many digits stand in brackets so far, within them.
    let mut within: Option<u32> = None;
    for sign in rest {
        match (*sign, within) {
            // A trunk digit in brackets.
            (Sign::Digit('0'), Some(0)) => return None,
            (Sign::Digit(digit), _) => {
                within = within.map(|count| count + 1);
                number.push(digit);
            }
            (Sign::Open, None) => within = Some(0),
            (Sign::Close, Some(1..)) => within = None,
            (Sign::Gap, _) => {}
            (Sign::Open | Sign::Close | Sign::Plus, _) => return None,
        }
        if number.len() > PHONE_DIGITS_MAX + 1 {
            return None;
        }
    }
    within.is_none().then_some(number)
}

/// What a character is in a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plus,
    Digit(char),
    Open,
    Close,
    /// Something between digits.
    Gap,
}

/// `None` for what is not seen, `Some(None)` for what stands in no number.
fn sign(char: char) -> Option<Option<Sign>> {
    Some(match char {
        // Marks of direction and the like, which come along when a number is copied.
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => {
            return None;
        }
        '+' | '\u{ff0b}' => Some(Sign::Plus),
        '(' | '\u{ff08}' => Some(Sign::Open),
        ')' | '\u{ff09}' => Some(Sign::Close),
        ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => {
            Some(Sign::Gap)
        }
        '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{ff0e}' => {
            Some(Sign::Gap)
        }
        char => digit(char).map(Sign::Digit),
    })
}

/// The digit in ASCII: full-width, Arabic-Indic, Persian and Devanagari digits are people's own.
fn digit(char: char) -> Option<char> {
    let zero = match char {
        '0'..='9' => return Some(char),
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{966}'..='\u{96f}' => 0x966,
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        _ => return None,
    };
    char::from_digit(u32::from(char) - zero, 10)
}

#[cfg(test)]
mod tests {
    use crate::consent::{Identity, Phone};

    #[test]
    fn a_number_that_says_its_country_is_read_in_every_spelling() {
        let number = Phone::parse("+12025550123");
        assert!(number.is_some());
        for spelling in [
            "12025550123",
            "0012025550123",
            "00 1 202 555 0123",
            "+1 (202) 555-0123",
            "+1.202.555.0123",
            " +1 202\u{a0}555\u{2011}0123 ",
            "\u{202a}+1 202 555 0123\u{202c}",
            "\u{ff0b}\u{ff11}\u{ff12}\u{ff10}\u{ff12}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff12}\u{ff13}",
            "+\u{661}\u{662}\u{660}\u{662}\u{665}\u{665}\u{665}\u{660}\u{661}\u{662}\u{663}",
            "+\u{6f1} \u{6f2}\u{6f0}\u{6f2} \u{6f5}\u{6f5}\u{6f5} \u{6f0}\u{6f1}\u{6f2}\u{6f3}",
            "+\u{967}\u{968}\u{966}\u{968}5550123",
            "+(1)2025550123",
        ] {
            assert_eq!(Phone::parse(spelling), number, "{spelling}");
            assert_eq!(Identity::parse(spelling), number.map(Identity::Phone), "{spelling}");
        }
    }

    #[test]
    fn what_leaves_a_doubt_about_the_number_is_none() {
        for spelling in [
            // Of which country?
            "(202) 555-0123",
            "1 (202) 555-0123",
            "202 555 0123",
            "02025550123",
            "\u{661}\u{662}\u{660}\u{662}\u{665}\u{665}\u{665}\u{660}\u{661}\u{662}\u{663}",
            // Some countries keep the 0, others drop it.
            "+44 (0)20 7946 0018",
            "+44 (020) 7946 0018",
            "+0012025550123",
            "00012025550123",
            "+1 202 555 0123 x9",
            "+1 202 555 0123/4",
            "+1 202 555 0123, +1 202 555 0124",
            "++12025550123",
            "+1+2025550123",
            "+1 ((202)) 5550123",
            "+1 (202 5550123",
            "+1 202) 5550123",
            "+1 () 2025550123",
            "+120255",
            "+1202555012345678",
            "tel:+12025550123",
            "+",
            "00",
            "",
        ] {
            assert_eq!(Phone::parse(spelling), None, "{spelling}");
            assert_eq!(Identity::parse(spelling), None, "{spelling}");
        }
        assert_eq!(Phone::parse(&format!("+1{}2025550123", " ".repeat(1 << 20))), None);
    }
}
