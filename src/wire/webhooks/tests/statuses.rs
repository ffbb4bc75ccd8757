//! What became of a message that was sent.

use super::*;

#[test]
fn error_131050_is_a_stop() {
    let body = fixture("status_131050");
    check(&body, &["platform_stop +12025550101"], &[]);
    check(
        &replaced(&body, "\"code\": 131050", "\"code\": \"131050\""),
        &["platform_stop +12025550101"],
        &[],
    );
    // What the state is called does not matter.
    check(&replaced(&body, "\"failed\"", "\"lost\""), &["platform_stop +12025550101"], &[]);
}

#[test]
fn error_131050_to_a_user_id_is_a_stop_on_it() {
    let body = replaced(
        &fixture("status_131050"),
        "\"recipient_id\": \"12025550101\"",
        "\"recipient_user_id\": \"US.anna5\", \"recipient_parent_user_id\": \"US.ENT.anna5\"",
    );
    check(&body, &["platform_stop US.anna5", "platform_stop US.ENT.anna5"], &[]);
}

#[test]
fn error_131049_lets_marketing_wait_for_a_day_and_is_no_opt_out() {
    let body = fixture("status_131049");
    check(&body, &["cooldown +12025550101"], &[]);
    let cooldown = &events(&body)[0];
    assert_eq!(cooldown.until_ms, Some(1_767_225_600_000 + 24 * 3_600_000));
    let undated = events(&replaced(&body, "\"1767225600\"", "true"));
    assert_eq!((undated.len(), undated[0].until_ms), (1, None));
}

#[test]
fn error_131026_is_counted_and_is_no_opt_out() {
    check(&fixture("status_131026"), &[], &[Note::Unreachable]);
}

#[test]
fn what_was_sent_delivered_or_read_says_nothing() {
    check(&fixture("status_delivered"), &[], &[]);
    check(&fixture("errors"), &[], &[]);
}

#[test]
fn a_failure_without_a_readable_code_is_reported() {
    let body = replaced(&fixture("status_131050"), "131050", "null");
    check(&body, &[], &[Note::UnreadableError]);
}

#[test]
fn a_stop_of_nobody_is_reported() {
    let body = replaced(&fixture("status_131050"), "12025550101", "0");
    check(&body, &[], &[Note::UnplacedOptOut]);
}
