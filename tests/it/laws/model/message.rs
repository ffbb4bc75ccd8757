//! What the model says of one message, rule by rule in the order of the design.

use consentgate::consent::{
    BusinessId, Category, ConsentRecord, EventKind, Identity, Seconds, Strength, Subject,
};
use consentgate::decision::{Message, OptOutPath, Reason, ReasonMask};
use consentgate::policy::{Policy, ScopeClass};

use super::person::{
    Against, Agreed, is_confirmed, is_invalid, is_known, is_on, newest_grants, objections, weakest,
};
use super::record::{is_objected, is_quarantined};

/// How much later than an objection on another identity a grant must be, in seconds.
const OTHER_CLOCKS: u64 = 60;

/// All reasons in the order in which they were found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Verdict(pub Vec<Reason>);

impl Verdict {
    pub(crate) fn primary(&self) -> Option<Reason> {
        self.0.first().copied()
    }

    pub(crate) fn all(&self) -> ReasonMask {
        let mut mask = ReasonMask::default();
        self.0.iter().for_each(|reason| mask.insert(*reason));
        mask
    }
}

/// Decides a marketing, utility or authentication message.
pub(crate) fn decide(
    records: &[ConsentRecord],
    policy: &Policy,
    now: Seconds,
    message: &Message<'_>,
) -> Verdict {
    let mut found = Vec::new();
    let business = BusinessId::parse(message.business);
    let person = |identity: Identity| {
        let business = business.clone()?;
        Some(Subject { business, identity })
    };
    let to = message.to.and_then(|id| person(id.to_owned()));
    let others = message.also.into_iter().flatten();
    let others: Vec<_> = others.filter_map(|id| person(id.to_owned())).collect();
    let scope = match (message.category, message.scope) {
        (Category::Authentication, "") => "authentication",
        (_, scope) => scope,
    };
    let rule = policy.scope(scope);
    let promotes = message.category == Category::Marketing
        || rule.is_some_and(|rule| rule.class == ScopeClass::Marketing);
    let grants = to
        .as_ref()
        .map_or(Vec::new(), |to| newest_grants(records, to, scope));

    let mut find = |holds: bool, reason| {
        if holds {
            found.push(reason);
        }
    };
    let knows = business
        .as_ref()
        .is_some_and(|business| is_known(records, business));
    find(!knows, Reason::BusinessUnknown);
    let is = |test: fn(&[ConsentRecord], &BusinessId) -> bool| {
        business
            .as_ref()
            .is_some_and(|business| test(records, business))
    };
    find(is(is_quarantined), Reason::BusinessQuarantined);
    find(is(is_objected), Reason::BusinessObjection);
    find(
        message.deadline.is_some_and(|end| now >= end),
        Reason::Expired,
    );
    find(message.to.is_none(), Reason::IdentityUnreadable);
    let everybody = || to.iter().chain(&others);
    let on = |on, off| everybody().any(|person| is_on(records, person, on, off));
    find(on(EventKind::Block, EventKind::Unblock), Reason::Blocked);
    find(
        on(EventKind::Restrict, EventKind::Unrestrict),
        Reason::Restricted,
    );
    find(rule.is_none(), Reason::ScopeUnknown);
    let strays = message.category == Category::Authentication && scope != "authentication";
    find(strays, Reason::Contradictory);

    let granted = grants.first().map(|grant| grant.at);
    for person in everybody() {
        let other = Some(person) != to.as_ref();
        object(records, policy, scope, person, granted, other, &mut find);
    }
    let wanted = rule.map_or(Strength::Double, |rule| rule.strength);
    let Some((to, grant)) = to.as_ref().zip(weakest(&grants)) else {
        find(true, Reason::NoGrant);
        find(
            promotes && message.opt_out_path == OptOutPath::Missing,
            Reason::NoOptOutPath,
        );
        return Verdict(found);
    };
    find(
        grant.over_at().is_some_and(|end| u64::from(now.0) >= end),
        Reason::GrantExpired,
    );
    find(strength(records, to, &grant) < wanted, Reason::GrantTooWeak);
    let invalid = grants
        .iter()
        .any(|grant| is_invalid(records, to, grant.text));
    find(invalid, Reason::TextInvalid);
    find(
        promotes && message.opt_out_path == OptOutPath::Missing,
        Reason::NoOptOutPath,
    );
    Verdict(found)
}

fn strength(records: &[ConsentRecord], person: &Subject, grant: &Agreed<'_>) -> Strength {
    if is_confirmed(records, person, grant) {
        Strength::Double
    } else {
        grant.declared_strength()
    }
}

/// Finds what the person has said that the grant is not later than.
fn object(
    records: &[ConsentRecord],
    policy: &Policy,
    scope: &str,
    person: &Subject,
    granted: Option<Seconds>,
    other: bool,
    find: &mut impl FnMut(bool, Reason),
) {
    let grace = if other { OTHER_CLOCKS } else { 0 };
    let stands = |objected: Seconds| {
        granted.is_none_or(|granted| u64::from(granted.0) <= u64::from(objected.0) + grace)
    };
    let any = |test: &dyn Fn(&Against) -> bool| {
        records
            .iter()
            .flat_map(|record| objections(record, person))
            .any(|(against, at)| test(&against) && stands(at))
    };
    let withdrawn = any(&|against| match against {
        Against::Scope(name) => name.as_str() == scope || !policy.has_known(name.as_str()),
        Against::AllScopes => true,
        _ => false,
    });
    find(withdrawn, Reason::Withdrawn);
    find(
        any(&|against| *against == Against::Complaint),
        Reason::Complained,
    );
    find(
        any(&|against| *against == Against::Number),
        Reason::WrongNumber,
    );
    find(any(&|against| *against == Against::Erase), Reason::Erased);
    find(
        any(&|against| *against == Against::Unknown),
        Reason::ObjectionUnknown,
    );
}
