//! What somebody may do to the topics of an honest run, and what is found.

use prost::Message as _;

use super::world::{World, event_record, laws, of_kind, report_of};
use crate::Law;
use crate::source::memory::Kept;
use crate::spec::audit::{AuditEntry, Reason, SignedRecord};
use crate::spec::consent::Kind;

/// Tampers, and tells the laws that are broken.
fn broken(tamper: impl FnOnce(&mut World)) -> Vec<Law> {
    let mut world = World::honest();
    tamper(&mut world);
    laws(&report_of(&world))
}

fn change(record: &mut Kept, change: impl FnOnce(&mut AuditEntry)) {
    let mut entry = AuditEntry::decode(record.value.as_deref().unwrap()).unwrap();
    change(&mut entry);
    record.value = Some(entry.encode_to_vec());
}

#[test]
fn an_allowed_record_that_is_removed_added_doubled_changed_or_moved_is_told() {
    let allowed = |world: &mut World| world.memory.partition("allowed", 0).clone();
    assert_eq!(
        broken(|world| drop(world.memory.partition("allowed", 0).remove(1))),
        [Law::AllowedMissing]
    );
    let added = |world: &mut World| {
        let one = Kept { value: Some(b"nobody sent this".to_vec()), ..allowed(world)[1].clone() };
        world.memory.partition("allowed", 0).insert(1, one);
    };
    assert_eq!(broken(added), [Law::AllowedAdded]);
    let doubled = |world: &mut World| {
        let one = allowed(world)[1].clone();
        world.memory.partition("allowed", 0).push(one);
    };
    assert_eq!(broken(doubled), [Law::AllowedTwice]);
    let moved = |world: &mut World| {
        let one = world.memory.partition("allowed", 0).remove(0);
        world.memory.partition("allowed", 1).push(one);
    };
    assert_eq!(broken(moved), [Law::AllowedMoved]);
    assert_eq!(
        broken(|world| world.memory.partition("allowed", 0).swap(0, 1)),
        [Law::AllowedOrder]
    );
}

#[test]
fn every_part_of_an_allowed_record_is_compared() {
    let changes: [fn(&mut Kept); 6] = [
        |record| *record.value.as_mut().unwrap().last_mut().unwrap() ^= 1,
        |record| record.key = None,
        |record| record.timestamp_ms += 1,
        |record| drop(record.headers.pop()),
        |record| record.headers.reverse(),
        // The name is no text: other clients cannot even show it.
        |record| record.headers[0].0[0] ^= 1,
    ];
    for change in changes {
        let changed = |world: &mut World| change(&mut world.memory.partition("allowed", 0)[1]);
        assert_eq!(broken(changed), [Law::AllowedChanged]);
    }
}

#[test]
fn a_suppressed_record_that_is_allowed_all_the_same_is_told() {
    let slipped = |world: &mut World| {
        let (partition, offset) = world.a_withdrawn();
        let record =
            world.memory.partition("outbound", partition as usize)[offset as usize].clone();
        world.memory.partition("allowed", partition as usize).push(record);
    };
    assert_eq!(broken(slipped), [Law::AllowedThoughSuppressed]);
}

#[test]
fn an_audit_entry_that_is_removed_doubled_moved_or_changed_is_told() {
    assert_eq!(
        broken(|world| drop(world.memory.partition("audit", 0).remove(0))),
        [Law::AuditMissing]
    );
    let doubled = |world: &mut World| {
        let one = world.memory.partition("audit", 0)[0].clone();
        world.memory.partition("audit", 0).push(one);
    };
    assert_eq!(broken(doubled), [Law::AuditTwice]);
    let moved = |world: &mut World| {
        let one = world.memory.partition("audit", 0).remove(0);
        world.memory.partition("audit", 1).push(one);
    };
    assert_eq!(broken(moved), [Law::AuditMissing, Law::AuditMoved]);
    let garbage = |world: &mut World| world.memory.partition("audit", 0)[0].value = None;
    assert_eq!(broken(garbage), [Law::AuditMissing, Law::AuditUnreadable]);
    let of_nothing = |world: &mut World| {
        change(&mut world.memory.partition("audit", 0)[0], |entry| entry.source_offset = 77)
    };
    assert_eq!(broken(of_nothing), [Law::AuditMissing, Law::AuditAdded]);
    let of_an_allowed = |world: &mut World| {
        let one = world.memory.partition("audit", 0)[0].clone();
        world.memory.partition("audit", 0).push(one);
        let last = world.memory.partition("audit", 0).last_mut().unwrap();
        change(last, |entry| entry.source_offset = 0);
    };
    assert_eq!(broken(of_an_allowed), [Law::TwoFates]);
}

#[test]
fn what_an_entry_says_is_held_against_message_and_receipt() {
    type Change = fn(&mut AuditEntry);
    let changes: [(Change, Law); 7] = [
        (|entry| entry.receipt_id[0] ^= 1, Law::AuditContent),
        (|entry| entry.decided_at_ms += 1, Law::AuditContent),
        (|entry| entry.campaign_id = "summer".to_owned(), Law::AuditContent),
        (|entry| entry.not_before_ms = Some(0), Law::AuditContent),
        (|entry| entry.campaign_id.push_str("999100000002"), Law::AuditContent),
        (|entry| entry.template = "to +999100000002".to_owned(), Law::AuditContent),
        (|entry| entry.pseudonym = vec![], Law::Pseudonym),
    ];
    for (nth, (told, law)) in changes.into_iter().enumerate() {
        let found = broken(|world| change(&mut world.memory.partition("audit", 0)[0], told));
        assert!(found.contains(&law), "{nth}: {found:?}");
        let shown = matches!(nth, 4 | 5);
        assert_eq!(found.contains(&Law::PersonShown), shown, "{nth}: {found:?}");
        assert_eq!(found.len(), if shown { 2 } else { 1 }, "{nth}: {found:?}");
    }
    // The stranger of the first round has the pseudonym of who comes later.
    let shared = |world: &mut World| {
        change(&mut world.memory.partition("audit", 0)[0], |entry| entry.pseudonym = vec![5; 16]);
    };
    assert_eq!(broken(shared), [Law::Pseudonym]);
}

#[test]
fn another_reason_or_another_answer_is_told() {
    let reason = |world: &mut World| {
        change(&mut world.memory.partition("audit", 0)[0], |entry| {
            entry.reason = Reason::Withdrawn as i32;
            entry.reasons_mask = 1 << entry.reason;
        });
    };
    assert_eq!(broken(reason), [Law::Reason]);
    let more = |world: &mut World| {
        change(&mut world.memory.partition("audit", 0)[0], |entry| {
            entry.reasons_mask |= 1 << Reason::Cooldown as i32;
        });
    };
    assert_eq!(broken(more), [Law::Reason]);
}

#[test]
fn a_receipt_that_is_removed_changed_doubled_or_out_of_order_is_told() {
    let removed = |world: &mut World| drop(world.memory.partition("receipts", 1).remove(0));
    let told = [Law::AllowedAdded, Law::AuditAdded, Law::Hole, Law::ReceiptMissing];
    assert_eq!(broken(removed), told);
    let changed = |world: &mut World| {
        let value = world.memory.partition("receipts", 1)[0].value.as_mut().unwrap();
        let mut record = SignedRecord::decode(value.as_slice()).unwrap();
        record.signature[7] ^= 1;
        *value = record.encode_to_vec();
    };
    let mut unsigned = [&told[..], &[Law::Signature]].concat();
    unsigned.sort();
    assert_eq!(broken(changed), unsigned);
    let doubled = |world: &mut World| {
        let one = world.memory.partition("receipts", 1)[0].clone();
        world.memory.partition("receipts", 1).push(one);
    };
    assert_eq!(broken(doubled), [Law::ReceiptTwice]);
    assert_eq!(
        broken(|world| world.memory.partition("receipts", 1).swap(0, 1)),
        [Law::ReceiptOrder]
    );
    let moved = |world: &mut World| {
        let one = world.memory.partition("receipts", 1).remove(1);
        world.memory.partition("receipts", 0).push(one);
    };
    assert_eq!(broken(moved), [Law::ReceiptMoved]);
    let last = |world: &mut World| drop(world.memory.partition("receipts", 1).pop());
    assert_eq!(broken(last), [Law::AllowedAdded, Law::AuditAdded, Law::Undecided]);
}

#[test]
fn consent_that_was_inserted_or_removed_contradicts_the_decisions() {
    let inserted = |world: &mut World| {
        let left = event_record(90, 0, of_kind(Kind::Withdraw));
        let left_again = event_record(110, 0, of_kind(Kind::Withdraw));
        world.memory.partition("events", 0)[2] = left;
        world.memory.partition("events", 0)[3] = left_again;
    };
    assert!(broken(inserted).contains(&Law::Decision));
    let removed = |world: &mut World| drop(world.memory.partition("events", 0).remove(0));
    assert_eq!(broken(removed), [Law::PositionsBeyond, Law::Decision, Law::Reason]);
    // Without the policy nothing can be judged, and that is told too.
    let policy = |world: &mut World| drop(world.memory.partition("receipts", 0).remove(0));
    assert_eq!(broken(policy), [Law::PolicyMissing]);
}

#[test]
fn an_input_record_that_was_removed_leaves_its_traces() {
    let emptied = |world: &mut World| {
        let records = world.memory.partition("outbound", 0);
        records.pop();
    };
    assert_eq!(broken(emptied), [Law::AllowedAdded, Law::Count]);
}
