//! Who is one person: identities that are linked, and what is said over a link.
//!
//! A link that was ever made carries an objection, unless an unlink is later by more than a minute than
//! both.

use std::collections::{BTreeSet, HashMap};

use super::Positions;
use super::fact::Turn;
use super::log::{Business, Log};
use super::words::Identity;

const MINUTE: i64 = 60;
/// More identities of one person are a mistake.
const CROWD: usize = 16;

/// An edge: when it was linked and unlinked last.
type Edges<'b> = HashMap<&'b Identity, (Option<i64>, Option<i64>)>;

fn edges<'b>(log: &Log, business: &'b Business, of: &Identity, at: &Positions) -> Edges<'b> {
    let mut edges = Edges::new();
    let noted = business.edges.get(of).map_or(&[][..], Vec::as_slice);
    for noted in noted.iter().filter(|noted| log.counts(*noted, at)) {
        let (on, off) = edges.entry(&noted.fact.other).or_default();
        let turn = if noted.fact.turn == Turn::On { on } else { off };
        *turn = (*turn).max(Some(noted.fact.at));
    }
    edges
}

/// Whether an edge carries what was said at a time.
fn carries((on, off): (Option<i64>, Option<i64>), said: i64) -> bool {
    on.is_some_and(|on| off.is_none_or(|off| off <= on.max(said) + MINUTE))
}

/// Whom an identity is linked to at all, itself left out.
pub(super) fn ever<'b>(
    log: &Log,
    business: &'b Business,
    of: &'b Identity,
    at: &Positions,
) -> Vec<&'b Identity> {
    walk(log, business, of, at, |edge| edge.0.is_some())
}

/// Whether what was said on `from` at a time counts on `of`.
pub(super) fn reaches(
    log: &Log,
    business: &Business,
    (from, said): (&Identity, i64),
    of: &Identity,
    at: &Positions,
) -> bool {
    walk(log, business, of, at, |edge| carries(edge, said)).contains(&from)
}

fn walk<'b>(
    log: &Log,
    business: &'b Business,
    of: &'b Identity,
    at: &Positions,
    open: impl Fn((Option<i64>, Option<i64>)) -> bool,
) -> Vec<&'b Identity> {
    if business.edges.is_empty() {
        return Vec::new();
    }
    let mut seen = BTreeSet::from([of]);
    let mut found = Vec::new();
    let mut next = vec![of];
    while let Some(one) = next.pop() {
        for (other, edge) in edges(log, business, one, at) {
            if open(edge) && seen.insert(other) {
                found.push(other);
                next.push(other);
            }
        }
    }
    found
}

/// Whether somebody has more identities than a person may have.
pub(super) fn has_crowd(log: &Log, business: &Business, at: &Positions) -> bool {
    if business.edges.len() <= CROWD {
        return false;
    }
    let mut seen: BTreeSet<&Identity> = BTreeSet::new();
    business.edges.keys().any(|one| {
        if seen.contains(one) {
            return false;
        }
        let linked = walk(log, business, one, at, |edge| carries(edge, i64::MIN / 2));
        let count = linked.len() + 1;
        seen.extend(linked);
        count > CROWD
    })
}
