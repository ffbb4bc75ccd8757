//! Any bytes as a file: never a crash, and never a grant without all of its evidence.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::consent::{Fact, KeyParts, Placement, Topic, fold};

/// Pieces of which files are made that are nearly right.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "cafe",
        "+12025550101",
        "12025550101",
        "US.anna5",
        "grant",
        "withdraw",
        "block",
        "offers",
        "surveys;offers",
        "2024-05-06T07:08:09Z",
        "2024-05-06",
        "subject",
        "website_form",
        "import",
        "box_ticked",
        "pre_ticked",
        "qr_code",
        "text",
        "3",
        "en",
        "form/77",
        "double",
        "",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        ",",
        ",",
        ",",
        "\u{feff}",
        "\0",
        "2999-01-01T00:00:00Z",
    ];
    prop_oneof![
        20 => select(parts.to_vec()).prop_map(|part| part.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ]
}

fn cells() -> impl Strategy<Value = Vec<(Column, String)>> {
    let text = prop_oneof![
        3 => Just(String::new()),
        1 => "[ -~]{0,12}",
        1 => select(vec!["import", "pre_ticked", "qr_code", "2030-01-01T00:00:00Z", "a/b", "🐈"])
            .prop_map(str::to_owned),
    ];
    proptest::collection::vec((select(Column::ALL.to_vec()), text), 0..3)
}

/// A file: any bytes, pieces that look like rows, or grants with a few cells changed.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let pieces = proptest::collection::vec(piece(), 0..120).prop_map(|pieces| pieces.concat());
    let rows = proptest::collection::vec(cells(), 1..6).prop_map(|rows| {
        let row = |cells: &Vec<(Column, String)>| {
            let cells: Vec<_> = cells.iter().map(|(c, text)| (*c, text.as_str())).collect();
            grant_with(&cells) + "\n"
        };
        rows.iter().map(row).collect::<String>().into_bytes()
    });
    let rows = rows.boxed();
    let header = |rows: Vec<u8>| [HEADER.as_bytes(), &rows].concat();
    let spoilt = (rows.clone(), any::<prop::sample::Index>(), any::<u8>());
    let spoilt = spoilt.prop_map(move |(mut rows, at, byte)| {
        let at = at.index(rows.len());
        rows[at] = byte;
        header(rows)
    });
    prop_oneof![
        1 => proptest::collection::vec(any::<u8>(), 0..400),
        2 => pieces.prop_map(header),
        2 => rows.prop_map(header),
        3 => spoilt,
    ]
}

/// The evidence that a grant must have, looked for by hand.
fn is_complete(event: &crate::wire::proto::consent::ConsentEvent) -> bool {
    let has_person = event.phone.is_empty() != event.user_id.is_empty();
    let has_method = (1..=10).contains(&event.method);
    let has_expression = (1..=4).contains(&event.expression);
    let is_dated = event.occurred_at_ms.is_some_and(|at| (0..=NOW_MS).contains(&at));
    let says = [&event.business_id, &event.text_id, &event.text_version, &event.evidence];
    has_person
        && has_method
        && has_expression
        && is_dated
        && !event.historic
        && !event.scopes.is_empty()
        && matches!(event.actor(), Actor::Subject | Actor::Guardian)
        && says.into_iter().all(|text| !text.trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_file_crashes_and_none_grants_without_all_of_its_evidence(file in file()) {
        for (_, read) in read_file(&file).unwrap_or_default() {
            let event = match read {
                Ok(Imported::Grant(grant)) => {
                    prop_assert!(is_complete(grant.event()), "{:?}", grant.event());
                    grant.event().clone()
                }
                Ok(Imported::Suppression(suppression)) => suppression.event().clone(),
                Err(_) => continue,
            };
            let produced = crate::wire::consent::produce(event.clone()).expect("a record");
            let place = crate::consent::Place {
                topic: Topic::ConsentEvents,
                partition: crate::consent::Partition(0),
                offset: crate::consent::Offset(0),
            };
            let (key, value) = (Some(produced.key.as_bytes()), Some(&produced.value[..]));
            let now = Seconds(u32::try_from(NOW_MS / 1_000).expect("before 2106"));
            let record = crate::wire::consent::record(place, now, key, Placement::Right, value);
            prop_assert!(matches!(record.key, KeyParts::Subject(_)));
            let folded = fold(&record);
            prop_assert_eq!(&folded.notes, &vec![]);
            prop_assert!(!folded.facts.is_empty());
            let grants = folded.facts.iter().filter(|fact| matches!(fact, Fact::Grant { .. }));
            let is_grant = event.kind() == Kind::Grant;
            prop_assert_eq!(grants.count(), if is_grant { event.scopes.len() } else { 0 });
        }
    }
}
