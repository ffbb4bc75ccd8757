//! What a webhook says of messages that left.

use super::*;
use crate::wire::webhooks::MetaId;

fn body(statuses: &str) -> String {
    let value =
        format!(r#"{{"metadata": {{"phone_number_id": "{NUMBER}"}}, "statuses": {statuses}}}"#);
    format!(
        r#"{{"entry": [{{"id": "1", "changes": [{{"field": "messages", "value": {value}}}]}}]}}"#
    )
}

fn sent(statuses: &str) -> SentReading {
    reader().sent(body(statuses).as_bytes())
}

#[test]
fn a_message_that_left_has_its_callers_id_its_business_its_person_and_its_time() {
    let reading = sent(
        r#"[{"id": "wamid.A", "status": "sent", "timestamp": "1774000000",
             "recipient_id": "12025550101", "biz_opaque_callback_data": "order-1"}]"#,
    );
    assert!(!reading.is_partly_unread);
    let [sent] = reading.sent.as_slice() else { panic!("{reading:?}") };
    assert_eq!(sent.message_id, "order-1");
    assert_eq!(sent.businesses[0].as_str(), "cafe");
    assert_eq!(sent.people[0].as_ref().canonical(), "+12025550101");
    assert_eq!((sent.at_ms, sent.meta_id), (Some(1_774_000_000_000), Some(MetaId::of("wamid.A"))));
}

#[test]
fn a_later_state_tells_that_it_left_and_a_failure_does_not() {
    for (state, count) in
        [("sent", 1), ("delivered", 1), ("read", 1), ("failed", 0), ("deleted", 0)]
    {
        let status = format!(r#"[{{"id": "wamid.A", "status": "{state}"}}]"#);
        assert_eq!(sent(&status).sent.len(), count, "{state}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    assert!(reader().sent(b"{").is_partly_unread);
    assert!(sent(r#"{"status": "sent"}"#).is_partly_unread);
    assert!(sent(r#"[{"id": "wamid.A"}]"#).is_partly_unread);
    assert!(!sent("[]").is_partly_unread);
}

#[test]
fn two_callers_ids_in_one_status_are_two_messages() {
    let reading = sent(
        r#"[{"id": "w", "status": "sent", "biz_opaque_callback_data": "a",
             "biz_opaque_callback_data": "b"}]"#,
    );
    let ids: Vec<_> = reading.sent.iter().map(|sent| sent.message_id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
}
