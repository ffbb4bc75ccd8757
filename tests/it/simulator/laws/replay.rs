//! P5: consent folded to a batch's positions gives the batch's decisions.

use std::collections::{BTreeMap, BTreeSet};

use consentgate::consent::{
    ConsentRecord, Fact, Place, Placement, Positions, Seconds, State, Topic, fold,
};
use consentgate::decision::Judgement;
use consentgate::wire;
use consentgate::wire::receipt::BatchReceipt;

use super::receipts::Receipts;
use super::{At, Fates, Found, Law, instants};
use crate::laws::gate::judge_state;
use crate::simulator::cluster::topic_of;
use crate::simulator::log::{Log, Name, Seen};
use crate::simulator::world::Outcome;

pub(super) fn check(outcome: &Outcome, fates: &Fates, receipts: &Receipts, found: &mut Found) {
    for batch in receipts.iter().flat_map(|(_, receipt)| &receipt.batches) {
        let written = || fates.written().filter(|(at, _)| covers(batch, *at)).map(|(_, seen)| seen);
        let Some(fetched) = written().filter_map(|seen| seen.fetched).max() else {
            continue;
        };
        let ended = written().map(|seen| seen.seq).max().unwrap_or(fetched);
        // Of a log that was cut meanwhile either form may have been the one that was read.
        let instants = instants(&outcome.shared.borrow().log, fetched, ended);
        let tries = instants.into_iter().map(|instant| {
            let mut found = Found::default();
            check_batch(outcome, fates, batch, (fetched, instant), &mut found);
            found
        });
        if let Some(best) = tries.min_by_key(Found::count) {
            found.add(best);
        }
    }
}

fn covers(batch: &BatchReceipt, (partition, offset): At) -> bool {
    let mut ranges = batch.ranges.iter();
    ranges.any(|range| range.partition == partition && range.first <= offset && offset < range.next)
}

fn check_batch(
    outcome: &Outcome,
    fates: &Fates,
    batch: &BatchReceipt,
    (fetched, instant): (u64, u64),
    found: &mut Found,
) {
    let state = state_at(&outcome.shared.borrow().log, &batch.positions, instant);
    check_fence(outcome, batch, (fetched, instant), found);
    let now = Seconds::from_millis(batch.now_ms).unwrap();
    for range in &batch.ranges {
        let span = (range.partition, range.first)..(range.partition, range.next);
        for (at, seen) in fates.input.range(span) {
            let judgement = judge(outcome, &state, now, seen);
            let told = fates.audited.get(at).and_then(|all| all.first());
            let told = told.map(|(entry, _)| (entry.suppression.primary, entry.suppression.all));
            let expected = match &judgement {
                Some(judgement) => judgement.primary().map(|p| (p, judgement.mask())),
                // It is no message, or cannot be passed on: the mask holds that alone.
                None => told.filter(|(_, all)| all.iter().count() == 1),
            };
            let allowed = range.is_allowed(at.1);
            let agrees = match judgement.is_some() || !allowed {
                true => expected == told && allowed == expected.is_none(),
                false => false,
            };
            found.demand(agrees, Law::Replay, || {
                format!("{at:?}: told {told:?}, the fold says {expected:?}")
            });
        }
    }
    let held = state.holding();
    found.demand(held.is_none(), Law::FailsClosed, || {
        format!("a batch was decided while {held:?} holds")
    });
}

/// The decision on a message; `None` if there is nothing to decide.
fn judge(outcome: &Outcome, state: &State, now: Seconds, seen: &Seen) -> Option<Judgement> {
    let message = wire::outbound::decode(seen.bytes.value.as_deref()).ok()?;
    let message = message.sent_at_ms(Some(seen.bytes.timestamp_ms)).at_home(&outcome.policy);
    (seen.bytes.timestamp_ms > 0).then(|| judge_state(state, &outcome.policy, now, &message))
}

/// The positions cover all that was appended before any of the batch was fetched.
fn check_fence(
    outcome: &Outcome,
    batch: &BatchReceipt,
    (fetched, instant): (u64, u64),
    found: &mut Found,
) {
    let log = &outcome.shared.borrow().log;
    for name in Name::CONSENT {
        let held = log.partitions(name).flat_map(|p| log.committed_at(name, p, instant));
        for seen in held.filter(|seen| seen.seq < fetched) {
            let next = batch.positions.get(topic_of(name), seen.partition);
            let covered = next.is_some_and(|next| next > seen.offset);
            found.demand(covered, Law::Fenced, || {
                format!("{name:?} {:?} was there at the fetch but not applied", seen.offset)
            });
        }
    }
}

/// The plain fold of all records before these positions, of the log as it was at an instant.
fn state_at(log: &Log, positions: &Positions, instant: u64) -> State {
    let mut records = Vec::new();
    for name in Name::CONSENT {
        let topic = topic_of(name);
        for partition in log.partitions(name) {
            let next = positions.get(topic, partition).unwrap_or_default();
            let seen = log.committed_at(name, partition, instant).into_iter();
            records.extend(seen.filter(|seen| seen.offset < next).map(|seen| (topic, seen)));
        }
    }
    let width = |topic| {
        log.width(match topic {
            Topic::ConsentEvents => Name::Events,
            Topic::ConsentActivity => Name::Activity,
            Topic::TemplateStates => Name::Templates,
        })
    };
    let voided: BTreeSet<Place> = records
        .iter()
        .flat_map(|(topic, seen)| fold(&record_of(*topic, seen, Seconds(0), width(*topic))).facts)
        .filter_map(|fact| match fact {
            Fact::Void { place, .. } => Some(place),
            _ => None,
        })
        .collect();
    let mut newest = BTreeMap::new();
    let mut state = State::default();
    for (topic, seen) in &records {
        let at = Seconds::from_millis(seen.bytes.timestamp_ms).unwrap();
        let newest = newest.entry((*topic, seen.partition)).or_insert(Seconds(0));
        let place = Place { topic: *topic, partition: seen.partition, offset: seen.offset };
        let is_voided = voided.contains(&place);
        let is_trimmed = *topic == Topic::ConsentActivity;
        if !is_voided && !is_trimmed {
            *newest = (*newest).max(at);
        }
        let at = if is_voided || !is_trimmed { *newest } else { at };
        let folded = fold(&record_of(*topic, seen, at, width(*topic)));
        folded.facts.into_iter().for_each(|fact| state.join(fact));
    }
    state
}

fn record_of(topic: Topic, seen: &Seen, at: Seconds, width: i32) -> ConsentRecord {
    let place = Place { topic, partition: seen.partition, offset: seen.offset };
    let key = seen.bytes.key.as_deref();
    let placement = Placement::of(key, seen.partition, width);
    wire::consent::record(place, at, key, placement, seen.bytes.value.as_deref())
}
