//! What stands now: agreements that hold, end soon, or prove nothing.
//!
//! The gate's own rules are asked, as for `consent-state`.

use std::collections::BTreeMap;

use super::sheet::{Sheet, Value};
use crate::commands::consent_state::{StateLog, why_not};
use crate::config::Config;
use crate::consent::{BusinessId, Seconds};
use crate::decision::Reason;
use crate::stream::Fault;

/// How many people are asked about at once.
const AT_ONCE: usize = 64;

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    stands: u64,
    ends_soon: u64,
    ended: u64,
    unproven: u64,
    objected: u64,
}

/// The agreements of every scope now.
///
/// # Errors
/// What holds a gate.
pub(super) fn standing(
    config: &Config,
    log: &mut StateLog,
    business: Option<&BusinessId>,
    (now, soon): (Seconds, Seconds),
) -> Result<Sheet, Fault> {
    let mut scopes: BTreeMap<String, Counts> = BTreeMap::new();
    let (view, roster) = log.parts()?;
    for (name, customers) in roster.businesses() {
        if business.is_some_and(|business| business != name) {
            continue;
        }
        for people in customers.take_due(now).chunks(AT_ONCE) {
            why_not(&config.policy, &view, now, name, people, |scope, found, until| {
                if !scopes.contains_key(scope) {
                    scopes.insert(scope.to_owned(), Counts::default());
                }
                let Some(counts) = scopes.get_mut(scope) else { return };
                let is = |reason| found.contains(reason);
                if is(Reason::ProofMissing) || is(Reason::TextInvalid) {
                    counts.unproven += 1;
                }
                if is(Reason::GrantExpired) {
                    counts.ended += 1;
                } else if found.is_empty() {
                    counts.stands += 1;
                    counts.ends_soon += u64::from(until.is_some_and(|until| until <= soon));
                } else if !is(Reason::ProofMissing) && !is(Reason::TextInvalid) {
                    counts.objected += 1;
                }
            });
        }
    }
    let row = |(scope, counts): (String, Counts)| {
        let Counts { stands, ends_soon, ended, unproven, objected } = counts;
        let counts = [stands, ends_soon, ended, unproven, objected].map(Value::Count);
        std::iter::once(Value::Text(scope)).chain(counts).collect()
    };
    Ok(Sheet {
        name: "agreements_now",
        caption: "Agreements now, by scope",
        about: "By the gate's own rules. Without proof: the text is not published, does not name scope \
                and WhatsApp, or is invalid. Something else: withdrawn, blocked, too weak and the like.",
        columns: vec![
            "scope",
            "stand",
            "of these end soon",
            "ended",
            "without proof",
            "something else",
        ],
        rows: scopes.into_iter().map(row).collect(),
    })
}
