//! Files as they come: quotes, line ends, garbage.

use super::*;

fn lines(file: &str) -> Vec<(u64, Read)> {
    read_file(format!("{HEADER}{file}").as_bytes()).expect("a header")
}

fn refusal(read: &Read) -> Option<Refusal> {
    read.as_ref().err().map(|refused| refused.refusal)
}

fn header(names: &str) -> HeaderError {
    read_file(names.as_bytes()).expect_err("no header")
}

#[test]
fn every_column_must_be_known_before_the_first_row() {
    let unknown =
        |number, name: Option<&str>| HeaderError::Unknown { number, name: name.map(str::to_owned) };
    assert_eq!(header("business_id,phone,knid\n"), unknown(3, Some("knid")));
    assert_eq!(header("business_id,phone,kind,phone\n"), HeaderError::Twice(Column::Phone));
    assert_eq!(header("business_id,phone\n"), HeaderError::Missing("kind"));
    assert!(matches!(header("business_id,kind\n"), HeaderError::Missing(_)));
    assert_eq!(header(""), HeaderError::Empty);
    assert_eq!(header("\n\n"), HeaderError::Empty);
    assert_eq!(read_file(b"business_id,ph\xffone\n").expect_err("none"), HeaderError::NotUtf8);
}

#[test]
fn a_header_that_is_somebodys_data_is_not_repeated() {
    let error = header("+12025550101,withdraw\n");
    assert_eq!(error, HeaderError::Unknown { number: 1, name: None });
    assert!(!error.to_string().contains("202555"), "{error}");
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_no_part_of_a_field() {
    let file = format!("\u{feff}{HEADER}{}\r\n\r\n{}", withdraw_with(&[]), grant_with(&[]));
    let read = read_file(file.replace("reason\n", "reason\r\n").as_bytes()).expect("a header");
    assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
    assert!(read.iter().all(|(_, read)| read.is_ok()), "{read:?}");
}

#[test]
fn a_line_may_end_in_any_of_three_ways() {
    for end in ["\n", "\r\n", "\r"] {
        let file = [HEADER.trim_end(), &withdraw_with(&[]), "", &grant_with(&[])].join(end);
        let read = read_file(file.as_bytes()).expect("a header");
        assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4], "{end:?}");
        assert!(read.iter().all(|(_, read)| read.is_ok()), "{read:?}");
    }
}

#[test]
fn quotes_commas_and_line_ends_may_stand_within_a_quoted_field() {
    let note = [(Column::Reason, "she said \"stop\",\nin two lines")];
    let read = lines(&format!("{}\n{}\n", withdraw_with(&note), withdraw_with(&[])));
    assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
    assert!(read.iter().all(|(_, read)| read.is_ok()), "{read:?}");
}

#[test]
fn a_grant_within_somebodys_note_is_a_note() {
    let note = format!("hello\n{}\n", grant_with(&[]));
    let read = lines(&format!("{}\n", withdraw_with(&[(Column::Reason, &note)])));
    assert_eq!(read.len(), 1);
    assert!(matches!(read[0].1, Ok(Imported::Suppression(_))));
}

#[test]
fn an_open_quote_is_refused_with_all_that_it_swallows_and_may_be_anybodys() {
    let open = "cafe,+12025550101,,withdraw,offers,2023-05-06T07:08:09Z,,,,,,,,,,,,\"too many";
    let next = "cafe,+12025550102,,block,,,,,,,,,,,,,,";
    for file in [open.to_owned(), format!("{open}\n{next}\n"), format!("{open}\n{next}\"\n")] {
        let read = lines(&file);
        assert_eq!(read.len(), 1, "{file}");
        // The last is one row of sound CSV: a note of two lines.
        if file.ends_with("\"\n") {
            assert!(read[0].1.is_ok(), "{file}");
            continue;
        }
        let refused = read[0].1.as_ref().expect_err("refused");
        assert_eq!((read[0].0, refused.refusal), (2, Refusal::QuoteAstray), "{file}");
        assert_eq!(refused.doubt, Doubt::Anybodys);
    }
}

#[test]
fn two_open_quotes_do_not_hide_a_row() {
    let open = |end: &str| {
        format!("cafe,+12025550101,,withdraw,offers,2023-05-06T07:08:09Z,,,,,,,,,,,,\"{end}")
    };
    let hides = format!("{}\n{}\n", open("too many"), open("again"));
    let read = lines(&hides);
    assert_eq!(read.len(), 1);
    assert_eq!(refusal(&read[0].1), Some(Refusal::QuoteAstray));
}

#[test]
fn quotes_stand_around_a_field_or_the_row_is_refused() {
    let with = |field: &str| format!("cafe,+12025550101,,withdraw,,,,,,,,,,,,,,{field}\n");
    for sound in ["", "\"\"", "\"a\"", "\"a\"\"b\"", "\"\"\"a\"\"\"", "it's", "\"a,b\""] {
        assert!(lines(&with(sound))[0].1.is_ok(), "{sound}");
    }
    for astray in ["a\"b", "a\"b\"", "\"a\"b", "\"a\" ", " \"a\"", "\"a\"\"", "\""] {
        let read = lines(&with(astray));
        assert_eq!(refusal(&read[0].1), Some(Refusal::QuoteAstray), "{astray}");
    }
}

#[test]
fn a_row_with_another_number_of_fields_is_refused_and_may_be_anybodys() {
    for row in ["cafe,+12025550101,,withdraw", &format!("{},", withdraw_with(&[]))] {
        let read = lines(&format!("{row}\n"));
        let refused = read[0].1.as_ref().expect_err("refused");
        assert_eq!((refused.refusal, &refused.doubt), (Refusal::ColumnCount, &Doubt::Anybodys));
    }
}

#[test]
fn a_field_of_a_megabyte_is_refused_and_the_next_row_is_read() {
    let long = "x".repeat(1 << 20);
    for row in [withdraw_with(&[(Column::Reason, &long)]), long.clone(), "a,".repeat(1 << 19)] {
        let read = lines(&format!("{row}\n{}\n", withdraw_with(&[])));
        assert_eq!(refusal(&read[0].1), Some(Refusal::TooLong));
        assert_eq!(read[1].0, 3);
        assert!(read[1].1.is_ok());
    }
}

#[test]
fn a_row_of_just_the_longest_length_is_read() {
    let rest = withdraw_with(&[]).len() + 1;
    let most = "x".repeat(rows::ROW_BYTES_MAX - rest);
    let read = lines(&format!("{}\n", withdraw_with(&[(Column::Reason, &most)])));
    assert!(read[0].1.is_ok(), "{read:?}");
    let read = lines(&format!("{}\n", withdraw_with(&[(Column::Reason, &format!("{most}x"))])));
    assert_eq!(refusal(&read[0].1), Some(Refusal::TooLong));
}

#[test]
fn bytes_that_are_no_text_refuse_a_grant_and_widen_a_suppression() {
    let bytes = |row: String| [HEADER.as_bytes(), row.as_bytes(), b"\n"].concat();
    let spoil = |mut file: Vec<u8>| {
        let at = file.windows(3).position(|three| three == b"@@@").expect("a place");
        file[at] = 0xff;
        read_file(&file).expect("a header").remove(0).1
    };
    for column in Column::ALL {
        let grant = spoil(bytes(grant_with(&[(column, "@@@")])));
        assert!(grant.is_err(), "{column:?}");
    }
    let scopes = spoil(bytes(withdraw_with(&[(Column::Scopes, "@@@")])));
    let Ok(Imported::Suppression(scopes)) = scopes else { panic!("{scopes:?}") };
    assert_eq!(scopes.widened, Some(Widened::AllScopes));
    let kind = spoil(bytes(withdraw_with(&[(Column::Kind, "@@@")]))).expect_err("refused");
    assert_eq!(kind.refusal, Refusal::NotUtf8);
    assert_ne!(kind.doubt, Doubt::Nobodys);
}

#[test]
fn the_example_file_is_read_as_its_notes_say() {
    let file = include_bytes!("../../../../tests/fixtures/import/consents.csv");
    let read = read_file(file).expect("a header");
    let refused: Vec<_> =
        read.iter().filter_map(|(line, read)| Some((*line, refusal(read)?))).collect();
    let expected = [
        (10, Refusal::DateUnclear),
        (11, Refusal::ImportNeverGrants),
        (12, Refusal::EvidenceMissing),
    ];
    assert_eq!((read.len(), refused), (13, expected.to_vec()));
}
