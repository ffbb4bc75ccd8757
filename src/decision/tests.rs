//! The decision's rules one by one, on plain facts.

use super::*;
use crate::consent::{Class, EventId, IdentityRef, Mark, PauseTarget, Pauses, Phone, ScopeName};
use crate::index::{Against, FullFacts, Standing, StandingGrant, TextProof, TextValidity};
use crate::policy::Unnamed;

const NOW: Seconds = Seconds(1_000);

fn message(category: Category, scope: &str) -> Message<'_> {
    Message {
        business: "cafe",
        sender: "",
        to: Phone::parse("+12025550123").map(IdentityRef::Phone),
        also: [None, None],
        scope,
        category,
        sent_at: Some(NOW),
        deadline: None,
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "m1",
        campaign_id: "",
        template: "",
        template_language: "",
    }
}

fn grant(at: u32) -> Option<StandingGrant> {
    Some(StandingGrant {
        at: Seconds(at),
        strength: Strength::Single,
        valid_until: None,
        text: TextValidity::Valid,
        proof: TextProof::Complete,
        event: EventId(1),
    })
}

fn mark(at: u32) -> Mark {
    Mark { at: Seconds(at), event: EventId(2) }
}

fn full(to: Standing<'_>) -> AnswerFacts<'_> {
    AnswerFacts::Full(FullFacts { to, ..FullFacts::default() })
}

fn primary(message: &Message<'_>, facts: &AnswerFacts<'_>) -> Option<Reason> {
    judge(&Policy::standard(), NOW, message, <_>::default(), facts).primary()
}

#[test]
fn a_standing_grant_lets_the_message_go_and_its_absence_does_not() {
    let offer = message(Category::Marketing, "offers");
    assert_eq!(primary(&offer, &AnswerFacts::Stands), None);
    let agreed = Standing { grant: grant(10), ..Standing::default() };
    assert_eq!(primary(&offer, &full(agreed)), None);
    assert_eq!(primary(&offer, &full(Standing::default())), Some(Reason::NoGrant));
    assert_eq!(primary(&offer, &AnswerFacts::UnknownBusiness), Some(Reason::BusinessUnknown));
}

#[test]
fn an_objection_counts_unless_the_grant_is_later() {
    for (granted, suppressed) in [(19, true), (20, true), (21, false)] {
        let mut to = Standing { grant: grant(granted), ..Standing::default() };
        to.against.get_or_insert_default().objections.join(Class::AllScopes, mark(20));
        let found = primary(&message(Category::Marketing, "offers"), &full(to));
        assert_eq!(found, suppressed.then_some(Reason::Withdrawn), "granted at {granted}");
    }
}

#[test]
fn an_objection_on_another_identity_needs_a_grant_more_than_a_minute_later() {
    for (granted, suppressed) in [(80, true), (81, false)] {
        let mut other = Standing::default();
        other.against.get_or_insert_default().objections.join(Class::Complaint, mark(20));
        let to = Standing { grant: grant(granted), ..Standing::default() };
        let facts = FullFacts { to, also: [Some(Box::new(other)), None], ..FullFacts::default() };
        let facts = AnswerFacts::Full(facts);
        let found = primary(&message(Category::Marketing, "offers"), &facts);
        assert_eq!(found, suppressed.then_some(Reason::Complained), "granted at {granted}");
    }
}

#[test]
fn a_grant_on_another_identity_permits_nothing() {
    let other = Standing { grant: grant(10), ..Standing::default() };
    let facts = FullFacts { also: [Some(Box::new(other)), None], ..FullFacts::default() };
    let facts = AnswerFacts::Full(facts);
    assert_eq!(primary(&message(Category::Utility, "alerts"), &facts), Some(Reason::NoGrant));
}

#[test]
fn utility_waives_the_platform_stop_and_marketing_does_not() {
    let stopped = || {
        let mut to = Standing { grant: grant(10), ..Standing::default() };
        to.against.get_or_insert_default().objections.join(Class::PlatformStop, mark(20));
        full(to)
    };
    assert_eq!(primary(&message(Category::Utility, "order_updates"), &stopped()), None);
    let offer = message(Category::Marketing, "offers");
    assert_eq!(primary(&offer, &stopped()), Some(Reason::PlatformStop));
}

#[test]
fn a_marketing_scope_makes_every_declared_category_marketing() {
    let mut offer = message(Category::Utility, "offers");
    assert_eq!(primary(&offer, &AnswerFacts::Stands), None);
    offer.opt_out_path = OptOutPath::Missing;
    assert_eq!(primary(&offer, &AnswerFacts::Stands), Some(Reason::NoOptOutPath));
    let mut update = message(Category::Utility, "order_updates");
    update.opt_out_path = OptOutPath::Missing;
    assert_eq!(primary(&update, &AnswerFacts::Stands), None);
}

#[test]
fn marketing_waits_while_now_is_before_the_end_of_a_cool_down_on_any_identity() {
    for (until, found) in [(1_001, Some(Reason::Cooldown)), (1_000, None)] {
        let cooled = |grant| {
            let mut standing = Standing { grant, ..Standing::default() };
            standing.against.get_or_insert_default().cooldown = Some(Seconds(until));
            standing
        };
        let offer = message(Category::Marketing, "offers");
        assert_eq!(primary(&offer, &full(cooled(grant(10)))), found);
        let to = Standing { grant: grant(10), ..Standing::default() };
        let facts =
            FullFacts { to, also: [None, Some(Box::new(cooled(None)))], ..FullFacts::default() };
        assert_eq!(primary(&offer, &AnswerFacts::Full(facts)), found);
        let update = message(Category::Utility, "order_updates");
        assert_eq!(primary(&update, &full(cooled(grant(10)))), None);
    }
}

#[test]
fn what_is_paused_is_suppressed_and_what_is_not_goes() {
    let campaign = PauseTarget::Campaign("spring".into());
    let template = PauseTarget::Template("sale".into());
    let scope = |name| PauseTarget::Scope(ScopeName::parse(name).unwrap());
    for (target, found) in [
        (PauseTarget::Business, Some(Reason::Paused)),
        (scope("offers"), Some(Reason::Paused)),
        (scope("alerts"), None),
        (scope("unheard_of"), Some(Reason::Paused)),
        (campaign, Some(Reason::Paused)),
        (template, None),
    ] {
        let mut pauses = Pauses::default();
        pauses.pause(target.clone(), Seconds(10));
        let to = Standing { grant: grant(10), ..Standing::default() };
        let facts = FullFacts { to, pauses: Some(&pauses), ..FullFacts::default() };
        let offer = Message { campaign_id: "spring", ..message(Category::Marketing, "offers") };
        assert_eq!(primary(&offer, &AnswerFacts::Full(facts)), found, "{target:?}");
        assert_eq!(is_pause_meant(&Policy::standard(), &offer, &target), found.is_some());
    }
}

#[test]
fn a_grant_is_valid_while_now_is_before_its_end() {
    for (until, found) in [(1_000, Some(Reason::GrantExpired)), (1_001, None)] {
        let mut to = Standing { grant: grant(10), ..Standing::default() };
        if let Some(grant) = &mut to.grant {
            grant.valid_until = Some(Seconds(until));
        }
        assert_eq!(primary(&message(Category::Marketing, "offers"), &full(to)), found);
    }
}

#[test]
fn a_message_at_its_deadline_is_too_late() {
    for (deadline, found) in [(1_000, Some(Reason::Expired)), (1_001, None)] {
        let mut offer = message(Category::Marketing, "offers");
        offer.deadline = Some(Seconds(deadline));
        assert_eq!(primary(&offer, &AnswerFacts::Stands), found);
    }
}

#[test]
fn an_authentication_message_is_about_authentication_alone() {
    let code = message(Category::Authentication, "");
    assert_eq!(primary(&code, &AnswerFacts::Stands), None);
    let odd = message(Category::Authentication, "order_updates");
    assert_eq!(primary(&odd, &AnswerFacts::Stands), Some(Reason::Contradictory));
}

#[test]
fn an_unknown_scope_and_an_unreadable_address_are_suppressed() {
    let strange = message(Category::Marketing, "horoscopes");
    assert_eq!(primary(&strange, &AnswerFacts::Stands), Some(Reason::ScopeUnknown));
    let mut lost = message(Category::Marketing, "offers");
    lost.to = None;
    assert_eq!(primary(&lost, &AnswerFacts::Stands), Some(Reason::IdentityUnreadable));
}

#[test]
fn an_objection_to_a_scope_that_the_policy_never_knew_counts_against_every_scope() {
    let (strange, alerts) =
        (ScopeName::parse("horoscopes").unwrap(), ScopeName::parse("alerts").unwrap());
    for (scope, found) in [(&strange, Some(Reason::Withdrawn)), (&alerts, None)] {
        let scope_objections = vec![(scope, mark(20))];
        let against = Some(Box::new(Against { scope_objections, ..Against::default() }));
        let to = Standing { grant: grant(10), against, ..Standing::default() };
        assert_eq!(primary(&message(Category::Marketing, "offers"), &full(to)), found);
    }
}

#[test]
fn a_reply_needs_an_open_window() {
    let reply = message(Category::Service, "");
    assert_eq!(primary(&reply, &full(Standing::default())), Some(Reason::WindowClosed));
}

#[test]
fn a_block_suppresses_whatever_was_granted() {
    let mut to = Standing { grant: grant(10), ..Standing::default() };
    to.against.get_or_insert_default().block.on(Seconds(5));
    let offer = message(Category::Marketing, "offers");
    assert_eq!(primary(&offer, &full(to.clone())), Some(Reason::Blocked));
    to.against.get_or_insert_default().block.off(Seconds(6));
    assert_eq!(primary(&offer, &full(to)), None);
}

#[test]
fn the_first_rule_that_finds_something_names_the_primary_reason_and_all_are_kept() {
    let mut to = Standing::default();
    to.against.get_or_insert_default().block.on(Seconds(5));
    to.against.get_or_insert_default().objections.join(Class::Erase, mark(20));
    let offer = message(Category::Marketing, "offers");
    let judgement = judge(&Policy::standard(), NOW, &offer, <_>::default(), &full(to));
    assert_eq!(judgement.primary(), Some(Reason::Blocked));
    let all: Vec<_> = judgement.mask().iter().collect();
    assert_eq!(all, [Reason::Blocked, Reason::Erased, Reason::NoGrant]);
}

#[test]
fn every_reason_has_its_own_number_and_name() {
    let numbers: std::collections::BTreeSet<_> = Reason::ALL.map(Reason::number).into();
    let names: std::collections::BTreeSet<_> = Reason::ALL.map(Reason::name).into();
    assert_eq!((numbers.len(), names.len()), (Reason::ALL.len(), Reason::ALL.len()));
}

#[test]
fn a_code_goes_to_a_number_and_not_to_a_user_id() {
    let agreed = || full(Standing { grant: grant(10), ..Standing::default() });
    let code = message(Category::Authentication, "authentication");
    assert_eq!(primary(&code, &agreed()), None);
    let (number, user_id) = (code.to, IdentityRef::parse("US.anna5"));
    let to_user_id = Message { to: user_id, ..code };
    assert_eq!(primary(&to_user_id, &agreed()), Some(Reason::IdentityUnsuited));
    // What the platform uses is the address; a user id beside it changes nothing, nor a number.
    let beside = Message { also: [user_id, None], ..code };
    assert_eq!(primary(&beside, &agreed()), None);
    let beside = Message { to: user_id, also: [number, None], ..code };
    assert_eq!(primary(&beside, &agreed()), Some(Reason::IdentityUnsuited));
    let offer = Message { to: user_id, ..message(Category::Marketing, "offers") };
    assert_eq!(primary(&offer, &agreed()), None);
}

#[test]
fn a_message_comes_from_a_number_of_its_business() {
    let cafe = crate::consent::BusinessId::parse("cafe").unwrap();
    let policy = |unnamed| {
        let mut senders = crate::policy::Senders::new(unnamed);
        senders.register("n1", &cafe).unwrap();
        Policy::standard().with_senders(senders)
    };
    let (any, named) = (policy(Unnamed::Any), policy(Unnamed::Refused));
    let found = |policy: &Policy, message: &Message<'_>| {
        judge(policy, NOW, message, TemplateStanding::default(), &AnswerFacts::Stands).primary()
    };
    let offer = message(Category::Marketing, "offers");
    let refused = Some(Reason::SenderUnregistered);
    for (policy, sender, expected) in [
        (&any, "", None),
        (&any, "n1", None),
        (&any, "n2", refused),
        (&named, "", refused),
        (&named, "n1", None),
        (&Policy::standard(), "n2", None),
    ] {
        assert_eq!(found(policy, &Message { sender, ..offer }), expected, "{sender}");
    }
    let elsewhere = Message { business: "bar", sender: "n1", ..offer };
    assert_eq!(found(&any, &elsewhere), refused);
    let unnamed = Message { business: "", sender: "n1", ..offer };
    assert_eq!(unnamed.at_home(&any).business, "cafe");
    assert_eq!(found(&any, &unnamed.at_home(&any)), None);
    for policy in [&any, &Policy::standard()] {
        let stray = Message { sender: "n2", ..unnamed };
        assert_eq!(found(policy, &stray.at_home(policy)), refused);
    }
    assert_eq!(elsewhere.at_home(&any).business, "bar");
}
