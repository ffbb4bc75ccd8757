//! Times several sides in turns, so that their ratio holds on a busy machine too.

use std::time::Instant;

/// Runs every side on every batch, `rounds` times over, and gives each side's median nanoseconds a
/// batch.
///
/// The batches are a ring that every side walks from a start of its own. So no side is ever handed
/// what another has just brought into the caches, a batch's messages or the index's lines for them.
pub(crate) fn in_turns<B: Copy, const SIDES: usize>(
    rounds: usize,
    batches: impl Iterator<Item = B>,
    sides: [&mut dyn FnMut(B); SIDES],
) -> [f64; SIDES] {
    let batches: Vec<B> = batches.collect();
    let mut times = [const { Vec::new() }; SIDES];
    for step in 0..rounds * batches.len() {
        for side in 0..SIDES {
            let batch = batches[(step + side * batches.len() / SIDES) % batches.len()];
            let begun = Instant::now();
            sides[side](batch);
            times[side].push(begun.elapsed().as_nanos() as f64);
        }
    }
    times.map(median)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
