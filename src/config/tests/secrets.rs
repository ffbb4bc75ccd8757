//! Secrets are neither printed nor taken from where others can read them.

use super::*;

#[test]
fn a_password_that_would_not_be_used_is_refused() {
    let problem = problem_of("[kafka]\nsasl_password = \"hush\"\n");
    assert_eq!(problem.key, "kafka.sasl_password");
    assert!(!problem.to_string().contains("hush"));
}

#[test]
fn a_secret_on_the_command_line_is_refused_unprinted() {
    let flags = vec![flag("kafka.sasl_password", "hush"), flag("keys.signing_key", "beef")];
    let sources = Sources { flags, ..Sources::default() };
    let problems = Problems(refused(&sources)).to_string();
    assert!(problems.contains("set CONSENTGATE__KAFKA__SASL_PASSWORD"), "{problems}");
    assert!(!problems.contains("hush") && !problems.contains("beef"), "{problems}");
}

#[test]
fn a_key_in_the_file_is_refused_unprinted() {
    let problem = problem_of("[keys]\nsigning_key = \"00ff\"\n");
    assert!(problem.hint.contains("CONSENTGATE__KEYS__SIGNING_KEY"), "{problem}");
    assert!(!problem.to_string().contains("00ff"));
}

#[test]
fn a_key_from_two_places_is_refused() {
    let mut sources = from_file("[keys]\nsigning_key_file = \"/x\"\n");
    sources.environment = vec![("CONSENTGATE__KEYS__SIGNING_KEY".to_owned(), "ab".repeat(32))];
    assert_eq!(refused(&sources)[0].hint, "keep one of the two");
}

#[test]
fn what_is_shown_has_origins_and_no_secret_and_reads_back() {
    let mut sources = from_file(
        "[kafka]\nsecurity_protocol = \"sasl_ssl\"\nsasl_mechanism = \"plain\"\nsasl_username = \"gate\"\n\
         [kafka.librdkafka]\nssl.key.pem = \"hush-pem\"\n[gate]\nfence = \"leader\"\n",
    );
    sources.environment = vec![
        ("CONSENTGATE__KAFKA__SASL_PASSWORD".to_owned(), "hush".to_owned()),
        ("CONSENTGATE__KEYS__SIGNING_KEY".to_owned(), "ab".repeat(32)),
    ];
    let loaded = load(&sources, &with_tls()).expect("sound");
    let shown = show(&loaded);
    assert!(!shown.contains("hush") && !shown.contains("abab"), "{shown}");
    assert!(shown.contains("sasl_username = \"gate\""), "{shown}");
    assert!(shown.contains("# gate.toml:4"), "{shown}");
    assert!(shown.contains("# CONSENTGATE__KAFKA__SASL_PASSWORD"), "{shown}");
    assert!(shown.contains("lanes = 2") && shown.contains("# processor cores"), "{shown}");
    assert!(shown.parse::<toml::Table>().is_ok(), "{shown}");
}
