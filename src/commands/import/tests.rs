//! What stands against a grant, and what is said and written of it.

use std::os::unix::fs::PermissionsExt;

use super::conflict::Conflict;
use super::known::Known;
use super::line_file::{LineFile, Rows};
use super::report::{Mode, Report, add};
use crate::consent::{ConsentRecord, Offset, Partition, Place, Placement, Seconds, Topic};
use crate::policy::{ConsentTexts, Policy};
use crate::wire::consent::{Publication, produce, record};
use crate::wire::import::{Columns, Context, Imported, ImportedGrant, RowReader, read_row};
use crate::wire::proto::consent::{Channel, ConsentEvent, Kind};

const ROW: &str = "business_id,user_id,kind,scopes,occurred_at,method,expression,text_id,\
                   text_version,evidence\n\
                   cafe,US.anna5,grant,offers,1970-01-01T00:01:40Z,website_form,box_ticked,t,1,e\n";

/// The standard policy, for what is not about texts.
pub(super) fn any_text() -> Policy {
    Policy::standard().with_consent_texts(ConsentTexts::Any)
}

/// Anna's grant of second 100.
fn grant(policy: &Policy) -> ImportedGrant {
    let mut rows = RowReader::new(ROW.as_bytes(), b',');
    let first = rows.read_row().unwrap().unwrap();
    let columns = Columns::read(&first.fields.unwrap()).unwrap();
    let context = Context { columns: &columns, policy, now_ms: 1_000_000, recorder: "r" };
    match read_row(&context, &rows.read_row().unwrap().unwrap()) {
        Ok(Imported::Grant(grant)) => *grant,
        other => panic!("{other:?}"),
    }
}

/// A record of the log about Anna and the cafe, appended at this second.
fn said(kind: Kind, at: u32, offset: i64) -> ConsentRecord {
    let is_about_text = matches!(kind, Kind::Invalidate | Kind::TextRetired);
    let event = ConsentEvent {
        event_id: format!("{kind:?}-{at}"),
        business_id: "cafe".to_owned(),
        user_id: if is_about_text { String::new() } else { "US.anna5".to_owned() },
        kind: kind.into(),
        occurred_at_ms: Some(i64::from(at) * 1_000),
        text_id: "t".to_owned(),
        ..ConsentEvent::default()
    };
    let produced = produce(event).unwrap();
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let place = Place { topic, partition, offset: Offset(offset) };
    let key = Some(produced.key.as_bytes());
    record(place, Seconds(at), key, Placement::Right, Some(&produced.value))
}

fn conflict_after(log: &[(Kind, u32)]) -> Option<Conflict> {
    let policy = any_text();
    let mut known = Known::new(&policy, Default::default(), Seconds(1_000));
    for (offset, (kind, at)) in (0..).zip(log) {
        known.record(&said(*kind, *at, offset), None);
    }
    known.conflict(&grant(&policy)).map(|(conflict, _)| conflict)
}

#[test]
fn the_newest_suppression_says_whether_a_grant_would_lift_it_or_is_older() {
    use Conflict::{LiftsInLog, OlderInLog};
    assert_eq!(conflict_after(&[]), None);
    assert_eq!(conflict_after(&[(Kind::Withdraw, 99)]), Some(LiftsInLog));
    assert_eq!(conflict_after(&[(Kind::Withdraw, 100)]), Some(OlderInLog));
    assert_eq!(conflict_after(&[(Kind::Withdraw, 99), (Kind::Complaint, 101)]), Some(OlderInLog));
    assert_eq!(conflict_after(&[(Kind::Withdraw, 99), (Kind::Withdraw, 101)]), Some(OlderInLog));
    assert_eq!(conflict_after(&[(Kind::Withdraw, 99), (Kind::Grant, 200)]), Some(LiftsInLog));
}

#[test]
fn what_the_business_lifted_itself_is_no_obstacle() {
    for (on, off) in [(Kind::Block, Kind::Unblock), (Kind::Restrict, Kind::Unrestrict)] {
        assert!(conflict_after(&[(on, 50)]).is_some(), "{on:?}");
        assert_eq!(conflict_after(&[(on, 50), (off, 51)]), None, "{on:?}");
        assert!(conflict_after(&[(off, 50), (on, 50)]).is_some(), "{on:?}");
        assert!(conflict_after(&[(on, 50), (off, 51), (on, 52)]).is_some(), "{on:?}");
    }
}

#[test]
fn a_text_that_was_invalidated_grants_nothing() {
    assert_eq!(conflict_after(&[(Kind::Invalidate, 50)]), Some(Conflict::TextInvalid));
}

#[test]
fn a_grant_waits_until_its_text_is_published_where_the_policy_wants_that() {
    let policy = Policy::standard();
    let mut known = Known::new(&policy, Default::default(), Seconds(1_000));
    let conflict =
        |known: &Known<'_>| known.conflict(&grant(&policy)).map(|(conflict, _)| conflict);
    assert_eq!(conflict(&known), Some(Conflict::TextUnproven));
    let publication = Publication {
        business: "cafe",
        id: "t",
        version: "1",
        language: "en",
        sentence: "Yes.",
        scopes: &["offers"],
        channels: &[Channel::Whatsapp],
    };
    let (event_id, occurred_at_ms) = ("p".to_owned(), Some(1_000));
    let event = ConsentEvent { event_id, occurred_at_ms, ..publication.event() };
    let produced = produce(event).unwrap();
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let place = Place { topic, partition, offset: Offset(0) };
    let key = Some(produced.key.as_bytes());
    let value = Some(&produced.value[..]);
    known.record(&record(place, Seconds(50), key, Placement::Right, value), value);
    assert_eq!(conflict(&known), None);
    assert_eq!(conflict_after(&[(Kind::TextRetired, 120)]), Some(Conflict::TextInvalid));
    assert_eq!(conflict_after(&[(Kind::TextRetired, 170)]), None);
}

#[test]
fn a_business_with_a_record_that_cannot_be_read_grants_nothing_until_it_is_voided() {
    let policy = any_text();
    let place = |offset| Place {
        topic: Topic::ConsentEvents,
        partition: Partition(0),
        offset: Offset(offset),
    };
    for key in [&b"cafe/"[..], b"/"] {
        let mut known = Known::new(&policy, Default::default(), Seconds(1_000));
        let unreadable = record(place(0), Seconds(1), Some(key), Placement::Right, Some(b"\xff"));
        known.record(&unreadable, Some(b"\xff"));
        let conflict = known.conflict(&grant(&policy)).map(|(conflict, _)| conflict);
        assert_eq!(conflict, Some(Conflict::Quarantined), "{key:?}");
    }
}

#[test]
fn a_report_counts_and_names_lines_and_nobody() {
    let mut report = Report { rows: 9, already: 1, ..Report::default() };
    report.taken.insert("grant", 1);
    for line in 3..10 {
        let conflict = Conflict::LiftsInLog;
        add(&mut report.conflicts, conflict.name(), line, conflict.advice());
    }
    assert_eq!(report.refused_count(), 7);
    let text = report.to_text("consents.csv".as_ref(), &[0xab; 32], Mode::DryRun);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], format!("consents.csv: 9 rows, sha256 {}", "ab".repeat(32)));
    assert_eq!(lines[1], "dry run: nothing is written");
    assert!(text.contains("\n      lines 3, 4, 5, 6, 7, ...\n"), "{text}");
    assert!(text.ends_with("To write what is taken: the same command with --write.\n"), "{text}");
}

#[test]
fn a_line_file_is_its_owners_and_holds_rows_only_if_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let (path, input) = (dir.path().join("rejects.csv"), dir.path().join("consents.csv"));
    std::fs::write(&path, "older").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&input, "").unwrap();
    for (rows, expected) in [
        (Rows::LinesOnly, "line,reason,against_line\n7,undated,\n8,undated,3\n"),
        (
            Rows::Whole,
            "line,reason,against_line,row\n7,undated,,\"a,\"\"b\"\"\"\n8,undated,3,\"\"\n",
        ),
    ] {
        let mut file = LineFile::create(Some(&path), &input, rows).unwrap();
        file.add(7, "undated", 0, b"a,\"b\"").unwrap();
        file.add(8, "undated", 3, b"").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(LineFile::create(Some(&input), &input, Rows::LinesOnly).is_err());
}
