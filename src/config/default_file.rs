//! The commented default file: the manual of all keys.
//!
//! Printed from the same declarations that read a file, so it lists every key and only those.

use super::section::Key;
use super::settings::Settings;
use super::settings::routes::MANUAL;
use super::text_layers::ENVIRONMENT_PREFIX;
use super::value::{Form, Secrecy};

const HEAD: &str = "\
# Configuration of consentgate. Every key is optional; these are the defaults.
# A line that begins with `#name =` shows how a key that is not set could be written.
#
# The environment wins over this file: CONSENTGATE__GATE__LANES=4. In the librdkafka tables _ stands
# for a dot: CONSENTGATE__KAFKA__LIBRDKAFKA__FETCH_MIN_BYTES=1. Flags win over both:
# --set gate.lanes=4. Durations and sizes carry their unit: \"500ms\", \"64MiB\".
";

/// The default file, with every key, its meaning and its default.
pub fn default_file() -> String {
    let defaults = toml::Table::try_from(Settings::default()).unwrap_or_default();
    let mut text = HEAD.to_owned();
    for section in Settings::SECTIONS {
        text.push('\n');
        comment(&mut text, section.about);
        text.push_str(&format!("[{}]\n", section.name));
        let values = defaults.get(section.name).and_then(toml::Value::as_table);
        let (plain, tables): (Vec<&Key>, Vec<&Key>) =
            section.keys.iter().partition(|key| key.shape.form == Form::Value);
        for key in plain {
            plain_key(&mut text, section.name, key, values.and_then(|values| values.get(key.name)));
        }
        for key in tables {
            table_key(&mut text, section.name, key);
        }
    }
    text.push_str(MANUAL);
    text
}

fn plain_key(text: &mut String, section: &str, key: &Key, value: Option<&toml::Value>) {
    comment(text, key.about);
    match value {
        Some(value) => text.push_str(&format!("{} = {value}\n", key.name)),
        None if key.shape.secrecy == Secrecy::EnvironmentOnly => {
            let variable = format!("{ENVIRONMENT_PREFIX}{section}__{}", key.name).to_uppercase();
            text.push_str(&format!("# {variable}=...\n"));
        }
        None => text.push_str(&format!("#{} = {}\n", key.name, key.example)),
    }
}

fn table_key(text: &mut String, section: &str, key: &Key) {
    text.push('\n');
    comment(text, key.about);
    let head = format!("{section}.{}", key.name);
    match key.shape.form {
        Form::Tables => text.push_str(&format!("#[[{head}]]\n")),
        Form::Table | Form::Named | Form::Value => text.push_str(&format!("[{head}]\n")),
    }
    for line in key.example.lines() {
        text.push_str(&format!("#{line}\n"));
    }
}

fn comment(text: &mut String, about: &[&str]) {
    for line in about {
        text.push_str(&format!("#{line}\n"));
    }
}
