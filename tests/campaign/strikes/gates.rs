//! Faults of gates.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::StdRng;

use crate::field::Field;
use crate::gates::GATES;

/// Longer than a gate's session (6 s).
const BEYOND_A_SESSION: Duration = Duration::from_secs(9);

pub fn killed(field: &Field<'_>, chance: &mut StdRng) {
    let nth = one_of(chance);
    field.gates.kill(nth);
    // Some are back before the others have noticed, some after.
    sleep(Duration::from_millis(chance.random_range(0..9_000)));
    field.gates.be_there(nth);
}

pub fn frozen(field: &Field<'_>, chance: &mut StdRng) {
    field.gates.freeze(one_of(chance), BEYOND_A_SESSION);
}

pub fn upgraded(field: &Field<'_>, chance: &mut StdRng) {
    let nth = one_of(chance);
    field.gates.stop(nth);
    field.gates.be_there(nth);
}

pub fn twice(field: &Field<'_>, chance: &mut StdRng) {
    let nth = one_of(chance);
    let twin = field.gates.another(&field.gates.name(nth));
    sleep(Duration::from_secs(6));
    twin.kill9();
}

pub fn storm(field: &Field<'_>, chance: &mut StdRng) {
    for nth in 0..5 {
        let guest = field.gates.another(&format!("guest-{nth}"));
        sleep(Duration::from_millis(chance.random_range(500..1_500)));
        if chance.random_bool(0.5) {
            guest.kill9();
        } else {
            guest.terminate();
        }
    }
}

/// One gate gets a clock of its own, which jumps while it decides.
pub fn clock(field: &Field<'_>, chance: &mut StdRng, offset_s: &str) {
    let nth = one_of(chance);
    field.gates.stop(nth);
    let clock = field.gates.be_there_with_a_clock(nth);
    let started = Instant::now();
    sleep(Duration::from_secs(3));
    assert!(field.follower.seen_everywhere_within(started, BEYOND_A_SESSION * 4), "it decides");
    clock.set(offset_s);
    sleep(Duration::from_secs(6));
    clock.set("+0");
    sleep(Duration::from_secs(2));
    field.gates.stop(nth);
    field.gates.be_there(nth);
}

fn one_of(chance: &mut StdRng) -> usize {
    chance.random_range(0..GATES)
}
