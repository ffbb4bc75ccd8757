//! Links between identities of one person, as one business knows them.
//!
//! Knows no message and no policy. What is said on one identity counts on all that are linked to it now,
//! and on those whose unlink is not later: an unlink lifts what was said before it, and nothing that is
//! said after it. So of all that was said the newest is enough to know. Links and unlinks lie in
//! different partitions, so an unlink must be later by more than a minute than what it lifts.

use std::collections::BTreeMap;

use super::identity::Identity;
use super::time::{CLOCK_TOLERANCE_S, Seconds};

/// The most identities that one person may have, linked now: more are a mistake, and all of them may
/// be. Then the whole business is quarantined.
pub const LINKED_MAX: usize = 16;

/// What two identities have to do with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    linked_at: Option<Seconds>,
    unlinked_at: Option<Seconds>,
}

/// One change of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkChange {
    /// They are the same person's.
    Linked(Seconds),
    /// They are not, or not any longer.
    Unlinked(Seconds),
}

impl Link {
    /// Joins a change.
    pub fn join(&mut self, change: LinkChange) {
        match change {
            LinkChange::Linked(at) => self.linked_at = self.linked_at.max(Some(at)),
            LinkChange::Unlinked(at) => self.unlinked_at = self.unlinked_at.max(Some(at)),
        }
    }

    /// From when on what is said on one side counts on the other.
    pub fn reach(self) -> LinkReach {
        match (self.linked_at, self.unlinked_at) {
            (None, _) => LinkReach::Nothing,
            (Some(linked), Some(unlinked)) if unlinked > linked.plus(CLOCK_TOLERANCE_S) => {
                LinkReach::From(Seconds(unlinked.0.saturating_sub(CLOCK_TOLERANCE_S)))
            }
            (Some(_), _) => LinkReach::Everything,
        }
    }
}

/// From when on what is said on one identity counts on another. The lesser one reaches further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkReach {
    /// They are linked.
    Everything,
    /// They are not linked any longer: only what is said from then on.
    From(Seconds),
    /// They were never linked.
    Nothing,
}

impl LinkReach {
    /// Whether what was said at `at` counts.
    pub fn covers(self, at: Seconds) -> bool {
        match self {
            Self::Everything => true,
            Self::From(first) => at >= first,
            Self::Nothing => false,
        }
    }
}

/// The links of one business, in the plain form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    links: BTreeMap<Identity, BTreeMap<Identity, Link>>,
    crowd: Crowd,
}

/// Whether somebody has more identities than a person may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crowd {
    /// At least one has.
    Somebody,
    /// Nobody has.
    #[default]
    Nobody,
}

impl Crowd {
    /// What it is after a change of the links of one identity, given all identities.
    pub fn after<N>(
        self,
        changed: N,
        all: impl Iterator<Item = N>,
        reached: impl Fn(N) -> Vec<(N, LinkReach)>,
    ) -> Self {
        let is_crowd = |one| is_crowd(&reached(one));
        let is_somebody = match self {
            Self::Nobody => is_crowd(changed),
            // An unlink may have parted it, or another one may still be there.
            Self::Somebody => all.into_iter().any(is_crowd),
        };
        if is_somebody { Self::Somebody } else { Self::Nobody }
    }
}

impl Links {
    /// Joins a change of the link between two identities.
    pub fn join(&mut self, [one, other]: &[Identity; 2], change: LinkChange) {
        for (from, to) in [(one, other), (other, one)] {
            let links = self.links.entry(from.clone()).or_default();
            links.entry(to.clone()).or_default().join(change);
        }
        self.crowd = self.crowd.after(one, self.links.keys(), |one| self.reached(one));
    }

    /// Whether somebody has too many.
    pub fn crowd(&self) -> Crowd {
        self.crowd
    }

    /// The links of one identity.
    pub fn of(&self, identity: &Identity) -> impl Iterator<Item = (&Identity, Link)> {
        self.links.get(identity).into_iter().flatten().map(|(other, link)| (other, *link))
    }

    /// The identities that reach one, and how far.
    pub fn reached(&self, from: &Identity) -> Vec<(&Identity, LinkReach)> {
        match self.links.get_key_value(from) {
            Some((from, _)) => reached(from, |identity| self.of(identity)),
            None => Vec::new(),
        }
    }
}

/// The identities that are or were linked to one, directly or over others, and how far each reaches.
///
/// A way reaches as far as its shortest link, and of all ways the best one counts. `neighbours` gives
/// the links of one identity.
pub fn reached<N, L>(from: N, neighbours: impl Fn(N) -> L) -> Vec<(N, LinkReach)>
where
    N: Copy + PartialEq,
    L: Iterator<Item = (N, Link)>,
{
    let mut known: Vec<(N, LinkReach)> = vec![(from, LinkReach::Everything)];
    let mut waiting = vec![from];
    while let Some(on) = waiting.pop() {
        let so_far = known.iter().find(|(node, _)| *node == on).map_or(LinkReach::Nothing, |k| k.1);
        for (node, link) in neighbours(on) {
            let reach = so_far.max(link.reach());
            match known.iter_mut().find(|(other, _)| *other == node) {
                Some((_, best)) if *best <= reach => continue,
                Some((_, best)) => *best = reach,
                None if reach == LinkReach::Nothing => continue,
                None => known.push((node, reach)),
            }
            waiting.push(node);
        }
    }
    known.retain(|(node, _)| *node != from);
    known
}

/// Whether an identity has more others than a person may have, given all that it reaches.
pub fn is_crowd<N>(reached: &[(N, LinkReach)]) -> bool {
    let linked = reached.iter().filter(|(_, reach)| *reach == LinkReach::Everything);
    linked.count() >= LINKED_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(linked: u32, unlinked: Option<u32>) -> Link {
        Link { linked_at: Some(Seconds(linked)), unlinked_at: unlinked.map(Seconds) }
    }

    #[test]
    fn an_unlink_ends_a_link_that_is_older_by_more_than_a_minute() {
        assert_eq!(link(100, Some(160)).reach(), LinkReach::Everything);
        assert_eq!(link(100, Some(161)).reach(), LinkReach::From(Seconds(101)));
        assert_eq!(link(100, None).reach(), LinkReach::Everything);
        let unlinked = Link { linked_at: None, unlinked_at: Some(Seconds(500)) };
        assert_eq!(unlinked.reach(), LinkReach::Nothing);
    }

    #[test]
    fn of_several_ways_the_one_that_reaches_furthest_counts() {
        // 1 - 2 - 4 was cut early, 1 - 3 - 4 late.
        let links = [
            (1, 2, link(100, Some(300))),
            (2, 4, link(100, None)),
            (1, 3, link(100, Some(900))),
            (3, 4, link(100, None)),
        ];
        let neighbours = |on: i32| {
            let both = links.iter().flat_map(|(a, b, link)| [(*a, *b, *link), (*b, *a, *link)]);
            both.filter(move |(a, ..)| *a == on).map(|(_, b, link)| (b, link)).collect::<Vec<_>>()
        };
        let mut found = reached(1, |on| neighbours(on).into_iter());
        found.sort_by_key(|(node, _)| *node);
        let from = LinkReach::From(Seconds(240));
        assert_eq!(found, [(2, from), (3, from), (4, from)]);
    }

    #[test]
    fn sixteen_identities_are_a_person_and_seventeen_are_a_crowd() {
        for (others, crowd) in [(15, false), (16, true)] {
            let reached: Vec<_> = (0..others).map(|node| (node, LinkReach::Everything)).collect();
            assert_eq!(is_crowd(&reached), crowd);
        }
        let cut: Vec<_> = (0..40).map(|node| (node, LinkReach::From(Seconds(9)))).collect();
        assert!(!is_crowd(&cut));
    }
}
