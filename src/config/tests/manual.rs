//! The default file is the manual: complete, and valid.

use super::*;
use crate::config::leaf;

#[test]
fn the_default_file_reads_back_as_the_defaults() {
    let table: toml::Table = default_file().parse().expect("valid TOML");
    assert_eq!(table.try_into::<Settings>().expect("settings"), Settings::default());
    loaded(&from_file(&default_file()));
}

#[test]
fn every_example_of_the_default_file_is_a_valid_setting() {
    let is_example = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    let uncommented: String = default_file()
        .lines()
        .map(|line| if is_example(line) { &line[1..] } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    let uncommented = uncommented.replace("\"plaintext\"", "\"sasl_ssl\"");
    // Our own contracts have fixed places, so nothing can be mapped in them.
    let protobuf = "format = \"protobuf\"";
    let uncommented = uncommented.replacen(protobuf, "format = \"cloud_api\"", 1);
    let uncommented = uncommented.replace(protobuf, "format = \"json\"");
    load(&from_file(&uncommented), &with_tls()).unwrap_or_else(|problems| panic!("{problems}"));
}

#[test]
fn the_default_file_names_every_key() {
    let text = default_file();
    for key in leaf::all_keys() {
        let (_, name) = key.split_once('.').expect("section.key");
        let variable = format!("{}=", key.replace('.', "__").to_uppercase());
        let forms = [format!("{name} ="), format!("{key}]"), variable];
        assert!(forms.iter().any(|form| text.contains(form)), "{key}");
    }
}

#[test]
fn no_key_can_open_the_gate() {
    for key in leaf::all_keys() {
        for word in ["fail_open", "allow_all", "bypass", "skip", "disable", "dry_run"] {
            assert!(!key.contains(word), "{key}");
        }
    }
}
