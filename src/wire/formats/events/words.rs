//! The words of an event: kinds, methods, actors and the like, by their names in our contract.
//!
//! A word that is not known stays unknown, and the fold takes it in the direction that suppresses.

use super::field::EventField;
use super::mapping::Word;
use crate::consent::{
    Actor, Coded, Effect, EventKind, Expression, Method, ScopeName, Strength, Topic,
};
use crate::wire::consent::{coded, decode as of, effect_of};
use crate::wire::json::{
    ACTORS, EFFECTS, EXPRESSIONS, EnumNames, KINDS, METHODS, STRENGTHS, TOPICS,
};
use crate::wire::proto::consent as proto;

/// What a kind is mapped to that has no meaning here.
pub(super) const IGNORE: &str = "ignore";

/// The channel that counts.
pub(super) const WHATSAPP: &str = "whatsapp";

/// A number that no version will ever give to anything.
pub(super) const NUMBER_OF_NONE: i32 = -1;

/// A value that is there and cannot be read.
pub(super) const UNREADABLE: Coded<EventKind> = Coded::Unknown(NUMBER_OF_NONE);

fn word<P, T>(word: Word<'_>, names: &EnumNames<P>, known: fn(P) -> Option<T>) -> Coded<T>
where
    P: Into<i32> + TryFrom<i32>,
{
    coded(number(word, names), known)
}

/// The number of a word in the contract.
fn number<P: Into<i32> + TryFrom<i32>>(word: Word<'_>, names: &EnumNames<P>) -> i32 {
    match word {
        Word::Absent => 0,
        Word::Number(number) => number,
        Word::Text(name) => names.find(name).unwrap_or(NUMBER_OF_NONE),
        Word::Unknown => NUMBER_OF_NONE,
    }
}

pub(super) fn kind(kind: Word<'_>) -> Coded<EventKind> {
    word(kind, &KINDS, of::kind_of)
}

/// An effect that is not said is that of the kind.
pub(super) fn effect(effect: Word<'_>, kind: Word<'_>) -> Coded<Effect> {
    if effect != Word::Absent {
        return word(effect, &EFFECTS, of::effect_of);
    }
    let kind = proto::Kind::try_from(number(kind, &KINDS)).unwrap_or_default();
    coded(effect_of(kind).into(), of::effect_of)
}

pub(super) fn method(method: Word<'_>) -> Coded<Method> {
    word(method, &METHODS, of::method_of)
}

pub(super) fn expression(expression: Word<'_>) -> Coded<Expression> {
    word(expression, &EXPRESSIONS, of::expression_of)
}

pub(super) fn actor(actor: Word<'_>) -> Coded<Actor> {
    word(actor, &ACTORS, of::actor_of)
}

pub(super) fn strength(strength: Word<'_>) -> Coded<Strength> {
    word(strength, &STRENGTHS, of::strength_of)
}

pub(super) fn topic(topic: Word<'_>) -> Option<Topic> {
    of::topic_of(number(topic, &TOPICS))
}

/// Whether the words of a field can be mapped at all.
pub(super) fn has_words(field: EventField) -> bool {
    use EventField as F;
    matches!(field, F::Kind | F::Scopes | F::Method | F::Expression | F::Actor | F::Strength)
}

/// Whether a word of a field may be mapped to this name.
pub(super) fn is_name(field: EventField, name: &str) -> bool {
    let name = Word::Text(name);
    match (field, name) {
        (EventField::Kind, name) => {
            name == Word::Text(IGNORE) || kind(name).known().is_some_and(|it| it != EventKind::Void)
        }
        (EventField::Scopes, Word::Text(name)) => ScopeName::parse(name).is_some(),
        (EventField::Method, name) => method(name).known().is_some(),
        (EventField::Expression, name) => expression(name).known().is_some(),
        (EventField::Actor, name) => actor(name).known().is_some(),
        (EventField::Strength, name) => strength(name).known().is_some(),
        _ => false,
    }
}
