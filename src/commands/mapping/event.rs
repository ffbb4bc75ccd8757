//! What a sample consent record comes to, under a key that fits it.

use super::people::Faces;
use crate::consent::{
    Coded, ConsentEvent, ConsentRecord, Content, Fact, IdentityRef, KeyParts, Offset, Partition,
    Place, Placement, Seconds, Subject, Topic, fold,
};
use crate::wire::formats::{EventFormat, Refusal};

/// What the fold says of an event that permits nothing for a doubt.
const NOTHING_BY_DOUBT: &str = "nothing: unknown_kind";

/// The event field by field and what the gate would make of it; or why there is none.
pub(super) fn tell(
    format: &EventFormat,
    topic: Topic,
    value: &[u8],
    faces: Faces,
) -> Result<String, String> {
    let read = format.try_read(Some(value)).map_err(undecodable)?;
    let event = match &read.content {
        Content::Event(event) => event,
        Content::Ignored => return Ok("ignored: its kind is mapped to \"ignore\"\n".to_owned()),
        Content::Undecodable => return Err("undecodable".to_owned()),
    };
    let mut text = shown(event, faces);
    let doubts = read.doubts.join(", ");
    text.push_str(&line("in doubt", if doubts.is_empty() { "-" } else { &doubts }));
    let outcome = match outcome(event, topic) {
        outcome if outcome == NOTHING_BY_DOUBT => {
            "nothing: it would permit something, and something is in doubt".to_owned()
        }
        outcome => outcome,
    };
    text.push_str(&line("comes to", &outcome));
    Ok(text)
}

fn undecodable(refusal: Refusal) -> String {
    format!(
        "undecodable; the gate would quarantine the business that the record's key names, or hold \
         if it names none:\n  {refusal}"
    )
}

fn shown(event: &ConsentEvent, faces: Faces) -> String {
    let people: Vec<IdentityRef<'_>> =
        [&event.identity, &event.linked].into_iter().flatten().map(|it| it.as_ref()).collect();
    let text = |text: &str| faces.text(people.iter().copied(), text);
    let list = |names: Vec<&str>| text(&names.join(", "));
    let person = |identity: &Option<crate::consent::Identity>| {
        identity.as_ref().map_or("-".to_owned(), |it| faces.of(it.as_ref()))
    };
    let kind = match event.kind {
        Coded::Known(kind) => kind.name().to_owned(),
        Coded::Unspecified => "-".to_owned(),
        Coded::Unknown(_) => "not known".to_owned(),
    };
    let mut scopes: Vec<&str> = event.scopes.iter().map(|scope| scope.as_str()).collect();
    if !event.scopes_complete {
        scopes.push("and what cannot be read");
    }
    let (text_id, version) =
        event.text.as_ref().map_or(("", ""), |text| (&*text.id, &*text.version));
    let given = |is_given: bool| if is_given { "given" } else { "-" }.to_owned();
    [
        ("business", text(event.business.as_ref().map_or("", |it| it.as_str()))),
        ("identity", person(&event.identity)),
        ("kind", kind),
        ("event_id", given(event.event_id.is_some())),
        ("occurred_at", time(event.occurred_at_ms)),
        ("scopes", list(scopes)),
        ("method", coded(event.method)),
        ("expression", coded(event.expression)),
        ("text_id", text(text_id)),
        ("text_version", text(version)),
        ("evidence", text(event.evidence.as_deref().unwrap_or_default())),
        ("actor", coded(event.actor)),
        ("strength", coded(event.strength)),
        ("valid_until", time(event.valid_until_ms)),
        ("confirms", given(event.confirms.is_some())),
        ("inbound_id", given(event.inbound.is_some())),
        ("linked", person(&event.linked)),
        ("until", time(event.until_ms)),
    ]
    .iter()
    .map(|(name, value)| line(name, value))
    .collect()
}

fn line(name: &str, value: &str) -> String {
    format!("{name:<14} {value}\n")
}

/// The name of a value of the contract, as its own words have it.
fn coded<T: std::fmt::Debug>(value: Coded<T>) -> String {
    let Coded::Known(value) = value else {
        return if matches!(value, Coded::Unspecified) { "-" } else { "not known" }.to_owned();
    };
    let mut name = String::new();
    for char in format!("{value:?}").chars() {
        if char.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(char.to_lowercase());
    }
    name
}

fn time(ms: Option<i64>) -> String {
    let Some(ms) = ms else { return "-".to_owned() };
    match u64::try_from(ms).ok().filter(|ms| *ms < 253_402_300_800_000) {
        Some(ms) => {
            let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms);
            humantime::format_rfc3339_seconds(at).to_string()
        }
        None => format!("{ms} ms"),
    }
}

/// What the fold makes of it, in its place and just now.
fn outcome(event: &ConsentEvent, topic: Topic) -> String {
    let key = match (&event.business, &event.identity) {
        (Some(business), Some(identity)) => {
            let (business, identity) = (business.clone(), identity.clone());
            KeyParts::Subject(Subject { business, identity })
        }
        (Some(business), None) => KeyParts::Business(business.clone()),
        (None, _) => KeyParts::Platform,
    };
    let record = ConsentRecord {
        place: Place { topic, partition: Partition(0), offset: Offset(0) },
        appended_at: Seconds(u32::MAX),
        key,
        placement: Placement::Right,
        content: Content::Event(Box::new(event.clone())),
    };
    let folded = fold(&record);
    let notes: Vec<&str> = folded.notes.iter().map(|note| note.name()).collect();
    if folded.facts.iter().any(|fact| matches!(fact, Fact::Undecodable { .. })) {
        return "a quarantine of its business, until it is voided".to_owned();
    }
    match (folded.facts.is_empty(), notes.is_empty()) {
        (false, true) => "taken".to_owned(),
        (false, false) => format!("taken, with doubt: {}", notes.join(", ")),
        (true, false) => format!("nothing: {}", notes.join(", ")),
        (true, true) => "nothing: it changes nothing about sending".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: &str = r#"{"event_id": "e1", "business_id": "cafe", "phone": "+12025550101",
        "kind": "grant", "scopes": ["offers"], "occurred_at": "2026-01-31T12:00:00Z",
        "method": "website_form", "expression": "box_ticked", "text_id": "t-12025550101",
        "actor": "subject", "text_version": "2", "evidence": "form/7"}"#;

    fn told(json: &str) -> String {
        let format = EventFormat::own_json(crate::wire::formats::Framing::Plain);
        tell(&format, Topic::ConsentEvents, json.as_bytes(), Faces::Masked).expect("an event")
    }

    #[test]
    fn an_event_is_told_field_by_field_and_people_are_masked() {
        let text = told(GRANT);
        assert!(!text.contains("2025550"), "{text}");
        for line in [
            "identity       +120***01\n",
            "kind           grant\n",
            "occurred_at    2026-01-31T12:00:00Z\n",
            "method         website_form\n",
            "text_id        t-1202***01\n",
            "in doubt       -\n",
            "comes to       taken\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn what_an_event_lacks_is_told() {
        let undated = told(&GRANT.replace("\"2026-01-31T12:00:00Z\"", "\"some day\""));
        assert!(undated.contains("in doubt       occurred_at\n"), "{undated}");
        assert!(undated.contains("comes to       nothing"), "{undated}");
        let unknown = told(&GRANT.replace("\"grant\"", "\"opt_in\""));
        assert!(unknown.contains("comes to       a quarantine"), "{unknown}");
    }
}
