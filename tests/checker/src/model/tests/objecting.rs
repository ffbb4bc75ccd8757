//! What it takes to object: a kind and a person. And what alone lifts it.

use super::*;
use crate::spec::consent::{Effect, PauseTarget, Place as SaidPlace, VoidTarget};

fn agreed() -> Told {
    Told::default()
        .then(100, grant(100, &["offers", "order_updates"]))
        .then(100, of(BEN, grant(100, &["offers"])))
}

#[test]
fn an_objection_wins_over_every_grant_that_is_not_later() {
    for (withdrawn, allowed) in [(99, true), (100, false), (101, false)] {
        let told = Told::default().then(withdrawn, withdraw(&["offers"]));
        let told = told.then(withdrawn.max(100), grant(100, &["offers"]));
        match allowed {
            true => told.allows(&offer()),
            false => told.suppresses(&offer(), Reason::Withdrawn),
        }
    }
    let backdated = at(1, withdraw(&[]));
    agreed().then(150, backdated.clone()).suppresses(&offer(), Reason::Withdrawn);
    let (method, actor) = (Method::Import.into(), Actor::Importer.into());
    let imported = ConsentEvent { historic: true, method, actor, ..backdated };
    agreed().then(150, imported).allows(&offer());
}

#[test]
fn for_every_doubt_an_objection_widens() {
    agreed().then(101, withdraw(&["offers"])).allows(&order_update());
    for wide in
        [withdraw(&[]), withdraw(&["a b"]), withdraw(&["offers"; 65]), withdraw(&["raffles"])]
    {
        agreed().then(101, wide).suppresses(&order_update(), Reason::Withdrawn);
    }
    let retired = format!("{ANY}retired raffles\n");
    agreed().then(101, withdraw(&["raffles"])).decides_by(1_000, &retired, &offer(), None);
    let unknown =
        ConsentEvent { kind: 77, effect: Effect::Objects.into(), ..withdraw(&["offers"]) };
    agreed().then(101, unknown).suppresses(&order_update(), Reason::ObjectionUnknown);
    let newer = ConsentEvent {
        min_reader: RULES_VERSION + 1,
        effect: Effect::Objects.into(),
        ..withdraw(&["offers"])
    };
    agreed().then(101, newer).suppresses(&order_update(), Reason::ObjectionUnknown);
}

#[test]
fn each_kind_has_its_reason_and_a_later_grant_lifts_it() {
    for (kind, reason) in [
        (Kind::Withdraw, Reason::Withdrawn),
        (Kind::Refuse, Reason::Withdrawn),
        (Kind::Complaint, Reason::Complained),
        (Kind::WrongNumber, Reason::WrongNumber),
        (Kind::Reassigned, Reason::WrongNumber),
        (Kind::PlatformStop, Reason::PlatformStop),
        (Kind::Erase, Reason::Erased),
    ] {
        let told = agreed().then(200, event(kind));
        told.suppresses(&offer(), reason);
        told.then(201, grant(201, &["offers"])).allows(&offer());
    }
}

#[test]
fn a_stop_is_about_marketing_and_a_marketing_grant_alone_lifts_it() {
    let told = || agreed().then(200, event(Kind::PlatformStop));
    told().allows(&order_update());
    let resumed = told().then(300, event(Kind::PlatformResume));
    resumed.suppresses(&offer(), Reason::PlatformStop);
    let promotion = OutboundMessage { category: Category::Marketing.into(), ..order_update() };
    told().then(300, grant(300, &["order_updates"])).suppresses(&promotion, Reason::PlatformStop);
}

#[test]
fn only_its_counterpart_lifts_what_a_business_imposed() {
    for (on, off, reason) in [
        (Kind::Block, Kind::Unblock, Reason::Blocked),
        (Kind::Restrict, Kind::Unrestrict, Reason::Restricted),
    ] {
        let told = || agreed().then(200, event(on)).then(300, grant(300, &["offers"]));
        told().suppresses(&offer(), reason);
        told().then(300, at(200, event(off))).suppresses(&offer(), reason);
        told().then(300, event(off)).suppresses(&offer(), reason);
        told().then(300, at(201, event(off))).allows(&offer());
    }
}

#[test]
fn an_erasure_hides_what_is_not_later() {
    let told = agreed().then(200, event(Kind::Erase));
    let verdict = told.verdict_at(1_000, ANY, &offer());
    assert_eq!(verdict.must, bit(Reason::Erased) | bit(Reason::NoGrant));
    let block = Told::default().then(90, event(Kind::Block)).then(100, event(Kind::Erase));
    block.then(110, grant(110, &["offers"])).suppresses(&offer(), Reason::Blocked);
}

#[test]
fn marketing_waits_for_a_cool_down_and_nothing_else_does() {
    let cooldown = |until_ms| ConsentEvent { until_ms, ..event(Kind::Cooldown) };
    let told = agreed().then(200, cooldown(Some(500_001)));
    told.decides_at(500, &offer(), Some(Reason::Cooldown));
    told.decides_at(501, &offer(), None);
    told.decides_at(300, &order_update(), None);
    for endless in [None, Some(0), Some(i64::MAX)] {
        let told = agreed().then(200, cooldown(endless));
        told.decides_at(200 + 30 * DAY - 1, &offer(), Some(Reason::Cooldown));
        told.decides_at(200 + 30 * DAY, &offer(), None);
    }
}

fn void((topic, offset): (i64, i64), drop_reason: &str) -> ConsentEvent {
    let place = SaidPlace { topic: topic as i32, partition: 0, offset };
    let void = VoidTarget {
        place: Some(place),
        drop_reason: drop_reason.to_owned(),
        ..Default::default()
    };
    ConsentEvent { void: Some(void), ..of_cafe(Kind::Void) }
}

#[test]
fn what_cannot_be_read_stops_its_business_until_it_is_voided() {
    let garbage = |key: &str| agreed().then_as(Topic::Events, 200, key, Some(b"\xff"));
    let told = garbage(&format!("cafe/{ANNA}"));
    told.suppresses(&to(BEN, offer()), Reason::BusinessQuarantined);
    let place = told.last_place();
    let told = told.then(300, void(place, ""));
    told.allows(&to(BEN, offer()));
    told.suppresses(&offer(), Reason::Withdrawn);
    let told = garbage("cafe/");
    let place = told.last_place();
    let told = told.then(300, void(place, " "));
    told.suppresses(&offer(), Reason::BusinessQuarantined);
    told.then(301, void(place, "a test")).allows(&offer());
    let told = garbage("/");
    assert!(told.holds());
    let place = told.last_place();
    assert!(!told.then(300, void(place, "a test")).holds());
}

#[test]
fn where_key_and_value_disagree_both_businesses_stop() {
    let event = withdraw(&["offers"]).encode_to_vec();
    let told = agreed().then_as(Topic::Events, 200, "shop/+12025550123", Some(&event));
    told.suppresses(&to(BEN, offer()), Reason::BusinessQuarantined);
    let shop = OutboundMessage { business_id: "shop".to_owned(), ..offer() };
    told.suppresses(&shop, Reason::BusinessQuarantined);
}

#[test]
fn a_pause_stops_what_it_names_until_it_is_resumed() {
    let target = |scope: &str, campaign: &str| PauseTarget {
        scope: scope.to_owned(),
        campaign_id: campaign.to_owned(),
        template: String::new(),
    };
    let switch = |kind, pause: Option<PauseTarget>| ConsentEvent { pause, ..of_cafe(kind) };
    let spring = OutboundMessage { campaign_id: "spring".to_owned(), ..order_update() };
    for (pause, stopped, other) in [
        (target("offers", ""), offer(), order_update()),
        (target("", "spring"), spring, order_update()),
    ] {
        let told = agreed().then(200, switch(Kind::Pause, Some(pause.clone())));
        told.suppresses(&stopped, Reason::Paused);
        told.allows(&other);
        let same_second = at(200, switch(Kind::Resume, Some(pause.clone())));
        let told = told.then(300, same_second);
        told.suppresses(&stopped, Reason::Paused);
        let of_all = at(300, switch(Kind::Resume, None));
        let told = told.then(300, of_all);
        told.suppresses(&stopped, Reason::Paused);
        told.then(301, at(301, switch(Kind::Resume, Some(pause)))).allows(&stopped);
    }
    let unknown = switch(Kind::Pause, Some(target("raffles", "")));
    agreed().then(200, unknown).suppresses(&order_update(), Reason::Paused);
    let everybody = |event| ConsentEvent { business_id: String::new(), ..event };
    let told = agreed().then(200, everybody(switch(Kind::Pause, None)));
    assert!(told.holds());
    assert!(!told.then(300, everybody(at(300, switch(Kind::Resume, None)))).holds());
}
