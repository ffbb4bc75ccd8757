//! Identities that change and identities that belong together.

use super::*;

#[test]
fn a_changed_number_is_told_of_every_new_identity_for_every_old_one() {
    let all = [
        "identity_changed +12025550102 was +12025550101",
        "identity_changed +12025550102 was US.anna5",
        "identity_changed US.anna6 was +12025550101",
        "identity_changed US.anna6 was US.anna5",
    ];
    check(&fixture("system_user_changed_number"), &all, &[]);
}

#[test]
fn a_changed_user_id_is_told_without_a_number() {
    let all = [
        "identity_changed US.anna6 was US.anna5",
        "identity_changed US.anna6 was US.ENT.anna5",
        "identity_changed US.ENT.anna6 was US.anna5",
        "identity_changed US.ENT.anna6 was US.ENT.anna5",
    ];
    check(&fixture("system_user_changed_user_id"), &all, &[]);
    check(&fixture("user_id_update"), &["identity_changed US.anna6 was US.anna5"], &[]);
}

#[test]
fn a_change_that_does_not_say_from_what_is_reported() {
    let body = fixture("system_user_changed_user_id");
    let body = body.replace("previous_user_id", "x").replace("previous_parent_user_id", "y");
    check(&body, &[], &[Note::ChangeWithoutOld]);
}

#[test]
fn a_persons_name_links_nobody() {
    let body = fixture("system_user_changed_user_id");
    let named = replaced(&body, "User Anna changed", "User +447700900001 changed");
    assert_eq!(events(&named), events(&body));
}

#[test]
fn a_link_is_published_only_where_that_is_configured_and_meta_names_both() {
    let reader = WebhookReader { links: Links::Publish, ..reader() };
    let (found, notes) = lines(&reader, &fixture("text_with_user_id"));
    let links =
        ["identity_link +12025550101 was US.anna5", "identity_link +12025550101 was US.ENT.anna5"];
    assert_eq!((&found[..2], notes.len()), (&links.map(String::from)[..], 0));
    // A contact that shares nothing with the message is not linked to its sender.
    let other =
        replaced(&fixture("text"), "\"wa_id\": \"12025550101\"", "\"user_id\": \"US.anna5\"");
    let (found, _) = lines(&reader, &other);
    assert_eq!(found, ["inbound +12025550101"]);
}

#[test]
fn a_link_is_the_same_event_in_every_message() {
    let reader = WebhookReader { links: Links::Publish, ..reader() };
    let body = fixture("text_with_user_id");
    let later = replaced(&body, "wamid.BOTH", "wamid.LATER").replace("1767225600", "1767225700");
    let [first, second] = [body, later].map(|body| reader.read(body.as_bytes()).events);
    assert_eq!(of_kind(&first, Kind::IdentityLink), of_kind(&second, Kind::IdentityLink));
    assert_ne!(of_kind(&first, Kind::Inbound), of_kind(&second, Kind::Inbound));
}
