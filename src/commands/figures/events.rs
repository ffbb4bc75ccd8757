//! What people said and were asked, as the consent log tells it.
//!
//! An event that was written twice counts once, by its id. What is remembered of people is a keyed hash
//! and when they last agreed, for how long they stayed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use super::label::label;
use super::sheet::{Sheet, Value};
use crate::consent::{
    Coded, ConsentEvent, Content, EventId, EventKind, Fact, Folded, Note, Seconds,
};
use crate::wire::optout::CAMPAIGN_PREFIX;

const DAY_S: u32 = 24 * 3_600;
/// How many days a person stayed: up to and with so many.
const DAYS: [(u32, &str); 6] = [
    (0, "the same day"),
    (7, "1 to 7"),
    (30, "8 to 30"),
    (90, "31 to 90"),
    (365, "91 to 365"),
    (u32::MAX, "more than 365"),
];
const NEVER: &str = "never agreed, or not known here";

/// What was counted.
#[derive(Default)]
pub(super) struct Events {
    seen: HashSet<EventId>,
    hash: RandomState,
    asked: BTreeMap<(String, String), Asked>,
    /// By which way and text a grant came, for its confirmation.
    grants: HashMap<EventId, (String, String)>,
    agreed_at: HashMap<u64, Seconds>,
    left_by: BTreeMap<(String, String), u64>,
    left_scope: BTreeMap<String, u64>,
    left_campaign: BTreeMap<String, u64>,
    left_after: BTreeMap<usize, u64>,
    refused: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    requested: u64,
    granted: u64,
    confirmed: u64,
    declined: u64,
}

impl Events {
    /// Takes in a record, appended at `at`. What does not count is remembered all the same, for what
    /// comes after it.
    pub(super) fn take(
        &mut self,
        content: &Content,
        (folded, at): (&Folded, Seconds),
        reason: &str,
        counts: bool,
    ) {
        let Content::Event(event) = content else {
            return;
        };
        let Coded::Known(kind) = event.kind else { return };
        if event.event_id.is_some_and(|id| !self.seen.insert(id)) {
            return;
        }
        let way = (method_of(event), text_of(event));
        if counts {
            self.count_asked(kind, event, folded, &way);
            self.count_left(kind, event, at, reason);
        }
        for fact in &folded.facts {
            if let Fact::Grant { subject, scope, grant } = fact {
                let newest = |known: &mut Seconds| *known = (*known).max(grant.at);
                let person = self.hash.hash_one((subject, Option::<&str>::None));
                self.agreed_at.entry(person).and_modify(newest).or_insert(grant.at);
                let of_scope = self.hash.hash_one((subject, Some(scope.as_str())));
                self.agreed_at.entry(of_scope).and_modify(newest).or_insert(grant.at);
            }
        }
        if kind == EventKind::Grant
            && let Some(id) = event.event_id
        {
            self.grants.insert(id, way);
        }
    }

    fn count_asked(
        &mut self,
        kind: EventKind,
        event: &ConsentEvent,
        folded: &Folded,
        way: &(String, String),
    ) {
        let grants = folded.facts.iter().any(|fact| matches!(fact, Fact::Grant { .. }));
        let confirmed = event.confirms.and_then(|id| self.grants.get(&id)).cloned();
        let (way, asked): (_, fn(&mut Asked) -> &mut u64) = match (kind, confirmed) {
            (EventKind::Request, _) => (way.clone(), |asked| &mut asked.requested),
            (EventKind::Grant, _) if grants => (way.clone(), |asked| &mut asked.granted),
            (EventKind::Confirm, Some(of)) => (of, |asked| &mut asked.confirmed),
            (EventKind::Refuse, _) => (way.clone(), |asked| &mut asked.declined),
            (EventKind::Grant, _) => {
                for note in &folded.notes {
                    *self.refused.entry(why_refused(*note).to_owned()).or_default() += 1;
                }
                return;
            }
            _ => return,
        };
        *asked(self.asked.entry(way).or_default()) += 1;
    }

    fn count_left(&mut self, kind: EventKind, event: &ConsentEvent, at: Seconds, reason: &str) {
        if !matches!(
            kind,
            EventKind::Withdraw
                | EventKind::PlatformStop
                | EventKind::Complaint
                | EventKind::WrongNumber
                | EventKind::Reassigned
                | EventKind::Erase
                | EventKind::Block
        ) {
            return;
        }
        let told = (kind.name().to_owned(), label(reason).to_owned());
        *self.left_by.entry(told).or_default() += 1;
        for scope in &event.scopes {
            *self.left_scope.entry(label(scope.as_str()).to_owned()).or_default() += 1;
        }
        if event.scopes.is_empty() {
            *self.left_scope.entry("everything".to_owned()).or_default() += 1;
        }
        let evidence = event.evidence.as_deref().unwrap_or_default();
        let campaign = evidence.strip_prefix(CAMPAIGN_PREFIX).unwrap_or_default();
        *self.left_campaign.entry(label(campaign).to_owned()).or_default() += 1;
        *self.left_after.entry(self.stayed(event, at)).or_default() += 1;
    }

    /// For how long the person had agreed: a place in [`DAYS`], or the one after its end.
    fn stayed(&self, event: &ConsentEvent, at: Seconds) -> usize {
        let (Some(business), Some(identity)) = (&event.business, &event.identity) else {
            return DAYS.len();
        };
        let subject =
            crate::consent::Subject { business: business.clone(), identity: identity.clone() };
        let of = |scope: Option<&str>| self.agreed_at.get(&self.hash.hash_one((&subject, scope)));
        let newest = match &event.scopes[..] {
            [] => of(None),
            scopes => scopes.iter().filter_map(|scope| of(Some(scope.as_str()))).max(),
        };
        newest.map_or(DAYS.len(), |since| {
            let days = at.since(*since) / DAY_S;
            DAYS.iter().position(|(most, _)| days <= *most).unwrap_or(DAYS.len())
        })
    }

    /// How many left.
    pub(super) fn left(&self) -> u64 {
        self.left_by.values().sum()
    }

    /// How many agreed.
    pub(super) fn granted(&self) -> u64 {
        self.asked.values().map(|asked| asked.granted).sum()
    }

    /// The tables.
    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let text = |text: &str| Value::Text(text.to_owned());
        let rate = self.asked.iter().map(|((method, of), asked)| {
            let Asked { requested, granted, confirmed, declined } = *asked;
            let counts = [requested, granted, confirmed, declined].map(Value::Count);
            let rates = [
                Value::Rate(granted.min(requested), requested),
                Value::Rate(confirmed.min(granted), granted),
            ];
            [text(method), text(of)].into_iter().chain(counts).chain(rates).collect()
        });
        let left_by = self
            .left_by
            .iter()
            .map(|((kind, reason), count)| vec![text(kind), text(reason), Value::Count(*count)]);
        let one = |counts: &BTreeMap<String, u64>| -> Vec<Vec<Value>> {
            let mut rows: Vec<_> = counts.iter().collect();
            rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            rows.into_iter().map(|(name, count)| vec![text(name), Value::Count(*count)]).collect()
        };
        let after = |place: usize| DAYS.get(place).map_or(NEVER, |(_, name)| name);
        let left_after = (0..=DAYS.len()).map(|place| {
            let count = self.left_after.get(&place).copied().unwrap_or(0);
            vec![text(after(place)), Value::Count(count)]
        });
        vec![
            Sheet {
                name: "consent_rate",
                caption: "Consent rate by method and text",
                about: "Agreements that count, of requests that were written; confirmations, of agreements.",
                columns: vec![
                    "method",
                    "text",
                    "requested",
                    "agreed",
                    "confirmed",
                    "declined",
                    "agreed rate",
                    "confirmed rate",
                ],
                rows: rate.collect(),
            },
            Sheet {
                name: "opt_outs_by_reason",
                caption: "Opt-outs by kind and reason",
                about: "How people left, and the note that the event carries.",
                columns: vec!["kind", "reason", "opt-outs"],
                rows: left_by.collect(),
            },
            Sheet {
                name: "opt_outs_by_scope",
                caption: "Opt-outs by scope",
                about: "What they left; an opt-out that names several scopes counts in each.",
                columns: vec!["scope", "opt-outs"],
                rows: one(&self.left_scope),
            },
            Sheet {
                name: "opt_outs_by_campaign",
                caption: "Opt-outs by campaign",
                about: "The campaign of the opt-out link; other opt-outs name none.",
                columns: vec!["campaign", "opt-outs"],
                rows: one(&self.left_campaign),
            },
            Sheet {
                name: "opt_outs_by_days",
                caption: "Opt-outs by days since the agreement",
                about: "From the newest agreement to what they left.",
                columns: vec!["days", "opt-outs"],
                rows: left_after.collect(),
            },
            Sheet {
                name: "refused_grants",
                caption: "Grants that count for nothing",
                about: "Written as agreements, and refused for what they lack.",
                columns: vec!["what is wrong", "grants"],
                rows: one(&self.refused),
            },
        ]
    }
}

fn method_of(event: &ConsentEvent) -> String {
    let known = event.method.known();
    known.map_or_else(|| "(none)".to_owned(), |method| snake(&format!("{method:?}")))
}

fn text_of(event: &ConsentEvent) -> String {
    let named = event.text.as_ref();
    named.map_or_else(
        || "(none)".to_owned(),
        |text| label(&format!("{} {}", text.id, text.version)).trim().to_owned(),
    )
}

/// A variant's name as the contract writes it.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn why_refused(note: Note) -> &'static str {
    match note {
        Note::ProofMissing => "evidence incomplete",
        Note::ImportGrants => "an import never grants",
        Note::Undated => "undated",
        other => other.name(),
    }
}
