//! Messages to be decided.

use consentgate::consent::{BusinessId, Identity, ScopeName};
use consentgate::index::{Detail, Query};

use super::World;
use super::draw::draw;

/// One message's question, with its own memory.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Who sends.
    pub(crate) business: BusinessId,
    /// To whom.
    pub(crate) to: Identity,
    /// For what purpose.
    pub(crate) scope: ScopeName,
}

impl Ask {
    /// The question as the index takes it.
    pub(crate) fn query(&self) -> Query<'_> {
        Query {
            business: self.business.as_str(),
            to: Some(self.to.as_ref()),
            also: [None; 2],
            scope: self.scope.as_str(),
            detail: Detail::Quick,
        }
    }
}

impl World {
    /// Mixed traffic: businesses by Zipf's law, 10 % unknown recipients, nine in ten of the others
    /// for a scope that they agreed to.
    pub(crate) fn mix(&self, seed: u64, count: usize) -> Vec<Ask> {
        let asks = 0..count as u64;
        asks.map(|n| {
            let total = self.zipf.last().copied().unwrap_or(1.0);
            let point = draw(seed, 4 * n) as f64 / u64::MAX as f64 * total;
            let rank = self.zipf.partition_point(|sum| *sum < point);
            self.ask(seed, n, rank.min(self.companies.len() - 1))
        })
        .collect()
    }

    /// A campaign of the huge business for `offers`: random recipients, 10 % unknown, all others as
    /// the sender chose them: nine in ten agreed.
    pub(crate) fn campaign(&self, seed: u64, count: usize) -> Vec<Ask> {
        let asks = 0..count as u64;
        asks.map(|n| {
            let mut ask = self.ask(seed, n, 0);
            ask.scope = self.scopes[1].clone();
            let listed = draw(seed, 4 * n + 2) % 100 < 81;
            if listed {
                let company = &self.companies[0];
                let agreed = (0..).map(|step| draw(seed, (n << 32) + step) % company.subjects);
                let chosen = { agreed }.find(|subject| self.agreed(*subject, 1));
                ask.to = self.identity(company.first + chosen.unwrap_or(0));
            }
            ask
        })
        .collect()
    }

    fn ask(&self, seed: u64, n: u64, rank: usize) -> Ask {
        let company = &self.companies[rank];
        let drawn = draw(seed, 4 * n + 1);
        let subject = company.first + (drawn >> 8) % company.subjects;
        let unknown = draw(seed, 4 * n + 2) % 100 >= 90;
        let any_scope = (drawn & 0xff) as usize % company.scopes;
        let asks_agreed = !draw(seed, 4 * n + 3).is_multiple_of(10);
        let turns = (0..company.scopes).map(|turn| (any_scope + turn) % company.scopes);
        let agreed = { turns }.find(|scope| asks_agreed && self.agreed(subject, *scope));
        Ask {
            business: company.id.clone(),
            to: self.identity(subject + u64::from(unknown) * (1 << 29)),
            scope: self.scopes[agreed.unwrap_or(any_scope)].clone(),
        }
    }
}
