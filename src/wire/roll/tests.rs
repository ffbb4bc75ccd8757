//! Sentences about encrypted records and signed ends.

use secrecy::SecretSlice;

use super::*;
use crate::wire::receipt::{SigningKey, VerifyingKeys};

fn key(byte: u8) -> (String, SecretSlice<u8>) {
    (format!("k{byte}"), SecretSlice::from(vec![byte; 32]))
}

fn record() -> OpenedRecord {
    OpenedRecord { key: Some(b"cafe/+99910000001".to_vec()), value: None }
}

const PLACE: (Partition, Offset) = (Partition(2), Offset(7));

#[test]
fn what_an_older_key_has_sealed_opens_after_a_rotation_and_the_newest_seals() {
    let old = Vault::new([key(1)]).seal(PLACE, &record(), [9; 24]).unwrap();
    let rotated = Vault::new([key(2), key(1)]);
    assert_eq!(rotated.open(PLACE, &old), Some(Ok(record())));
    let new = rotated.seal(PLACE, &record(), [8; 24]).unwrap();
    assert_eq!(Vault::new([key(2)]).open(PLACE, &new), Some(Ok(record())));
    let missing = Some(Err(Locked::KeyMissing("k1".to_owned())));
    assert_eq!(Vault::new([key(2)]).open(PLACE, &old), missing);
}

#[test]
fn a_record_opens_in_its_own_place_only_and_unaltered() {
    let vault = Vault::new([key(1)]);
    let sealed = vault.seal(PLACE, &record(), [9; 24]).unwrap();
    for place in [(Partition(1), Offset(7)), (Partition(2), Offset(8))] {
        assert_eq!(vault.open(place, &sealed), Some(Err(Locked::Broken)));
    }
    let mut altered = sealed.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(vault.open(PLACE, &altered), Some(Err(Locked::Broken)));
    // Another key under the same id is another key.
    let other = Vault::new([("k1".to_owned(), SecretSlice::from(vec![5; 32]))]);
    assert_eq!(other.open(PLACE, &sealed), Some(Err(Locked::Broken)));
    assert_eq!(vault.open(PLACE, &filler()), None);
}

#[test]
fn a_sealed_record_shows_nothing_of_the_person() {
    let sealed = Vault::new([key(1)]).seal(PLACE, &record(), [9; 24]).unwrap();
    assert!(!sealed.windows(8).any(|bytes| bytes == b"10000001"));
}

#[test]
fn an_end_is_believed_only_from_a_pinned_key() {
    let signing = |byte| SigningKey::from_seed(&SecretSlice::from(vec![byte; 32])).unwrap();
    let seal = RollSeal {
        roll: RollId([1; 16]),
        cluster_id: "c".to_owned(),
        from_topic: "a".to_owned(),
        to_topic: "b".to_owned(),
        partition: Partition(0),
        partitions: 1,
        end: Offset(3),
        digest: [4; 32],
        left_out: 1,
        sealed: 2,
        rolled_at_ms: 5,
    };
    let mut keys = VerifyingKeys::default();
    keys.pin(&signing(1));
    assert_eq!(RollSeal::open(&seal.sign(&signing(1)), &keys), Some(Ok(seal.clone())));
    assert!(matches!(RollSeal::open(&seal.sign(&signing(2)), &keys), Some(Err(_))));
    assert_eq!(RollSeal::open(&filler(), &keys), None);
}

#[test]
fn a_digest_tells_every_part_of_every_record_apart() {
    let of = |offset, ms, key: Option<&[u8]>, value: Option<&[u8]>| {
        let mut digest = RollDigest::default();
        digest.add((Partition(0), Offset(offset)), ms, key, value);
        digest.finish()
    };
    let all = [
        of(0, 1, Some(b"ab"), Some(b"c")),
        of(1, 1, Some(b"ab"), Some(b"c")),
        of(0, 2, Some(b"ab"), Some(b"c")),
        of(0, 1, Some(b"a"), Some(b"bc")),
        of(0, 1, Some(b"ab"), None),
        of(0, 1, Some(b"ab"), Some(b"")),
        of(0, 1, None, Some(b"c")),
    ];
    let distinct: std::collections::BTreeSet<_> = all.into();
    assert_eq!(distinct.len(), all.len());
}
