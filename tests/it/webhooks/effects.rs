//! What becomes of a person's messages after a webhook, and of bodies that say nothing.

use consentgate::decision::Reason;
use consentgate::wire::proto::outbound::Category;

use super::{Stage, reason};

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
