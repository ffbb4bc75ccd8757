//! P3: a hold is in the receipts, with its cause.

use super::receipts::Receipts;
use super::{Found, Law};
use crate::simulator::world::Outcome;

pub(super) fn check(outcome: &Outcome, receipts: &Receipts, found: &mut Found) {
    for (instance, seen) in &outcome.holds.0 {
        let told = receipts.iter().filter(|(_, receipt)| receipt.instance == *instance);
        let told: Vec<_> = told.flat_map(|(_, receipt)| &receipt.holds).collect();
        for hold in seen.iter().filter(|hold| hold.is_owed) {
            let is_told = told.iter().any(|told| {
                let begins = told.began_ms <= hold.first_ms;
                told.cause == hold.cause.name() && begins && told.ended_ms.is_some()
            });
            found.demand(is_told, Law::HoldsTold, || format!("{instance} never told {hold:?}"));
        }
    }
}
