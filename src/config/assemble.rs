//! From leaves to settings: each value tried alone, then all together; the later layer wins.
//!
//! Reports every bad value, not the first, and keeps where each good one came from.

use std::collections::BTreeMap;

use super::leaf::{Leaf, Path};
use super::problem::{Origin, Problem, did_you_mean};
use super::settings::Settings;
use super::settings::routes::{ROUTES, TOPICS, WHOLE, is_the_firsts};
use super::sources::{Host, Sources};
use super::text_layers::{insert, try_alone, variable_of};
use super::value::{Form, Secrecy};
use super::{file, text_layers};
use crate::consent::RouteName;

/// Where each setting came from, by `section.key`. What is not here is a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where a key's value came from.
    pub fn of(&self, key: &str) -> Origin {
        self.0.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// A key's name as its route wrote it: with the route before it if that says it for itself.
    pub(super) fn written(&self, route: RouteName, key: &str) -> String {
        let own = format!("{ROUTES}.{route}.{key}");
        if self.0.contains_key(&own) { own } else { key.to_owned() }
    }
}

/// What all layers came to.
pub(super) struct Assembled {
    /// The first route's, and what all share.
    pub(super) settings: Settings,
    /// Those of the other routes, each as if that route were the only one.
    pub(super) routes: BTreeMap<RouteName, Settings>,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
}

/// Reads all layers.
pub(super) fn assemble(sources: &Sources, host: &Host) -> Assembled {
    let (mut leaves, mut problems) = (host_leaves(host), Vec::new());
    if let Some(text) = &sources.file {
        file::read(text, &mut leaves, &mut problems);
    }
    text_layers::environment(&sources.environment, &mut leaves, &mut problems);
    text_layers::flags(&sources.flags, &mut leaves, &mut problems);

    let (mut table, mut origins) = (toml::Table::new(), Origins::default());
    let mut of_routes: BTreeMap<RouteName, Vec<Leaf>> = BTreeMap::new();
    for leaf in leaves {
        let found = problems_of(&leaf);
        if found.is_empty() {
            origins.0.insert(leaf.path.to_string(), leaf.origin.clone());
            match leaf.path.route {
                RouteName::MAIN => insert(&mut table, &leaf.path, leaf.value),
                route => of_routes.entry(route).or_default().push(leaf),
            }
        }
        problems.extend(found);
    }
    let settings = settings_of(table.clone(), &mut problems);
    let mut routes = BTreeMap::new();
    for (route, leaves) in &of_routes {
        let missing = missing_topics(*route, leaves);
        if missing.is_empty() {
            let mut own = settings_of(table_of_route(&table, leaves), &mut problems);
            own.gate.group = format!("{}.{route}", settings.gate.group);
            routes.insert(*route, own);
        }
        problems.extend(missing);
    }
    Assembled { settings, routes, origins, problems }
}

fn settings_of(table: toml::Table, problems: &mut Vec<Problem>) -> Settings {
    table.try_into().unwrap_or_else(|error: toml::de::Error| {
        problems.push(Problem::new(Origin::Default, "", error.message()));
        Settings::default()
    })
}

/// What the first route says, without its own names, and over it what this route says.
fn table_of_route(first: &toml::Table, leaves: &[Leaf]) -> toml::Table {
    let mut table = first.clone();
    for (section, keys) in &mut table {
        if let toml::Value::Table(keys) = keys {
            keys.retain(|key, _| !is_the_firsts(section, key));
        }
    }
    if leaves.iter().any(|leaf| leaf.path.section == WHOLE) {
        table.remove(WHOLE);
    }
    for leaf in leaves {
        insert(&mut table, &leaf.path, leaf.value.clone());
    }
    table
}

/// A route whose topics are not all named.
fn missing_topics(route: RouteName, leaves: &[Leaf]) -> Vec<Problem> {
    let origin = leaves.first().map_or(Origin::Default, |leaf| leaf.origin.clone());
    let is_named =
        |key: &str| leaves.iter().any(|leaf| (leaf.path.section, leaf.path.key) == ("topics", key));
    let missing = TOPICS.into_iter().filter(|key| !is_named(key));
    let problem = |key| {
        let problem =
            Problem::new(origin.clone(), format!("{ROUTES}.{route}.topics.{key}"), "is missing");
        problem.hint("a route has four topics of its own")
    };
    missing.map(problem).collect()
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
