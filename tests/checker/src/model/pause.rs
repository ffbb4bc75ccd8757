//! Kill switches: what an event names, and what is paused at some positions.

use super::Positions;
use super::fact::{Noted, Switch, Target, Turn};
use super::log::{Business, Log};
use super::words::is_name;
use crate::spec::consent::ConsentEvent;

/// All that a pause or resume names, and whether all of it could be read.
pub(super) fn targets(event: &ConsentEvent) -> (Vec<Target>, bool) {
    let Some(named) = &event.pause else { return (vec![Target::Business], true) };
    let mut targets = Vec::new();
    let mut whole = true;
    match named.scope.as_str() {
        "" => {}
        scope if is_name(scope) => targets.push(Target::Scope(scope.into())),
        _ => whole = false,
    }
    if !named.campaign_id.is_empty() {
        targets.push(Target::Campaign(named.campaign_id.as_str().into()));
    }
    if !named.template.is_empty() {
        targets.push(Target::Template(named.template.as_str().into()));
    }
    if targets.is_empty() {
        targets.push(Target::Business);
    }
    (targets, whole)
}

/// What is paused: newest wins, and in one second it stays paused.
fn paused<'b>(log: &Log, switches: &'b [Noted<Switch>], at: &Positions) -> Vec<&'b Target> {
    let counting: Vec<_> = switches.iter().filter(|noted| log.counts(*noted, at)).collect();
    let newest = |target: &Target, turn: Turn| {
        let same =
            counting.iter().filter(|noted| noted.fact.target == *target && noted.fact.turn == turn);
        same.map(|noted| noted.fact.at).max()
    };
    let on = counting.iter().filter(|noted| {
        let target = &noted.fact.target;
        noted.fact.turn == Turn::On && newest(target, Turn::On) >= newest(target, Turn::Off)
    });
    on.map(|noted| &noted.fact.target).collect()
}

/// What is paused of a business.
pub(super) fn of_business<'b>(
    log: &Log,
    business: &'b Business,
    at: &Positions,
) -> Vec<&'b Target> {
    if business.switches.is_empty() {
        return Vec::new();
    }
    paused(log, &business.switches, at)
}

/// Whether everything is paused.
pub(super) fn is_everything(log: &Log, at: &Positions) -> bool {
    !paused(log, &log.platform, at).is_empty()
}
