//! Numbers that look random and follow from their arguments.
//!
//! The same seed gives the same world on every machine and in every version of every library, so
//! nothing here depends on a generator of somebody else's.

/// Mixes a number under a seed (SplitMix64).
pub(super) fn draw(seed: u64, number: u64) -> u64 {
    let mut word = number
        .wrapping_add(seed.wrapping_mul(0xd134_2543_de82_ef95))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A permutation of the numbers below `2^bits`: each once, in a scattered order.
pub(super) fn scatter(seed: u64, number: u64, bits: u32) -> u64 {
    let mask = (1u64 << bits) - 1;
    let half = bits.div_ceil(2);
    let mut word = number ^ (draw(seed, 0) & mask);
    for round in 1..4 {
        word = word.wrapping_mul(draw(seed, round) | 1) & mask;
        word ^= word >> half;
    }
    word
}

/// The numbers below `count`, each once, in a scattered order.
pub(super) fn scattered(seed: u64, count: u64) -> impl Iterator<Item = u64> {
    let bits = u64::BITS - count.leading_zeros();
    (0..1u64 << bits)
        .map(move |number| scatter(seed, number, bits))
        .filter(move |number| *number < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_numbers_are_all_there_each_once_and_not_in_order() {
        for count in [0, 1, 2, 7, 8, 1_000] {
            let mut numbers: Vec<u64> = scattered(3, count).collect();
            assert!(count < 8 || !numbers.is_sorted(), "{count}");
            numbers.sort_unstable();
            assert_eq!(numbers, (0..count).collect::<Vec<_>>());
        }
    }
}
