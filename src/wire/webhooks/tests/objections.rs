//! What objects: preferences, stop words, buttons.

use super::*;
use crate::wire::proto::consent::Actor;

const PHONE: &str = "+12025550101";

#[test]
fn a_stop_of_marketing_in_whatsapp_objects_on_both_identities() {
    let body = fixture("user_preferences_stop");
    let both = ["platform_stop +12025550101", "platform_stop US.anna5"];
    check(&body, &both, &[]);
    for event in events(&body) {
        assert_eq!(event.actor(), Actor::Platform);
        assert_eq!(event.occurred_at_ms, Some(1_767_225_600_000));
    }
    // As a text, and as a number: the same time.
    check(&replaced(&body, ": 1767225600", ": \"1767225600\""), &both, &[]);
    assert_eq!(events(&body), events(&replaced(&body, ": 1767225600", ": \"1767225600\"")));
}

#[test]
fn a_resume_is_recorded_and_nothing_else() {
    let both = ["platform_resume +12025550101", "platform_resume US.anna5"];
    check(&fixture("user_preferences_resume"), &both, &[]);
}

#[test]
fn a_preference_that_cannot_be_read_is_the_wider_objection() {
    let body = fixture("user_preferences_stop");
    let unknown = [Note::UnknownPreference];
    for value in ["\"pause\"", "7", "null", "[]"] {
        let body = replaced(&body, "\"value\": \"stop\"", &format!("\"value\": {value}"));
        let both = ["platform_stop +12025550101", "platform_stop US.anna5"];
        check(&body, &both, &unknown);
    }
    let all = ["withdraw +12025550101", "withdraw US.anna5"];
    for category in ["\"all_messages\"", "7"] {
        check(&replaced(&body, "\"marketing_messages\"", category), &all, &unknown);
    }
    let undated = replaced(&body, ": 1767225600", ": \"soon\"");
    assert_eq!(events(&undated).len(), 2);
    assert_eq!(events(&undated)[0].occurred_at_ms, None);
}

#[test]
fn a_resume_of_something_unknown_lifts_nothing() {
    let body = fixture("user_preferences_resume");
    let body = replaced(&body, "\"marketing_messages\"", "\"all_messages\"");
    check(&body, &["platform_resume +12025550101", "platform_resume US.anna5"], &[]);
}

#[test]
fn a_stop_whose_person_or_business_cannot_be_read_is_reported() {
    let body = fixture("user_preferences_stop");
    let nobody = body.replace("12025550101", "anna").replace("US.anna5", "anna");
    check(&nobody, &[], &[Note::UnplacedOptOut]);
    let elsewhere = replaced(&body, NUMBER, "7");
    check(&elsewhere, &[], &[Note::UnplacedOptOut, Note::UnknownBusiness]);
}

#[test]
fn a_message_that_is_a_stop_word_withdraws_everything_at_once() {
    let body = fixture("text_stop");
    check(&body, &["withdraw +12025550101", "inbound +12025550101"], &[]);
    let withdraw = &events(&body)[0];
    assert_eq!(withdraw.actor(), Actor::Subject);
    assert_eq!(withdraw.inbound_id, "wamid.STOP");
    assert_eq!(withdraw.reason, "stop word (en)");
    check(
        &replaced(&body, "Stop!", "  ABMELDEN "),
        &["withdraw +12025550101", "inbound +12025550101"],
        &[],
    );
}

#[test]
fn a_stop_word_among_others_leaves_marketing_and_is_flagged() {
    let body = fixture("text_stop_among_words");
    let events = [&format!("withdraw {PHONE} offers,surveys")[..], "inbound +12025550101"];
    check(&body, &events, &[Note::FlaggedForPerson]);
    let caption = replaced(&fixture("image"), "Is this the one?", "stop sending me these");
    check(&caption, &events, &[Note::FlaggedForPerson]);
}

#[test]
fn no_word_of_the_person_leaves_in_an_event() {
    for name in ["text", "text_stop_among_words", "button", "image", "system_user_changed_number"] {
        for event in events(&fixture(name)) {
            let shown = format!("{event:?}");
            for word in ["Please", "color", "promotions", "Is this", "User Anna"] {
                assert!(!shown.contains(word), "{shown}");
            }
        }
    }
}

#[test]
fn a_configured_button_leaves_the_scopes_that_are_configured_for_it() {
    check(&fixture("button"), &["withdraw +12025550101 offers", "inbound +12025550101"], &[]);
    let all = ["withdraw +12025550101", "inbound +12025550101"];
    check(&fixture("interactive_list_reply"), &all, &[]);
    check(&fixture("interactive_button_reply"), &["inbound +12025550101"], &[]);
}

#[test]
fn a_button_that_is_not_configured_is_read_as_words() {
    let body = replaced(&fixture("button"), "STOP_PROMO", "promo-off");
    let marketing = ["withdraw +12025550101 offers,surveys", "inbound +12025550101"];
    check(&body, &marketing, &[Note::FlaggedForPerson]);
    let stop = replaced(&fixture("interactive_button_reply"), "\"Change\"", "\"STOP\"");
    check(&stop, &["withdraw +12025550101", "inbound +12025550101"], &[]);
    let cancel = replaced(&fixture("interactive_button_reply"), "\"Change\"", "\"Cancel\"");
    check(&cancel, &["inbound +12025550101"], &[]);
}

#[test]
fn a_message_whose_words_cannot_be_read_leaves_marketing_and_opens_no_window() {
    let marketing = ["withdraw +12025550101 offers,surveys"];
    for text in ["{\"body\": 7}", "\"stop\"", "{}", "null"] {
        let body = replaced(
            &fixture("text_stop"),
            "{\n                  \"body\": \"Stop!\"\n                }",
            text,
        );
        check(&body, &marketing, &[Note::UnreadableMessage]);
    }
}

#[test]
fn a_stop_in_a_group_counts_and_opens_no_window() {
    let body = replaced(&fixture("group_text"), "Hello all", "STOP");
    check(&body, &["withdraw +12025550101"], &[Note::GroupMessage]);
}

#[test]
fn a_stop_in_a_webhook_of_an_unknown_kind_counts_and_opens_no_window() {
    let body =
        replaced(&fixture("text_stop"), "\"field\": \"messages\"", "\"field\": \"whispers\"");
    check(&body, &["withdraw +12025550101"], &[Note::UnknownField]);
}

#[test]
fn what_the_business_wrote_itself_is_no_opt_out() {
    check(&fixture("smb_message_echoes"), &[], &[]);
}

#[test]
fn without_a_marketing_scope_a_stop_word_among_others_leaves_everything() {
    let reader = WebhookReader { marketing_scopes: Vec::new(), ..reader() };
    let (events, _) = lines(&reader, &fixture("text_stop_among_words"));
    assert_eq!(events[0], "withdraw +12025550101");
}

#[test]
fn the_account_names_the_business_where_no_number_does() {
    let mut reader = reader();
    let cafe = reader.owners.numbers.remove(NUMBER).unwrap();
    let body = fixture("user_preferences_stop");
    assert_eq!(lines(&reader, &body).0.len(), 0);
    reader.owners.accounts.insert(ACCOUNT.to_owned(), cafe);
    assert_eq!(lines(&reader, &body).0.len(), 2);
}
