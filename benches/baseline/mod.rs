//! The plain answer: a `DashMap` of hash maps that hold the same state, a guard for each look-up.
//!
//! It holds what [`State`](consentgate::consent::State) holds but as compactly as plain maps allow: a
//! short list of grants for each subject, and the rare things behind a pointer. It answers with the
//! facts themselves, without an allocation. Hash maps use the same fast keyed hash as the index.

mod decide;

use std::time::Instant;

use consentgate::consent::state::BusinessState;
use consentgate::consent::{
    BusinessId, Fact, Grant, Identity, IdentityRef, Mark, ScopeName, Subject, SubjectState,
};
use consentgate::index::{Detail, Query, StandingGrant, TextProof, TextValidity};
use dashmap::DashMap;
use hashbrown::{DefaultHashBuilder, Equivalent, HashMap};

/// What one subject agreed to, and the rest where there is any.
#[derive(Default)]
struct Person {
    grants: Vec<(ScopeName, Grant)>,
    rare: Option<Box<SubjectState>>,
}

#[derive(Default)]
struct Company {
    people: HashMap<Identity, Person>,
    state: BusinessState,
}

/// The plain index.
#[derive(Default)]
pub(crate) struct Plain {
    companies: DashMap<BusinessId, Company, DefaultHashBuilder>,
}

/// What the plain index answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PlainAnswer {
    /// Nothing at all speaks against sending.
    Stands,
    /// No fact names the business.
    UnknownBusiness,
    /// To be weighed.
    Weigh {
        known: bool,
        suppressed: bool,
        newest_objection: Option<Mark>,
        grant: Option<StandingGrant>,
    },
}

#[derive(Hash)]
struct Wanted<'a>(IdentityRef<'a>);

impl Equivalent<Identity> for Wanted<'_> {
    fn equivalent(&self, key: &Identity) -> bool {
        key.as_ref() == self.0
    }
}

impl Plain {
    /// A plain index that has joined these facts.
    pub(crate) fn of(facts: impl Iterator<Item = Fact>) -> Self {
        let mut plain = Self::default();
        let started = Instant::now();
        let mut count = 0u64;
        for fact in facts {
            plain.apply(fact);
            count += 1;
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{count} facts into the plain map in {seconds:.1} s");
        plain
    }

    /// Joins a fact that names a subject.
    pub(crate) fn apply(&mut self, fact: Fact) {
        match fact {
            Fact::Grant { subject, scope, grant } => self.person(&subject, |person| {
                let known = person.grants.iter_mut().find(|(of, _)| *of == scope);
                match known {
                    Some((_, old)) => old.join(grant),
                    None => {
                        person.grants.reserve_exact(1);
                        person.grants.push((scope, grant));
                    }
                }
            }),
            Fact::Confirm { subject, grant, at } => {
                self.rare(&subject, |rare| rare.join_confirm(grant, at));
            }
            Fact::ScopeObjection { subject, scope, mark } => {
                self.rare(&subject, |rare| rare.join_scope_objection(scope, mark))
            }
            Fact::Objection { subject, class, mark } => {
                self.rare(&subject, |rare| rare.join_objection(class, mark));
                self.person(&subject, |person| {
                    let hidden = |at| class == consentgate::consent::Class::Erase && at <= mark.at;
                    person.grants.retain(|(_, grant)| !hidden(grant.at));
                });
            }
            Fact::Block(subject, at) => self.rare(&subject, |rare| rare.block.on(at)),
            // All texts of the world are published: see `standing`.
            Fact::TextPublished { .. } => {}
            other => panic!("the made-up world has no such fact: {other:?}"),
        }
    }

    fn person(&mut self, subject: &Subject, change: impl FnOnce(&mut Person)) {
        let mut company = self.companies.entry(subject.business.clone()).or_default();
        change(company.people.entry(subject.identity.clone()).or_default());
    }

    fn rare(&mut self, subject: &Subject, change: impl FnOnce(&mut SubjectState)) {
        self.person(subject, |person| {
            change(person.rare.get_or_insert_default());
        });
    }

    /// Answers a batch, one guard for each query.
    pub(crate) fn answer_batch(&self, queries: &[Query<'_>], answers: &mut Vec<PlainAnswer>) {
        answers.clear();
        for query in queries {
            answers.push(self.answer(query));
        }
    }

    fn answer(&self, query: &Query<'_>) -> PlainAnswer {
        let Some(company) = self.companies.get(query.business) else {
            return PlainAnswer::UnknownBusiness;
        };
        let person = |identity| company.people.get(&Wanted(identity));
        let to = query.to.and_then(person);
        let also = query.also.iter().flatten().filter_map(|id| person(*id));
        let mut suppressed = false;
        for other in also {
            let rare = other.rare.as_deref();
            suppressed |= rare.is_some_and(|rare| suppresses(rare) || newest(rare).is_some());
        }
        let Some(to) = to else {
            return PlainAnswer::Weigh {
                known: false,
                suppressed,
                newest_objection: None,
                grant: None,
            };
        };
        let newest_objection = to.rare.as_deref().and_then(newest);
        suppressed |= to.rare.as_deref().is_some_and(suppresses);
        let grant = standing(&company, to, query.scope);
        if query.detail == Detail::Quick
            && !suppressed
            && grant.is_some_and(|grant| {
                grant.valid_until.is_none()
                    && grant.text == TextValidity::Valid
                    && newest_objection.is_none_or(|mark| mark.at < grant.at)
            })
        {
            return PlainAnswer::Stands;
        }
        PlainAnswer::Weigh { known: true, suppressed, newest_objection, grant }
    }
}

fn standing(company: &Company, person: &Person, scope: &str) -> Option<StandingGrant> {
    let (_, grant) = person.grants.iter().find(|(of, _)| of.as_str() == scope)?;
    let invalid = grant.texts().any(|text| company.state.is_invalid(text));
    let rare = person.rare.as_deref();
    let confirmed = rare.is_some_and(|rare| rare.confirms.contains_key(&grant.event));
    Some(StandingGrant {
        at: grant.at,
        strength: if confirmed { consentgate::consent::Strength::Double } else { grant.strength },
        valid_until: grant.valid_until,
        text: if invalid { TextValidity::Invalid } else { TextValidity::Valid },
        // All texts of the world are published, which a plain map need not look up.
        proof: TextProof::Complete,
        event: grant.event,
    })
}

fn newest(rare: &SubjectState) -> Option<Mark> {
    let scoped = rare.scope_objections.values().copied();
    rare.objections.newest().max(scoped.max())
}

fn suppresses(rare: &SubjectState) -> bool {
    rare.block.is_on() || rare.restriction.is_on()
}
