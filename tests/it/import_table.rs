//! The import table of the rooms, held by reading the source.
//!
//! A room may name only the rooms and the crates that its line allows. Comments and texts are no
//! imports. A room without a line, or a line whose files cannot be found, fails.

mod scan;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scan::{Named, names_in};
use table::{Line, Rooms, line_of};

/// The rooms whose files must be found; without them the test would hold an empty house.
const ROOMS: [&str; 14] = [
    "app",
    "broker",
    "commands",
    "config",
    "consent",
    "decision",
    "index",
    "kafka",
    "lib",
    "main",
    "policy",
    "stream",
    "telemetry",
    "wire",
];

/// One import that the table does not allow.
#[derive(Debug, PartialEq, Eq)]
struct Offence {
    file: String,
    line: usize,
    what: String,
}

/// The room of a file, by its path below `src/`: its folder, or its own name.
fn room_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The imports of one source text that its room's line does not allow.
fn offences(file: &str, text: &str, crates: &BTreeSet<String>) -> Vec<Offence> {
    let room = room_of(file);
    let offence = |line, what: String| Offence { file: file.to_string(), line, what };
    let Some(allowed) = line_of(room) else {
        return vec![offence(1, format!("room {room} has no line in the table"))];
    };
    let mut found = Vec::new();
    for (line, named) in names_in(file, text, crates) {
        let what = match named {
            Named::Room(name) if is_room_allowed(room, allowed, &name) => continue,
            Named::Crate(name) if allowed.crates.allow(&name) => continue,
            Named::Room(name) => format!("room {room} must not name room {name}"),
            Named::Crate(name) => format!("room {room} must not name crate {name}"),
        };
        found.push(offence(line, what));
    }
    found
}

fn is_room_allowed(room: &str, allowed: &Line, name: &str) -> bool {
    match allowed.rooms {
        Rooms::All => true,
        Rooms::These(rooms) => room == name || rooms.contains(&name),
    }
}

/// The names of the crate's dependencies, as source texts write them.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    dependencies.keys().map(|name| name.replace('-', "_")).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_room_names_only_what_the_table_allows() {
    let (src, crates) = (root().join("src"), dependencies());
    let mut files = Vec::new();
    sources(&src, &mut files);
    let (mut rooms, mut found) = (BTreeSet::new(), Vec::new());
    for path in &files {
        let file = path.strip_prefix(&src).unwrap().to_str().unwrap();
        rooms.insert(room_of(file).to_string());
        found.extend(offences(file, &fs::read_to_string(path).unwrap(), &crates));
    }
    let listed: String = found
        .iter()
        .map(|offence| format!("\nsrc/{}:{}: {}", offence.file, offence.line, offence.what))
        .collect();
    assert!(found.is_empty(), "{listed}");
    for room in ROOMS {
        assert!(rooms.contains(room), "no file of room {room} was read");
    }
}

#[test]
fn only_the_native_calls_of_kafka_are_unsafe() {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let is_unsafe = |path: &&PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().any(|line| {
            let code = line.split("//").next().unwrap_or(line);
            code.contains("unsafe {") || code.contains("unsafe fn") || code.contains("unsafe impl")
        })
    };
    let native = src.join("kafka/native");
    let (inside, outside): (Vec<_>, Vec<_>) =
        files.iter().filter(is_unsafe).partition(|path| path.starts_with(&native));
    assert!(!inside.is_empty(), "the native calls were not read");
    assert_eq!(outside, Vec::<&PathBuf>::new());
}

#[test]
fn the_reader_sees_the_imports_that_are_there() {
    let crates = dependencies();
    let file = "decision/judge.rs";
    let text = fs::read_to_string(root().join("src").join(file)).unwrap();
    let named: BTreeSet<_> =
        names_in(file, &text, &crates).into_iter().map(|(_, named)| named).collect();
    for room in ["consent", "index", "policy"] {
        assert!(named.contains(&Named::Room(room.into())), "{room} is not seen");
    }
}

#[test]
fn an_offending_import_is_caught_with_its_line() {
    let crates = dependencies();
    let caught = |file: &str, text: &str| -> Vec<(usize, String)> {
        let offences = offences(file, text, &crates).into_iter();
        offences.map(|offence| (offence.line, offence.what)).collect()
    };
    let both = |file, text, what: &str| {
        assert_eq!(caught(file, text), [(2, what.to_string())], "{text}");
    };
    let rdkafka = "room decision must not name crate rdkafka";
    both("decision/judge.rs", "\nuse rdkafka::Message;", rdkafka);
    both("decision/judge.rs", "\nfn f() { rdkafka::util::get_rdkafka_version(); }", rdkafka);
    both("decision/judge.rs", "\nuse {std::fmt, rdkafka::Message};", rdkafka);
    both("decision/judge.rs", "\nuse ::rdkafka as kafka;", rdkafka);
    both("decision/judge.rs", "\nextern crate rdkafka;", rdkafka);
    let app = "room app must not name crate rdkafka";
    both("app/start.rs", "\nuse rdkafka::Message;", app);
    let index = "room policy must not name room index";
    both("policy/mod.rs", "\nuse crate::index::Query;", index);
    both("policy/mod.rs", "\nuse crate::{consent::Class, index::Query};", index);
    both("policy/mod.rs", "\nuse super::index::Query;", index);
    both("policy/deep/a.rs", "\nuse super::super::super::index::Query;", index);
    both("policy/mod.rs", "\nfn f(q: crate::index::Query<'_>) {}", index);
    both("policy/mod.rs", "\nuse crate as gate;", "room policy must not name room *");
    both("policy/mod.rs", "\nuse crate::*;", "room policy must not name room *");
    assert_eq!(
        caught("novel/mod.rs", ""),
        [(1, "room novel has no line in the table".to_string())]
    );
}

#[test]
fn what_is_allowed_or_only_mentioned_is_not_caught() {
    let crates = dependencies();
    for (file, text) in [
        ("kafka/consumer.rs", "use rdkafka::Message;"),
        ("index/texts.rs", "use hashbrown::HashMap; use super::super::consent::Mark;"),
        ("consent/fold/a.rs", "use super::super::fact::Fact; use crate::consent::Seconds;"),
        ("decision/a.rs", "// use rdkafka::Message;\n/* rdkafka::x /* tokio:: */ */"),
        ("decision/a.rs", "/// [`crate::stream`]\nconst A: &str = \"rdkafka::Message\";"),
        ("decision/a.rs", "const A: &str = r#\"tokio::spawn \" crate::stream\"#;"),
        ("decision/a.rs", "const A: char = '\"'; const B: u8 = b'\\''; fn f<'a>(x: &'a u8) {}"),
    ] {
        assert_eq!(offences(file, text, &crates), [], "{text}");
    }
}
