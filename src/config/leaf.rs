//! One written setting: its key, its value, where it stands.
//!
//! Knows the catalogue of keys, so an unknown key never becomes a leaf: it becomes a problem.

use super::problem::{Origin, Problem, did_you_mean};
use super::section::Key;
use super::settings::Settings;
use super::settings::routes::{ROUTES, may_differ};
use super::value::Form;
use crate::consent::RouteName;

/// A key as written, found in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    /// The route that says it for itself; the first says it for all.
    pub(super) route: RouteName,
    /// The section.
    pub(super) section: &'static str,
    /// The key within it.
    pub(super) key: &'static str,
    /// The key within a pass-through table.
    pub(super) inner: Option<String>,
}

impl Path {
    /// Finds `section.key`, or `section.table.inner.key` for a pass-through table; with
    /// `routes.NAME.` before it where a route says it for itself.
    ///
    /// # Errors
    /// The reason and a hint, if there is no such key.
    pub(super) fn find(written: &str, origin: &Origin) -> Result<(Self, Key), Box<Problem>> {
        match written.strip_prefix(ROUTES).and_then(|rest| rest.strip_prefix('.')) {
            None => Self::find_plain(written, written, origin),
            Some(rest) => Self::find_of_route(written, rest, origin),
        }
    }

    fn find_of_route(
        written: &str,
        rest: &str,
        origin: &Origin,
    ) -> Result<(Self, Key), Box<Problem>> {
        let (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
        let problem = |what: String| Box::new(Problem::new(origin.clone(), written, what));
        let route = match RouteName::parse(name) {
            None => {
                let problem = problem(format!("\"{name}\" is no name for a route"));
                return Err(Box::new(problem.allowed(RouteName::ALLOWED)));
            }
            Some(RouteName::MAIN) => {
                let problem = problem(format!("\"{name}\" is the route of [topics] and [gate]"));
                return Err(Box::new(problem.hint("say it there, or take another name")));
            }
            Some(route) => route,
        };
        let (path, key) = Self::find_plain(rest, written, origin)?;
        if !may_differ(path.section, path.key) {
            let problem = problem("is the same for all routes".to_owned());
            return Err(Box::new(problem.hint(format!("set {path}"))));
        }
        Ok((Self { route, ..path }, key))
    }

    /// Finds a key by its name without a route; `written` is what problems name.
    fn find_plain(name: &str, written: &str, origin: &Origin) -> Result<(Self, Key), Box<Problem>> {
        let (section, rest) = name.split_once('.').unwrap_or((name, ""));
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
                let inner = inner.map(str::to_owned);
                let route = RouteName::MAIN;
                let path = Self { route, section: info.name, key: key.name, inner };
                return Ok((path, *key));
            }
        }
        Err(Box::new(unknown(name, written, origin)))
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.route != RouteName::MAIN {
            write!(f, "{ROUTES}.{}.", self.route)?;
        }
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

/// The problem of a key that does not exist: `name` in the catalogue's words, `written` as it stands.
fn unknown(name: &str, written: &str, origin: &Origin) -> Problem {
    let keys = all_keys();
    let last = name.rsplit('.').next().unwrap_or(name);
    let elsewhere = || keys.iter().find(|key| key.rsplit('.').next() == Some(last));
    let meant = did_you_mean(name, keys.iter().map(String::as_str))
        .or_else(|| elsewhere().map(String::as_str));
    let of_route = written.strip_suffix(name).unwrap_or_default();
    let hint = match meant {
        Some(key) => format!("did you mean {of_route}{key}?"),
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
    fn a_route_says_for_itself_what_may_differ_and_nothing_else() {
        let (path, _) = Path::find("routes.codes.gate.lanes", &Origin::Default).expect("known");
        assert_eq!((path.route.word(), path.section, path.key), ("codes", "gate", "lanes"));
        assert_eq!(path.to_string(), "routes.codes.gate.lanes");
        assert_eq!(hint("routes.codes.gate.fence"), "set gate.fence");
        assert_eq!(hint("routes.codes.gate.lanse"), "did you mean routes.codes.gate.lanes?");
        assert_eq!(hint("routes.main.gate.lanes"), "say it there, or take another name");
        let unnamed = Path::find("routes.Codes.gate.lanes", &Origin::Default).expect_err("no name");
        assert_eq!(unnamed.allowed, RouteName::ALLOWED);
    }

    #[test]
    fn dots_after_an_ordinary_key_are_refused() {
        assert!(Path::find("gate.lanes.0", &Origin::Default).is_err());
    }
}
