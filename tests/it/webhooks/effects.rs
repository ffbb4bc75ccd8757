//! What becomes of a person's messages after a webhook, and of bodies that say nothing.

use consentgate::decision::Reason;
use consentgate::wire::proto::outbound::{Category, OptOutPath};

use super::{Stage, reason};
use crate::support::gate::await_that;

#[test]
fn a_body_that_cannot_be_read_holds_up_nothing_and_is_kept_for_a_person() {
    let stage = Stage::new("webhooks-unreadable");
    let broken: [&[u8]; 4] = [b"", b"{\"user_preferences\": ", b"\xff\xfe", b"[[[["];
    let places = broken.map(|body| stage.deliver(0, body));
    stage.deliver_fixture(0, "user_preferences_stop");
    let counts = stage.work_off();
    assert_eq!(stage.events(&stage.topics.consent_events).len(), 2);
    assert_eq!(counts.notes["unreadable"], 3, "{counts}");
    assert_eq!(counts.notes["unreadable_opt_out"], 1, "{counts}");
    let rejects = stage.read(&stage.rejects);
    let kept: Vec<_> =
        rejects.iter().map(|record| record.value.clone().unwrap_or_default()).collect();
    assert_eq!(kept, broken.map(<[u8]>::to_vec));
    let key = format!("{}/0/{}", stage.input, places[1].offset);
    assert_eq!(rejects[1].key.as_deref(), Some(key.as_bytes()));
}

#[test]
fn who_stops_marketing_in_whatsapp_gets_no_offer_and_still_gets_news_of_the_order() {
    let stage = Stage::new("webhooks-stop");
    stage.grant(&["offers", "order_updates"]);
    stage.deliver_fixture(0, "user_preferences_stop");
    stage.work_off();
    let offer = stage.message(1, "offers", Category::Marketing);
    let order = stage.message(2, "order_updates", Category::Utility);
    let ledger = stage.decide();
    assert_eq!(reason(&ledger, offer), Some(Reason::PlatformStop));
    assert_eq!(reason(&ledger, order), None);
}

#[test]
fn who_writes_stop_gets_nothing_more() {
    let stage = Stage::new("webhooks-words");
    stage.grant(&["offers", "order_updates"]);
    stage.deliver_fixture(1, "text_stop");
    stage.work_off();
    let offer = stage.message(1, "offers", Category::Marketing);
    let order = stage.message(2, "order_updates", Category::Utility);
    let ledger = stage.decide();
    for place in [offer, order] {
        assert_eq!(reason(&ledger, place), Some(Reason::Withdrawn));
    }
}

#[test]
fn a_template_that_meta_pauses_is_not_sent_until_meta_lets_it_go_again() {
    let stage = Stage::new("webhooks-templates");
    stage.grant(&["offers", "order_updates"]);
    // Only news about an order says nothing of a way to leave.
    let of_template = |number, scope, category| {
        stage.message_of(
            number,
            scope,
            category,
            ("spring_offer", "en_US"),
            OptOutPath::Unspecified,
        )
    };
    for name in ["template_category_update_impending", "message_template_status_update_paused"] {
        stage.deliver_fixture(0, name);
        stage.deliver_fixture(1, name);
    }
    let counts = stage.work_off();
    assert_eq!(counts.published["template_state"], 2, "{counts}");
    assert_eq!(counts.repeated, 2, "{counts}");
    let state = "KIND_TEMPLATE_STATE cafe/";
    assert_eq!(stage.events(&stage.topics.template_states), [state, state]);
    let news = of_template(1, "order_updates", Category::Utility);
    let other = stage.message(2, "order_updates", Category::Utility);
    let ledger = stage.decide();
    assert_eq!(reason(&ledger, news), Some(Reason::TemplateUnusable));
    // It will be marketing, so it needs a way out already.
    let all = ledger.entry(news).reasons_mask;
    assert_ne!(all & 1 << Reason::NoOptOutPath.number(), 0);
    assert_eq!(reason(&ledger, other), None);
}

#[test]
fn without_a_topic_of_templates_their_webhooks_are_counted_and_stop_nothing() {
    let stage = Stage::new("webhooks-no-templates");
    let toml = stage.toml.clone();
    let lines = toml.lines().filter(|line| !line.starts_with("template_states"));
    let toml: String = lines.map(|line| format!("{line}\n")).collect();
    stage.deliver_fixture(0, "message_template_status_update");
    stage.deliver_fixture(0, "user_preferences_stop");
    let working = stage.start_with(&toml);
    await_that("all bodies are committed", || stage.is_worked_off());
    let counts = working.end();
    assert_eq!(counts.notes["template_state"], 1, "{counts}");
    assert_eq!(stage.events(&stage.topics.template_states), [""; 0]);
    assert_eq!(stage.events(&stage.topics.consent_events).len(), 2);
}
