//! What docs/guarantees.md names is there: every test, and every file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join("docs/guarantees.md")).unwrap()
}

/// The Rust sources below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    let files = paths.flat_map(below);
    files.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

/// Everything that is called a test somewhere: functions, tests that a macro makes, trials.
fn tests() -> BTreeSet<String> {
    let folders = ["src", "tests"].map(|folder| root().join(folder));
    let texts = folders.iter().flat_map(|folder| sources(folder)).map(fs::read_to_string);
    let texts: Vec<_> = texts.map(Result::unwrap).collect();
    let lines = texts.iter().flat_map(|text| text.lines().map(str::trim));
    lines.filter_map(name_in).map(str::to_string).collect()
}

/// The name that a line gives to a test, if it gives one.
fn name_in(line: &str) -> Option<&str> {
    let is_name = |name: &&str| {
        name.contains('_') && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
    };
    let function = line.strip_prefix("fn ").and_then(|rest| rest.split_once("()"));
    let row = line.split_once(": ").filter(|(_, rest)| rest.contains(" by "));
    let trial = line.split('"').nth(1);
    let name = function.or(row).map(|(name, _)| name).or(trial);
    name.filter(is_name)
}

/// What stands in a text between two backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether it is meant as a test: a sentence.
fn is_sentence(word: &&str) -> bool {
    word.matches('_').count() >= 3 && !word.contains(['/', ' ', '='])
}

#[test]
fn every_test_that_the_guarantees_name_exists() {
    let (page, tests) = (page(), tests());
    let missing: Vec<_> =
        quoted(&page).filter(is_sentence).filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "no test is called {missing:?}");
    assert!(!tests.contains(&["no_test_of_the_tree", "is_called_so"].join("_")));
}

#[test]
fn every_file_that_the_guarantees_name_exists() {
    let page = page();
    let is_path = |word: &&str| word.starts_with("src/") || word.starts_with("tests/");
    let paths: Vec<_> = quoted(&page).filter(is_path).collect();
    let missing: Vec<_> = paths.iter().filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty() && paths.len() > 20, "no file is called {missing:?}");
}

#[test]
fn every_promise_names_a_test_and_what_is_not_promised() {
    let page = page();
    for promise in 1..=7 {
        let head = format!("\n## P{promise}. ");
        let (_, part) = page.split_once(&head).unwrap_or_else(|| panic!("{head} is missing"));
        let part = part.split("\n## ").next().unwrap();
        assert!(quoted(part).any(|word| is_sentence(&word)), "P{promise} names no test");
        let says = part.contains("Not promised:");
        assert!(says, "P{promise} does not say what is not promised");
    }
}
