//! Formats of consent events: what is needed is demanded, what has no use is refused.

use super::*;

const NEEDED: &str = "format = \"json\"\nbusiness = \"/b\"\nidentity = [\"/p\", \"/u\"]\n";

fn events(text: &str) -> Sources {
    from_file(&format!("[consent_events]\n{text}"))
}

fn problems(text: &str) -> Vec<(String, String)> {
    let of = |problem: Problem| (problem.key, problem.what);
    refused(&events(text)).into_iter().map(of).collect()
}

fn problem(key: &str, what: &str) -> (String, String) {
    (format!("consent_events.{key}"), what.to_owned())
}

#[test]
fn without_the_sections_events_are_protobuf() {
    let formats = loaded(&Sources::default()).config.consent;
    assert!(formats.events.is_plain_protobuf() && formats.activity.is_plain_protobuf());
}

#[test]
fn each_topic_has_its_own_format() {
    let text =
        "[consent_events]\nformat = \"own_json\"\n[consent_activity]\nframing = \"confluent\"\n";
    let formats = loaded(&from_file(text)).config.consent;
    assert!(!formats.events.is_plain_protobuf() && !formats.activity.is_plain_protobuf());
    assert_ne!(formats.events, formats.activity);
}

#[test]
fn a_field_is_mapped_by_a_place_by_places_or_with_its_words() {
    for kind in [
        "kind = \"/type\"\n",
        "kind = [\"/type\", \"/kind\"]\n",
        "kind = { pointer = \"/type\", map = { in = \"grant\", seen = \"ignore\" } }\n",
        "[consent_events.kind]\npointer = [\"/type\"]\nmap = { out = \"withdraw\" }\n",
    ] {
        loaded(&events(&format!("{NEEDED}{kind}")));
    }
    let mut sources = events(NEEDED);
    let text = "{ pointer = \"/type\", map = { in = \"grant\" } }".to_owned();
    sources.environment = vec![("CONSENTGATE__CONSENT_EVENTS__KIND".to_owned(), text)];
    let config = loaded(&sources).config;
    let mapped =
        events(&format!("{NEEDED}kind = {{ pointer = \"/type\", map = {{ in = \"grant\" }} }}\n"));
    assert_eq!(config.consent, loaded(&mapped).config.consent);
}

#[test]
fn what_a_format_needs_is_demanded_and_what_has_no_use_is_refused() {
    let unmapped = "is not mapped, say where it stands";
    let all = ["business", "identity", "kind"].map(|key| problem(key, unmapped));
    assert_eq!(problems("format = \"json\"\n"), all);
    let fixed = "has a fixed place in this format, leave it out";
    assert_eq!(problems("kind = \"/type\"\n"), [problem("kind", fixed)]);
    let time_unit = problem("time_unit", "is fixed in this format, leave it out");
    assert_eq!(problems("format = \"own_json\"\ntime_unit = \"s\"\n"), [time_unit]);
    let header = "must be a JSON pointer, for headers of consent records are not read";
    let text = format!("{NEEDED}kind = \"header:kind\"\n");
    assert_eq!(problems(&text), [problem("kind", header)]);
}

#[test]
fn a_map_to_a_name_that_is_none_is_refused() {
    let kind = |map: &str| {
        problems(&format!("{NEEDED}kind = {{ pointer = \"/type\", map = {{ {map} }} }}\n"))
    };
    for name in ["opt_in", "GRANT", "void", ""] {
        let what = format!("maps to \"{name}\", which is no name of ours");
        assert_eq!(kind(&format!("in = \"{name}\"")), [problem("kind", &what)]);
    }
    let text = format!("{NEEDED}kind = {{ pointer = \"/type\" }}\n");
    assert_eq!(problems(&text).len(), 2, "{:?}", problems(&text));
}
