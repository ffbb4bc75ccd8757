//! What is known of one identity at some positions.

use super::Positions;
use super::fact::{Class, Fact, Grant, List, Turn};
use super::log::{Business, Log};
use super::words::{Id, Identity};

/// An objection that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Objection<'b> {
    pub(super) class: &'b Class,
    pub(super) at: i64,
    pub(super) id: Option<Id>,
    pub(super) inbound: Option<Id>,
}

/// Everything that counts of one identity.
#[derive(Clone, Debug, Default)]
pub(super) struct Known<'b> {
    pub(super) objections: Vec<Objection<'b>>,
    grants: Vec<&'b Grant>,
    confirms: Vec<(i64, Id)>,
    listed: Vec<(List, Turn, i64)>,
    inbounds: Vec<(i64, Id)>,
    requests: Vec<i64>,
    cooldown: Option<i64>,
    cap: Option<i64>,
    erased: Option<i64>,
}

const MINUTE: i64 = 60;

impl<'b> Known<'b> {
    pub(super) fn of(log: &Log, business: &'b Business, who: &Identity, at: &Positions) -> Self {
        let mut known = Self::default();
        let facts = business.people.get(who).map_or(&[][..], Vec::as_slice);
        for noted in facts.iter().filter(|noted| log.counts(*noted, at)) {
            known.take(&noted.fact);
        }
        known
    }

    fn take(&mut self, fact: &'b Fact) {
        match fact {
            Fact::Grant(grant) => self.grants.push(grant),
            Fact::Confirm { at, of } => self.confirms.push((*at, *of)),
            Fact::Objection { class, at, id, inbound } => {
                if *class == Class::Erase {
                    self.erased = self.erased.max(Some(*at));
                }
                self.objections.push(Objection { class, at: *at, id: *id, inbound: *inbound });
            }
            Fact::Listed { list, turn, at } => self.listed.push((*list, *turn, *at)),
            Fact::Inbound { at, id } => self.inbounds.push((*at, *id)),
            Fact::Request { at } => self.requests.push(*at),
            Fact::Cooldown { until } => self.cooldown = self.cooldown.max(Some(*until)),
            Fact::Cap { at } => self.cap = self.cap.max(Some(*at)),
        }
    }

    /// An erasure hides what is not later.
    fn is_shown(&self, at: i64) -> bool {
        self.erased.is_none_or(|erased| at > erased)
    }

    /// The grants that win for a scope: the newest, and those of the same second, the weakest first.
    pub(super) fn winners(&self, scope: &str) -> Vec<&'b Grant> {
        let uncapped = |at: i64| self.cap.is_none_or(|cap| at > cap + MINUTE);
        let fits = |grant: &&&Grant| {
            grant.scopes.iter().any(|name| **name == *scope)
                && self.is_shown(grant.at)
                && uncapped(grant.at)
        };
        let standing: Vec<_> = self.grants.iter().filter(fits).copied().collect();
        let newest = standing.iter().map(|grant| grant.at).max();
        let mut newest: Vec<_> =
            standing.into_iter().filter(|grant| Some(grant.at) == newest).collect();
        newest.sort_by_key(|grant| (grant.double, grant.until.unwrap_or(i64::MAX)));
        newest
    }

    /// Those of the winners that may be the weakest. A confirmation makes a grant stronger, but whether it
    /// is then still the weakest is not said.
    pub(super) fn weakest_of<'w>(&self, winners: &'w [&'b Grant]) -> &'w [&'b Grant] {
        let is_confirmed = |grant: &&Grant| !grant.double && self.is_double(grant);
        match winners {
            [first, _, ..] if !winners.iter().any(is_confirmed) => std::slice::from_ref(first),
            all => all,
        }
    }

    /// Every scope that somebody agreed to.
    pub(super) fn agreed_scopes(&self) -> Vec<&'b str> {
        let mut all: Vec<_> =
            self.grants.iter().flat_map(|grant| grant.scopes.iter().map(|name| &**name)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a grant was confirmed, or is double by itself.
    pub(super) fn is_double(&self, grant: &Grant) -> bool {
        let confirms = self.confirms.iter();
        let own = |&&(at, of): &&(i64, Id)| of == grant.id && self.is_shown(at);
        grant.double || confirms.filter(own).count() > 0
    }

    /// When the person wrote, newest first.
    pub(super) fn written(&self) -> Vec<(i64, Id)> {
        let mut all: Vec<_> =
            self.inbounds.iter().filter(|(at, _)| self.is_shown(*at)).copied().collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        let mut known = std::collections::BTreeSet::new();
        all.retain(|(_, id)| known.insert(*id));
        all
    }

    /// When a code was asked for last.
    pub(super) fn requested(&self) -> Option<i64> {
        self.requests.iter().copied().filter(|at| self.is_shown(*at)).max()
    }

    /// When a list took the person on for good; nothing if it did not.
    pub(super) fn listed_at(&self, list: List) -> Option<i64> {
        let newest = |turn| {
            let of = self.listed.iter().filter(|entry| entry.0 == list && entry.1 == turn);
            of.map(|entry| entry.2).max()
        };
        let (on, off) = (newest(Turn::On), newest(Turn::Off));
        on.filter(|_| on >= off)
    }

    pub(super) fn cools_until(&self) -> Option<i64> {
        self.cooldown
    }
}
