//! Everything that the gate is built or tested with may go with a work under Apache-2.0.
//!
//! Asks cargo for every dependency of the lock file, on any platform, and holds each licence against
//! the list in `.deny.toml`. It reads what the packages say of themselves, not their licence files.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use spdx::{Expression, ParseMode};

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

/// Whether an expression can be met with these licences alone. `None` if it cannot be read. Old
/// packages write `/` where they mean `OR`.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> Option<bool> {
    let expression = Expression::parse_mode(expression, ParseMode::LAX).ok()?;
    Some(expression.evaluate(|licence| allowed.contains(&licence.to_string())))
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
}

#[test]
fn a_licence_that_cannot_be_read_permits_nothing() {
    let allowed = BTreeSet::from(["MIT".to_owned()]);
    for expression in ["", "MIT MIT", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT WITH"] {
        assert_eq!(permits(expression, &allowed), None, "{expression:?}");
    }
}
