//! P1 and P3: the true order of what happened decides.

use std::collections::BTreeMap;

use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use prost::Message as _;

use super::{Fates, Found, Law};
use crate::model::cluster::{Why, Window};
use crate::model::log::{Name, Seen};
use crate::model::run::Outcome;
use crate::model::writers::addressed;

/// Grants and objections of one person with one business, in the true order.
#[derive(Default)]
struct Acts {
    grants: Vec<u64>,
    objections: Vec<u64>,
}

pub(super) fn check(outcome: &Outcome, fates: &Fates, found: &mut Found) {
    let acts = acts_of(outcome);
    for (at, copies) in &fates.allowed {
        for copy in copies {
            let Some(fetched) = copy.fetched else { continue };
            let Some(person) = addressed(copy.bytes.value.as_deref()) else {
                found.note(Law::Fenced, format!("{at:?} is addressed to nobody"));
                continue;
            };
            let none = Acts::default();
            let acts = acts.get(&person).unwrap_or(&none);
            let last = acts.objections.iter().filter(|seq| **seq < fetched).max();
            let since = last.copied().unwrap_or(0);
            let stands = acts.grants.iter().any(|seq| since < *seq && *seq < copy.seq);
            found.demand(stands, Law::Fenced, || {
                format!("{at:?}, fetched at {fetched}, was allowed against {last:?}")
            });
        }
    }
    let windows = outcome.shared.borrow().windows.clone();
    for (at, seen) in fates.written() {
        for window in &windows {
            found.demand(!is_inside(seen, window), Law::FailsClosed, || {
                format!("{at:?} was fetched and decided in {window:?}")
            });
        }
    }
}

/// Whether a record was fetched and written in a window.
fn is_inside(written: &Seen, window: &Window) -> bool {
    let fetched_in = written.fetched.is_some_and(|fetched| fetched > window.from);
    let written_in = window.to.is_none_or(|to| written.seq < to);
    let lasts = match window.why {
        Why::Ahead(_, until_ms) => written.wall_ms < until_ms,
        Why::Ends | Why::OpenTransaction(_) | Why::Record(_) => true,
    };
    fetched_in && written_in && lasts
}

fn acts_of(outcome: &Outcome) -> BTreeMap<(String, String), Acts> {
    let log = &outcome.shared.borrow().log;
    let mut acts = BTreeMap::<_, Acts>::new();
    for seen in Name::CONSENT.into_iter().flat_map(|name| log.all_committed(name)) {
        let value = seen.bytes.value.as_deref().unwrap_or_default();
        let Ok(event) = ConsentEvent::decode(value) else { continue };
        let kind = event.kind();
        let acts = acts.entry((event.business_id, event.phone)).or_default();
        match kind {
            Kind::Grant => acts.grants.push(seen.seq),
            Kind::Void => {}
            _ => acts.objections.push(seen.seq),
        }
    }
    acts
}
