//! What a webhook means, sentence by sentence.
//!
//! The bodies are tests/fixtures/webhooks/*.json: the shapes of Meta's reference pages (`messages` and
//! its pages text, button, interactive, system, status, group, reaction; `user_preferences`;
//! `message_template_status_update`; `message_template_components_update`; `template_category_update`;
//! `smb_message_echoes`), with made-up
//! ids and numbers that belong to nobody. `user_id_update` is as vendors pass it on: Meta took its page
//! back in August 2026.

mod bad_input;
mod identities;
mod inbound;
mod laws;
mod objections;
mod sent;
mod statuses;
mod templates;

use std::fs;

use super::*;
use crate::consent::BusinessId;
use crate::wire::consent::produce;
use crate::wire::proto::consent::Kind;

const NUMBER: &str = "100000000000001";
const ACCOUNT: &str = "200000000000001";

/// A body of the fixtures.
fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/webhooks/{name}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All bodies of the fixtures.
fn fixtures() -> Vec<String> {
    let folder = format!("{}/tests/fixtures/webhooks", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let bodies: Vec<_> = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(bodies.len() > 20);
    bodies
}

fn scopes(names: &[&str]) -> Vec<ScopeName> {
    names.iter().map(|name| ScopeName::parse(name).unwrap()).collect()
}

/// A reader for the business `cafe`.
fn reader() -> WebhookReader {
    let cafe = BusinessId::parse("cafe").unwrap();
    let mut owners = Owners::default();
    owners.numbers.insert(NUMBER.to_owned(), cafe);
    WebhookReader {
        owners,
        marketing_scopes: scopes(&["offers", "surveys"]),
        opt_out_payloads: [
            ("STOP_PROMO".to_owned(), scopes(&["offers"])),
            ("leave_all".to_owned(), Vec::new()),
        ]
        .into(),
        links: Links::LeaveOut,
        ..WebhookReader::default()
    }
}

/// An event in a line: kind, person, scopes.
fn line(event: &ConsentEvent) -> String {
    assert_eq!(event.business_id, "cafe");
    assert_eq!(event.source, SOURCE);
    assert!(fingerprint(&event.event_id).is_some(), "{}", event.event_id);
    assert!(produce(event.clone()).is_ok());
    let kind = event.kind().as_str_name().trim_start_matches("KIND_").to_lowercase();
    let mut line = format!("{kind} {}{}", event.phone, event.user_id);
    if !event.scopes.is_empty() {
        line.push_str(&format!(" {}", event.scopes.join(",")));
    }
    if !(event.linked_phone.is_empty() && event.linked_user_id.is_empty()) {
        line.push_str(&format!(" was {}{}", event.linked_phone, event.linked_user_id));
    }
    line
}

/// What a reader makes of a body, in lines.
fn lines(reader: &WebhookReader, body: &str) -> (Vec<String>, Vec<Note>) {
    let reading = reader.read(body.as_bytes());
    (reading.events.iter().map(line).collect(), reading.notes)
}

/// Asserts events and notes of a body.
#[track_caller]
fn check(body: &str, events: &[&str], notes: &[Note]) {
    assert_eq!(
        lines(&reader(), body),
        (events.iter().map(ToString::to_string).collect(), notes.to_vec())
    );
}

/// The events of a body.
fn events(body: &str) -> Vec<ConsentEvent> {
    reader().read(body.as_bytes()).events
}

/// A body with one part replaced, which must be there.
fn replaced(body: &str, from: &str, to: &str) -> String {
    assert!(body.contains(from), "{from} is not in the body");
    body.replace(from, to)
}

fn of_kind(events: &[ConsentEvent], kind: Kind) -> Vec<&ConsentEvent> {
    events.iter().filter(|event| event.kind() == kind).collect()
}
