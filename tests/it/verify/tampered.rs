//! Ten kinds of tampering with what a real gate wrote, each on copies of its topics: each is found and
//! named by law, topic, partition and offset, and the copy that nobody touched is clean.
//!
//! The other modules go further into each kind; this one is the list.

use std::collections::BTreeSet;

use consentgate::commands::verify::{Law, Report};
use consentgate::wire::audit::decode_entry;
use consentgate::wire::receipt::Receipt;

use super::copies::{offset_in_copy, verify_tampered};
use super::receipts::receipts;
use super::world::{Left, WORLD};
use crate::support::reading::ReadRecord;
use crate::support::world::withdraw;

/// A law, the first word of a topic, a partition and an offset.
pub(super) type Named = (Law, &'static str, i32, i64);

/// One kind: its name, what somebody does, where it must be named, and which other laws it breaks.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) tamper: Box<dyn FnOnce(&mut Left)>,
    pub(super) named: Named,
    /// What one such change breaks beside it, such as what a removed receipt told.
    also: &'static [Law],
}

fn kind(name: &'static str, named: Named, tamper: impl FnOnce(&mut Left) + 'static) -> Kind {
    Kind { name, tamper: Box::new(tamper), named, also: &[] }
}

/// An allowed record with another of its partition before it and behind it.
fn in_the_midst(records: &[ReadRecord]) -> usize {
    let is_inner = |index: &usize| {
        let here = records[*index].partition;
        let behind = records[*index + 1..].iter().filter(|record| record.partition == here);
        offset_in_copy(records, *index) >= 2 && behind.count() >= 2
    };
    (0..records.len()).find(is_inner).expect("one in the midst")
}

fn of_records() -> Vec<Kind> {
    let allowed = &WORLD.left.allowed;
    let index = in_the_midst(allowed);
    let (record, offset) = (&allowed[index], offset_in_copy(allowed, index));
    let (partition, source) = (record.partition, WORLD.source_of(record));
    let there = (partition + 1) % 3;
    let behind = allowed.iter().filter(|record| record.partition == there).count() as i64;
    let missing = (Law::AllowedMissing, "outbound", source.partition, source.offset);
    vec![
        kind("record-removed", missing, move |left| drop(left.allowed.remove(index))),
        kind("record-added", (Law::AllowedAdded, "allowed", partition, offset), move |left| {
            let value = Some(b"nobody sent this".to_vec());
            left.allowed.insert(index, ReadRecord { value, ..left.allowed[index].clone() });
        }),
        kind(
            "record-doubled",
            (Law::AllowedTwice, "allowed", partition, offset + 1),
            move |left| {
                left.allowed.insert(index, left.allowed[index].clone());
            },
        ),
        kind("record-changed", (Law::AllowedChanged, "allowed", partition, offset), move |left| {
            *left.allowed[index].value.as_mut().unwrap().last_mut().unwrap() ^= 1;
        }),
        kind("record-moved", (Law::AllowedMoved, "allowed", there, behind), move |left| {
            let mut moved = left.allowed.remove(index);
            moved.partition = there;
            left.allowed.push(moved);
        }),
    ]
}

fn of_audit() -> Kind {
    let index = WORLD.left.audit.len() / 2;
    let entry = decode_entry(WORLD.left.audit[index].value.as_deref().unwrap()).expect("one");
    let named = (Law::AuditMissing, "outbound", entry.partition.0, entry.offset.0);
    kind("entry-removed", named, move |left| drop(left.audit.remove(index)))
}

/// Two receipts that follow each other in the chain of one partition.
fn two_receipts() -> [(usize, Receipt); 2] {
    let all = receipts();
    let partition = all[0].1.lowest_partition();
    let chain = all.into_iter().filter(|(_, receipt)| receipt.lowest_partition() == partition);
    let chain: Vec<_> = chain.collect();
    let middle = chain.len() / 2;
    [chain[middle - 1].clone(), chain[middle].clone()]
}

fn of_receipts() -> Vec<Kind> {
    let [(first, _), (second, _)] = two_receipts();
    let records = &WORLD.left.receipts;
    let place = |index: usize| (records[index].partition, offset_in_copy(records, index));
    let ((partition, offset), (_, behind)) = (place(first), place(second));
    let told =
        &[Law::ReceiptMissing, Law::Hole, Law::AllowedAdded, Law::AuditAdded, Law::PositionsBack];
    vec![
        Kind {
            also: told,
            ..kind("receipt-removed", (Law::ReceiptMissing, "decision", partition, behind - 1), {
                move |left| drop(left.receipts.remove(first))
            })
        },
        Kind {
            also: told,
            ..kind("receipt-changed", (Law::Signature, "decision", partition, offset), {
                move |left| {
                    let value = left.receipts[first].value.as_mut().unwrap();
                    let middle = value.len() / 2;
                    value[middle] ^= 1;
                }
            })
        },
        kind(
            "receipts-reordered",
            (Law::ReceiptOrder, "decision", partition, offset),
            move |left| {
                left.receipts.swap(first, second);
            },
        ),
    ]
}

/// A withdrawal before everything, of somebody who was sent something.
fn of_consent() -> Kind {
    let record = WORLD.left.allowed.last().expect("one");
    let source = WORLD.source_of(record);
    let message = consentgate::wire::outbound::decode(source.value.as_deref()).expect("a message");
    let is_to = |person: &u32| {
        let phone = crate::support::world::phone(*person);
        consentgate::consent::IdentityRef::parse(&phone) == message.to
    };
    let event = withdraw(message.business, (0..30).find(is_to).expect("one of the world"));
    let named = (Law::Decision, "outbound", source.partition, source.offset);
    let tamper = move |left: &mut Left| {
        let of_person = |record: &ReadRecord| record.key.as_deref() == Some(event.key.as_bytes());
        let index = left.consent_events.iter().position(of_person).expect("a grant");
        let value = Some(event.value.clone());
        let slipped = ReadRecord { value, ..left.consent_events[index].clone() };
        left.consent_events.insert(index, slipped);
    };
    // It takes a place in its partition, so batches end one record earlier than they did.
    Kind { also: &[Law::Decision, Law::Reasons], ..kind("consent-inserted", named, tamper) }
}

/// All ten.
pub(super) fn kinds() -> Vec<Kind> {
    let mut kinds = of_records();
    kinds.push(of_audit());
    kinds.extend(of_receipts());
    kinds.push(of_consent());
    kinds
}

fn is_named(report: &Report, (law, topic, partition, offset): Named) -> bool {
    report.differences().iter().any(|found| {
        let at = &found.at;
        found.law == law
            && at.topic.starts_with(topic)
            && (at.partition, at.offset) == (partition, offset)
    })
}

#[test]
fn ten_kinds_of_tampering_are_each_found_and_named_and_the_copy_that_nobody_touched_is_clean() {
    let clean = verify_tampered("untouched", |_| {});
    assert_eq!(clean.difference_count(), 0, "{}", clean.to_text());
    let kinds = kinds();
    assert_eq!(kinds.iter().map(|kind| kind.name).collect::<BTreeSet<_>>().len(), 10);
    for Kind { name, tamper, named, also } in kinds {
        let report = verify_tampered(name, tamper);
        assert!(is_named(&report, named), "{name}: {named:?} in\n{}", report.to_text());
        let others = report
            .differences()
            .iter()
            .filter(|found| found.law != named.0 && !also.contains(&found.law));
        assert_eq!(others.count(), 0, "{name}:\n{}", report.to_text());
        if also.is_empty() && named.0 != Law::ReceiptOrder {
            assert_eq!(report.difference_count(), 1, "{name}:\n{}", report.to_text());
        }
    }
}
