//! Chance that can be repeated: the seed is printed, and `CONSENTGATE_TEST_SEED` sets it.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::unique::random;

/// A source of chance for a test of this name.
pub fn chance(test: &str) -> StdRng {
    let given = std::env::var("CONSENTGATE_TEST_SEED").ok();
    let seed = given.map_or_else(random, |seed| seed.parse().expect("a number"));
    println!("{test}: CONSENTGATE_TEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
