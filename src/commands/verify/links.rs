//! Which identities of one business were one person's, as of any positions.
//!
//! Links are many, and each concerns few people, so they are joined when a person is asked for.

use hashbrown::HashMap;

use super::epochs::{EpochId, Epochs};
use super::history::is_before;
use crate::consent::link::{is_crowd, reached};
use crate::consent::{Identity, Link, LinkChange, LinkReach, Place, Positions, Seconds};

/// One change of a link, seen from one of its ends.
#[derive(Clone, Debug)]
struct Told {
    other: Identity,
    change: LinkChange,
    place: Place,
    epochs: Epochs,
}

/// All links of one business.
#[derive(Debug, Default)]
pub(super) struct LinkHistory {
    told: HashMap<Identity, Vec<Told>>,
    /// Whether somebody had too many identities if nothing was ever unlinked.
    is_suspect: bool,
}

impl LinkHistory {
    /// Takes in a change of the record at `place`.
    pub(super) fn take(
        &mut self,
        [one, other]: &[Identity; 2],
        change: LinkChange,
        (place, epochs): (Place, &Epochs),
    ) {
        for (from, to) in [(one, other), (other, one)] {
            let change = Told { other: to.clone(), change, place, epochs: epochs.clone() };
            self.told.entry_ref(from).or_default().push(change);
        }
        self.is_suspect = self.is_suspect || is_suspect(&self.told, one);
    }

    /// The identities that reach one, and how far.
    pub(super) fn reached_at(
        &self,
        identity: &Identity,
        positions: &Positions,
        epoch: EpochId,
    ) -> Vec<(&Identity, LinkReach)> {
        let Some((from, _)) = self.told.get_key_value(identity) else {
            return Vec::new();
        };
        reached(from, |on| links_of(self.told.get(on), positions, epoch).into_iter())
    }

    /// Whether somebody has more identities than a person may have.
    pub(super) fn is_crowded_at(&self, positions: &Positions, epoch: EpochId) -> bool {
        let is_crowded = |one| is_crowd(&self.reached_at(one, positions, epoch));
        self.is_suspect && self.told.keys().any(is_crowded)
    }
}

/// The links of one identity.
fn links_of<'t>(
    told: Option<&'t Vec<Told>>,
    positions: &Positions,
    epoch: EpochId,
) -> Vec<(&'t Identity, Link)> {
    let mut links: Vec<(&Identity, Link)> = Vec::new();
    let known = |told: &&Told| is_before(told.place, positions) && told.epochs.contain(epoch);
    for told in told.into_iter().flatten().filter(known) {
        match links.iter_mut().find(|(other, _)| *other == &told.other) {
            Some((_, link)) => link.join(told.change),
            None => {
                let mut link = Link::default();
                link.join(told.change);
                links.push((&told.other, link));
            }
        }
    }
    links
}

/// Whether one has too many identities if nothing was ever unlinked.
fn is_suspect(told: &HashMap<Identity, Vec<Told>>, one: &Identity) -> bool {
    let mut linked = Link::default();
    linked.join(LinkChange::Linked(Seconds::default()));
    let others = |on: &Identity| told.get(on).into_iter().flatten();
    is_crowd(&reached(one, |on| others(on).map(|told| (&told.other, linked))))
}
