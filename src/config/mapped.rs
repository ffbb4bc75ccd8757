//! Where a field stands and what its words mean, as one setting.
//!
//! `"/type"`, `["/type", "/kind"]`, or `{ pointer = "/type", map = { opted_in = "grant" } }`.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::value::{Places, Setting, Shape};

/// A field's places, and our names for the words that stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MappedPlaces {
    /// The words are ours, or no words at all.
    Plain(Places),
    /// No other word than these is known.
    Mapped {
        /// The places.
        pointer: Places,
        /// Our names by the words that stand there.
        map: BTreeMap<String, String>,
    },
}

impl MappedPlaces {
    /// The places in the order in which they are written.
    pub fn each(&self) -> &[String] {
        match self {
            Self::Plain(places) | Self::Mapped { pointer: places, .. } => places.each(),
        }
    }

    /// Our names by the words that stand there, if there is such a map.
    pub fn map(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Plain(_) => None,
            Self::Mapped { map, .. } => Some(map),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    pointer: Places,
    map: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for MappedPlaces {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            // In the environment a table is a text too, and no place begins with a brace.
            toml::Value::String(text) if text.starts_with('{') => {
                Err(D::Error::custom("it is no table with pointer and map"))
            }
            table @ toml::Value::Table(_) => {
                let written: Written = table.try_into().map_err(D::Error::custom)?;
                Ok(Self::Mapped { pointer: written.pointer, map: written.map })
            }
            places => places.try_into().map(Self::Plain).map_err(D::Error::custom),
        }
    }
}

impl Setting for MappedPlaces {
    const SHAPE: Shape = Shape::open(
        "a place such as \"/type\", a list of places, or \
         { pointer = \"/type\", map = { WORD = \"NAME\" } }",
    );
}
