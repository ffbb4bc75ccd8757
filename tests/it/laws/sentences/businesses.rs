//! Businesses that are stricter than their platform: for themselves alone, and never looser.

use consentgate::consent::{BusinessId, Category, ScopeName, Seconds, Strength};
use consentgate::decision::{Message, OptOutPath, Reason};
use consentgate::policy::{Policy, Reach, ScopeClass, Stricter, StricterScope};

use super::super::gate::{decides, offer, order_update, standard};
use super::super::log::{Log, confirm, grant};

/// Anna agreed to both, by one act each, and so she did at the shop.
fn agreed() -> Log {
    let agreed = || grant(100, &["offers", "order_updates"]);
    let at_shop =
        consentgate::consent::ConsentEvent { business: BusinessId::parse("shop"), ..agreed() };
    Log::default().then(100, agreed()).then(100, at_shop)
}

/// The standard policy with a cafe that demands this.
fn with_cafe(stricter: &Stricter) -> Policy {
    let mut policy = standard();
    policy.add_business(BusinessId::parse("cafe").unwrap(), stricter).unwrap();
    policy
}

fn of_scope(name: &str, demanded: StricterScope) -> Stricter {
    let scopes = [(ScopeName::parse(name).unwrap(), demanded)].into();
    Stricter { scopes, ..Stricter::default() }
}

/// The cafe's message meets this, and the same of the shop goes.
#[track_caller]
fn only_the_cafe_is_stricter(stricter: &Stricter, message: Message<'_>, found: Reason) {
    let policy = with_cafe(stricter);
    decides(&agreed(), &standard(), &message, None);
    decides(&agreed(), &policy, &message, Some(found));
    decides(&agreed(), &policy, &Message { business: "shop", ..message }, None);
}

#[test]
fn a_business_may_want_confirmed_grants() {
    let demanded = StricterScope { strength: Some(Strength::Double), ..<_>::default() };
    only_the_cafe_is_stricter(&of_scope("offers", demanded), offer(), Reason::GrantTooWeak);
    let yes = grant(100, &["offers"]);
    let log = Log::default().then(100, yes.clone()).then(110, confirm(110, &yes));
    decides(&log, &with_cafe(&of_scope("offers", demanded)), &offer(), None);
}

#[test]
fn a_business_may_let_grants_end_sooner() {
    let demanded = StricterScope { valid_for_s: Some(3_600), ..<_>::default() };
    let policy = with_cafe(&of_scope("offers", demanded));
    let by = super::super::gate::decides_by;
    by(3_699, &agreed(), &policy, &offer(), None);
    by(3_700, &agreed(), &policy, &offer(), Some(Reason::GrantExpired));
    by(3_700, &agreed(), &policy, &Message { business: "shop", ..offer() }, None);
}

#[test]
fn a_business_may_send_sooner_or_not_at_all() {
    let stricter =
        Stricter { max_ages_s: [(Category::Marketing, 60)].into(), ..Stricter::default() };
    let old = |message| Message { sent_at: Some(Seconds(939)), ..message };
    only_the_cafe_is_stricter(&stricter, old(offer()), Reason::Expired);
    decides(&agreed(), &with_cafe(&stricter), &old(order_update()), None);
}

#[test]
fn a_business_may_offer_a_way_out_in_all_its_messages() {
    let stricter = Stricter { opt_out_path: Some(Reach::All), ..Stricter::default() };
    let trap = Message { opt_out_path: OptOutPath::Missing, ..order_update() };
    only_the_cafe_is_stricter(&stricter, trap, Reason::NoOptOutPath);
}

#[test]
fn a_business_may_take_more_for_marketing() {
    let demanded = StricterScope { class: Some(ScopeClass::Marketing), ..<_>::default() };
    let trap = Message { opt_out_path: OptOutPath::Missing, ..order_update() };
    only_the_cafe_is_stricter(&of_scope("order_updates", demanded), trap, Reason::NoOptOutPath);
}

#[test]
fn a_campaign_of_two_businesses_is_decided_by_the_rules_of_each() {
    let demanded = StricterScope { strength: Some(Strength::Double), ..<_>::default() };
    let policy = with_cafe(&of_scope("offers", demanded));
    let (index, shop) = (super::super::gate::index_of(&agreed().0), "shop");
    let view = super::super::gate::open(&index).unwrap();
    let messages: Vec<_> = ["cafe", shop, shop, "cafe", "cafe", shop]
        .into_iter()
        .map(|business| Message { business, ..offer() })
        .collect();
    let decided = super::super::gate::decide_on(&view, &policy, Seconds(1_000), &messages);
    let found: Vec<_> =
        decided.iter().map(|decision| super::super::gate::reasons_of(decision).0).collect();
    let weak = Some(Reason::GrantTooWeak);
    assert_eq!(found, [weak, None, None, weak, weak, None]);
}
