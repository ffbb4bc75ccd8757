//! The other way in which some countries write the same phone number.
//!
//! Mexico once put a 1 before mobile numbers, Argentina puts a 9, and Brazil added a ninth digit to
//! them: platforms and their users write either form, and WhatsApp answers in one of them. Nobody can
//! tell which form an objection will name, so both are looked up when a message is decided. Knows no
//! consent; what a variant may do is decided elsewhere: it objects, and never permits.
//!
//! The table is part of the rules: a change of it needs a new
//! [`RULES_VERSION`](super::RULES_VERSION).

use super::identity::{IdentityRef, Phone};

/// One country that writes its mobile numbers in two ways.
struct Plan {
    /// The calling code and how many digits come between it and the inserted one.
    code: u64,
    before: u32,
    /// The digit that the longer form has and the shorter one lacks, and how many digits follow it.
    inserted: u64,
    after: u32,
}

/// Mexico: +52 1 and ten digits, or +52 and ten digits. Argentina: +54 9 and ten, or +54 and ten.
/// Brazil: +55, two digits of the area, 9 and eight digits, or without the 9.
const PLANS: [Plan; 3] = [
    Plan { code: 52, before: 0, inserted: 1, after: 10 },
    Plan { code: 54, before: 0, inserted: 9, after: 10 },
    Plan { code: 55, before: 2, inserted: 9, after: 8 },
];

impl Plan {
    /// The other form of a number; `None` if it has none under this plan.
    fn other_form(&self, number: u64) -> Option<u64> {
        let unit = 10_u64.pow(self.after);
        let (above, rest) = (number / unit, number % unit);
        if self.is_head(above) {
            return Some((above * 10 + self.inserted) * unit + rest);
        }
        let (head, digit) = (above / 10, above % 10);
        (digit == self.inserted && self.is_head(head)).then_some(head * unit + rest)
    }

    /// Whether these are the calling code and the digits before the inserted one, and no others.
    fn is_head(&self, digits: u64) -> bool {
        digits / 10_u64.pow(self.before) == self.code
    }
}

/// Where the numbers of all plans lie: 12 or 13 digits that begin with 52 to 55.
fn may_have_two_forms(number: u64) -> bool {
    matches!(number, 520_000_000_000..560_000_000_000 | 5_200_000_000_000..5_600_000_000_000)
}

impl Phone {
    /// The other way to write the number, if its country has one. The variant of a variant is the
    /// number itself.
    pub fn variant(self) -> Option<Self> {
        let number = self.digits();
        // Most numbers are of other countries, and this is asked of many.
        if !may_have_two_forms(number) {
            return None;
        }
        PLANS.iter().find_map(|plan| plan.other_form(number)).and_then(Self::from_digits)
    }
}

impl IdentityRef<'_> {
    /// The other way to write a phone number, if its country has one. A user id has none.
    pub fn variant(self) -> Option<Self> {
        match self {
            Self::Phone(phone) => phone.variant().map(Self::Phone),
            Self::UserId(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(text: &str) -> Option<String> {
        Phone::parse(text).unwrap().variant().map(|phone| phone.digits().to_string())
    }

    #[test]
    fn three_countries_write_mobile_numbers_in_two_ways() {
        for (long, short) in [
            ("5210000000000", "520000000000"),
            ("5490000000000", "540000000000"),
            ("5500900000000", "550000000000"),
            ("5511912345678", "551112345678"),
        ] {
            assert_eq!(variant(long).as_deref(), Some(short));
            assert_eq!(variant(short).as_deref(), Some(long));
        }
    }

    #[test]
    fn other_numbers_have_one_form() {
        for only in ["5220000000000", "52000000000", "5510000000", "12025550100", "99952100000000"]
        {
            assert_eq!(variant(only), None, "{only}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_variant_of_a_variant_is_the_number_itself(
            code in proptest::sample::select(vec![52_u64, 54, 55]), rest in 0..100_000_000_000_u64,
            digits in 10_u32..=11,
        ) {
            let unit = 10_u64.pow(digits);
            let phone = Phone::from_digits(code * unit + rest % unit).unwrap();
            if let Some(variant) = phone.variant() {
                proptest::prop_assert_ne!(variant, phone);
                proptest::prop_assert_eq!(variant.variant(), Some(phone));
            }
        }
    }
}
