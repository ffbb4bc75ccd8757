//! Made-up subjects and facts.

use std::collections::{BTreeMap, BTreeSet};

use crate::consent::{
    BusinessId, Class, Edition, EventId, Fact, Grant, Identity, Mark, NamesWhatsapp, Offset,
    Partition, Place, ScopeName, Seconds, Strength, Subject, TextHash, TextRef, Topic,
};
use crate::index::{
    AnswerFacts, CaughtUp, ConsentIndex, Detail, Fence, FullFacts, IndexKeys, Query, Tick,
};

pub(super) const PHONES: [&str; 3] = ["+5210000000001", "+999120255502", "+520000000001"];
pub(super) const USER: &str = "US.1a2B3c";
pub(super) const SCOPES: [&str; 3] = ["offers", "alerts", "surveys"];

pub(super) fn keys() -> IndexKeys {
    IndexKeys { mixing: 7, user_ids: [1; 16], tombstones: [2; 16] }
}

pub(super) fn business(name: &str) -> BusinessId {
    BusinessId::parse(name).unwrap()
}

pub(super) fn scope(name: &str) -> ScopeName {
    ScopeName::parse(name).unwrap()
}

pub(super) fn identity(text: &str) -> Identity {
    Identity::parse(text).unwrap()
}

pub(super) fn subject(name: &str, text: &str) -> Subject {
    Subject { business: business(name), identity: identity(text) }
}

pub(super) fn mark(at: u32) -> Mark {
    Mark { at: Seconds(at), event: EventId(u64::from(at)) }
}

pub(super) fn place(offset: i64) -> Place {
    Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(offset) }
}

pub(super) fn grant_at(at: u32) -> Grant {
    Grant {
        at: Seconds(at),
        strength: Strength::Single,
        valid_until: None,
        text: TextRef::new("welcome", "1"),
        event: EventId(100 + u64::from(at)),
        other_texts: BTreeSet::new(),
    }
}

pub(super) fn granted(subject: &Subject, name: &str, at: u32) -> Fact {
    Fact::Grant { subject: subject.clone(), scope: scope(name), grant: grant_at(at) }
}

pub(super) fn objected(subject: &Subject, class: Class, at: u32) -> Fact {
    Fact::Objection { subject: subject.clone(), class, mark: mark(at) }
}

/// The publication of a text that names these scopes.
pub(super) fn published<'n>(
    business: &BusinessId,
    text: &TextRef,
    names: impl IntoIterator<Item = &'n str>,
) -> Fact {
    Fact::TextPublished {
        business: business.clone(),
        text: text.clone().in_language("en"),
        edition: Edition {
            sha256: TextHash([1; 32]),
            scopes: names.into_iter().map(scope).collect(),
            whatsapp: NamesWhatsapp::Yes,
        },
    }
}

/// An index of these facts, in which all texts that people agreed to are published at the end.
pub(super) fn index_of(facts: impl IntoIterator<Item = Fact>) -> ConsentIndex {
    let mut index = ConsentIndex::new(keys());
    let mut agreed = BTreeMap::<_, BTreeSet<_>>::new();
    for fact in facts {
        if let Fact::Grant { subject, scope, grant } = &fact {
            let text = (subject.business.clone(), grant.text.clone());
            agreed.entry(text).or_default().insert(scope.to_string());
        }
        index.apply(fact);
    }
    for ((business, text), scopes) in agreed {
        index.apply(published(&business, &text, scopes.iter().map(String::as_str)));
    }
    index
}

/// Asks through a proof, as everybody must.
pub(super) fn ask_all<'i>(
    index: &'i mut ConsentIndex,
    queries: &[Query<'_>],
) -> Vec<AnswerFacts<'i>> {
    index.advance(Topic::ConsentEvents, Partition(0), Offset(1));
    let ends = index.positions().clone();
    let fence = Fence { asked_at: Tick(1), ends };
    let view = CaughtUp::prove(index, &fence, Tick(1)).unwrap().view();
    let mut answers = Vec::new();
    view.answer_batch(queries, &mut answers);
    answers.iter().map(|answer| answer.facts().clone()).collect()
}

pub(super) fn query<'q>(business: &'q str, to: &'q Identity, scope: &'q str) -> Query<'q> {
    Query { business, to: Some(to.as_ref()), also: [None; 2], scope, detail: Detail::Quick }
}

pub(super) fn ask<'i>(index: &'i mut ConsentIndex, query: Query<'_>) -> AnswerFacts<'i> {
    ask_all(index, &[query]).remove(0)
}

pub(super) fn full(facts: AnswerFacts<'_>) -> FullFacts<'_> {
    match facts {
        AnswerFacts::Full(full) => full,
        other => panic!("not a full answer: {other:?}"),
    }
}
