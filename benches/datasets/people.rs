//! Who the subjects are and what they agreed and objected to.

use std::collections::BTreeSet;

use consentgate::consent::identity::Phone;
use consentgate::consent::{
    Class, Edition, EventId, Fact, Grant, Identity, Mark, NamesWhatsapp, Seconds, Strength,
    Subject, TextHash, UserId,
};

use super::draw::{draw, percent_mille, scatter, scattered};
use super::{Company, SCOPES, World};

/// The world begins here, and goes on for two years.
pub(super) const BEGINNING: u32 = 1_700_000_000;
const SPAN: u64 = 2 * 365 * 86_400;

/// What a subject did, in percent times a thousand, cumulated.
const OBJECTED_BEFORE: u64 = 2_500;
const OBJECTED_AFTER: u64 = 5_000;
const CONFIRMED: u64 = 7_000;
const BLOCKED: u64 = 8_000;
const ERASED: u64 = 8_200;

impl World {
    /// All facts. Texts are published first. Subjects come in a scattered order, so all businesses grow
    /// together, as they do when a topic is read. Eight in ten grants are given at once, the others
    /// later; the rare facts come last.
    pub(crate) fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        let grants = |seed, later| {
            scattered(seed, self.subjects)
                .flat_map(move |n| (0..SCOPES.len()).map(move |scope| (n, scope)))
                .filter(move |(n, scope)| is_later(*n, *scope) == later)
                .filter_map(|(n, scope)| self.grant_fact(n, scope))
        };
        let rare = scattered(3, self.subjects).filter_map(|n| self.rare_fact(n));
        self.publications().chain(grants(1, false)).chain(grants(2, true)).chain(rare)
    }

    fn publications(&self) -> impl Iterator<Item = Fact> + '_ {
        let of = |company: &Company| {
            company.texts.clone().map(|text| Fact::TextPublished {
                business: company.id.clone(),
                text: text.in_language("en"),
                edition: Edition {
                    sha256: TextHash([1; 32]),
                    scopes: self.scopes.iter().cloned().collect(),
                    whatsapp: NamesWhatsapp::Yes,
                },
            })
        };
        self.companies.iter().flat_map(of)
    }

    /// The business of a subject.
    pub(super) fn company_of(&self, subject: u64) -> &Company {
        let after = self.companies.partition_point(|c| c.first <= subject);
        &self.companies[after - 1]
    }

    /// The identity of a subject; numbers beyond the world's subjects give people nobody knows.
    pub(super) fn identity(&self, subject: u64) -> Identity {
        if draw(11, subject).is_multiple_of(10) {
            let (high, low) = (draw(12, subject), draw(13, subject));
            let id = format!("US.{high:016x}{:014x}", low >> 8);
            return Identity::UserId(UserId::parse(&id).unwrap());
        }
        // Eight plans of ten digits, and no two subjects with the same number.
        let scattered = scatter(14, subject, 30);
        let number = (9_990 + (scattered & 7)) * 1_000_000_000 + (scattered >> 3);
        Identity::Phone(Phone::parse(&number.to_string()).unwrap())
    }

    /// Whether a subject agreed to the scope of this number.
    pub(super) fn agreed(&self, subject: u64, scope: usize) -> bool {
        scope < self.company_of(subject).scopes
            && draw(20 + scope as u64, subject) % 100 < SCOPES[scope].1
    }

    fn subject(&self, number: u64) -> Subject {
        Subject { business: self.company_of(number).id.clone(), identity: self.identity(number) }
    }

    fn grant_fact(&self, number: u64, scope: usize) -> Option<Fact> {
        self.agreed(number, scope).then(|| Fact::Grant {
            subject: self.subject(number),
            scope: self.scopes[scope].clone(),
            grant: self.grant(number, scope),
        })
    }

    fn grant(&self, number: u64, scope: usize) -> Grant {
        let drawn = draw(30 + scope as u64, number);
        let ends = draw(40 + scope as u64, number) % 100 < 30;
        let at = self.agreed_at(number);
        Grant {
            at,
            strength: Strength::Single,
            valid_until: ends.then(|| at.plus(3 * 365 * 86_400)),
            text: self.company_of(number).texts[(drawn % 3) as usize].clone(),
            event: EventId(drawn),
            other_texts: BTreeSet::new(),
        }
    }

    fn agreed_at(&self, number: u64) -> Seconds {
        Seconds(BEGINNING + (draw(50, number) % SPAN) as u32)
    }

    fn rare_fact(&self, number: u64) -> Option<Fact> {
        let subject = self.subject(number);
        let after = self.agreed_at(number).plus(86_400);
        let mark = |at| Mark { at, event: EventId(draw(51, number)) };
        let class =
            |class, at| Fact::Objection { subject: self.subject(number), class, mark: mark(at) };
        let drawn = percent_mille(52, number);
        match drawn {
            _ if drawn < OBJECTED_BEFORE => {
                Some(class(Class::PlatformStop, Seconds(BEGINNING - 1)))
            }
            _ if drawn < OBJECTED_AFTER && drawn.is_multiple_of(2) => {
                Some(class(Class::AllScopes, after))
            }
            _ if drawn < OBJECTED_AFTER => Some(Fact::ScopeObjection {
                subject,
                scope: self.scopes[1].clone(),
                mark: mark(after),
            }),
            _ if drawn < CONFIRMED => {
                Some(Fact::Confirm { subject, grant: EventId(draw(30, number)), at: after })
            }
            _ if drawn < BLOCKED => Some(Fact::Block(subject, after)),
            _ if drawn < ERASED => Some(class(Class::Erase, after)),
            _ => None,
        }
    }
}

/// Whether a grant was given after the subject's first ones.
fn is_later(number: u64, scope: usize) -> bool {
    draw(60 + scope as u64, number).is_multiple_of(5)
}
