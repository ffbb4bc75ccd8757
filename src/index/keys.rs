//! The keys of the index's hashes, and what they make of an identity.
//!
//! They are secrets of one instance (mixing, user ids) or of one deployment (tombstones). Without
//! them nobody can choose identities that collide, and a tombstone cannot be turned back into an
//! identity. `Debug` never shows them.
//!
//! A phone number is mixed by a bijection, so its key is exact: two numbers never share one. A user
//! id is held as a keyed hash of 128 bits and nothing else, so two of a billion ids would be taken
//! for one another with a chance of about 10^-21.

use std::fmt;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13, SipHasher24};

use crate::consent::{IdentityRef, Phone};

/// Keys for hashing identities.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexKeys {
    /// Places phone numbers in the directory. May differ from start to start.
    pub mixing: u64,
    /// Hashes user ids. May differ from start to start.
    pub user_ids: [u8; 16],
    /// Hashes erased identities. Must be the same wherever tombstones are carried to.
    pub tombstones: [u8; 16],
}

impl fmt::Debug for IndexKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKeys(***)")
    }
}

/// A phone number, mixed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PhoneKey(pub u64);

/// A user id, hashed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UserKey(pub [u64; 2]);

/// An erased identity of one business, hashed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TombstoneKey(pub [u64; 2]);

/// An identity as the directory knows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentityKey {
    Phone(PhoneKey),
    User(UserKey),
}

/// The keys, made ready for hashing.
pub(super) struct KeyedHashes {
    offset: u64,
    factors: [u64; 2],
    /// What undoes a multiplication by each factor.
    inverses: [u64; 2],
    user_ids: [u8; 16],
    tombstones: [u8; 16],
}

impl KeyedHashes {
    pub(super) fn new(keys: &IndexKeys) -> Self {
        let offset = spread(keys.mixing);
        let first = spread(offset);
        // A factor must be odd for the multiplication to be a bijection.
        let factors = [first | 1, spread(first) | 1];
        Self {
            offset,
            factors,
            inverses: factors.map(inverse),
            user_ids: keys.user_ids,
            tombstones: keys.tombstones,
        }
    }

    /// The key of an identity in the directory.
    pub(super) fn identity(&self, identity: IdentityRef<'_>) -> IdentityKey {
        match identity {
            IdentityRef::Phone(phone) => IdentityKey::Phone(PhoneKey(self.mix(phone.digits()))),
            IdentityRef::UserId(text) => {
                let hash = SipHasher13::new_with_key(&self.user_ids).hash(text.as_bytes());
                IdentityKey::User(UserKey([hash.h1, hash.h2]))
            }
        }
    }

    /// The phone number behind a key.
    pub(super) fn phone(&self, key: PhoneKey) -> Option<Phone> {
        Phone::from_digits(self.unmix(key.0))
    }

    /// The key of an erased identity: SipHash-2-4 of `business/identity`.
    pub(super) fn tombstone(&self, business: &str, identity: IdentityRef<'_>) -> TombstoneKey {
        let mut hasher = SipHasher24::new_with_key(&self.tombstones);
        hasher.write(business.as_bytes());
        hasher.write(b"/");
        match identity {
            IdentityRef::Phone(phone) => {
                let mut buffer = [0; 20];
                hasher.write(b"+");
                hasher.write(decimal(phone.digits(), &mut buffer));
            }
            IdentityRef::UserId(text) => hasher.write(text.as_bytes()),
        }
        let hash = hasher.finish128();
        TombstoneKey([hash.h1, hash.h2])
    }

    /// Every step can be undone, so no two numbers meet.
    fn mix(&self, number: u64) -> u64 {
        let mut mixed = (number ^ self.offset).wrapping_mul(self.factors[0]);
        mixed ^= mixed >> 32;
        mixed = mixed.wrapping_mul(self.factors[1]);
        mixed ^ (mixed >> 29)
    }

    fn unmix(&self, mixed: u64) -> u64 {
        let [first, second] = self.inverses;
        let mut number = (mixed ^ (mixed >> 29) ^ (mixed >> 58)).wrapping_mul(second);
        number ^= number >> 32;
        number.wrapping_mul(first) ^ self.offset
    }
}

/// The inverse of an odd number modulo 2^64: each step of Newton's doubles the right bits, of which an
/// odd number itself has three.
fn inverse(odd: u64) -> u64 {
    (0..5).fold(odd, |guess, _| guess.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(guess))))
}

/// One step of SplitMix64: makes independent words of one key.
fn spread(seed: u64) -> u64 {
    let mut word = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The decimal digits of a number, without an allocation.
fn decimal(mut number: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut start = buffer.len();
    for digit in buffer.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/keys.rs"]
mod tests;
