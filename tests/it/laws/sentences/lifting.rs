//! Blocks and restrictions, and what lifts them: only their own counterpart.

use consentgate::consent::{ConsentEvent, EventKind};
use consentgate::decision::Reason;

use super::super::gate::{allows, offer, suppresses};
use super::super::log::{Log, event, grant, lift};

const SWITCHES: [(EventKind, EventKind, Reason); 2] = [
    (EventKind::Block, EventKind::Unblock, Reason::Blocked),
    (EventKind::Restrict, EventKind::Unrestrict, Reason::Restricted),
];

fn agreed() -> Log {
    Log::default().then(100, grant(100, &["offers"]))
}

#[test]
fn a_block_is_lifted_by_an_unblock_and_not_by_a_grant() {
    for (on, off, reason) in SWITCHES {
        let on = agreed().then(110, event(on));
        suppresses(&on, &offer(), reason);
        suppresses(&on.clone().then(120, grant(120, &["offers"])), &offer(), reason);
        allows(&on.then(120, lift(off, 120)), &offer());
    }
}

#[test]
fn a_block_older_than_the_grant_still_blocks() {
    for (on, _, reason) in SWITCHES {
        let log = Log::default().then(90, event(on)).then(100, grant(100, &["offers"]));
        suppresses(&log, &offer(), reason);
    }
}

#[test]
fn block_and_unblock_in_one_second_leave_it_blocked() {
    for (on, off, reason) in SWITCHES {
        let log = agreed().then(110, event(on)).then(110, lift(off, 110));
        suppresses(&log, &offer(), reason);
        allows(&log.then(111, lift(off, 111)), &offer());
    }
}

#[test]
fn an_old_unblock_appended_again_never_lifts_a_newer_block() {
    for (on, off, reason) in SWITCHES {
        let log = agreed().then(110, event(on)).then(120, lift(off, 120)).then(130, event(on));
        suppresses(&log.clone().then(500, lift(off, 120)), &offer(), reason);
        allows(&log.then(500, lift(off, 131)), &offer());
    }
}

#[test]
fn an_undated_unblock_lifts_nothing() {
    for (on, off, reason) in SWITCHES {
        let undated = ConsentEvent { occurred_at_ms: None, ..event(off) };
        let log = agreed().then(110, event(on)).then(120, undated);
        suppresses(&log, &offer(), reason);
    }
}

#[test]
fn an_unblock_lifts_no_restriction_and_no_objection() {
    let restricted = agreed().then(110, event(EventKind::Restrict));
    let log = restricted.then(120, lift(EventKind::Unblock, 120));
    suppresses(&log, &offer(), Reason::Restricted);
    let complained = agreed().then(110, event(EventKind::Complaint));
    let log = complained.then(120, lift(EventKind::Unblock, 120));
    suppresses(&log, &offer(), Reason::Complained);
}
