//! Times several sides in turns, so that their ratio holds on a busy machine too.

use std::time::Instant;

/// Runs every side on every batch, `rounds` times over, and gives each side's median nanoseconds a
/// batch.
///
/// Whoever comes first on a batch brings its memory into the caches for the others, so the sides take
/// turns at coming first.
pub(crate) fn in_turns<B: Copy, const SIDES: usize>(
    rounds: usize,
    batches: impl Iterator<Item = B> + Clone,
    sides: [&mut dyn FnMut(B); SIDES],
) -> [f64; SIDES] {
    let mut times = [const { Vec::new() }; SIDES];
    for round in 0..rounds {
        for (number, batch) in batches.clone().enumerate() {
            for turn in 0..SIDES {
                let side = (round + number + turn) % SIDES;
                let begun = Instant::now();
                sides[side](batch);
                times[side].push(begun.elapsed().as_nanos() as f64);
            }
        }
    }
    times.map(median)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
