//! Somebody tampered with allowed records, audit entries or consent: the place is named.

use consentgate::commands::verify::Law;
use consentgate::wire::audit::{AuditEntry, decode_entry};

use super::copies::{assert_differences, offset_in_copy, verify_tampered};
use super::world::WORLD;
use crate::support::reading::ReadRecord;
use crate::support::world::withdraw;

/// An allowed record with others of its partition before and behind it, and where it comes to lie.
fn one_allowed() -> (usize, &'static ReadRecord, i64) {
    let records = &WORLD.left.allowed;
    let index = (0..records.len())
        .find(|index| offset_in_copy(records, *index) == 4)
        .expect("five of one partition");
    (index, &records[index], 4)
}

fn one_audit() -> (usize, AuditEntry) {
    let index = WORLD.left.audit.len() / 2;
    let value = WORLD.left.audit[index].value.as_ref().expect("an entry");
    (index, decode_entry(value).expect("readable"))
}

#[test]
fn an_allowed_record_that_was_removed_is_missed_at_its_source() {
    let (index, record, _) = one_allowed();
    let source = WORLD.source_of(record);
    let report = verify_tampered("removed", |left| drop(left.allowed.remove(index)));
    let place = (source.partition, source.offset);
    assert_differences(&report, &[(Law::AllowedMissing, "outbound", place.0, place.1)]);
}

#[test]
fn the_last_allowed_record_is_missed_too() {
    let last = WORLD.left.allowed.len() - 1;
    let source = WORLD.source_of(&WORLD.left.allowed[last]);
    let report = verify_tampered("last", |left| drop(left.allowed.remove(last)));
    let place = (source.partition, source.offset);
    assert_differences(&report, &[(Law::AllowedMissing, "outbound", place.0, place.1)]);
}

#[test]
fn a_record_that_was_added_to_the_allowed_is_named() {
    let (index, record, offset) = one_allowed();
    let report = verify_tampered("added", |left| {
        let value = Some(b"a stranger's message".to_vec());
        let stranger = ReadRecord { value, ..record.clone() };
        left.allowed.insert(index, stranger);
    });
    assert_differences(&report, &[(Law::AllowedAdded, "allowed", record.partition, offset)]);
}

#[test]
fn a_suppressed_message_among_the_allowed_is_named() {
    let (_, entry) = one_audit();
    let leaked = WORLD
        .outbound
        .iter()
        .find(|record| (record.partition, record.offset) == (entry.partition.0, entry.offset.0))
        .expect("it");
    let allowed = WORLD.left.allowed.iter();
    let behind = allowed.filter(|record| record.partition == leaked.partition).count() as i64;
    let report = verify_tampered("leaked", |left| left.allowed.push(leaked.clone()));
    let expected = (Law::AllowedAdded, "allowed", leaked.partition, behind);
    assert_differences(&report, &[expected]);
}

#[test]
fn an_allowed_record_that_is_there_twice_is_named() {
    let (index, record, offset) = one_allowed();
    let report = verify_tampered("doubled", |left| left.allowed.insert(index, record.clone()));
    let expected = (Law::AllowedTwice, "allowed", record.partition, offset + 1);
    assert_differences(&report, &[expected]);
}

#[test]
fn one_changed_byte_is_named() {
    let (index, record, offset) = one_allowed();
    let place = (Law::AllowedChanged, "allowed", record.partition, offset);
    let in_value = verify_tampered("value", |left| {
        let value = left.allowed[index].value.as_mut().expect("a value");
        *value.last_mut().expect("a byte") ^= 1;
    });
    assert_differences(&in_value, &[place]);
    let in_key = verify_tampered("key", |left| left.allowed[index].key = None);
    assert_differences(&in_key, &[place]);
    let in_time = verify_tampered("time", |left| {
        left.allowed[index].timestamp_ms = record.timestamp_ms.map(|at| at + 1);
    });
    assert_differences(&in_time, &[place]);
    let in_headers = verify_tampered("headers", |left| {
        left.allowed[index].headers = crate::support::reading::Headers::Text(Vec::new());
    });
    assert_differences(&in_headers, &[place]);
}

#[test]
fn an_allowed_record_in_another_partition_is_named_there() {
    let (index, record, _) = one_allowed();
    let there = (record.partition + 1) % 3;
    let report = verify_tampered("moved", |left| {
        let mut moved = left.allowed.remove(index);
        moved.partition = there;
        left.allowed.push(moved);
    });
    let others = WORLD.left.allowed.iter();
    let behind = others.filter(|record| record.partition == there).count() as i64;
    assert_differences(&report, &[(Law::AllowedMoved, "allowed", there, behind)]);
}

#[test]
fn two_allowed_records_that_changed_places_are_out_of_order() {
    let (index, record, _) = one_allowed();
    assert_eq!(WORLD.left.allowed[index + 1].partition, record.partition);
    let report = verify_tampered("swapped", |left| left.allowed.swap(index, index + 1));
    assert_eq!(report.difference_count(), 1, "{}", report.to_text());
    let difference = &report.differences()[0];
    assert_eq!(difference.law, Law::AllowedOrder);
    assert_eq!(difference.at.partition, record.partition);
    assert!((4..=5).contains(&difference.at.offset));
}

#[test]
fn an_audit_entry_that_was_removed_is_missed_at_its_source() {
    let (index, entry) = one_audit();
    let report = verify_tampered("audit-removed", |left| drop(left.audit.remove(index)));
    let expected = (Law::AuditMissing, "outbound", entry.partition.0, entry.offset.0);
    assert_differences(&report, &[expected]);
}

#[test]
fn an_audit_entry_that_is_there_twice_is_named() {
    let (index, entry) = one_audit();
    let offset = offset_in_copy(&WORLD.left.audit, index);
    let report = verify_tampered("audit-twice", |left| {
        left.audit.insert(index, left.audit[index].clone());
    });
    let expected = (Law::AuditTwice, "message", entry.partition.0, offset + 1);
    assert_differences(&report, &[expected]);
}

#[test]
fn a_withdrawal_slipped_into_the_past_contradicts_the_decisions() {
    let record = WORLD.left.allowed.last().expect("one");
    let source = WORLD.source_of(record);
    let message = consentgate::wire::outbound::decode(source.value.as_deref()).expect("a message");
    let person: u32 = (0..30)
        .find(|person| {
            let phone = crate::support::world::phone(*person);
            consentgate::consent::IdentityRef::parse(&phone) == message.to
        })
        .expect("one of the world");
    let event = withdraw(message.business, person);
    let report = verify_tampered("slipped", |left| {
        // Into the first partition that the person's own grant lies in, before everything.
        let of_person = |record: &ReadRecord| record.key.as_deref() == Some(event.key.as_bytes());
        let index = left.consent_events.iter().position(of_person).expect("a grant");
        let slipped =
            ReadRecord { value: Some(event.value.clone()), ..left.consent_events[index].clone() };
        left.consent_events.insert(index, slipped);
    });
    let found = report.differences().iter().find(|difference| {
        (difference.at.partition, difference.at.offset) == (source.partition, source.offset)
    });
    let found = found.unwrap_or_else(|| panic!("{}", report.to_text()));
    assert_eq!(found.law, Law::Decision);
    assert!(found.expected.contains("withdrawn"), "{found}");
    assert_eq!(found.found, "allowed");
}
