//! The layers that are plain text: environment and flags.
//!
//! A text is read as text where the key wants text, else as TOML (`4`, `["a", "b"]`). A name that
//! begins with our prefix and names no key is a problem: it was meant for us and would be lost.

use super::leaf::{Leaf, Path};
use super::problem::{Origin, Problem};
use super::settings::Settings;
use super::settings::routes::ROUTES;
use super::sources::Flag;
use super::value::Secrecy;
use crate::consent::RouteName;

/// What our environment variables begin with.
pub const ENVIRONMENT_PREFIX: &str = "CONSENTGATE__";

/// Reads the environment into leaves.
pub(super) fn environment(
    variables: &[(String, String)],
    leaves: &mut Vec<Leaf>,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in variables {
        let Some(written) = name.strip_prefix(ENVIRONMENT_PREFIX) else {
            continue;
        };
        let origin = Origin::Environment(name.clone());
        match Path::find(&key_of(written), &origin) {
            Ok((path, key)) => leaves.push(leaf(path, key, origin, value)),
            Err(problem) => problems.push(*problem),
        }
    }
}

/// Reads the flags into leaves.
pub(super) fn flags(flags: &[Flag], leaves: &mut Vec<Leaf>, problems: &mut Vec<Problem>) {
    for flag in flags {
        let origin = Origin::Flag(flag.flag.clone());
        match Path::find(&flag.key, &origin) {
            Ok((path, key)) if key.shape.secrecy == Secrecy::Open => {
                leaves.push(leaf(path, key, origin, &flag.value));
            }
            Ok((path, _)) => {
                let what = "a secret must not stand on the command line, where others can read it";
                let problem = Problem::new(origin, path.to_string(), what);
                problems.push(problem.hint(format!("set {}", variable_of(&path))));
            }
            Err(problem) => problems.push(*problem),
        }
    }
}

/// The environment variable of a key.
pub(super) fn variable_of(path: &Path) -> String {
    let mut name = ENVIRONMENT_PREFIX.to_owned();
    if path.route != RouteName::MAIN {
        name.push_str(&format!("{ROUTES}__{}__", path.route));
    }
    name.push_str(&format!("{}__{}", path.section, path.key));
    if let Some(inner) = &path.inner {
        name.push_str("__");
        name.push_str(&inner.replace('.', "_"));
    }
    name.to_uppercase()
}

/// The key of an environment variable: `GATE__LANES` is `gate.lanes`, and `ROUTES__CODES__GATE__LANES`
/// the same of a route. In a pass-through table the single underscores stand for librdkafka's dots.
fn key_of(written: &str) -> String {
    let lower = written.to_lowercase();
    let of_route = lower.strip_prefix(ROUTES).and_then(|rest| rest.strip_prefix("__"));
    if let Some((route, rest)) = of_route.and_then(|rest| rest.split_once("__")) {
        return format!("{ROUTES}.{route}.{}", key_of(rest));
    }
    let mut parts = lower.splitn(3, "__");
    let (section, key) = (parts.next().unwrap_or_default(), parts.next());
    match (key, parts.next()) {
        (Some(key), Some(inner)) => format!("{section}.{key}.{}", inner.replace('_', ".")),
        (Some(key), None) => format!("{section}.{key}"),
        (None, _) => section.to_owned(),
    }
}

fn leaf(path: Path, key: super::section::Key, origin: Origin, text: &str) -> Leaf {
    let as_text = toml::Value::String(text.to_owned());
    let value = match accepts(&path, &as_text) {
        true => as_text,
        false => toml_value(text).filter(|value| accepts(&path, value)).unwrap_or(as_text),
    };
    Leaf { path, key, origin, value }
}

fn toml_value(text: &str) -> Option<toml::Value> {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).ok()?;
    match table.len() {
        1 => table.get("value").cloned(),
        _ => None,
    }
}

/// Whether the settings can hold this value under this key.
pub(super) fn accepts(path: &Path, value: &toml::Value) -> bool {
    try_alone(path, value).is_ok()
}

/// Reads one value by itself, so that one bad value never hides another.
pub(super) fn try_alone(path: &Path, value: &toml::Value) -> Result<(), String> {
    let mut table = toml::Table::new();
    insert(&mut table, path, value.clone());
    table.try_into::<Settings>().map(drop).map_err(|error| error.message().to_owned())
}

/// Puts one value under its path, whichever route says it.
pub(super) fn insert(table: &mut toml::Table, path: &Path, value: toml::Value) {
    let mut keys = vec![path.section, path.key];
    keys.extend(path.inner.as_deref());
    let last = keys.pop().unwrap_or_default();
    let mut place = table;
    for key in keys {
        let entry = place.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        match entry {
            toml::Value::Table(inner) => place = inner,
            _ => return,
        }
    }
    place.insert(last.to_owned(), value);
}
