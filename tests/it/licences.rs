//! Everything that the gate is built or tested with may go with a work under Apache-2.0.
//!
//! Asks cargo for every dependency of the lock file, on any platform, and holds each licence against
//! the list in `.deny.toml`. It reads what the packages say of themselves, not their licence files.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The packages of the lock file: name and version, and what each says of its licence.
fn packages() -> Vec<(String, Option<String>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let named = |package: &serde_json::Value| {
        let name = format!("{} {}", package["name"], package["version"]);
        (name.replace('"', ""), text(&package["license"]))
    };
    packages.iter().map(named).collect()
}

/// The licences in `.deny.toml`.
fn allowed() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deny.toml");
    let text = std::fs::read_to_string(path).expect("the file is there");
    let settings: toml::Table = text.parse().expect("TOML");
    let list = settings["licenses"]["allow"].as_array().expect("a list of licences");
    list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

/// Whether an expression can be met with these licences alone. `None` if it cannot be read.
///
/// `AND` binds tighter than `OR`; old packages write `/` for it. An exception makes a licence of its
/// own: `Apache-2.0 WITH LLVM-exception`.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> Option<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let met = either(&mut words, allowed)?;
    words.is_empty().then_some(met)
}

/// Reads alternatives. The next word is the last in the list.
fn either(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut met = both(words, allowed)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        met |= both(words, allowed)?;
    }
    Some(met)
}

fn both(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut met = one(words, allowed)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        met &= one(words, allowed)?;
    }
    Some(met)
}

fn one(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> Option<bool> {
    match words.pop()? {
        "(" => {
            let met = either(words, allowed)?;
            (words.pop()? == ")").then_some(met)
        }
        "OR" | "AND" | "WITH" | ")" => None,
        name if words.pop_if(|word| *word == "WITH").is_some() => {
            Some(allowed.contains(&format!("{name} WITH {}", words.pop()?)))
        }
        name => Some(allowed.contains(name)),
    }
}

#[test]
fn every_dependency_has_a_licence_that_we_may_carry_along() {
    let (packages, allowed) = (packages(), allowed());
    assert!(packages.len() > 100, "cargo names only {} packages", packages.len());
    let refused: Vec<_> = packages
        .iter()
        .filter(|(_, licence)| {
            licence.as_deref().and_then(|it| permits(it, &allowed)) != Some(true)
        })
        .collect();
    assert!(refused.is_empty(), "not met by .deny.toml: {refused:#?}");
}

#[test]
fn one_of_alternatives_is_enough_and_all_of_a_conjunction_are_needed() {
    let allowed = BTreeSet::from(["MIT", "Zlib"].map(str::to_owned));
    let permits = |expression| permits(expression, &allowed);
    assert_eq!(permits("GPL-3.0 OR MIT"), Some(true));
    assert_eq!(permits("GPL-3.0/MIT"), Some(true));
    assert_eq!(permits("GPL-3.0 AND MIT"), Some(false));
    assert_eq!(permits("MIT AND Zlib"), Some(true));
    assert_eq!(permits("(MIT OR GPL-3.0) AND GPL-2.0"), Some(false));
    assert_eq!(permits("MIT OR GPL-3.0 AND GPL-2.0"), Some(true));
    assert_eq!(permits("MIT WITH an-exception"), Some(false));
}

#[test]
fn a_licence_that_cannot_be_read_permits_nothing() {
    let allowed = BTreeSet::from(["MIT".to_owned()]);
    for expression in ["", "MIT MIT", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT WITH"] {
        assert_eq!(permits(expression, &allowed), None, "{expression:?}");
    }
}
