//! Laws of the comparison: all by-passes are found, and none is made up.

use super::*;

const MIN_MS: i64 = 60_000;

fn sent(id: &str, meta: &str, at_ms: i64) -> Sent {
    Sent {
        message_id: id.to_owned(),
        businesses: vec!["cafe".to_owned()],
        person: SentTo::default(),
        meta_id: (!meta.is_empty()).then(|| MetaId::of(meta)),
        at_ms: Some(at_ms),
        id: if id.is_empty() { IdUse::Nowhere } else { IdUse::Everywhere },
        place: format!("status {id} {meta}"),
    }
}

fn decided(business: &str, at_ms: i64, reason: &'static str) -> Decided {
    let (business, at_ms) = (business.to_owned(), Some(at_ms));
    let (pseudonym, id) = (Some(Pseudonym([1; 16])), IdUse::Everywhere);
    Decided { business, pseudonym, at_ms, reason, id, place: "r".to_owned() }
}

/// The findings, by name and id.
fn compared(
    sends: Vec<Sent>,
    allowed: &[(&str, Decided)],
    suppressed: &[(&str, Decided)],
) -> (Vec<(&'static str, String)>, Counts) {
    let mut ledger = Ledger::new(Range::ALL, 1_000 * MIN_MS);
    sends.into_iter().for_each(|sent| ledger.sent(sent));
    allowed.iter().for_each(|(id, decided)| ledger.allowed(id, decided.clone()));
    suppressed.iter().for_each(|(id, decided)| ledger.suppressed(id, decided.clone()));
    ledger.end();
    let findings = ledger.findings.iter();
    let findings = findings.map(|finding| (finding.what.name(), finding.message_id.clone()));
    (findings.collect(), ledger.counts)
}

fn found(sends: Vec<Sent>, allowed: &[(&str, Decided)]) -> Vec<&'static str> {
    compared(sends, allowed, &[]).0.into_iter().map(|(what, _)| what).collect()
}

#[test]
fn what_was_allowed_and_left_later_is_no_finding_however_often_it_is_reported() {
    let reports = vec![sent("a", "w1", 10), sent("a", "w1", 20), sent("a", "w1", 30)];
    let (findings, counts) = compared(reports, &[("a", decided("cafe", 5, ""))], &[]);
    assert_eq!(findings, []);
    assert_eq!((counts.sent, counts.matched, counts.allowed), (1, 1, 1));
    // A list of the sender's own has no ids of Meta's.
    assert_eq!(
        found(vec![sent("a", "", 10), sent("a", "", 20)], &[("a", decided("cafe", 5, ""))]),
        [""; 0]
    );
}

#[test]
fn every_way_round_the_gate_is_found() {
    let suppressed = [("s", decided("cafe", 5, "withdrawn"))];
    let (findings, counts) = compared(
        vec![
            sent("never", "w1", 10),
            sent("s", "w2", 10),
            sent("other", "w3", 10),
            sent("early", "w4", 10),
            sent("twice", "w5", 10),
            sent("twice", "w6", 20),
            sent("", "w7", 10),
        ],
        &[
            ("other", decided("shop", 5, "")),
            ("early", decided("cafe", 10 + 2 * MIN_MS, "")),
            ("twice", decided("cafe", 5, "")),
            ("gone", decided("cafe", 5, "")),
        ],
        &suppressed,
    );
    let findings: Vec<_> = findings.iter().map(|(what, id)| format!("{what} {id}")).collect();
    let expected = [
        "sent_without_decision never",
        "sent_though_suppressed s",
        "sent_to_another_person other",
        "sent_before_allowed early",
        "sent_again twice",
        "sent_without_usable_id ",
        "allowed_never_sent gone",
        "allowed_never_sent other",
        "allowed_never_sent early",
    ];
    assert_eq!(findings, expected);
    assert_eq!((counts.sent, counts.matched, counts.allowed), (7, 1, 4));
}

#[test]
fn another_person_is_one_only_if_all_of_the_person_is_known() {
    let allowed = [("a", decided("cafe", 5, ""))];
    let to = |pseudonym: u8, knows| Sent {
        person: SentTo { pseudonyms: [Pseudonym([pseudonym; 16])].into(), knows },
        ..sent("a", "w", 10)
    };
    assert_eq!(found(vec![to(1, Knows::NumberAndUserId)], &allowed), [""; 0]);
    assert_eq!(found(vec![to(2, Knows::Less)], &allowed), [""; 0]);
    let other = found(vec![to(2, Knows::NumberAndUserId)], &allowed);
    assert_eq!(other, ["sent_to_another_person", "allowed_never_sent"]);
}

#[test]
fn what_was_suppressed_first_and_allowed_later_may_be_sent_after_that() {
    let (first, second) = (decided("cafe", 5, "paused"), decided("cafe", 10 * MIN_MS, ""));
    let fate = |at_ms| {
        compared(vec![sent("a", "w", at_ms)], &[("a", second.clone())], &[("a", first.clone())]).0
    };
    assert_eq!(fate(11 * MIN_MS), []);
    // Within the clocks' tolerance nobody is accused.
    assert_eq!(fate(10 * MIN_MS - TOLERANCE_MS), []);
    assert_eq!(fate(5 * MIN_MS).first().map(|(what, _)| *what), Some("sent_though_suppressed"));
}

#[test]
fn an_id_that_the_audit_leaves_out_accuses_nobody() {
    let unusable = Sent { id: IdUse::RecordsOnly, ..sent("12025550101", "w", 10) };
    assert_eq!(found(vec![unusable.clone()], &[]), ["sent_without_usable_id"]);
    assert_eq!(found(vec![unusable], &[("12025550101", decided("cafe", 5, ""))]), [""; 0]);
}

#[test]
fn what_was_allowed_just_now_may_still_be_on_its_way() {
    let (findings, counts) =
        compared(Vec::new(), &[("a", decided("cafe", 1_001 * MIN_MS, ""))], &[]);
    assert_eq!((findings, counts.open), (Vec::new(), 1));
}

#[test]
fn only_what_lies_in_the_time_is_told_and_all_decisions_count() {
    let mut ledger = Ledger::new(Range { from_ms: 100, to_ms: 200 }, 1_000 * MIN_MS);
    for (id, at_ms) in [("before", 99), ("first", 100), ("last", 199), ("after", 200), ("ok", 150)]
    {
        ledger.sent(sent(id, id, at_ms));
    }
    ledger.allowed("ok", decided("cafe", 50, ""));
    ledger.allowed("old", decided("cafe", 99, ""));
    ledger.allowed("new", decided("cafe", 100, ""));
    ledger.end();
    let findings: Vec<_> = ledger.findings.iter().map(|one| one.message_id.as_str()).collect();
    assert_eq!(findings, ["first", "last", "new"]);
    assert_eq!((ledger.counts.sent, ledger.counts.matched, ledger.counts.allowed), (3, 1, 1));
}
