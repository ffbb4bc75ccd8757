//! Bodies that are not as they should be: a reason, never a crash, and never a permission.

use super::*;

#[test]
fn what_is_no_json_is_reported_and_what_may_be_an_opt_out_is_told_apart() {
    for body in ["", "{", "null x", "hello", &"[".repeat(100_000)] {
        check(body, &[], &[Note::Unreadable]);
    }
    let cut = |name: &str| {
        let body = fixture(name);
        body[..body.len() - 10].to_owned()
    };
    check(&cut("text"), &[], &[Note::Unreadable]);
    for sign in ["{\"user_preferences\": [", "{\"code\": 131050", "{\"payload\": \"STOP_PROMO\""] {
        check(sign, &[], &[Note::UnreadableOptOut]);
    }
    check(&cut("text_stop"), &[], &[Note::UnreadableOptOut]);
    check(&cut("user_preferences_stop"), &[], &[Note::UnreadableOptOut]);
    check(&cut("status_131050"), &[], &[Note::UnreadableOptOut]);
    let lone = replaced(&fixture("text"), "another color", "\\ud83d");
    check(&lone, &[], &[Note::Unreadable]);
}

#[test]
fn json_that_is_no_webhook_is_reported() {
    for body in ["null", "7", "[]", "{}", "\"text\"", "{\"object\": \"page\"}"] {
        check(body, &[], &[Note::NotAWebhook]);
    }
    let page = replaced(&fixture("text"), "whatsapp_business_account", "page");
    assert!(lines(&reader(), &page).1.contains(&Note::NotAWebhook));
}

#[test]
fn wrong_types_are_reported_part_by_part() {
    let body = fixture("text_stop");
    for (part, notes) in [
        ("{\"entry\": 7}", vec![Note::WrongType]),
        ("{\"entry\": [7]}", vec![Note::WrongType]),
        ("{\"entry\": [{\"changes\": {}}]}", vec![Note::WrongType]),
        ("{\"entry\": [{\"changes\": [7]}]}", vec![Note::WrongType]),
        (
            "{\"entry\": [{\"changes\": [{\"field\": \"messages\", \"value\": []}]}]}",
            vec![Note::WrongType],
        ),
    ] {
        check(part, &[], &notes);
    }
    let contacts = replaced(&body, "\"contacts\": [", "\"contacts\": 7, \"were\": [");
    check(&contacts, &["withdraw +12025550101", "inbound +12025550101"], &[Note::WrongType]);
}

#[test]
fn a_key_that_stands_twice_opens_no_window_and_hides_no_opt_out() {
    let body = fixture("text");
    for twice in ["\"text\": {\"body\": \"STOP\"}, \"text\": {", "\"text\": {\"body\": \"STOP\", "]
    {
        let body = replaced(&body, "\"text\": {", twice);
        check(&body, &["withdraw +12025550101"], &[Note::RepeatedKey]);
    }
    // Two senders: nobody's window, and both would leave.
    let two = "\"from\": \"12025550102\", \"from\": ";
    let inbound = replaced(&body, "\"from\": ", two);
    check(&inbound, &[], &[Note::RepeatedKey]);
    let stop = replaced(&inbound, "Does it come in another color?", "stop");
    check(&stop, &["withdraw +12025550102", "withdraw +12025550101"], &[Note::RepeatedKey]);
    let resume = replaced(
        &fixture("user_preferences_resume"),
        "\"value\": \"resume\"",
        "\"value\": \"stop\", \"value\": \"resume\"",
    );
    let both = ["platform_stop +12025550101", "platform_stop US.anna5"];
    check(&resume, &both, &[Note::RepeatedKey, Note::UnknownPreference]);
}

#[test]
fn bytes_that_are_no_text_open_no_window_and_hide_no_opt_out() {
    let read = |name: &str| {
        let mut body = fixture(name).into_bytes();
        let at = body.windows(6).position(|six| six == b"\"Anna\"").unwrap();
        body[at + 2] = 0xFF;
        let reading = reader().read(&body);
        (reading.events.iter().map(line).collect::<Vec<_>>(), reading.notes)
    };
    assert_eq!(read("text"), (vec![], vec![Note::InvalidUtf8]));
    assert_eq!(
        read("text_stop"),
        (vec!["withdraw +12025550101".to_owned()], vec![Note::InvalidUtf8])
    );
}

#[test]
fn a_very_long_text_is_read() {
    let long = "word ".repeat(200_000);
    let body = fixture("text").replace("Does it come in another color?", &long);
    check(&body, &["inbound +12025550101"], &[]);
    let stop = body.replace(&long, &format!("{long}please stop"));
    let marketing = ["withdraw +12025550101 offers,surveys", "inbound +12025550101"];
    check(&stop, &marketing, &[Note::FlaggedForPerson]);
}

#[test]
fn unknown_fields_change_nothing() {
    for body in fixtures() {
        let more = body.replace("{\n", "{\n\"a_new_field\": {\"entry\": [1, {\"x\": []}]},\n");
        assert_ne!(more, body);
        let (before, after) = (reader().read(body.as_bytes()), reader().read(more.as_bytes()));
        assert_eq!(before, after);
    }
}
