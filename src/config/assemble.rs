//! From leaves to settings: each value tried alone, then all together; the later layer wins.
//!
//! Reports every bad value, not the first, and keeps where each good one came from.

use std::collections::BTreeMap;

use super::leaf::{Leaf, Path};
use super::problem::{Origin, Problem, did_you_mean};
use super::settings::Settings;
use super::sources::{Host, Sources};
use super::text_layers::{insert, try_alone, variable_of};
use super::value::{Form, Secrecy};
use super::{file, text_layers};

/// Where each setting came from, by `section.key`. What is not here is a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where a key's value came from.
    pub fn of(&self, key: &str) -> Origin {
        self.0.get(key).cloned().unwrap_or(Origin::Default)
    }
}

/// Reads all layers.
pub(super) fn assemble(sources: &Sources, host: &Host) -> (Settings, Origins, Vec<Problem>) {
    let (mut leaves, mut problems) = (host_leaves(host), Vec::new());
    if let Some(text) = &sources.file {
        file::read(text, &mut leaves, &mut problems);
    }
    text_layers::environment(&sources.environment, &mut leaves, &mut problems);
    text_layers::flags(&sources.flags, &mut leaves, &mut problems);

    let (mut table, mut origins) = (toml::Table::new(), Origins::default());
    for leaf in leaves {
        let found = problems_of(&leaf);
        if found.is_empty() {
            origins.0.insert(leaf.path.to_string(), leaf.origin);
            insert(&mut table, &leaf.path, leaf.value);
        }
        problems.extend(found);
    }
    let settings = table.try_into().unwrap_or_else(|error: toml::de::Error| {
        problems.push(Problem::new(Origin::Default, "", error.message()));
        Settings::default()
    });
    (settings, origins, problems)
}

/// What the machine supplies for keys that nobody wrote.
fn host_leaves(host: &Host) -> Vec<Leaf> {
    let cores = i64::from(host.cores.min(256));
    let name = host.name.clone().map(toml::Value::String);
    let found = [
        ("gate.lanes", "processor cores", Some(cores.into())),
        ("gate.instance", "host name", name),
    ];
    found
        .into_iter()
        .filter_map(|(written, what, value)| {
            let origin = Origin::Host(what);
            let (path, key) = Path::find(written, &origin).ok()?;
            Some(Leaf { path, key, origin, value: value? })
        })
        .collect()
}

/// What is wrong with one leaf by itself.
fn problems_of(leaf: &Leaf) -> Vec<Problem> {
    let Leaf { path, key, origin, value } = leaf;
    let problem = |what: String| Problem::new(origin.clone(), path.to_string(), what);
    if key.shape.secrecy == Secrecy::EnvironmentOnly && !matches!(origin, Origin::Environment(_)) {
        let what = "a key must not stand in a file that is kept or mailed";
        let hint = format!("set {}, or {}_file", variable_of(path), path);
        return vec![problem(what.to_owned()).hint(hint)];
    }
    match (key.shape.form, value) {
        (Form::Tables, toml::Value::Array(elements)) => elements
            .iter()
            .enumerate()
            .filter_map(|(index, element)| {
                let alone = toml::Value::Array(vec![element.clone()]);
                let error = try_alone(path, &alone).err()?;
                let what = format!("entry {}: {error}", index + 1);
                Some(problem(what).allowed(key.shape.allowed_text()))
            })
            .collect(),
        _ => match try_alone(path, value) {
            Ok(()) => Vec::new(),
            Err(error) => vec![refused(leaf, &error)],
        },
    }
}

fn refused(leaf: &Leaf, error: &str) -> Problem {
    let Leaf { path, key, origin, value } = leaf;
    let what = match (key.shape.secrecy, key.shape.choices.is_empty()) {
        (Secrecy::Open, false) => format!("{value} is not one of the names allowed"),
        (Secrecy::Open, true) => format!("{value} cannot be read: {}", error.trim()),
        (Secrecy::Guarded | Secrecy::EnvironmentOnly, _) => "cannot be read".to_owned(),
    };
    let problem = Problem::new(origin.clone(), path.to_string(), what);
    let problem = problem.allowed(key.shape.allowed_text());
    let near =
        value.as_str().and_then(|written| did_you_mean(written, key.shape.choices.iter().copied()));
    match near {
        Some(name) => problem.hint(format!("did you mean \"{name}\"?")),
        None => problem,
    }
}
