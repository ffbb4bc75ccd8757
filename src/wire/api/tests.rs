//! Both forms of a question are the same question, and doubt never helps it.

use super::*;
use crate::wire::json::JsonMessage;

const OFFER: &str = r#"{"business_id": "cafe", "to": "+12025550123", "scope": "offers",
    "category": "marketing", "opt_out_path": "footer", "message_id": "m-1"}"#;

fn item(json: &str) -> Recheck {
    let body = format!("{{\"items\": [{json}]}}");
    Recheck::read(Encoding::Json, body.as_bytes()).expect("a question")
}

fn reason(question: &Recheck) -> Option<Reason> {
    let (policy, texts) = (Policy::standard(), Texts::default());
    question.messages(&Format::PROTOBUF, &policy, &texts).remove(0).err()
}

#[test]
fn json_and_protobuf_ask_the_same() {
    let json = item(&format!("{{\"message\": {OFFER}, \"timestamp_ms\": 1000}}"));
    let message: JsonMessage = serde_json::from_str(OFFER).unwrap();
    let message = message.encode().unwrap();
    for body in [
        proto::recheck_item::Body::Message(message.clone()),
        proto::recheck_item::Body::Record(message),
    ] {
        let item = proto::RecheckItem {
            body: Some(body),
            timestamp_ms: Some(1_000),
            ..proto::RecheckItem::default()
        };
        let request = proto::RecheckRequest { items: vec![item] }.encode_to_vec();
        let question = Recheck::read(Encoding::Protobuf, &request).unwrap();
        let (policy, texts) = (Policy::standard(), Texts::default());
        let read = |question: &Recheck| {
            question.messages(&Format::PROTOBUF, &policy, &texts).remove(0).unwrap().message_id
                == "m-1"
        };
        assert!(read(&question) && read(&json));
    }
}

#[test]
fn an_item_without_body_or_timestamp_is_malformed() {
    assert_eq!(reason(&item(&format!("{{\"message\": {OFFER}}}"))), Some(Reason::Malformed));
    let zero = format!("{{\"message\": {OFFER}, \"timestamp_ms\": 0}}");
    assert_eq!(reason(&item(&zero)), Some(Reason::Malformed));
    let empty = proto::RecheckItem { timestamp_ms: Some(1), ..proto::RecheckItem::default() };
    assert_eq!(reason(&Recheck(vec![empty])), Some(Reason::Malformed));
}

#[test]
fn what_cannot_be_read_is_refused_and_not_quoted() {
    for body in [
        "",
        "{}",
        "[]",
        "{\"items\": [{}]}",
        "{\"items\": [{\"message\": {}, \"record\": \"x\"}]}",
        "{\"items\": [], \"extra\": \"+12025550123\"}",
        "{\"items\": [{\"message\": {\"too\": \"+12025550123\"}}]}",
        "{\"items\": [{\"message\": {\"category\": \"+12025550123\"}}]}",
    ] {
        let error = Recheck::read(Encoding::Json, body.as_bytes()).expect_err(body);
        assert!(!error.to_string().contains("555"), "{error}");
    }
    assert!(Recheck::read(Encoding::Protobuf, &[0xff]).is_err());
    assert!(Check::read(Encoding::Protobuf, &[]).is_err(), "no business");
    assert!(Check::read(Encoding::Json, b"{\"recipients\": []}").is_err());
    let odd = br#"{"business_id": "cafe", "category": "sms", "recipients": []}"#;
    assert!(Check::read(Encoding::Json, odd).is_err());
}

#[test]
fn an_answer_that_says_nothing_allows_nothing() {
    let silent = proto::RecheckResponse { verdicts: vec![<_>::default()], ..<_>::default() };
    let text = String::from_utf8(json::verdicts(&silent)).unwrap();
    assert!(text.contains("suppressed") && !text.contains("allowed"), "{text}");
}

#[test]
fn a_check_tells_counts_and_no_people() {
    let mut tally = Tally::received(3);
    tally.allow();
    tally.suppress(Reason::Withdrawn);
    tally.suppress(Reason::Withdrawn);
    let text = String::from_utf8(counts(Encoding::Json, 7, &tally)).unwrap();
    let expected = r#"{"decided_at_ms":7,"asked":3,"reachable":1,"unreachable":{"withdrawn":2}}"#;
    assert_eq!(text, expected);
}
