//! What becomes of a template, and that doubt never makes it better.

use super::*;
use crate::consent::{
    Category, ConsentRecord, Fact, KeyParts, Offset, Partition, Place, Placement, Seconds,
    TemplateStanding, Topic, Usability, WayOut, fold,
};
use crate::wire::consent::decode;

fn of_account() -> WebhookReader {
    let mut reader = reader();
    reader.owners.accounts.insert(ACCOUNT.to_owned(), BusinessId::parse("cafe").unwrap());
    reader
}

/// What the gate knows of the template after these bodies, in their order, one every ten seconds: the
/// first comes in the second in which Meta sent it.
fn standing(bodies: &[impl AsRef<str>]) -> TemplateStanding {
    let mut known = crate::consent::Templates::default();
    for (second, body) in (1_767_225_600..).step_by(10).zip(bodies) {
        for event in of_account().read(body.as_ref().as_bytes()).events {
            let produced = produce(event).unwrap();
            let place =
                Place { topic: Topic::TemplateStates, partition: Partition(0), offset: Offset(0) };
            let record = ConsentRecord {
                place,
                appended_at: Seconds(second),
                key: KeyParts::parse(Some(produced.key.as_bytes())),
                placement: Placement::Right,
                content: decode(Some(&produced.value)),
            };
            for fact in fold(&record).facts {
                if let Fact::Template { template, said, .. } = fact {
                    known.join(&template, &said);
                }
            }
        }
    }
    known.standing("spring_offer", "en_US")
}

fn alone(name: &str) -> TemplateStanding {
    standing(&[fixture(name)])
}

/// The body as Meta would have sent it so many seconds later.
fn later(name: &str, seconds: i64) -> String {
    let at = format!("\"time\": {}", 1_767_225_600 + seconds);
    replaced(&fixture(name), "\"time\": 1767225600", &at)
}

#[test]
fn a_status_says_whether_the_template_may_be_sent_and_what_it_is() {
    for (name, usability, category) in [
        ("message_template_status_update", Usability::Usable, Category::Marketing),
        ("message_template_status_update_paused", Usability::Unusable, Category::Marketing),
        ("message_template_status_update_rejected", Usability::Unusable, Category::Utility),
        (
            "message_template_status_update_pending_deletion",
            Usability::Unusable,
            Category::Marketing,
        ),
    ] {
        let said = alone(name);
        assert_eq!((said.usability, said.category), (Some(usability), Some(category)), "{name}");
        assert_eq!(said.way_out, None);
    }
}

#[test]
fn every_status_of_metas_list_is_known_and_any_other_lets_nothing_go() {
    let usable = ["APPROVED", "REINSTATED", "UNARCHIVED", "FLAGGED"];
    for status in [
        "APPROVED",
        "REINSTATED",
        "UNARCHIVED",
        "FLAGGED",
        "ARCHIVED",
        "DELETED",
        "DISABLED",
        "IN_APPEAL",
        "LIMIT_EXCEEDED",
        "LOCKED",
        "PAUSED",
        "PENDING",
        "PENDING_DELETION",
        "REJECTED",
        "approved",
        "UNSPECIFIED",
        "TO_BE_INVENTED",
        "",
    ] {
        let body = replaced(&fixture("message_template_status_update"), "APPROVED", status);
        let expected = match usable.contains(&status) {
            true => Usability::Usable,
            false => Usability::Unusable,
        };
        assert_eq!(standing(&[body]).usability, Some(expected), "{status}");
    }
    let body = replaced(&fixture("message_template_status_update"), "\"APPROVED\"", "7");
    assert_eq!(standing(&[body]).usability, Some(Usability::Unusable));
}

#[test]
fn in_an_impending_notice_the_new_category_is_the_current_one() {
    let body = fixture("template_category_update_impending");
    let events = of_account().read(body.as_bytes()).events;
    let said = events[0].template_state.as_ref().unwrap();
    let words = (said.category().as_str_name(), said.announced_category().as_str_name());
    assert_eq!(words, ("TEMPLATE_CATEGORY_UTILITY", "TEMPLATE_CATEGORY_MARKETING"));
    assert_eq!(said.announced_from_ms, Some(1_767_312_000_000));
    // Stricter, so it counts at once; looser, it would not count before it is done.
    assert_eq!(alone("template_category_update_impending").category, Some(Category::Marketing));
    let body = replaced(&body, "MARKETING", "AUTHENTICATION");
    assert_eq!(standing(&[body]).category, Some(Category::Utility));
}

#[test]
fn a_done_change_counts_in_both_directions() {
    let done = fixture("template_category_update");
    assert_eq!(alone("template_category_update").category, Some(Category::Marketing));
    for (sent, category) in [(0, Category::Marketing), (10, Category::Utility)] {
        let back = later("template_category_update", sent);
        let (is, was) = ("\"new_category\": \"MARKETING\"", "\"new_category\": \"UTILITY\"");
        let back = replaced(&back, is, was);
        assert_eq!(standing(&[done.clone(), back]).category, Some(category), "sent at {sent}");
    }
}

#[test]
fn an_approval_that_is_told_again_lifts_no_newer_pause() {
    let (approved, paused) = (
        fixture("message_template_status_update"),
        fixture("message_template_status_update_paused"),
    );
    let again = standing(&[approved.clone(), paused.clone(), approved]);
    assert_eq!(again.usability, Some(Usability::Unusable));
    let after = later("message_template_status_update", 10);
    assert_eq!(standing(&[paused, after]).usability, Some(Usability::Usable));
}

#[test]
fn a_footer_or_a_button_with_words_of_leaving_is_a_way_out_and_nobody_knows_of_others() {
    let body = fixture("message_template_components_update");
    assert_eq!(standing(&[&body]).way_out, Some(WayOut::Carried));
    let quiet = replaced(&body, "To unsubscribe reply STOP", "Cafe Luna, Main Street");
    assert_eq!(standing(&[&quiet]).way_out, Some(WayOut::Unclear));
    let button = replaced(&quiet, "See the offers", "Unsubscribe");
    assert_eq!(standing(&[button]).way_out, Some(WayOut::Carried));
    // What is edited away is no longer vouched for.
    assert_eq!(standing(&[body, quiet]).way_out, Some(WayOut::Unclear));
}

#[test]
fn doubt_makes_a_template_no_better() {
    let approved = fixture("message_template_status_update");
    let language = "\"message_template_language\": \"en_US\"";
    let doubtful = [
        // Two languages, no time, a time that is none, two states.
        replaced(&approved, language, &format!("{language}, {language}")),
        replaced(&approved, language, "\"message_template_language\": 7"),
        replaced(&approved, "\"time\": 1767225600", "\"time\": \"soon\""),
        replaced(
            &approved,
            "\"event\": \"APPROVED\"",
            "\"event\": \"APPROVED\", \"event\": \"APPROVED\"",
        ),
    ];
    for body in doubtful {
        assert_eq!(standing(&[&body]).usability, None, "{body}");
    }
    let both = "\"event\": \"APPROVED\", \"event\": \"PAUSED\"";
    let body = replaced(&approved, "\"event\": \"APPROVED\"", both);
    assert_eq!(standing(&[body]).usability, Some(Usability::Unusable));
    let paused = fixture("message_template_status_update_paused");
    let body = replaced(&paused, language, "\"message_template_language\": null");
    assert_eq!(standing(&[body]).usability, Some(Usability::Unusable));
}

#[test]
fn a_template_without_a_name_or_a_business_is_reported() {
    let paused = fixture("message_template_status_update_paused");
    let nameless = replaced(&paused, "\"spring_offer\"", "null");
    let reading = of_account().read(nameless.as_bytes());
    assert_eq!((reading.events, reading.notes), (vec![], vec![Note::UnplacedTemplate]));
    let reading = reader().read(paused.as_bytes());
    assert_eq!((reading.events, reading.notes), (vec![], vec![Note::UnknownBusiness]));
    let reading = of_account().read(fixture("message_template_quality_update").as_bytes());
    assert_eq!((reading.events, reading.notes), (vec![], vec![]));
}

#[test]
fn a_retry_has_the_id_of_the_first_and_another_change_has_its_own() {
    let id = |body: &str| of_account().read(body.as_bytes()).events[0].event_id.clone();
    let paused = fixture("message_template_status_update_paused");
    assert_eq!(id(&paused), id(&paused));
    assert_ne!(id(&paused), id(&later("message_template_status_update_paused", 1)));
}
