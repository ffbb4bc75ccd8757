//! Numbers that look random and follow from their argument.

/// Mixes a number under a seed (SplitMix64).
pub(crate) fn draw(seed: u64, number: u64) -> u64 {
    let mut word = number
        .wrapping_add(seed.wrapping_mul(0xd134_2543_de82_ef95))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A percentage in thousandths: 0 to 99,999.
pub(crate) fn percent_mille(seed: u64, number: u64) -> u64 {
    draw(seed, number) % 100_000
}

/// A permutation of the numbers below `2^bits`: every number once, in a scattered order.
pub(crate) fn scatter(seed: u64, number: u64, bits: u32) -> u64 {
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
pub(crate) fn scattered(seed: u64, count: u64) -> impl Iterator<Item = u64> {
    let bits = u64::BITS - count.leading_zeros();
    (0..1u64 << bits)
        .map(move |number| scatter(seed, number, bits))
        .filter(move |number| *number < count)
}
