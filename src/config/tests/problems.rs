//! Everything that is wrong is said at once, with its place and a hint.

use super::*;

#[test]
fn all_problems_are_reported_at_once_with_their_lines() {
    let text = "[gate]\nlanse = 3\nfence = \"leeder\"\ncommit_interval = 100\n\n[kafke]\nx = 1\n[topics]\nallowed = \"message-audit\"\n";
    let mut sources = from_file(text);
    sources.environment = vec![("CONSENTGATE__LOG__LEVEL".to_owned(), "loud".to_owned())];
    sources.flags = vec![flag("gate.batch_messages", "0")];
    let problems = Problems(refused(&sources)).to_string();
    for expected in [
        "gate.toml:2: gate.lanse: unknown key\n    hint: did you mean gate.lanes?",
        "gate.toml:3: gate.fence: \"leeder\" is not one of the names allowed\n    allowed: \"leader\", \"quorum\", \"beat\"\n    hint: did you mean \"leader\"?",
        "gate.toml:4: gate.commit_interval: 100 cannot be read",
        "gate.toml:6: kafke: unknown section\n    hint: did you mean [kafka]?",
        "topics.audit: \"message-audit\" is also topics.allowed",
        "CONSENTGATE__LOG__LEVEL: log.level: \"loud\" is not one of the names allowed",
        "--set: gate.batch_messages: 0 is out of range\n    allowed: 1 to 10000",
    ] {
        assert!(problems.contains(expected), "missing {expected}\nin\n{problems}");
    }
}

#[test]
fn a_syntax_error_names_its_line() {
    let problem = problem_of("[gate]\nlanes = = 3\n");
    assert_eq!(problem.origin.to_string(), "gate.toml:2");
}

#[test]
fn a_number_without_its_unit_is_refused() {
    assert!(problem_of("[gate]\nfence_limit = 2\n").allowed.contains("\"500ms\""));
    assert!(problem_of("[gate]\nfence_limit = \"2\"\n").what.contains("cannot be read"));
    assert!(problem_of("[kafka]\nfetch_buffer = \"64\"\n").what.contains("unit is missing"));
}

#[test]
fn a_section_is_no_value_and_a_value_no_section() {
    assert_eq!(problem_of("gate = 3\n").what, "is a section, not a value");
    assert_eq!(problem_of("[gate.lanes]\nx = 1\n").key, "gate.lanes");
    let table = problem_of("[kafka]\nlibrdkafka = 3\n");
    assert_eq!(table.hint, "write [kafka.librdkafka] and its keys below it");
}

#[test]
fn an_unknown_environment_variable_of_ours_is_refused() {
    let problems = refused(&environment("CONSENTGATE__GATE__LANSE", "3"));
    assert_eq!(problems[0].hint, "did you mean gate.lanes?");
    loaded(&environment("CONSENTGATE_RECIPIENT", "not a setting"));
}
