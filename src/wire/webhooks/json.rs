//! A JSON document that keeps what stands in it twice.
//!
//! An ordinary reader keeps the first or the last of two equal keys, and an opt-out could hide behind
//! the other. Here a name may have several values: who looks for an opt-out looks at each, who looks
//! for a permission first asks whether anything is repeated. Nesting is bounded as in serde_json.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    /// `null`, `true` or `false`.
    Word,
    /// A number; `None` if it is no whole one that fits.
    Number(Option<i64>),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Names with their values, in order, repeated ones too.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The document, or `None` if the text is none or is nested too deep.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Each value of this name; none if this is no object.
    pub(super) fn each<'j>(&'j self, name: &'j str) -> impl Iterator<Item = &'j Self> {
        let entries = match self {
            Self::Object(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().filter(move |(key, _)| key == name).map(|(_, value)| value)
    }

    /// Each value at the end of two names.
    pub(super) fn each_in<'j>(
        &'j self,
        outer: &'j str,
        inner: &'j str,
    ) -> impl Iterator<Item = &'j Self> {
        self.each(outer).flat_map(move |value| value.each(inner))
    }

    /// Each text of this name.
    pub(super) fn texts<'j>(&'j self, name: &'j str) -> impl Iterator<Item = &'j str> {
        self.each(name).filter_map(Self::text)
    }

    /// Whether there is anything of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.each(name).next().is_some()
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, also where it is written as a text.
    pub(super) fn whole(&self) -> Option<i64> {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.parse().ok(),
            Self::Word | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The elements; none if this is no list.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Whether any object in it has a name twice.
    pub(super) fn repeats(&self) -> bool {
        match self {
            Self::Word | Self::Number(_) | Self::Text(_) => false,
            Self::List(items) => items.iter().any(Self::repeats),
            Self::Object(entries) => {
                let mut names = BTreeSet::new();
                !entries.iter().all(|(name, _)| names.insert(name.as_str()))
                    || entries.iter().any(|(_, value)| value.repeats())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Word)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Word)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(Some(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(i64::try_from(number).ok()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        // 131050.0 is 131050; beyond 2^53 a fraction could have been lost.
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        let whole = number.fract() == 0.0 && number.abs() <= EXACT_MAX;
        #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        let number = number as i64;
        Ok(Json::Number(whole.then_some(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_keeps_both_values() {
        let json = Json::parse(r#"{"a": 1, "b": {"c": "x", "c": "y"}, "a": "2"}"#).unwrap();
        assert!(json.repeats());
        assert_eq!(json.each("a").filter_map(Json::whole).collect::<Vec<_>>(), [1, 2]);
        let inner: Vec<_> = json.each_in("b", "c").filter_map(Json::text).collect();
        assert_eq!(inner, ["x", "y"]);
        assert!(!Json::parse(r#"[{"a": 1}, {"a": 1}]"#).unwrap().repeats());
    }

    #[test]
    fn whole_numbers_are_read_in_every_spelling_and_others_are_none() {
        let whole = |text: &str| Json::parse(text).and_then(|json| json.whole());
        assert_eq!(whole("131050"), Some(131_050));
        assert_eq!(whole("131050.0"), Some(131_050));
        assert_eq!(whole("\"131050\""), Some(131_050));
        for none in ["131050.5", "1e300", "18446744073709551615", "\"\"", "true", "[1]"] {
            assert_eq!(whole(none), None, "{none}");
        }
    }

    #[test]
    fn a_document_that_is_nested_too_deep_is_none() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(100)).is_some());
        assert!(Json::parse(&nested(100_000)).is_none());
    }
}
