//! The fuzz targets on their seeds, on bytes that were once a defect, and on damaged copies of both.
//!
//! The bodies are those that cargo-fuzz runs. A seed of a regression is a file in `fuzz/corpus/TARGET`.

use std::fs;
use std::path::PathBuf;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

#[path = "../../fuzz/bodies/mod.rs"]
#[allow(dead_code, reason = "cargo-fuzz asks for a target by its name")]
mod bodies;

/// How many damaged copies are made of each seed.
const COPIES: u64 = 40;

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz().join("corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut seeds: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn every_target_holds_on_its_corpus() {
    for (target, body) in bodies::TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() >= 3, "{target} has {} seeds", seeds.len());
        for (name, bytes) in seeds {
            println!("{name}");
            body(&bytes);
        }
    }
}

#[test]
fn every_target_holds_on_damaged_seeds() {
    for (target, body) in bodies::TARGETS {
        for (name, bytes) in seeds(target) {
            for copy in 0..COPIES {
                println!("{name} {copy}");
                body(&damaged(&bytes, &mut SmallRng::seed_from_u64(copy)));
            }
        }
    }
}

#[test]
fn every_target_has_its_program_and_its_entry() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for (target, _) in bodies::TARGETS {
        let program = fs::read_to_string(fuzz().join(format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(program.contains(&format!("bodies::run(\"{target}\", bytes)")), "{target}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
    }
}

/// A copy with a few bytes changed, taken out, put in or moved.
fn damaged(bytes: &[u8], chance: &mut SmallRng) -> Vec<u8> {
    const SIGNS: &[u8] = b"{}[]:,\"\\ 0-.eu=\n\xff\x00\x80";
    let mut bytes = bytes.to_vec();
    for _ in 0..chance.random_range(1..5) {
        if bytes.is_empty() {
            break;
        }
        let at = chance.random_range(0..bytes.len());
        match chance.random_range(0..5) {
            0 => bytes[at] = SIGNS[chance.random_range(0..SIGNS.len())],
            1 => bytes.insert(at, SIGNS[chance.random_range(0..SIGNS.len())]),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            _ => {
                let piece = bytes[at..].to_vec();
                bytes.extend(piece);
            }
        }
    }
    bytes
}

/// Longer than a test may take: a minute of random and damaged bytes through every target.
#[test]
#[ignore = "takes a minute; run by hand with --ignored"]
fn every_target_holds_for_a_minute() {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let mut chance = SmallRng::from_os_rng();
    let corpus = bodies::TARGETS.map(|(target, body)| (body, seeds(target)));
    let mut runs = 0;
    while std::time::Instant::now() < end {
        for (body, seeds) in &corpus {
            let (_, seed) = &seeds[chance.random_range(0..seeds.len())];
            body(&damaged(seed, &mut chance));
            let mut bytes = vec![0; chance.random_range(0..200)];
            chance.fill(&mut bytes[..]);
            body(&bytes);
            runs += 2;
        }
    }
    println!("{runs} runs");
}
