//! P7: nobody's number is in the audit, and pseudonyms name one person of one business each.
//!
//! The key of pseudonyms is not needed: that the same person always has the same one, and nobody else, is
//! seen without it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::model::Identity;
use crate::report::{At, Law, Report};
use crate::spec::audit::AuditEntry;

/// So few digits stand in many texts by chance.
const TELLING: usize = 7;

/// Who had which pseudonym.
#[derive(Default)]
pub(crate) struct Pseudonyms {
    secret: RandomState,
    /// By key id, business and person.
    of: HashMap<u64, [u8; 16]>,
    /// Whose each is.
    whose: HashMap<[u8; 16], u64>,
}

impl Pseudonyms {
    /// With the same secret, so that what others saw can be added.
    pub(crate) fn alike(&self) -> Self {
        Self { secret: self.secret.clone(), ..Self::default() }
    }

    /// Notes one entry; says whether it fits those before.
    fn note(&mut self, entry: &AuditEntry, business: &str, person: &Identity) -> bool {
        let Ok(pseudonym) = <[u8; 16]>::try_from(entry.pseudonym.as_slice()) else { return false };
        let who = self.secret.hash_one((&entry.pseudonym_key_id, business, person));
        self.fits(who, pseudonym)
    }

    fn fits(&mut self, who: u64, pseudonym: [u8; 16]) -> bool {
        let own = *self.of.entry(who).or_insert(pseudonym) == pseudonym;
        let alone = *self.whose.entry(pseudonym).or_insert(who) == who;
        own && alone
    }

    /// Adds what was seen of another partition; how many do not fit.
    pub(crate) fn add(&mut self, other: Self) -> u64 {
        let all = other.of.into_iter();
        all.filter(|(who, pseudonym)| !self.fits(*who, *pseudonym)).count() as u64
    }
}

/// Looks at one entry of a message whose people are known.
pub(super) fn check(
    (entry, bytes): (&AuditEntry, &[u8]),
    business: &str,
    [to, also]: [Option<&Identity>; 2],
    at: &At,
    pseudonyms: &mut Pseudonyms,
    report: &mut Report,
) {
    for person in [to, also].into_iter().flatten() {
        let shown = person.digits_or_id().as_bytes();
        if shown.len() >= TELLING && bytes.windows(shown.len()).any(|window| window == shown) {
            report.violate(Law::PersonShown, at.clone(), "a person's number or id stands in it");
        }
    }
    if let Some(person) = to
        && !pseudonyms.note(entry, business, person)
    {
        let what = "its pseudonym is not that of the same person before, or is somebody else's";
        report.violate(Law::Pseudonym, at.clone(), what);
    }
}
