//! One written setting: its key, its value, where it stands.
//!
//! Knows the catalogue of keys, so an unknown key never becomes a leaf: it becomes a problem.

use super::problem::{Origin, Problem, did_you_mean};
use super::section::Key;
use super::settings::Settings;
use super::value::Form;

/// A key as written, found in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    /// The section.
    pub(super) section: &'static str,
    /// The key within it.
    pub(super) key: &'static str,
    /// The key within a pass-through table.
    pub(super) inner: Option<String>,
}

impl Path {
    /// Finds `section.key`, or `section.table.inner.key` for a pass-through table.
    ///
    /// # Errors
    /// The reason and a hint, if there is no such key.
    pub(super) fn find(written: &str, origin: &Origin) -> Result<(Self, Key), Box<Problem>> {
        let (section, rest) = written.split_once('.').unwrap_or((written, ""));
        for info in Settings::SECTIONS.iter().filter(|info| info.name == section) {
            for key in info.keys {
                let inner = match key.shape.form {
                    Form::Table | Form::Named => {
                        rest.strip_prefix(key.name).and_then(|rest| rest.strip_prefix('.'))
                    }
                    Form::Value | Form::Tables => None,
                };
                if inner.is_none() && rest != key.name {
                    continue;
                }
                let path =
                    Self { section: info.name, key: key.name, inner: inner.map(str::to_owned) };
                return Ok((path, *key));
            }
        }
        Err(Box::new(unknown(written, origin)))
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.section, self.key)?;
        self.inner.iter().try_for_each(|inner| write!(f, ".{inner}"))
    }
}

/// One written setting.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) path: Path,
    pub(super) key: Key,
    pub(super) origin: Origin,
    pub(super) value: toml::Value,
}

/// All keys, as `section.key`.
pub(super) fn all_keys() -> Vec<String> {
    Settings::SECTIONS
        .iter()
        .flat_map(|info| info.keys.iter().map(|key| format!("{}.{}", info.name, key.name)))
        .collect()
}

/// The problem of a key that does not exist.
fn unknown(written: &str, origin: &Origin) -> Problem {
    let keys = all_keys();
    let last = written.rsplit('.').next().unwrap_or(written);
    let elsewhere = || keys.iter().find(|key| key.rsplit('.').next() == Some(last));
    let meant = did_you_mean(written, keys.iter().map(String::as_str))
        .or_else(|| elsewhere().map(String::as_str));
    let hint = match meant {
        Some(key) => format!("did you mean {key}?"),
        None => "`consentgate config default` prints all keys".to_owned(),
    };
    Problem::new(origin.clone(), written, "unknown key").hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(written: &str) -> String {
        Path::find(written, &Origin::Default).expect_err("unknown").hint
    }

    #[test]
    fn a_misspelt_key_is_answered_with_the_right_one() {
        assert_eq!(hint("gate.lanse"), "did you mean gate.lanes?");
    }

    #[test]
    fn a_key_in_the_wrong_section_is_answered_with_the_right_section() {
        assert_eq!(hint("kafka.fence_limit"), "did you mean gate.fence_limit?");
    }

    #[test]
    fn dots_after_a_pass_through_table_belong_to_its_key() {
        let (path, _) =
            Path::find("kafka.librdkafka.fetch.min.bytes", &Origin::Default).expect("known");
        assert_eq!(path.inner.as_deref(), Some("fetch.min.bytes"));
        assert_eq!(path.to_string(), "kafka.librdkafka.fetch.min.bytes");
    }

    #[test]
    fn dots_after_an_ordinary_key_are_refused() {
        assert!(Path::find("gate.lanes.0", &Origin::Default).is_err());
    }
}
