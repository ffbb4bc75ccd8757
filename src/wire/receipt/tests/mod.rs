//! Receipts read back as they were written, hold together, and cannot be forged.

mod any;
mod column;

use roaring::RoaringTreemap;

use super::*;
use crate::consent::{Offset, Partition, Positions, Topic};
use crate::policy::Policy;
use crate::wire::WireError;
use crate::wire::tests::{receipt, signing_key};

fn trusted() -> VerifyingKeys {
    let mut keys = VerifyingKeys::default();
    keys.pin(&signing_key(1));
    keys
}

fn reopened(receipt: &Receipt) -> Receipt {
    let sealed = seal(receipt, &signing_key(1)).unwrap();
    match open(&sealed.value, &trusted()).unwrap() {
        Opened::Receipt { receipt, hash } if hash == sealed.hash => *receipt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_receipt_opens_as_it_was_sealed() {
    assert_eq!(reopened(&receipt()), receipt());
}

#[test]
fn a_receipt_lies_in_the_lowest_partition_that_it_covers() {
    let sealed = seal(&receipt(), &signing_key(1)).unwrap();
    assert_eq!(sealed.lowest_partition, Partition(1));
}

#[test]
fn a_shadows_receipt_says_so_and_a_gates_has_no_word_for_it() {
    let shadow = Receipt { mode: Mode::Shadow, ..receipt() };
    assert_eq!(reopened(&shadow), shadow);
    assert_eq!(
        super::to_proto::to_proto(&receipt()).unwrap().mode,
        "",
        "as before there were modes"
    );
    assert_eq!(super::to_proto::to_proto(&shadow).unwrap().mode, "shadow");
}

#[test]
fn a_receipt_of_a_mode_of_a_later_version_is_refused() {
    let mut later = super::to_proto::to_proto(&receipt()).unwrap();
    later.mode = "dry".to_string();
    let refused = super::from_proto::from_proto(later).unwrap_err();
    assert!(refused.to_string().contains("later version"), "{refused}");
}

#[test]
fn a_routes_receipt_names_it_and_the_first_routes_is_as_before_there_were_routes() {
    let codes = crate::consent::RouteName::parse("codes").unwrap();
    let of_codes = Receipt { route: codes, fence_limit_ms: Some(500), ..receipt() };
    assert_eq!(reopened(&of_codes), of_codes);
    let written = super::to_proto::to_proto(&of_codes).unwrap();
    assert_eq!((written.route.as_str(), written.fence_limit_ms), ("codes", 500));
    assert_eq!(super::to_proto::to_proto(&receipt()).unwrap().route, "");
}

#[test]
fn a_receipt_of_what_is_no_route_is_refused() {
    for word in ["main", "Codes", "a.b"] {
        let mut other = super::to_proto::to_proto(&receipt()).unwrap();
        other.route = word.to_string();
        assert!(super::from_proto::from_proto(other).is_err(), "{word}");
    }
}

fn hold_alone() -> Receipt {
    Receipt { batches: Vec::new(), gaps: Vec::new(), allowed: 0, suppressed: 0, ..receipt() }
}

#[test]
fn a_receipt_of_a_hold_alone_is_one() {
    assert_eq!(reopened(&hold_alone()), hold_alone());
}

#[test]
fn a_batch_that_names_the_receipts_own_policy_names_none() {
    let mut named = receipt();
    named.batches[0].policy = Some(named.policy);
    assert_eq!(reopened(&named), receipt());
}

/// Every law of `check`, broken alone, with the words in which it is refused.
#[test]
fn a_receipt_that_does_not_hold_together_is_not_sealed() {
    type Break = fn(&mut Receipt);
    let breaks: [(&str, &str, Break); 26] = [
        ("source_topic", "is missing", |r| r.source_topic.clear()),
        ("previous", "is empty, a receipt", |r| {
            *r = Receipt { previous: Vec::new(), ..hold_alone() }
        }),
        ("previous", "names a partition twice", |r| r.previous.push(r.previous[0])),
        ("previous", "lacks a partition", |r| r.previous.truncate(1)),
        ("previous", "must not be negative", |r| {
            r.previous.push(Previous { partition: Partition(-1), hash: None });
        }),
        ("now_ms", "must not be negative", |r| r.batches[0].now_ms = -1),
        ("ranges", "is empty", |r| r.batches[1].ranges.clear()),
        ("ranges", "names a partition twice", |r| {
            r.batches[0].ranges[1].partition = Partition(1);
        }),
        ("ranges", "goes back", |r| {
            let later = r.batches[1].ranges[0].clone();
            r.batches[1].ranges[0] = std::mem::replace(&mut r.batches[0].ranges[0], later);
        }),
        ("ranges", "goes back", |r| r.batches[1].ranges[0].first = Offset(104)),
        ("ranges", "and gaps leave a hole", |r| {
            let range = &mut r.batches[1].ranges[0];
            (range.first, range.next) = (Offset(106), Offset(107));
        }),
        ("ranges", "and gaps leave a hole", |r| r.gaps[0].first = Offset(1)),
        ("ranges", "and gaps leave a hole", |r| r.gaps[0].first = Offset(3)),
        ("positions", "is empty", |r| r.batches[0].positions = Positions::default()),
        ("positions", "move backwards", |r| {
            let first = (Topic::ConsentEvents, Partition(0), Offset(999));
            let second = (Topic::ConsentActivity, Partition(0), Offset(0));
            r.batches[1].positions = [first, second].into_iter().collect();
        }),
        ("positions", "move backwards", |r| {
            let only = (Topic::ConsentEvents, Partition(0), Offset(1_001));
            r.batches[1].positions = [only].into_iter().collect();
        }),
        ("next", "must not be before first", |r| r.batches[0].ranges[1].first = Offset(3)),
        ("first", "must not be negative", |r| r.batches[0].ranges[1].first = Offset(-1)),
        ("next", "must be after first", |r| r.gaps[0].next = Offset(2)),
        ("reason", "is missing", |r| r.gaps[0].reason = " ".to_string()),
        ("allowed", "lies outside", |r| {
            r.batches[0].ranges[0].allowed.insert(5);
        }),
        ("received", "is more than the range holds", |r| r.batches[0].ranges[0].received = 6),
        ("received", "is less than was allowed", |r| r.batches[0].ranges[0].received = 2),
        ("allowed", "is not what the ranges", |r| r.allowed += 1),
        ("suppressed", "is not what the ranges", |r| r.suppressed -= 1),
        ("ended_ms", "must not be before", |r| r.holds[0].ended_ms = Some(1)),
    ];
    for (field, words, break_it) in breaks {
        let mut broken = receipt();
        break_it(&mut broken);
        let refused = seal(&broken, &signing_key(1)).unwrap_err().to_string();
        let expected = format!("field {field} {words}");
        assert!(refused.starts_with(&expected), "{expected}: {refused}");
    }
}

#[test]
fn no_byte_of_a_sealed_record_can_be_changed() {
    let sealed = seal(&hold_alone(), &signing_key(1)).unwrap();
    let opened = open(&sealed.value, &trusted()).unwrap();
    for at in 0..sealed.value.len() {
        let mut value = sealed.value.clone();
        value[at] ^= 1 << (at % 8);
        let forged = open(&value, &trusted());
        assert!(forged.is_err() || forged == Ok(opened.clone()), "byte {at}");
    }
}

#[test]
fn a_key_that_is_not_pinned_is_refused() {
    let sealed = seal(&receipt(), &signing_key(2)).unwrap();
    let key_id = signing_key(2).id().to_string();
    assert_eq!(open(&sealed.value, &trusted()), Err(WireError::UnknownKey { key_id }));
    assert!(open(&sealed.value, &VerifyingKeys::default()).is_err());
}

/// Signatures of one kind are worth nothing on the other, even over the same bytes.
#[test]
fn a_policys_signature_is_none_for_a_receipt() {
    use crate::wire::proto::audit::{SignedRecord, signed_record::Body};
    use prost::Message as _;
    let sealed = seal_policy(&Policy::standard(), &signing_key(1));
    assert!(open(&sealed.value, &trusted()).is_ok());
    let mut record = SignedRecord::decode(sealed.value.as_slice()).unwrap();
    let Some(Body::Policy(text)) = record.body.take() else { panic!("a policy") };
    record.body = Some(Body::Receipt(text));
    let crossed = open(&record.encode_to_vec(), &trusted());
    assert_eq!(crossed, Err(WireError::BadSignature));
}

#[test]
fn a_policy_opens_under_the_hash_that_receipts_name() {
    let policy = Policy::standard();
    let sealed = seal_policy(&policy, &signing_key(1));
    assert_eq!(sealed.hash, PolicyHash::of(&policy));
    let hash = sealed.hash;
    assert_eq!(open(&sealed.value, &trusted()), Ok(Opened::Policy { policy, hash }));
}

#[test]
fn public_keys_are_pinned_in_hex_and_weak_ones_are_refused() {
    let mut keys = VerifyingKeys::default();
    let id = keys.pin_hex(&signing_key(1).public_hex()).unwrap();
    assert_eq!(&id, signing_key(1).id());
    assert_eq!(id.as_str().len(), 16);
    let sealed = seal(&receipt(), &signing_key(1)).unwrap();
    assert!(open(&sealed.value, &keys).is_ok());
    // The identity point: anybody can sign for it.
    let weak = format!("01{}", "00".repeat(31));
    for text in ["", "zz", &weak, &"ff".repeat(31)] {
        assert!(VerifyingKeys::default().pin_hex(text).is_err(), "{text}");
    }
}

#[test]
fn ranges_are_built_record_by_record() {
    let mut range = PartitionRange::starting_at(Partition(4), Offset(10));
    range.allow(Offset(10));
    range.suppress(Offset(11));
    range.allow(Offset(13));
    range.extend_to(Offset(15));
    assert_eq!((range.next, range.received), (Offset(15), 3));
    assert_eq!(range.allowed_offsets().collect::<Vec<_>>(), [Offset(10), Offset(13)]);
    let allowed = [10, 11, 12, 13].map(|offset| range.is_allowed(Offset(offset)));
    assert_eq!(allowed, [true, false, false, true]);
    assert!(!range.is_allowed(Offset(9)));
}

#[test]
fn runs_of_allowed_offsets_go_on_over_the_borders_of_the_bitmap() {
    let border = 1u64 << 32;
    let mut range = PartitionRange::starting_at(Partition(0), Offset(10));
    assert_eq!(range.allowed_runs(), []);
    range.allowed = (65_530..65_540).chain(border - 2..border + 3).chain([border + 9]).collect();
    let at = |distance: u64| Offset(10 + distance.cast_signed());
    let runs = [(65_530, 65_540), (border - 2, border + 3), (border + 9, border + 10)];
    assert_eq!(range.allowed_runs(), runs.map(|(first, next)| (at(first), at(next))));
}

#[test]
fn a_bitmap_with_bytes_after_it_is_refused() {
    let mut body = super::to_proto::to_proto(&receipt()).unwrap();
    assert!(super::from_proto::from_proto(body.clone()).is_ok());
    body.batches[0].ranges[0].allowed.push(0);
    assert!(super::from_proto::from_proto(body).is_err());
}

#[test]
fn a_range_may_be_longer_than_32_bits() {
    let far = 1u64 << 40;
    let mut long = receipt();
    long.batches.truncate(1);
    let range = &mut long.batches[0].ranges[0];
    range.allowed = RoaringTreemap::from_iter([0, far]);
    range.next = Offset(100 + far.cast_signed() + 1);
    range.received = 2;
    (long.allowed, long.suppressed) = (2, 2);
    assert_eq!(reopened(&long), long);
}
