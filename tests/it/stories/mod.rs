//! Stories: records and messages that a newcomer can read, and what the gate says of them.
//!
//! Each story in `tests/fixtures/stories/` has its telling beside it, as `consentgate story` prints
//! it. A telling that changes is a decision that changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use consentgate::commands::story::{StoryArgs, tell};
use consentgate::commands::{Exit, Failure};

const STORIES: [&str; 35] = [
    "code",
    "code_to_user_id",
    "complaint",
    "conversation",
    "cooldown",
    "declined",
    "double_opt_in",
    "erase",
    "evidence",
    "import",
    "invalid_text",
    "links",
    "new_number",
    "one_year",
    "opt_in",
    "opt_in_again",
    "own_list",
    "pause",
    "pause_all",
    "platform_stop",
    "qr_code",
    "quiet_hours",
    "reassigned",
    "senders",
    "stop",
    "stricter",
    "template_category",
    "template_paused",
    "template_registered",
    "template_way_out",
    "texts",
    "too_old",
    "two_forms",
    "unreadable",
    "wrong_number",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stories")
}

fn story(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

fn told(name: &str) -> String {
    tell(&story(name)).unwrap().to_string()
}

/// The fates of a story's messages, in order.
fn fates(name: &str) -> Vec<String> {
    let told = told(name);
    let fate = |line: &str| {
        let line = line.strip_prefix("  ")?;
        let is_fate = ["ALLOWED", "SUPPRESSED", "HELD"].iter().any(|fate| line.starts_with(fate));
        is_fate.then(|| line.to_string())
    };
    told.lines().filter_map(fate).collect()
}

#[test]
fn every_story_is_told_as_it_stands_beside_it() {
    for name in STORIES {
        let told = told(name);
        let expected = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn every_file_in_the_folder_belongs_to_a_story() {
    let files = fs::read_dir(folder()).unwrap();
    let names: BTreeSet<_> = files.map(|file| file.unwrap().file_name()).collect();
    let both = |name: &&str| [format!("{name}.json").into(), format!("{name}.txt").into()];
    assert_eq!(names, STORIES.iter().flat_map(both).collect());
}

#[test]
fn a_category_counts_from_its_announcement_until_a_later_word() {
    let none = "SUPPRESSED: no_opt_out_path";
    assert_eq!(fates("template_category"), ["ALLOWED", none, "ALLOWED", none, "ALLOWED"]);
}

#[test]
fn a_template_that_was_taken_away_goes_in_no_message_until_it_is_given_back() {
    let gone = "SUPPRESSED: template_unusable";
    assert_eq!(fates("template_paused"), ["ALLOWED", gone, "ALLOWED", gone, "ALLOWED"]);
    assert_eq!(fates("template_registered"), ["ALLOWED", gone, gone]);
}

#[test]
fn what_is_known_of_a_templates_way_out_counts_for_its_messages() {
    let none = "SUPPRESSED: no_opt_out_path";
    assert_eq!(fates("template_way_out"), ["ALLOWED", none, "ALLOWED", none]);
}

#[test]
fn a_number_sends_for_its_own_business_alone() {
    let (goes, stays) = ("ALLOWED", "SUPPRESSED: sender_unregistered");
    assert_eq!(fates("senders"), [goes, stays, stays, stays, goes, stays]);
}

#[test]
fn codes_go_to_numbers_and_what_the_platform_uses_is_the_address() {
    let (goes, stays) = ("ALLOWED", "SUPPRESSED: identity_unsuited");
    assert_eq!(fates("code_to_user_id"), [goes, stays, goes, stays, goes]);
}

#[test]
fn who_writes_is_answered_and_who_leaves_is_thanked_once() {
    let (goes, left) = ("ALLOWED", "SUPPRESSED: withdrawn");
    assert_eq!(fates("conversation"), [goes, left, goes, left, goes, left]);
}

#[test]
fn what_is_said_on_one_identity_counts_on_the_other_until_they_are_parted() {
    let fates = fates("links");
    let left = "SUPPRESSED: withdrawn";
    assert_eq!(fates, ["ALLOWED", "SUPPRESSED: no_grant", left, "ALLOWED"]);
}

#[test]
fn who_asks_for_a_code_gets_it_and_nothing_else() {
    let left = "SUPPRESSED: withdrawn";
    assert_eq!(fates("code"), [left, "ALLOWED", left, left]);
}

#[test]
fn who_opts_in_gets_what_they_agreed_to() {
    assert_eq!(
        fates("opt_in"),
        [
            "SUPPRESSED: business_unknown",
            "ALLOWED",
            "SUPPRESSED: no_grant",
            "SUPPRESSED: no_opt_out_path"
        ]
    );
}

#[test]
fn after_stop_the_next_message_is_suppressed() {
    let withdrawn = "SUPPRESSED: withdrawn";
    assert_eq!(fates("stop"), ["ALLOWED", withdrawn, withdrawn]);
}

#[test]
fn only_a_new_opt_in_brings_somebody_back() {
    let withdrawn = "SUPPRESSED: withdrawn";
    assert_eq!(fates("opt_in_again"), [withdrawn, withdrawn, "ALLOWED"]);
    let erased = "SUPPRESSED: erased";
    assert_eq!(fates("erase"), [erased, erased, "ALLOWED"]);
}

#[test]
fn a_stop_at_the_platform_ends_marketing_until_a_new_opt_in() {
    let stopped = "SUPPRESSED: platform_stop";
    assert_eq!(fates("platform_stop"), [stopped, "ALLOWED", stopped, "ALLOWED"]);
}

#[test]
fn a_reassigned_number_gets_nothing_until_its_new_owner_agrees() {
    let reassigned = "SUPPRESSED: wrong_number";
    assert_eq!(fates("reassigned"), ["ALLOWED", reassigned, reassigned, "ALLOWED"]);
}

#[test]
fn a_cool_down_makes_marketing_wait_and_nothing_else() {
    let waits = "SUPPRESSED: cooldown";
    assert_eq!(fates("cooldown"), [waits, "ALLOWED", waits, waits, "ALLOWED"]);
}

#[test]
fn what_lay_too_long_is_not_sent() {
    let old = "SUPPRESSED: expired";
    assert_eq!(fates("too_old"), ["ALLOWED", old, "ALLOWED", old, "ALLOWED"]);
}

#[test]
fn a_yes_lasts_as_long_as_the_policy_says() {
    let (goes, over, trap) =
        ("ALLOWED", "SUPPRESSED: grant_expired", "SUPPRESSED: no_opt_out_path");
    assert_eq!(fates("one_year"), [goes, over, goes, trap, goes]);
}

#[test]
fn a_business_may_want_more_than_its_platform() {
    let (goes, weak, trap) =
        ("ALLOWED", "SUPPRESSED: grant_too_weak", "SUPPRESSED: no_opt_out_path");
    assert_eq!(fates("stricter"), [weak, goes, trap, goes, goes]);
}

#[test]
fn offers_wait_for_the_morning_and_go_nowhere_where_they_are_refused() {
    let goes = "ALLOWED";
    assert_eq!(
        fates("quiet_hours"),
        [
            goes,
            "SUPPRESSED: quiet_hours, not before 2026-03-03T08:00:00Z",
            goes,
            goes,
            "SUPPRESSED: quiet_hours, not before 2026-03-03T06:00:00Z",
            goes,
            "SUPPRESSED: country_rule",
            goes
        ]
    );
}

#[test]
fn a_kill_switch_stops_what_it_names_until_the_same_is_resumed() {
    let paused = "SUPPRESSED: paused";
    assert_eq!(fates("pause"), [paused, "ALLOWED", "ALLOWED", paused, "ALLOWED"]);
    let held =
        "HELD: record 2, pause (stop-all) stops everybody; nothing is decided until all is resumed";
    assert_eq!(fates("pause_all"), ["ALLOWED", held, "ALLOWED"]);
}

#[test]
fn an_import_and_a_bare_scan_permit_nothing() {
    assert_eq!(fates("qr_code"), ["SUPPRESSED: no_grant", "ALLOWED"]);
    assert_eq!(fates("import"), ["SUPPRESSED: no_grant", "SUPPRESSED: withdrawn", "ALLOWED"]);
}

#[test]
fn each_way_of_asking_has_its_evidence_and_none_goes_without() {
    let (goes, not) = ("ALLOWED", "SUPPRESSED: no_grant");
    assert_eq!(fates("evidence"), [[goes; 10].as_slice(), &[not; 8]].concat());
}

#[test]
fn a_text_proves_what_its_published_sentence_says_and_no_more() {
    let (goes, unproven) = ("ALLOWED", "SUPPRESSED: proof_missing");
    let retired = "SUPPRESSED: text_invalid";
    assert_eq!(
        fates("texts"),
        [goes, unproven, unproven, unproven, unproven, goes, retired, unproven]
    );
}

#[test]
fn where_a_yes_must_be_confirmed_it_counts_once_it_is() {
    assert_eq!(fates("double_opt_in"), ["SUPPRESSED: grant_too_weak", "ALLOWED"]);
}

#[test]
fn who_declines_gets_what_they_agreed_to_and_not_what_they_were_asked_for() {
    let (before, after) = ("SUPPRESSED: no_grant", "SUPPRESSED: withdrawn");
    assert_eq!(fates("declined"), [before, after, "ALLOWED"]);
}

#[test]
fn who_complains_or_is_somebody_else_gets_nothing_until_they_agree() {
    assert_eq!(fates("complaint"), ["ALLOWED", "SUPPRESSED: complained", "ALLOWED"]);
    assert_eq!(fates("wrong_number"), ["ALLOWED", "SUPPRESSED: wrong_number", "ALLOWED"]);
}

#[test]
fn a_block_and_a_restriction_end_by_their_own_counterpart_alone() {
    let (goes, blocked, bound) = ("ALLOWED", "SUPPRESSED: blocked", "SUPPRESSED: restricted");
    assert_eq!(fates("own_list"), [goes, blocked, blocked, goes, bound, bound, goes]);
}

#[test]
fn nobody_is_held_to_a_text_that_was_no_good() {
    assert_eq!(fates("invalid_text"), ["ALLOWED", "SUPPRESSED: text_invalid", "ALLOWED"]);
}

#[test]
fn a_new_number_needs_a_new_yes_and_keeps_what_was_said_against() {
    let (ungranted, left) = ("SUPPRESSED: no_grant", "SUPPRESSED: withdrawn");
    assert_eq!(fates("new_number"), ["ALLOWED", ungranted, ungranted, left, "ALLOWED"]);
}

#[test]
fn the_records_that_decided_are_named() {
    let stop = told("stop");
    assert!(
        stop.contains("objections      withdrawn\n                  record 2, withdraw (stop-1)\n")
    );
    assert!(stop.contains(
        "grant           ok\n                  record 1, grant offers order_updates (tick-1)\n"
    ));
    // The copy of the old opt-in lies there too, and decides nothing once there is a new one.
    let again = told("opt_in_again");
    let last = again.split("\nMessage 3").nth(1).unwrap();
    assert!(last.contains("record 4, grant offers (tick-2)"), "{last}");
    assert!(!last.contains("record 1") && !last.contains("record 2"), "{last}");
}

#[test]
fn no_telling_shows_a_phone_number() {
    for name in STORIES {
        let told = told(name);
        assert!(!told.contains("2025550123"), "{name}");
    }
}

#[test]
fn bad_data_is_refused_with_a_sentence_and_exit_code_65() {
    let good = story("stop");
    for (bad, sentence) in [
        ("", "this is no story"),
        ("{\"recrods\": []}", "unknown field `recrods`"),
        ("{\"policy\": [\"allow all\"]}", "line 1 of the policy text cannot be read"),
        (&good.replacen("\"withdraw\"", "\"withdrew\"", 1), "record 2 cannot be read"),
        (&good.replacen("\"offset\": 1", "\"offset\": 0", 1), "record 2 lies where another does"),
        (&good.replacen("11:59:59Z", "noon", 1), "message 1 cannot be read"),
        (&good.replacen("\"marketing\"", "\"news\"", 1), "message 1 cannot be read"),
    ] {
        let refused = Failure::from(tell(bad).unwrap_err());
        assert_eq!(refused.exit(), Exit::Data, "{refused}");
        assert!(refused.to_string().contains(sentence), "{refused}");
    }
}

#[test]
fn a_file_that_is_not_there_is_another_error() {
    let args = StoryArgs { file: "no such story.json".into(), json: false };
    assert_eq!(args.run().unwrap_err().exit(), Exit::Io);
}

#[test]
fn a_telling_as_json_says_the_same_as_its_text() {
    let json = tell(&story("stop")).unwrap().to_json().unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let last = &json["messages"][2];
    assert_eq!(last["fate"], "suppressed");
    assert_eq!(last["primary"], "withdrawn");
    let objections = &last["rules"][6];
    assert_eq!(objections["reasons"][0], "withdrawn");
    assert_eq!(objections["records"][0], "record 2, withdraw (stop-1)");
    assert_eq!(json["messages"][0]["fate"], "allowed");
}
