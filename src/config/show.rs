//! The effective configuration with the origin of each value, secrets redacted.
//!
//! What it prints is a valid configuration file again, but for the secrets.

use super::Loaded;
use super::assemble::Origins;
use super::librdkafka::is_secret;
use super::problem::Origin;
use super::settings::Settings;
use super::settings::routes::ROUTES;
use super::value::{Form, REDACTED, Secrecy};

/// Prints the effective values, one a line, each with where it came from. Of a further route it prints
/// what that says for itself; the rest is as above.
pub fn show(loaded: &Loaded) -> String {
    let Loaded { settings, routes, origins, .. } = loaded;
    let mut text = of_first(settings, origins);
    for (route, settings) in routes {
        text.push_str(&of_route(&route.to_string(), settings, origins));
    }
    text
}

fn of_route(route: &str, settings: &Settings, origins: &Origins) -> String {
    let values = toml::Table::try_from(settings).unwrap_or_default();
    let mut text = String::new();
    for section in Settings::SECTIONS {
        let values = values.get(section.name).and_then(toml::Value::as_table);
        let mut lines = String::new();
        for key in section.keys {
            let path = format!("{ROUTES}.{route}.{}.{}", section.name, key.name);
            let value = values.and_then(|values| values.get(key.name));
            if let Some(value) = value.filter(|_| origins.of(&path) != Origin::Default) {
                line(&mut lines, key.name, value, &path, origins);
            }
        }
        if !lines.is_empty() {
            text.push_str(&format!("[{ROUTES}.{route}.{}]\n{lines}\n", section.name));
        }
    }
    text
}

fn of_first(settings: &Settings, origins: &Origins) -> String {
    let values = toml::Table::try_from(settings).unwrap_or_default();
    let mut text = String::new();
    for section in Settings::SECTIONS {
        let values = values.get(section.name).and_then(toml::Value::as_table);
        let mut tables = String::new();
        text.push_str(&format!("[{}]\n", section.name));
        for key in section.keys {
            let path = format!("{}.{}", section.name, key.name);
            let value = values.and_then(|values| values.get(key.name));
            match (key.shape.form, value) {
                (Form::Value, Some(value)) => line(&mut text, key.name, value, &path, origins),
                (Form::Value, None) if key.shape.secrecy == Secrecy::EnvironmentOnly => {}
                (Form::Value, None) => text.push_str(&format!("# {} is not set\n", key.name)),
                (Form::Table, Some(toml::Value::Table(inner))) => {
                    tables.push_str(&pass_through(&path, inner, origins));
                }
                (Form::Named, Some(toml::Value::Table(inner))) => {
                    for (name, value) in inner {
                        let origin = origins.of(&format!("{path}.{name}"));
                        let named = nested(&[section.name, key.name, name], value);
                        tables.push_str(&format!("\n# {origin}\n{named}"));
                    }
                }
                (Form::Tables, Some(toml::Value::Array(entries))) => {
                    let origin = origins.of(&path);
                    for entry in entries {
                        tables.push_str(&format!(
                            "\n[[{path}]] # {origin}\n{entry_text}",
                            entry_text = toml::to_string(entry).unwrap_or_default()
                        ));
                    }
                }
                (Form::Table | Form::Named | Form::Tables, _) => {}
            }
        }
        text.push_str(&tables);
        text.push('\n');
    }
    text
}

fn pass_through(path: &str, inner: &toml::Table, origins: &Origins) -> String {
    let mut text = String::new();
    for (name, value) in inner {
        if text.is_empty() {
            text.push_str(&format!("\n[{path}]\n"));
        }
        let redacted = toml::Value::String(REDACTED.to_owned());
        let value = if is_secret(name) { &redacted } else { value };
        line(&mut text, &format!("\"{name}\""), value, &format!("{path}.{name}"), origins);
    }
    text
}

/// A value as a table of its own, under its whole path.
fn nested(path: &[&str], value: &toml::Value) -> String {
    let table = path.iter().rev().fold(value.clone(), |inner, name| {
        toml::Value::Table([((*name).to_owned(), inner)].into_iter().collect())
    });
    toml::to_string(&table).unwrap_or_default()
}

fn line(text: &mut String, name: &str, value: &toml::Value, path: &str, origins: &Origins) {
    let setting = format!("{name} = {value}");
    text.push_str(&format!("{setting:<44} # {}\n", origins.of(path)));
}
