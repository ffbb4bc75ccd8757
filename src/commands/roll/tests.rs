//! Laws of a roll: the same state, nobody who is erased, nothing that was tampered with.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::prelude::*;
use prost::Message as _;
use secrecy::SecretSlice;

use super::copy::Copier;
use super::folding::{Folding, fold_log};
use super::plan::Plan;
use crate::commands::made_up_log::{Draw, PARTITIONS, draws, log};
use crate::consent::{Class, Offset, Partition, State, Subject, Topic};
use crate::stream::ports::{AppendTime, RawConsent, TopicWidth};
use crate::stream::{RollTrouble, RolledLog};
use crate::wire::proto::consent::ConsentEvent;
use crate::wire::receipt::{SigningKey, VerifyingKeys};
use crate::wire::roll::{RollId, RollSeal, STAND_IN_KEY, Vault};

const ROLLED_AT_MS: i64 = 90_000_000;

fn secret(byte: u8) -> SecretSlice<u8> {
    SecretSlice::from(vec![byte; 32])
}

fn vault(keys: &[u8]) -> Vault {
    Vault::new(keys.iter().map(|byte| (format!("k{byte}"), secret(*byte))))
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&secret(7)).expect("a key")
}

fn reader(keys: &[u8]) -> RolledLog {
    let mut trusted = VerifyingKeys::default();
    trusted.pin(&signing());
    RolledLog::new(vault(keys), trusted)
}

fn folded(records: &[RawConsent], mut rolled: RolledLog) -> (Folding, Option<RollTrouble>) {
    let width = TopicWidth { topic: Topic::ConsentEvents, partitions: PARTITIONS };
    let folding = fold_log::<Infallible>(width, |folding| {
        rolled.restart();
        records.iter().for_each(|raw| folding.take(&rolled.take(raw)));
        Ok(())
    });
    (folding.unwrap_or_else(|never| match never {}), rolled.trouble(PARTITIONS))
}

fn raw(partition: Partition, offset: Offset, appended: AppendTime) -> RawConsent {
    let (topic, key, value) = (Topic::ConsentEvents, None, None);
    RawConsent { topic, partition, offset, appended, key, value }
}

/// A log, rolled under these keys: the new records and the signed ends behind them.
fn roll(records: &[RawConsent], keys: &[u8], id: u8) -> Vec<RawConsent> {
    let (old, trouble) = folded(records, reader(keys));
    assert_eq!(trouble, None);
    let (plan, vault) = (Plan::of(&old.state), vault(keys));
    let mut rolled = reader(keys);
    let mut copier = Copier::new(&plan, &vault, old.again());
    let mut new = Vec::new();
    for raw in records {
        new.extend(copier.take(&rolled.take(raw)).expect("encrypted"));
    }
    for partition in (0..PARTITIONS).map(Partition) {
        copier.fill(partition, Offset(0));
    }
    let written = new.into_iter().map(|new| {
        let original_ms = new.original_ms;
        let appended = AppendTime::Rolled { broker_ms: ROLLED_AT_MS, original_ms };
        RawConsent { key: new.key, value: new.value, ..raw(new.partition, new.offset, appended) }
    });
    let mut written: Vec<_> = written.collect();
    for (partition, copied) in &copier.partitions {
        let seal = RollSeal {
            roll: RollId([id; 16]),
            cluster_id: "c".to_owned(),
            from_topic: "a".to_owned(),
            to_topic: "b".to_owned(),
            partition: *partition,
            partitions: PARTITIONS,
            end: copied.next,
            digest: copied.digest.finish(),
            left_out: copied.left_out,
            sealed: copied.sealed,
            rolled_at_ms: ROLLED_AT_MS,
        };
        written.push(RawConsent {
            key: Some(STAND_IN_KEY.to_vec()),
            value: Some(seal.sign(&signing())),
            ..raw(*partition, copied.next, AppendTime::Broker(ROLLED_AT_MS))
        });
    }
    written
}

fn erased(state: &State) -> Vec<Subject> {
    let is_gone = state.subjects.iter().filter(|(_, known)| known.is_erased());
    is_gone.map(|(subject, _)| subject.clone()).collect()
}

/// Whether a record tells in clear of a person as this business knows them.
fn tells_of(raw: &RawConsent, subject: &Subject) -> bool {
    let number = subject.identity.as_ref().canonical();
    let value = raw.value.as_deref().and_then(|value| ConsentEvent::decode(value).ok());
    let by_value = value.is_some_and(|event| {
        event.business_id == subject.business.as_str()
            && (event.phone == number || event.linked_phone == number)
    });
    by_value || raw.key.as_deref() == Some(subject.key().as_bytes())
}

/// The café's first person is erased in the end.
fn erasing_draws() -> impl Strategy<Value = Vec<Draw>> {
    draws().prop_map(|mut draws| {
        draws.push(ERASED);
        draws
    })
}

const GRANTED: Draw = (0, 0, 0, 0, 10, 19);
const ERASED: Draw = (4, 0, 0, 0, 9_000, 19);

proptest! {
    #[test]
    fn a_rolled_log_comes_to_the_same_state_to_the_last_mark(draws in draws()) {
        let old = log(&draws);
        let new = roll(&old, &[1], 1);
        let (after, trouble) = folded(&new, reader(&[1]));
        prop_assert_eq!(trouble, None);
        prop_assert_eq!(&after.state, &folded(&old, reader(&[1])).0.state);
    }

    #[test]
    fn nothing_in_clear_tells_of_an_erased_person(draws in erasing_draws()) {
        let old = log(&draws);
        let new = roll(&old, &[1], 1);
        for subject in erased(&folded(&old, reader(&[1])).0.state) {
            for raw in &new {
                prop_assert!(!tells_of(raw, &subject));
            }
        }
    }

    #[test]
    fn what_an_erasure_hides_is_in_the_new_log_in_no_form(draws in erasing_draws()) {
        let old = log(&draws);
        let new = roll(&old, &[1], 1);
        let state = folded(&old, reader(&[1])).0.state;
        prop_assert!(!erased(&state).is_empty());
        let mut rolled = reader(&[1]);
        for raw in new.iter().map(|raw| rolled.take(raw).into_owned()) {
            let Some(Ok(event)) = raw.value.as_deref().map(ConsentEvent::decode) else { continue };
            let whom = erased(&state).into_iter().find(|subject| tells_of(&raw, subject));
            let Some(subject) = whom else { continue };
            let agrees = ["grant", "confirm", "inbound"];
            let kind = event.kind().as_str_name().trim_start_matches("KIND_").to_lowercase();
            let by_key = raw.key.as_deref() == Some(subject.key().as_bytes());
            let of_business = event.business_id == subject.business.as_str();
            // Where key and value disagree the record is none, and its quarantine counts.
            let is_plain = by_key && of_business
                && event.phone == subject.identity.as_ref().canonical();
            if is_plain && agrees.contains(&kind.as_str()) {
                let erasure = state.subjects[&subject].objections.get(Class::Erase);
                let at = erasure.expect("an erasure").at;
                prop_assert!(event.occurred_at_ms > Some(i64::from(at.0) * 1_000));
            }
        }
    }

    #[test]
    fn every_record_keeps_its_place_and_its_time(draws in draws()) {
        let old = log(&draws);
        let new = roll(&old, &[1], 1);
        let mut ends: BTreeMap<Partition, i64> = BTreeMap::new();
        for raw in &new {
            let next = ends.entry(raw.partition).or_default();
            prop_assert_eq!(raw.offset.0, *next);
            *next += 1;
        }
        for raw in &old {
            let AppendTime::Broker(at_ms) = raw.appended else { panic!("a time") };
            let place = raw.place();
            let copy = new.iter().find(|new| new.place() == place).expect("the same place");
            let kept = AppendTime::Rolled { broker_ms: ROLLED_AT_MS, original_ms: at_ms };
            prop_assert_eq!(copy.appended, kept);
        }
    }

    #[test]
    fn a_rolled_log_can_be_rolled_again_under_a_newer_key(draws in draws()) {
        let old = log(&draws);
        let twice = roll(&roll(&old, &[1], 1), &[2, 1], 2);
        let (after, trouble) = folded(&twice, reader(&[2]));
        prop_assert_eq!(trouble, None);
        prop_assert_eq!(&after.state, &folded(&old, reader(&[1])).0.state);
    }

    #[test]
    fn a_rolled_log_that_somebody_changed_is_never_relied_on(
        draws in draws(), at in any::<prop::sample::Index>(), how in 0..5_u8
    ) {
        let old = log(&draws);
        prop_assume!(!old.is_empty());
        let mut new = roll(&old, &[1], 1);
        let at = at.index(new.len());
        let is_end = matches!(new[at].appended, AppendTime::Broker(_));
        match how {
            0 => drop(new.remove(at)),
            1 => new[at].value = Some(b"another".to_vec()),
            2 => new[at].key = Some(b"nowhere/".to_vec()),
            3 => new[at].appended = AppendTime::Rolled { broker_ms: 1, original_ms: 5 },
            _ => {
                // Everything behind it is one place further.
                let more = new[at].clone();
                let is_behind = |raw: &&mut RawConsent| {
                    raw.partition == more.partition && raw.offset >= more.offset
                };
                new.iter_mut().filter(is_behind).for_each(|raw| raw.offset = raw.offset.next());
                new.insert(at, more);
            }
        }
        let (_, trouble) = folded(&new, reader(&[1]));
        // The key of an end names nobody and is not part of what is signed; an end told twice is a
        // heartbeat.
        let is_harmless = is_end && matches!(how, 2 | 4);
        prop_assert!(trouble.is_some() || is_harmless, "{} {}", how, at);
    }
}

#[test]
fn a_log_under_a_key_that_is_not_held_or_signed_by_a_stranger_is_not_relied_on() {
    let erased_once =
        |draws: &[Draw]| !erased(&folded(&log(draws), reader(&[1])).0.state).is_empty();
    // A grant and an erasure of the café's first person.
    let draws = [GRANTED, ERASED];
    assert!(erased_once(&draws));
    let new = roll(&log(&draws), &[1], 1);
    assert_eq!(folded(&new, reader(&[1])).1, None);
    assert_eq!(folded(&new, reader(&[2, 1])).1, None);
    assert_eq!(folded(&new, reader(&[2])).1, Some(RollTrouble::KeyMissing));
    let stranger = RolledLog::new(vault(&[1]), VerifyingKeys::default());
    assert_eq!(folded(&new, stranger).1, Some(RollTrouble::Broken));
    // Two logs are not one, though each was rolled well.
    let mut mixed = roll(&log(&draws), &[1], 2);
    mixed.retain(|raw| raw.partition == Partition(0));
    mixed.extend(new.iter().filter(|raw| raw.partition != Partition(0)).cloned());
    assert_eq!(folded(&mixed, reader(&[1])).1, Some(RollTrouble::Unsealed));
    // Before the ends are read nothing is vouched for.
    let unfinished: Vec<_> = new
        .iter()
        .filter(|raw| matches!(raw.appended, AppendTime::Rolled { .. }))
        .cloned()
        .collect();
    assert_eq!(folded(&unfinished, reader(&[1])).1, Some(RollTrouble::Unsealed));
}

#[test]
fn a_header_counts_for_nothing_behind_the_signed_end_or_in_a_log_that_was_never_rolled() {
    let draws = [GRANTED, ERASED];
    let marked = |offset| {
        let appended = AppendTime::Rolled { broker_ms: ROLLED_AT_MS, original_ms: 1_000 };
        raw(Partition(0), offset, appended)
    };
    let mut rolled = reader(&[1]);
    let new = roll(&log(&draws), &[1], 1);
    new.iter().for_each(|raw| drop(rolled.take(raw)));
    let in_first = new.iter().filter(|raw| raw.partition == Partition(0));
    let end = in_first.map(|raw| raw.offset).max().expect("an end").next();
    let marked_end = marked(end);
    let taken = rolled.take(&marked_end).into_owned();
    assert_eq!(taken.appended, AppendTime::Broker(ROLLED_AT_MS));
    assert_eq!(rolled.trouble(PARTITIONS), None);
    let mut plain = reader(&[1]);
    log(&draws).iter().for_each(|raw| drop(plain.take(raw)));
    let other = if log(&draws)[0].partition == Partition(0) { Offset(9) } else { Offset(3) };
    let marked_other = marked(other);
    let taken = plain.take(&marked_other).into_owned();
    assert_eq!(taken.appended, AppendTime::Broker(ROLLED_AT_MS));
    assert_eq!(plain.trouble(PARTITIONS), None);
}
