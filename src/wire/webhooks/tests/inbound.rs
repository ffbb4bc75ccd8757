//! What opens a service window, and what does not.

use super::*;
use crate::wire::proto::consent::Actor;

#[test]
fn an_inbound_message_names_its_person_time_and_id() {
    let body = fixture("text");
    check(&body, &["inbound +12025550101"], &[]);
    let inbound = &events(&body)[0];
    assert_eq!(inbound.actor(), Actor::Subject);
    assert_eq!(inbound.occurred_at_ms, Some(1_767_225_600_000));
    assert_eq!(inbound.inbound_id, "wamid.TEXT");
}

#[test]
fn an_inbound_message_of_two_identities_is_one_event_for_each() {
    let body = fixture("text_with_user_id");
    let all = ["inbound +12025550101", "inbound US.anna5", "inbound US.ENT.anna5"];
    check(&body, &all, &[Note::LinkLeftOut]);
    check(&fixture("text_from_user_id_only"), &["inbound US.anna5"], &[]);
}

#[test]
fn every_kind_of_message_that_a_person_writes_opens_a_window() {
    for name in ["image", "interactive_button_reply", "unsupported"] {
        check(&fixture(name), &["inbound +12025550101"], &[]);
    }
}

#[test]
fn a_reaction_a_group_message_and_an_unknown_kind_open_no_window() {
    check(&fixture("reaction"), &[], &[Note::NoInbound]);
    check(&fixture("group_text"), &[], &[Note::GroupMessage]);
    for kind in ["request_welcome", "ephemeral", "telepathy"] {
        let body = replaced(&fixture("unsupported"), "\"unsupported\"", &format!("\"{kind}\""));
        check(&body, &[], &[Note::NoInbound]);
    }
}

#[test]
fn a_message_without_a_time_or_an_id_opens_no_window() {
    let body = fixture("text");
    for time in ["\"\"", "-1", "\"1767225600000\"", "1e18", "null"] {
        check(&replaced(&body, "\"1767225600\"", time), &[], &[Note::UndatedInbound]);
    }
    let long = "w".repeat(1_000_000);
    for id in ["7", "\"\"", "\"a\\u0000b\"", &format!("\"{long}\"")] {
        check(&replaced(&body, "\"wamid.TEXT\"", id), &[], &[Note::UndatedInbound]);
    }
}

#[test]
fn a_message_to_another_business_is_not_ours() {
    check(&replaced(&fixture("text"), NUMBER, "7"), &[], &[Note::UnknownBusiness]);
}

#[test]
fn a_contact_that_is_not_the_sender_gets_no_window() {
    let body =
        replaced(&fixture("text"), "\"wa_id\": \"12025550101\"", "\"wa_id\": \"12025550102\"");
    check(&body, &["inbound +12025550101"], &[]);
    // But whoever it is, an opt-out covers both.
    let stop = replaced(&body, "Does it come in another color?", "stop");
    let all = ["withdraw +12025550101", "withdraw +12025550102", "inbound +12025550101"];
    check(&stop, &all, &[]);
}

#[test]
fn several_messages_of_one_delivery_are_each_read() {
    let body = fixture("text_stop");
    let start = body.find("\"messages\": [").unwrap() + "\"messages\": [".len();
    let second = r#"{"from": "12025550102", "id": "wamid.2", "timestamp": "1767225601", "type": "text", "text": {"body": "Hi"}},"#;
    let body = format!("{}{second}{}", &body[..start], &body[start..]);
    let all = ["inbound +12025550102", "withdraw +12025550101", "inbound +12025550101"];
    check(&body, &all, &[]);
}
