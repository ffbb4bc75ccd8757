//! P2 and P4: exactly once, in order, untouched.

use std::collections::BTreeMap;

use super::{Fates, Found, Law};
use crate::simulator::world::Outcome;

pub(super) fn check(outcome: &Outcome, fates: &Fates, found: &mut Found) {
    let committed = outcome.shared.borrow().group.offsets.clone();
    for (at, seen) in &fates.input {
        // Whoever goes on reads from there, and never comes back.
        let is_passed = committed.get(&at.0).is_some_and(|(next, _)| *next > at.1);
        let allowed = fates.allowed.get(at).map_or(0, Vec::len);
        let audited = fates.audited.get(at).map_or(0, Vec::len);
        let count = allowed + audited;
        let is_missing = count == 0 && (outcome.is_finished || is_passed);
        found.demand(count <= 1 && !is_missing, Law::Conserved, || {
            format!("{at:?} is allowed {allowed} times and audited {audited} times")
        });
        for copy in fates.allowed.get(at).into_iter().flatten() {
            let same = copy.bytes == seen.bytes && copy.partition == seen.partition;
            found.demand(same, Law::Untouched, || format!("{at:?} is not what it was"));
        }
    }
    for stranger in &fates.strangers {
        found.note(Law::Untouched, format!("{stranger:?} is no input record"));
    }
    for at in fates.audited.keys().filter(|at| !fates.input.contains_key(at)) {
        found.note(Law::Conserved, format!("{at:?} is audited but was never to be seen"));
    }
    check_order(fates, found);
}

/// Within a partition the outputs lie in the order of their inputs.
fn check_order(fates: &Fates, found: &mut Found) {
    let mut last = BTreeMap::new();
    for (at, copies) in &fates.allowed {
        for copy in copies {
            let before = last.insert(at.0, copy.offset);
            let follows = before.is_none_or(|before| before < copy.offset);
            found.demand(follows, Law::Ordered, || format!("{at:?} overtook another"));
        }
    }
}
