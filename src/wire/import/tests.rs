//! One sentence for each way in which a row is taken or refused.

use std::io::Cursor;

use super::*;
use crate::consent::{Content, ScopeName, Seconds};
use crate::policy::Policy;
use crate::wire::consent::decode;
use crate::wire::proto::consent::{Actor, Kind, Method, Strength};

mod files;
mod laws;

const HEADER: &str = "business_id,phone,user_id,kind,scopes,occurred_at,actor,method,expression,\
                      text_id,text_version,language,evidence,recorder,inbound_id,strength,\
                      valid_until,reason\n";
/// 2024-06-01T00:00:00Z.
const NOW_MS: i64 = 1_717_200_000_000;

/// A row by its columns; what is not named is empty.
fn row(cells: &[(Column, &str)]) -> String {
    let cell = |column| cells.iter().rev().find(|(named, _)| *named == column);
    let cells = Column::ALL.map(|column| cell(column).map_or("", |(_, text)| text));
    cells.map(|text| format!("\"{}\"", text.replace('"', "\"\""))).join(",")
}

/// A complete grant but for these cells.
fn grant_with(cells: &[(Column, &str)]) -> String {
    use Column as C;
    let complete = [
        (C::BusinessId, "cafe"),
        (C::Phone, "+12025550101"),
        (C::Kind, "grant"),
        (C::Scopes, "offers"),
        (C::OccurredAt, "2024-05-06T07:08:09Z"),
        (C::Method, "website_form"),
        (C::Expression, "box_ticked"),
        (C::TextId, "offers-en"),
        (C::TextVersion, "3"),
        (C::Evidence, "form/77"),
    ];
    row(&[&complete[..], cells].concat())
}

/// A withdrawal but for these cells.
fn withdraw_with(cells: &[(Column, &str)]) -> String {
    use Column as C;
    let complete = [
        (C::BusinessId, "cafe"),
        (C::Phone, "+12025550101"),
        (C::Kind, "withdraw"),
        (C::Scopes, "offers"),
        (C::OccurredAt, "2023-05-06T07:08:09Z"),
    ];
    row(&[&complete[..], cells].concat())
}

type Read = Result<Imported, Refused>;

/// What each row of a file says, with the line on which it begins.
fn read_file(file: &[u8]) -> Result<Vec<(u64, Read)>, HeaderError> {
    let mut rows = RowReader::new(Cursor::new(file), b',');
    let first = rows.read_row().expect("memory").ok_or(HeaderError::Empty)?;
    let columns = Columns::read(&first.fields.map_err(HeaderError::Unreadable)?)?;
    let policy = Policy::standard();
    let context =
        Context { columns: &columns, policy: &policy, now_ms: NOW_MS, recorder: "importer" };
    let mut read = Vec::new();
    while let Some(row) = rows.read_row().expect("memory") {
        read.push((row.line, read_row(&context, &row)));
    }
    Ok(read)
}

fn read_one(row: &str) -> Read {
    let mut read = read_file(format!("{HEADER}{row}\n").as_bytes()).expect("a header");
    assert_eq!(read.len(), 1, "{row}");
    read.remove(0).1
}

fn grant_of(row: &str) -> ImportedGrant {
    match read_one(row) {
        Ok(Imported::Grant(grant)) => *grant,
        other => panic!("{other:?}"),
    }
}

fn suppression_of(row: &str) -> ImportedSuppression {
    match read_one(row) {
        Ok(Imported::Suppression(suppression)) => *suppression,
        other => panic!("{other:?}"),
    }
}

fn refused(row: &str) -> Refused {
    read_one(row).expect_err("refused")
}

#[test]
fn a_complete_grant_is_taken_as_the_person_gave_it() {
    let cells = [
        (Column::Scopes, "surveys; offers"),
        (Column::OccurredAt, "2024-05-06T09:08:09+02:00"),
        (Column::Strength, "double"),
        (Column::ValidUntil, "2025-05-06T07:08:09Z"),
        (Column::Language, "en"),
    ];
    let grant = grant_of(&grant_with(&cells));
    let event = grant.event();
    assert_eq!(grant.at, Seconds(1_714_979_289));
    assert_eq!(event.occurred_at_ms, Some(1_714_979_289_000));
    assert_eq!(event.valid_until_ms, Some(1_746_515_289_000));
    assert_eq!(grant.scopes, ["offers", "surveys"].map(|name| ScopeName::parse(name).unwrap()));
    assert_eq!((event.actor(), event.method()), (Actor::Subject, Method::WebsiteForm));
    assert_eq!((event.strength(), event.recorder.as_str()), (Strength::Double, "importer"));
    assert!(!event.historic);
    assert_eq!(grant.produced().key, "cafe/+12025550101");
    assert!(matches!(decode(Some(&grant.produced().value)), Content::Event(_)));
}

#[test]
fn a_grant_that_lacks_any_part_of_its_evidence_is_refused_for_it() {
    use Column as C;
    use Refusal as R;
    for (column, text, refusal) in [
        (C::BusinessId, "", R::BusinessInvalid),
        (C::BusinessId, "two words", R::BusinessInvalid),
        (C::Phone, "", R::PersonMissing),
        (C::Phone, "12025550101", R::PhoneInvalid),
        (C::Phone, "(202) 555-0101", R::PhoneInvalid),
        (C::UserId, "US.anna5", R::PersonTwice),
        (C::Scopes, "", R::ScopesMissing),
        (C::Scopes, "offers;raffles", R::ScopeUnknown),
        (C::OccurredAt, "", R::Undated),
        (C::OccurredAt, "03/04/2024", R::DateUnclear),
        (C::OccurredAt, "2024-05-06", R::DateUnclear),
        (C::OccurredAt, "2024-05-06T07:08:09", R::DateUnclear),
        (C::OccurredAt, "2024-05-06 07:08:09 CET", R::DateUnclear),
        (C::OccurredAt, "2024-05-06T07:08:09+0200", R::DateUnclear),
        (C::OccurredAt, "2024-05-06T07:08:09+24:00", R::DateUnclear),
        (C::OccurredAt, "1714979289", R::DateUnclear),
        (C::OccurredAt, "2024-06-01T00:00:01Z", R::DatedInFuture),
        (C::Method, "", R::MethodUnknown),
        (C::Method, "unspecified", R::MethodUnknown),
        (C::Method, "carrier_pigeon", R::MethodUnknown),
        (C::Method, "import", R::ImportNeverGrants),
        (C::Expression, "", R::ExpressionUnknown),
        (C::Expression, "nodded", R::ExpressionUnknown),
        (C::Expression, "pre_ticked", R::NoConsent),
        (C::Expression, "bundled", R::NoConsent),
        (C::Expression, "voice", R::ExpressionUnsuited),
        (C::Method, "qr_code", R::ConversationOnly),
        (C::Method, "click_to_whatsapp_ad", R::ConversationOnly),
        (C::TextId, "", R::TextMissing),
        (C::TextVersion, "", R::TextMissing),
        (C::Evidence, "", R::EvidenceMissing),
        (C::Evidence, "   ", R::EvidenceMissing),
        (C::Evidence, &"x".repeat(1_025), R::FieldTooLong),
        (C::Actor, "business", R::ActorInvalid),
        (C::Actor, "importer", R::ActorInvalid),
        (C::Strength, "strong", R::StrengthUnknown),
        (C::ValidUntil, "soon", R::ValidityUnclear),
        (C::ValidUntil, "2024-05-06T07:08:09Z", R::ValidityUnclear),
    ] {
        let refused = refused(&grant_with(&[(column, text)]));
        assert_eq!(refused, Refused { refusal, doubt: Doubt::Nobodys }, "{column:?} {text:?}");
    }
    grant_of(&grant_with(&[]));
}

#[test]
fn the_persons_own_words_make_a_conversation_consent() {
    for method in ["qr_code", "click_to_whatsapp_ad"] {
        let said = [(Column::Method, method), (Column::Expression, "words_written")];
        let lack = refused(&grant_with(&said)).refusal;
        assert_eq!(lack, Refusal::OwnMessageMissing);
        let named = grant_with(&[&said[..], &[(Column::InboundId, "wamid.yes")]].concat());
        assert_eq!(grant_of(&named).event().inbound_id, "wamid.yes");
    }
}

#[test]
fn who_asked_is_not_who_imports() {
    for method in ["customer_support", "asked_in_person"] {
        let said = [(Column::Method, method), (Column::Expression, "voice")];
        assert_eq!(refused(&grant_with(&said)).refusal, Refusal::RecorderMissing);
        let named = grant_with(&[&said[..], &[(Column::Recorder, "clerk-2")]].concat());
        assert_eq!(grant_of(&named).event().recorder, "clerk-2");
    }
}

#[test]
fn a_user_id_or_a_guardian_may_stand_in_a_grant() {
    let cells = [(Column::Phone, ""), (Column::UserId, "US.anna5"), (Column::Actor, "guardian")];
    let grant = grant_of(&grant_with(&cells));
    assert_eq!(grant.produced().key, "cafe/US.anna5");
    assert_eq!(grant.event().actor(), Actor::Guardian);
}

#[test]
fn a_suppression_is_historic_and_comes_from_the_import() {
    let suppression = suppression_of(&withdraw_with(&[(Column::Reason, "too many")]));
    let event = suppression.event();
    assert!(event.historic);
    assert_eq!((event.method(), event.actor()), (Method::Import, Actor::Importer));
    assert_eq!(event.occurred_at_ms, Some(1_683_356_889_000));
    assert_eq!((event.scopes.join(" "), event.reason.as_str()), ("offers".into(), "too many"));
    assert_eq!(suppression.widened, None);
}

#[test]
fn every_kind_that_objects_for_a_person_is_taken() {
    use Kind as K;
    for (name, kind) in [
        ("withdraw", K::Withdraw),
        ("refuse", K::Refuse),
        ("platform_stop", K::PlatformStop),
        ("complaint", K::Complaint),
        ("wrong_number", K::WrongNumber),
        ("reassigned", K::Reassigned),
        ("erase", K::Erase),
        ("block", K::Block),
        ("restrict", K::Restrict),
        ("WITHDRAW", K::Withdraw),
    ] {
        let suppression = suppression_of(&withdraw_with(&[(Column::Kind, name)]));
        assert_eq!(suppression.event().kind(), kind);
    }
}

#[test]
fn what_a_suppression_lacks_makes_it_wider_and_never_refuses_it() {
    use Column as C;
    let many: Vec<_> = (0..65).map(|number| format!("s{number}")).collect();
    for (column, text, widened) in [
        (C::OccurredAt, "", Some(Widened::FromNow)),
        (C::OccurredAt, "03/04/2023", Some(Widened::FromNow)),
        (C::Scopes, "a/b", Some(Widened::AllScopes)),
        (C::Scopes, &many.join(";"), Some(Widened::AllScopes)),
        (C::Scopes, "raffles", Some(Widened::UnknownScope)),
        (C::Scopes, "", None),
        (C::Method, "carrier_pigeon", None),
        (C::Strength, "strong", None),
        (C::ValidUntil, "soon", None),
        (C::Reason, &"x".repeat(2_000), None),
    ] {
        let suppression = suppression_of(&withdraw_with(&[(column, text)]));
        assert_eq!(suppression.widened, widened, "{column:?}");
        assert_eq!(suppression.is_historic(), widened != Some(Widened::FromNow));
    }
    let all = suppression_of(&withdraw_with(&[(Column::Scopes, "a/b")]));
    assert_eq!(all.event().scopes, Vec::<String>::new());
}

#[test]
fn a_refused_row_is_a_doubt_unless_it_can_be_read_to_be_no_suppression() {
    use Column as C;
    let cafes = || Doubt::OfBusiness(crate::consent::BusinessId::parse("cafe").unwrap());
    for (column, text, refusal, doubt) in [
        (C::Phone, "0202 555 0101", Refusal::PhoneInvalid, cafes()),
        (C::Phone, "", Refusal::PersonMissing, cafes()),
        (C::UserId, "DE.anna5", Refusal::PersonTwice, cafes()),
        (C::Kind, "opted out", Refusal::KindUnknown, cafes()),
        (C::Kind, "", Refusal::KindUnknown, cafes()),
        (C::Kind, "unspecified", Refusal::KindUnknown, cafes()),
        (C::Kind, "cooldown", Refusal::KindNotTaken, cafes()),
        (C::BusinessId, "", Refusal::BusinessInvalid, Doubt::Anybodys),
        (C::Kind, "unblock", Refusal::KindNotTaken, Doubt::Nobodys),
        (C::Kind, "platform_resume", Refusal::KindNotTaken, Doubt::Nobodys),
        (C::Kind, "confirm", Refusal::KindNotTaken, Doubt::Nobodys),
    ] {
        assert_eq!(
            refused(&withdraw_with(&[(column, text)])),
            Refused { refusal, doubt },
            "{text}"
        );
    }
}

#[test]
fn the_same_row_has_the_same_id_and_another_row_another() {
    let id = |row: &str| grant_of(row).event().event_id.clone();
    let plain = id(&grant_with(&[]));
    assert_eq!(plain, id(&grant_with(&[(Column::Reason, "a note"), (Column::Actor, "subject")])));
    assert_ne!(plain, id(&grant_with(&[(Column::Evidence, "form/78")])));
    assert_ne!(plain, id(&grant_with(&[(Column::Phone, "+12025550102")])));
    assert!(imported_id(&plain).is_some());
    for other in ["", "import-", "grant-1", "import-0011", &plain.to_uppercase()] {
        assert_eq!(imported_id(other), None, "{other}");
    }
}

#[test]
fn a_suppression_that_counts_from_now_keeps_its_id() {
    let mut suppression = suppression_of(&withdraw_with(&[]));
    let id = suppression.event().event_id.clone();
    suppression.count_from_now();
    assert!(!suppression.is_historic());
    assert_eq!(suppression.event().event_id, id);
    assert_eq!(super::id::id_of(suppression.event()), id);
}

#[test]
fn no_reason_repeats_another_and_each_says_what_would_be_right() {
    let names: std::collections::BTreeSet<_> = Refusal::ALL.map(Refusal::name).into();
    assert_eq!(names.len(), Refusal::ALL.len());
    assert!(Refusal::ALL.iter().all(|refusal| refusal.advice().len() > 10));
}
