//! Which seeds are run, and what is shown of one that fails.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cluster::Trace;
use super::laws::{Broken, broken_by};
use super::world::run;

/// How many of the last steps of a failed run are shown; the file has all.
const STEPS_SHOWN: usize = 200;

/// The seeds that were asked for, else so many: `5000`, or `800..900`.
pub(super) fn asked(usual: u64) -> Range<u64> {
    let Ok(asked) = std::env::var("CONSENTGATE_SEEDS") else {
        return 0..usual;
    };
    let number = |text: &str| text.trim().parse().expect("CONSENTGATE_SEEDS: 5000, or 800..900");
    match asked.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => 0..number(&asked),
    }
}

/// The seeds that have failed once. Each is run for ever.
pub(super) fn kept() -> impl Iterator<Item = u64> {
    let lines = include_str!("../../fixtures/simulator/seeds.txt").lines();
    let seed = |line: &str| line.split_whitespace().next().map(|seed| seed.parse().unwrap());
    lines.filter(|line| !line.starts_with('#')).filter_map(seed)
}

/// Those of the seeds that break a law, on all processors: every run is alone on its thread.
pub(super) fn failing(seeds: impl Iterator<Item = u64>) -> Vec<(u64, Vec<Broken>)> {
    let seeds: Vec<u64> = seeds.collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(&seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let broken = broken_by(&run(seed, None, Trace::None));
            if !broken.is_empty() {
                failed.lock().unwrap().push((seed, broken));
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|(seed, _)| *seed);
    failed
}

/// The steps of a run: the last ones, and the file that has all.
pub(super) fn trace_of(seed: u64) -> String {
    let steps = run(seed, None, Trace::Kept).shared.borrow().trace.take().unwrap_or_default();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("simulator-{seed}.txt"));
    std::fs::write(&file, steps.join("\n")).unwrap();
    let shown = &steps[steps.len().saturating_sub(STEPS_SHOWN)..];
    let mut text = format!("its {} steps are in {}, the last ones:\n", steps.len(), file.display());
    shown.iter().for_each(|step| writeln!(text, "{step}").unwrap());
    text
}
