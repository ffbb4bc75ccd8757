//! The file's layer: TOML to leaves, each with its line.
//!
//! Knows no meaning. A file with a syntax error gives its errors and no leaf.

use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::leaf::{Leaf, Path};
use super::problem::{Origin, Problem, did_you_mean};
use super::settings::Settings;
use super::settings::routes::ROUTES;
use super::sources::FileText;
use super::value::Form;

/// Reads a file into leaves.
pub(super) fn read(file: &FileText, leaves: &mut Vec<Leaf>, problems: &mut Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(&file.text);
    let mut reader = Reader { file, leaves, problems };
    let mut lines = std::collections::BTreeSet::new();
    for error in &errors {
        let origin = reader.origin(error.span().unwrap_or_default());
        // One fault can confuse the parser more than once on its line.
        if !lines.insert(origin.to_string()) {
            continue;
        }
        let what = format!("no valid TOML: {}", error.message());
        reader.problems.push(Problem::new(origin, "", what));
    }
    if errors.is_empty() {
        for (name, value) in document.into_inner() {
            reader.section(&name, value);
        }
    }
}

struct Reader<'r> {
    file: &'r FileText,
    leaves: &'r mut Vec<Leaf>,
    problems: &'r mut Vec<Problem>,
}

impl Reader<'_> {
    fn section(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, value: Spanned<DeValue<'_>>) {
        let origin = self.origin(name.span());
        let name = name.get_ref().as_ref();
        let sections = Settings::SECTIONS.iter().map(|info| info.name).chain([ROUTES]);
        match value.into_inner() {
            DeValue::Table(routes) if name == ROUTES => self.routes(routes),
            _ if !sections.clone().any(|section| section == name) => {
                let hint = match did_you_mean(name, sections) {
                    Some(section) => format!("did you mean [{section}]?"),
                    None => "`consentgate config default` prints all sections".to_owned(),
                };
                let problem = Problem::new(origin, name, "unknown section");
                self.problems.push(problem.hint(hint));
            }
            DeValue::Table(table) => self.table(name, table),
            _ if name == ROUTES => {
                let problem = Problem::new(origin, name, "holds tables by the names of routes");
                self.problems
                    .push(problem.hint("write [routes.NAME.topics] and its keys below it"));
            }
            _ => {
                let problem = Problem::new(origin, name, "is a section, not a value");
                self.problems.push(problem.hint(format!("write [{name}] and its keys below it")));
            }
        }
    }

    fn routes(&mut self, routes: DeTable<'_>) {
        for (name, value) in routes {
            let (origin, written) =
                (self.origin(name.span()), format!("{ROUTES}.{}", name.get_ref()));
            let before = (self.leaves.len(), self.problems.len());
            if let DeValue::Table(sections) = value.into_inner() {
                self.sections_of_route(&written, sections);
            }
            if before == (self.leaves.len(), self.problems.len()) {
                let problem = Problem::new(origin, &*written, "says nothing");
                let hint = format!("a route needs topics of its own: write [{written}.topics]");
                self.problems.push(problem.hint(hint));
            }
        }
    }

    fn sections_of_route(&mut self, route: &str, sections: DeTable<'_>) {
        for (section, value) in sections {
            let written = format!("{route}.{}", section.get_ref());
            match value.into_inner() {
                DeValue::Table(keys) => self.table(&written, keys),
                _ => {
                    let origin = self.origin(section.span());
                    let problem = Problem::new(origin, &*written, "is no section of a route");
                    let hint = format!("write [{route}.SECTION] and its keys below it");
                    self.problems.push(problem.hint(hint));
                }
            }
        }
    }

    fn table(&mut self, written: &str, table: DeTable<'_>) {
        for (name, value) in table {
            self.key(&format!("{written}.{}", name.get_ref()), name.span(), value);
        }
    }

    fn key(&mut self, written: &str, span: Range<usize>, value: Spanned<DeValue<'_>>) {
        let origin = self.origin(span);
        let (path, key) = match Path::find(written, &origin) {
            Ok(found) => found,
            Err(problem) => return self.problems.push(*problem),
        };
        let pass_through = match (key.shape.form, &path.inner) {
            (Form::Table, _) | (Form::Named, None) => true,
            (Form::Named, Some(_)) | (Form::Value | Form::Tables, _) => false,
        };
        let is_table = matches!(value.get_ref(), DeValue::Table(_));
        if pass_through && is_table {
            if let DeValue::Table(table) = value.into_inner() {
                self.table(written, table);
            }
        } else if pass_through && path.inner.is_none() {
            let problem = Problem::new(origin, written, "is a table of its own, not a value");
            let hint = format!("write [{path}] and its keys below it");
            self.problems.push(problem.hint(hint));
        } else {
            match toml::Value::deserialize(value.into_deserializer()) {
                Ok(value) => self.leaves.push(Leaf { path, key, origin, value }),
                Err(error) => {
                    let problem = Problem::new(origin, written, error.message());
                    self.problems.push(problem.allowed(key.shape.allowed_text()));
                }
            }
        }
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        let before = self.file.text.get(..span.start).unwrap_or(&self.file.text);
        Origin::File { path: self.file.path.clone(), line: before.matches('\n').count() + 1 }
    }
}
