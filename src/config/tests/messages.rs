//! Formats: what is needed is demanded, what has no use is refused.

use super::*;

fn messages(text: &str) -> Sources {
    from_file(&format!("[messages]\n{text}"))
}

/// Keys and problems of a refused section.
fn problems(text: &str) -> Vec<(String, String)> {
    let of = |problem: Problem| (problem.key, problem.what);
    refused(&messages(text)).into_iter().map(of).collect()
}

fn problem(key: &str, what: &str) -> (String, String) {
    (format!("messages.{key}"), what.to_owned())
}

#[test]
fn without_the_section_messages_are_protobuf() {
    assert!(loaded(&Sources::default()).config.messages.is_plain_protobuf());
}

#[test]
fn every_format_loads_with_what_it_needs() {
    for text in [
        "format = \"protobuf\"\nframing = \"confluent\"\n",
        "format = \"cloud_api\"\nbusiness = \"header:tenant\"\n",
        "format = \"json\"\nframing = \"confluent\"\nbusiness = [\"/b\", \"header:b\"]\nrecipient = \"/to\"\n",
        "format = \"headers\"\nbusiness = \"header:b\"\nrecipient = \"header:to\"\n",
    ] {
        assert!(!loaded(&messages(text)).config.messages.is_plain_protobuf(), "{text}");
    }
}

#[test]
fn the_environment_maps_a_field() {
    let mut sources = messages("format = \"cloud_api\"\n");
    let variable = ("CONSENTGATE__MESSAGES__BUSINESS".to_owned(), "header:tenant".to_owned());
    sources.environment = vec![variable];
    loaded(&sources);
    sources.environment[0].1 = "[\"header:tenant\", \"/tenant\"]".to_owned();
    loaded(&sources);
}

#[test]
fn fields_that_a_format_needs_are_demanded_all_at_once() {
    let unmapped = "is not mapped, say where it stands";
    let both = vec![problem("business", unmapped), problem("recipient", unmapped)];
    assert_eq!(problems("format = \"json\"\n"), both);
    assert_eq!(problems("format = \"headers\"\n"), both);
    assert_eq!(problems("format = \"cloud_api\"\n"), both[..1]);
    let hint = &refused(&messages("format = \"cloud_api\"\n"))[0].hint;
    assert_eq!(hint, "with format = \"cloud_api\" write business = \"header:business\"");
}

#[test]
fn what_a_format_has_no_use_for_is_refused() {
    let fixed = "has a fixed place in protobuf, leave it out";
    assert_eq!(problems("scope = \"header:scope\"\n"), [problem("scope", fixed)]);
    let text = "format = \"headers\"\nframing = \"confluent\"\nbusiness = \"header:b\"\nrecipient = \"/to\"\n";
    let expected = [
        problem("recipient", "must be a header, for with this format the value is not read"),
        problem("framing", "has no meaning where the value is not read"),
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn a_place_that_is_none_is_refused() {
    let text = "format = \"json\"\nbusiness = \"$.tenant\"\nrecipient = [\"/to\", \"\"]\n";
    let expected = [
        problem(
            "business",
            "\"$.tenant\" is no place, write a JSON pointer such as /to, or header:NAME",
        ),
        problem("recipient", "\"\" names the whole value, name a place in it"),
    ];
    assert_eq!(problems(text), expected);
    let text = "format = \"json\"\nbusiness = \"/a\"\nrecipient = [\"/a\", \"/b\", \"/c\", \"/d\", \"/e\"]\n";
    assert_eq!(problems(text), [problem("recipient", "has too many places")]);
    assert_eq!(
        problem_of("[messages]\nbusines = \"/a\"\n").hint,
        "did you mean messages.business?"
    );
}
