//! How much memory a world of consent takes: `cargo bench --bench memory`.
//!
//! Loads about 10 million grants (`CONSENTGATE_BENCH_WORLD=tenth`: 1 million) in a scattered order
//! and prints the memory of the whole process, and of each part by its layout. The full world holds
//! a little more than 10 million grants: what the process had before is counted whole, and of the rest what
//! 10 million take. Ends with an error if that is above 400 MB.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on must stop, and uses its own part of the data sets"
)]

mod datasets;

use std::process::ExitCode;
use std::time::Instant;

use consentgate::index::{ConsentIndex, IndexKeys};
use datasets::{Size, World};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// In units of a million bytes, for so many grants.
const LIMIT_MB: f64 = 400.0;
const LIMIT_GRANTS: f64 = 10e6;

fn main() -> ExitCode {
    let size = Size::from_env(Size::Full);
    let world = World::new(size);
    println!("{}", world.describe());
    let before = resident_mb();
    let mut index =
        ConsentIndex::new(IndexKeys { mixing: 0x5eed, user_ids: [1; 16], tombstones: [2; 16] });
    let mut facts = 0u64;
    let mut longest = 0u128;
    let started = Instant::now();
    for fact in world.facts() {
        let begun = Instant::now();
        index.apply(fact);
        longest = longest.max(begun.elapsed().as_micros());
        facts += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    let resident = resident_mb();
    let stats = index.stats();
    println!("{facts} facts in {seconds:.1} s (with making them), longest apply {longest} us");
    println!(
        "{} subjects, {} grants, {} objections, {} tombstones, {} bitmaps",
        stats.subjects, stats.grants, stats.objections, stats.tombstones, stats.bitmaps
    );
    let parts = [
        ("phones", stats.bytes.phones),
        ("user ids", stats.bytes.user_ids),
        ("grants", stats.bytes.grants),
        ("rare", stats.bytes.rare),
        ("bitmaps", stats.bytes.bitmaps),
        ("texts", stats.bytes.texts),
        ("tombstones", stats.bytes.tombstones),
        ("all parts", stats.bytes.total()),
    ];
    for (name, bytes) in parts {
        let each = bytes as f64 / stats.grants as f64;
        println!("{name:>12} {:8.1} MB {each:6.2} B/grant", bytes as f64 / 1e6);
    }
    let each = resident * 1e6 / stats.grants as f64;
    println!("resident: {resident:.1} MB ({before:.1} before), {each:.2} B/grant");
    let of_limit = before + (resident - before) * LIMIT_GRANTS / stats.grants as f64;
    println!("with 10 million grants: {of_limit:.1} MB");
    if size == Size::Full && of_limit > LIMIT_MB {
        println!("above the limit of {LIMIT_MB} MB");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The resident memory of this process, in millions of bytes.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) * 1.024 / 1e3
}
