use super::*;
use crate::consent::Identity;

fn hashes(key: u8) -> KeyedHashes {
    KeyedHashes::new(&IndexKeys {
        mixing: u64::from(key),
        user_ids: [key; 16],
        tombstones: [key; 16],
    })
}

#[test]
fn a_tombstone_is_the_keyed_hash_of_the_record_key() {
    for text in ["+9991202555017", "US.1a2B", "+9990000"] {
        let identity = Identity::parse(text).unwrap();
        let whole = SipHasher24::new_with_key(&[3; 16]).hash(format!("acme/{text}").as_bytes());
        let tombstone = hashes(3).tombstone("acme", identity.as_ref());
        assert_eq!(tombstone.0, [whole.h1, whole.h2]);
    }
}

#[test]
fn another_key_gives_another_hash() {
    for text in ["+9991202555017", "US.1a2B"] {
        let identity = Identity::parse(text).unwrap();
        let identity = identity.as_ref();
        assert!(hashes(1).identity(identity) != hashes(2).identity(identity));
        assert!(hashes(1).tombstone("a", identity) != hashes(2).tombstone("a", identity));
    }
}

#[test]
fn a_phone_number_and_a_user_id_are_never_the_same() {
    let phone = Identity::parse("+9991202555017").unwrap();
    let user = Identity::parse("US.9991202555017").unwrap();
    assert!(hashes(1).identity(phone.as_ref()) != hashes(1).identity(user.as_ref()));
}

#[test]
fn neighbouring_numbers_spread_evenly() {
    let hashes = hashes(9);
    let mut counts = [0u32; 64];
    for number in 0..64_000u64 {
        counts[(hashes.mix(999_120_255_000_000 + number) >> 58) as usize] += 1;
    }
    for count in counts {
        assert!((800..1_200).contains(&count), "{counts:?}");
    }
}

#[test]
fn mixing_can_be_undone() {
    let hashes = hashes(9);
    for number in [0, 1, 999_120_255_501, crate::consent::identity::PHONE_MAX] {
        assert_eq!(unmix(&hashes, hashes.mix(number)), number);
    }
}

/// The way back, which exists only because no two numbers meet.
fn unmix(hashes: &KeyedHashes, mixed: u64) -> u64 {
    let mut number = mixed ^ (mixed >> 29) ^ (mixed >> 58);
    number = number.wrapping_mul(inverse(hashes.factors[1]));
    number ^= number >> 32;
    number.wrapping_mul(inverse(hashes.factors[0])) ^ hashes.offset
}

/// The inverse of an odd number modulo 2^64, by Newton's method.
fn inverse(odd: u64) -> u64 {
    let step = |guess: u64| guess.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(guess)));
    (0..6).fold(odd, |guess, _| step(guess))
}
