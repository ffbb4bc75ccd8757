//! The kinds of values that a setting can have: durations, sizes, secrets, pass-through scalars.
//!
//! Knows no key. A value without its unit is refused, for a number of milliseconds that is read as
//! seconds would open a limit by a factor of a thousand.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One value: `key = value`.
    Value,
    /// A table of its own, whose keys stand in no section: `[section.key]`.
    Table,
    /// A table of tables with names that are not ours: `[section.key."name"]`.
    Named,
    /// A list of tables: `[[section.key]]`.
    Tables,
}

/// Where a setting may be written, and whether it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// Anywhere.
    Open,
    /// Not on the command line, where every process of the machine can read it.
    Guarded,
    /// In the environment only.
    EnvironmentOnly,
}

/// What one kind of value looks like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// What is allowed, in words.
    pub allowed: &'static str,
    /// The closed list of names, if it is one.
    pub choices: &'static [&'static str],
    /// How it is written.
    pub form: Form,
    /// Where it may be written.
    pub secrecy: Secrecy,
}

impl Shape {
    pub(super) const fn open(allowed: &'static str) -> Self {
        Self { allowed, choices: &[], form: Form::Value, secrecy: Secrecy::Open }
    }

    /// One of a closed list of names.
    pub(super) const fn choice(choices: &'static [&'static str]) -> Self {
        Self { choices, ..Self::open("one of the names listed") }
    }

    /// A table of named tables.
    pub(super) const fn named(allowed: &'static str) -> Self {
        Self { form: Form::Named, ..Self::open(allowed) }
    }

    /// A list of tables.
    pub(super) const fn tables(allowed: &'static str) -> Self {
        Self { form: Form::Tables, ..Self::open(allowed) }
    }

    /// A table of its own.
    pub(super) const fn table(allowed: &'static str) -> Self {
        Self { form: Form::Table, ..Self::open(allowed) }
    }

    /// What is allowed, with the closed list spelled out.
    pub(super) fn allowed_text(&self) -> String {
        if self.choices.is_empty() {
            return self.allowed.to_owned();
        }
        let quoted: Vec<String> = self.choices.iter().map(|c| format!("\"{c}\"")).collect();
        quoted.join(", ")
    }
}

/// A kind of value that a setting can have.
pub(super) trait Setting: Serialize + DeserializeOwned {
    /// What it looks like.
    const SHAPE: Shape;
}

impl Setting for String {
    const SHAPE: Shape = Shape::open("text");
}

impl Setting for Vec<String> {
    const SHAPE: Shape = Shape::open("a list of names, such as [\"one\", \"two\"]");
}

/// Where a field of a message stands: one place, or several that must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Places {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Places {
    /// The places in the order in which they are written.
    pub fn each(&self) -> &[String] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }
}

impl<'de> Deserialize<'de> for Places {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            // In the environment a list is a text too, and no place begins with a bracket.
            toml::Value::String(text) if text.starts_with('[') => {
                Err(D::Error::custom("it is no list of texts"))
            }
            toml::Value::String(text) => Ok(Self::One(text)),
            list => list.try_into().map(Self::Several).map_err(D::Error::custom),
        }
    }
}

impl Setting for Places {
    const SHAPE: Shape =
        Shape::open("a place such as \"/to\" or \"header:to\", or a list of places");
}

impl Setting for u32 {
    const SHAPE: Shape = Shape::open("a whole number");
}

impl Setting for PathBuf {
    const SHAPE: Shape = Shape::open("the path of a file");
}

impl<T: Setting> Setting for Option<T> {
    const SHAPE: Shape = T::SHAPE;
}

/// A duration, written with its unit: `"500ms"`, `"2s"`, `"5m"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// A span of milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A span of days.
    pub const fn days(days: u64) -> Self {
        Self::secs(days * 24 * 3_600)
    }

    /// A span of seconds.
    pub const fn secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }
}

impl Setting for Span {
    const SHAPE: Shape = Shape::open("a duration with its unit, such as \"500ms\" or \"2s\"");
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = humantime::format_duration(self.0).to_string();
        f.write_str(&text.replace(' ', ""))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map(Self).map_err(D::Error::custom)
    }
}

/// A size in bytes, written with its unit: `"64MiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// A size of whole mebibytes.
    pub const fn mib(mib: u64) -> Self {
        Self(mib << 20)
    }
}

impl Setting for Size {
    const SHAPE: Shape = Shape::open("a size with its unit, such as \"64MiB\"");
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match UNITS.iter().find(|(unit, _)| self.0 > 0 && self.0.is_multiple_of(*unit)) {
            Some((unit, name)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.ends_with(|last: char| last.is_ascii_digit()) {
            return Err(D::Error::custom("the unit is missing"));
        }
        text.parse::<bytesize::ByteSize>().map(|size| Self(size.0)).map_err(D::Error::custom)
    }
}

/// A password. It is never printed: not by `Debug`, not by `config show`.
#[derive(Clone, Debug)]
pub struct Secret(pub SecretString);

impl Setting for Secret {
    const SHAPE: Shape = Shape {
        secrecy: Secrecy::Guarded,
        ..Shape::open("text, from the file or the environment")
    };
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}

/// What is shown in place of a secret.
pub(super) const REDACTED: &str = "***";

/// A key as hexadecimal digits: from the environment only, never in a file that is kept or mailed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHex(pub Secret);

impl Setting for SecretHex {
    const SHAPE: Shape = Shape {
        secrecy: Secrecy::EnvironmentOnly,
        ..Shape::open("64 hexadecimal digits, from the environment only")
    };
}

/// One value of a pass-through table: text, number or boolean, as librdkafka reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Integer(number) => Ok(Self(number.to_string())),
            toml::Value::Float(number) => Ok(Self(number.to_string())),
            toml::Value::Boolean(flag) => Ok(Self(flag.to_string())),
            _ => Err(D::Error::custom("a list or a table has no meaning here")),
        }
    }
}

/// Settings of librdkafka, handed on as they are.
pub type PassThrough = std::collections::BTreeMap<String, Scalar>;

impl Setting for PassThrough {
    const SHAPE: Shape =
        Shape { form: Form::Table, ..Shape::open("text, a number, or true or false") };
}
