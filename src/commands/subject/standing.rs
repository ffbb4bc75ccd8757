//! What the records of a person come to now: the state, and each rule's answer for each purpose.
//!
//! The rules and their words are those of `story`. No permit is made: nothing can be sent with a
//! report.

use std::collections::BTreeSet;

use serde::Serialize;

use super::gather::Gathering;
use crate::commands::purposes::purposes;
use crate::commands::story::{Fate, Told, fate};
use crate::consent::subject_state::Switch;
use crate::consent::{
    Category, Class, Grant, LinkReach, Mark, ScopeName, Seconds, Subject, SubjectState,
};
use crate::policy::Policy;
use crate::wire::json::JsonTime;
use crate::wire::outbound;
use crate::wire::proto::outbound as proto;

/// What the records of a person come to now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The agreements that no later event has replaced or hidden.
    pub grants: Vec<GrantNow>,
    /// The newest objection of each kind. A later agreement may have lifted it; the answers say.
    pub objections: Vec<ObjectionNow>,
    /// When the person last wrote, as far as that is still kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrote_at: Option<JsonTime>,
    /// When the person last asked for a code, as far as that is still kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<JsonTime>,
    /// Other identities that are or were linked to this one.
    pub linked: Vec<LinkedIdentity>,
    /// Whether a message of each kind would go now.
    pub answers: Vec<ScopeAnswer>,
}

/// An agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantNow {
    /// To what.
    pub scope: String,
    /// Since when.
    pub since: JsonTime,
    /// Until when; `None` = until it is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<JsonTime>,
    /// Whether it was confirmed by a second act.
    pub confirmed: bool,
    /// The texts agreed to, as `id version`.
    pub texts: Vec<String>,
}

/// Something that speaks against sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectionNow {
    /// What it is.
    pub what: String,
    /// From when it counts, or until when a cool-down lasts.
    pub at: JsonTime,
}

/// Another identity of the person, as the business knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkedIdentity {
    /// The identity.
    pub identity: String,
    /// From when on what is said there counts here; `None` = all of it, for they are linked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_from: Option<JsonTime>,
}

/// What would become of a message to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScopeAnswer {
    /// The category.
    pub category: &'static str,
    /// The purpose; empty for a reply.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Each rule's answer.
    #[serde(flatten)]
    pub fate: Fate,
}

/// What was gathered, at an instant.
pub(super) fn standing(gathered: &Gathering, policy: &Policy, now: Seconds) -> Standing {
    let empty = SubjectState::default();
    let state = gathered.state.subjects.get(&gathered.subject).unwrap_or(&empty);
    let conversation = state.conversation();
    Standing {
        grants: state.grants.iter().map(|(scope, grant)| grant_now(state, scope, grant)).collect(),
        objections: gathered.forms.iter().flat_map(|form| said_of(gathered, form)).collect(),
        wrote_at: conversation.wrote_at().map(instant),
        asked_at: conversation.asked_at.map(instant),
        linked: linked(gathered),
        answers: answers(gathered, policy, now),
    }
}

fn grant_now(state: &SubjectState, scope: &ScopeName, grant: &Grant) -> GrantNow {
    GrantNow {
        scope: scope.to_string(),
        since: instant(grant.at),
        valid_until: grant.valid_until.map(instant),
        confirmed: state.confirms.contains_key(&grant.event),
        texts: grant.texts().map(|text| format!("{} {}", text.id, text.version)).collect(),
    }
}

/// What was said of the person under one form of their number.
fn said_of(gathered: &Gathering, form: &Subject) -> Vec<ObjectionNow> {
    let Some(state) = gathered.state.subjects.get(form) else {
        return Vec::new();
    };
    let mut objections = objections(state);
    if *form != gathered.subject {
        let number = form.identity.as_ref().canonical();
        objections.iter_mut().for_each(|said| said.what.push_str(&format!(", said of {number}")));
    }
    objections
}

fn objections(state: &SubjectState) -> Vec<ObjectionNow> {
    let objection =
        |what: &str, at: Seconds| ObjectionNow { what: what.to_owned(), at: instant(at) };
    let classes = Class::ALL.into_iter().filter_map(|class| {
        state.objections.get(class).map(|Mark { at, .. }| objection(name_of(class), at))
    });
    let scopes = state.scope_objections.iter();
    let scopes = scopes.map(|(scope, mark)| objection(&format!("withdrawn from {scope}"), mark.at));
    let is_on = |what, switch: Switch| {
        switch.on_at.filter(|_| switch.is_on()).map(|at| objection(what, at))
    };
    let switches =
        [is_on("blocked", state.block), is_on("processing restricted", state.restriction)];
    let waits = state.cooldown.map(|until| objection("marketing waits until", until));
    let given_up = state.given_up.map(|at| objection("identity given up", at));
    classes
        .chain(scopes)
        .chain(switches.into_iter().flatten())
        .chain(waits)
        .chain(given_up)
        .collect()
}

fn name_of(class: Class) -> &'static str {
    match class {
        Class::AllScopes => "withdrawn from everything",
        Class::PlatformStop => "stopped on the platform",
        Class::Complaint => "complained",
        Class::Number => "wrong or reassigned number",
        Class::Erase => "erased",
        Class::Unknown => "objected in a way of a later version",
    }
}

fn linked(gathered: &Gathering) -> Vec<LinkedIdentity> {
    let mut linked = gathered.linked();
    linked.sort_unstable();
    let shown = linked.into_iter().map(|(identity, reach)| LinkedIdentity {
        identity: identity.as_ref().canonical(),
        counts_from: match reach {
            LinkReach::From(at) => Some(instant(at)),
            LinkReach::Everything | LinkReach::Nothing => None,
        },
    });
    shown.collect()
}

/// One made-up message for each scope of the policy, and a reply.
fn answers(gathered: &Gathering, policy: &Policy, now: Seconds) -> Vec<ScopeAnswer> {
    let known: Vec<&Told> = gathered.told.iter().collect();
    let business = gathered.subject.business.as_str();
    let mut asked: BTreeSet<(Category, String)> =
        BTreeSet::from([(Category::Service, String::new())]);
    asked.extend(purposes(policy, business).map(|(scope, of)| (of, scope.to_string())));
    let answer = |(category, scope): (Category, String)| {
        let message = message(&gathered.subject, category, &scope);
        let sent = (message.as_slice(), i64::from(now.0) * 1_000);
        let fate = fate(policy, &gathered.state, &known, now, sent);
        ScopeAnswer { category: category.name(), scope, fate }
    };
    asked.into_iter().map(answer).collect()
}

fn message(subject: &Subject, category: Category, scope: &str) -> Vec<u8> {
    let category = match category {
        Category::Marketing => proto::Category::Marketing,
        Category::Utility => proto::Category::Utility,
        Category::Authentication => proto::Category::Authentication,
        Category::Service => proto::Category::Service,
        Category::Farewell => proto::Category::Farewell,
    };
    outbound::encode(&proto::OutboundMessage {
        business_id: subject.business.to_string(),
        to: subject.identity.as_ref().canonical(),
        scope: scope.to_owned(),
        category: category.into(),
        opt_out_path: proto::OptOutPath::Footer.into(),
        ..proto::OutboundMessage::default()
    })
}

fn instant(at: Seconds) -> JsonTime {
    JsonTime::of_millis(i64::from(at.0) * 1_000)
}
