//! P1 and P3: the true order of what happened decides.

use std::collections::BTreeMap;

use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use prost::Message as _;

use super::{Fates, Found, Law, instants};
use crate::simulator::cluster::{Why, Window};
use crate::simulator::log::{Log, Name, Seen};
use crate::simulator::world::Outcome;
use crate::simulator::writers::addressed;

/// What one person and one business did, or everybody, in the true order.
#[derive(Default)]
struct Acts {
    grants: Vec<u64>,
    objections: Vec<u64>,
    blocks: Vec<u64>,
    unblocks: Vec<u64>,
}

/// All acts by business and number; those of the platform under no name.
type AllActs = BTreeMap<(String, String), Acts>;

pub(super) fn check(outcome: &Outcome, fates: &Fates, found: &mut Found) {
    let acts = acts_by_instant(&outcome.shared.borrow().log);
    for (at, copies) in &fates.allowed {
        for copy in copies {
            let Some(fetched) = copy.fetched else {
                continue;
            };
            let Some(person) = addressed(copy.bytes.value.as_deref()) else {
                found.note(Law::Fenced, format!("{at:?} is addressed to nobody"));
                continue;
            };
            let instants = instants(&outcome.shared.borrow().log, fetched, copy.seq);
            let stands = instants.into_iter().any(|instant| {
                let acts = acts_at(&acts, instant);
                acts.get(&person).is_some_and(|acts| stands(acts, fetched, copy.seq))
            });
            found.demand(stands, Law::Fenced, || {
                format!("{at:?}, fetched at {fetched} and written at {}, may not go", copy.seq)
            });
        }
    }
    check_pauses(outcome, fates, &acts, found);
    let windows = outcome.shared.borrow().windows.clone();
    for (at, seen) in fates.written() {
        for window in &windows {
            found.demand(!is_inside(seen, window), Law::FailsClosed, || {
                format!("{at:?} was fetched and decided in {window:?}")
            });
        }
    }
}

/// Whether a message fetched and written at these instants may have gone.
fn stands(acts: &Acts, fetched: u64, written: u64) -> bool {
    let objected = last_before(&acts.objections, fetched).unwrap_or(0);
    let agreed = acts.grants.iter().any(|seq| objected < *seq && *seq < written);
    agreed && is_lifted(&acts.blocks, &acts.unblocks, fetched, written)
}

/// Whether the last of these acts before the fetch was undone before the writing, if there is one.
fn is_lifted(acts: &[u64], lifts: &[u64], fetched: u64, written: u64) -> bool {
    let last = last_before(acts, fetched);
    last.is_none_or(|last| lifts.iter().any(|seq| last < *seq && *seq < written))
}

fn last_before(acts: &[u64], instant: u64) -> Option<u64> {
    acts.iter().copied().filter(|seq| *seq < instant).max()
}

/// While everything is paused nothing is decided.
fn check_pauses(outcome: &Outcome, fates: &Fates, acts: &[(u64, AllActs)], found: &mut Found) {
    let everybody = (String::new(), String::new());
    for (at, seen) in fates.written() {
        let Some(fetched) = seen.fetched else {
            continue;
        };
        let instants = instants(&outcome.shared.borrow().log, fetched, seen.seq);
        let goes_on = instants.into_iter().any(|instant| {
            let acts = acts_at(acts, instant).get(&everybody);
            acts.is_none_or(|acts| is_lifted(&acts.blocks, &acts.unblocks, fetched, seen.seq))
        });
        found.demand(goes_on, Law::FailsClosed, || format!("{at:?} was decided in a pause"));
    }
}

/// Whether a record was fetched and written in a window.
fn is_inside(written: &Seen, window: &Window) -> bool {
    let fetched_in = written.fetched.is_some_and(|fetched| fetched > window.from);
    let written_in = window.to.is_none_or(|to| written.seq < to);
    let lasts = match window.why {
        Why::Ahead(_, until_ms) => written.wall_ms < until_ms,
        Why::Ends | Why::Leader(..) | Why::OpenTransaction(_) | Why::Record(_) => true,
    };
    fetched_in && written_in && lasts
}

/// The acts that the topics held from an instant on.
fn acts_at(acts: &[(u64, AllActs)], instant: u64) -> &AllActs {
    let last = acts.iter().rfind(|(from, _)| *from <= instant);
    &last.expect("acts from the beginning on").1
}

fn acts_by_instant(log: &Log) -> Vec<(u64, AllActs)> {
    let instants = std::iter::once(0).chain(log.cuts());
    instants.map(|instant| (instant, acts_of(log, instant))).collect()
}

fn acts_of(log: &Log, instant: u64) -> AllActs {
    let mut acts = AllActs::new();
    let partitions = |name| log.partitions(name).map(move |partition| (name, partition));
    let places = Name::CONSENT.into_iter().flat_map(partitions);
    for seen in places.flat_map(|(name, p)| log.committed_at(name, p, instant)) {
        let value = seen.bytes.value.as_deref().unwrap_or_default();
        let Ok(event) = ConsentEvent::decode(value) else {
            continue;
        };
        let kind = event.kind();
        let acts = acts.entry((event.business_id, event.phone)).or_default();
        match kind {
            Kind::Grant => acts.grants.push(seen.seq),
            Kind::Block | Kind::Pause => acts.blocks.push(seen.seq),
            Kind::Unblock | Kind::Resume => acts.unblocks.push(seen.seq),
            Kind::Void => {}
            _ => acts.objections.push(seen.seq),
        }
    }
    acts
}

/// How many allowed or audited messages were fetched after an objection of their person that no
/// later agreement had lifted: each is a causal pair.
pub(crate) fn pairs(outcome: &Outcome, fates: &Fates) -> usize {
    let acts = acts_by_instant(&outcome.shared.borrow().log);
    let is_pair = |at: &super::At, fetched: u64| {
        let value = fates.input.get(at).and_then(|seen| seen.bytes.value.as_deref());
        let acts = addressed(value).and_then(|person| acts_at(&acts, fetched).get(&person));
        acts.is_some_and(|acts| {
            let objected = last_before(&acts.objections, fetched);
            objected.is_some() && objected > last_before(&acts.grants, fetched)
        })
    };
    fates.written().filter(|(at, seen)| seen.fetched.is_some_and(|f| is_pair(at, f))).count()
}
