//! Defaults, host, file, environment, flags: the later wins.

use super::*;

#[test]
fn the_later_layer_wins_and_is_named_as_origin() {
    let mut sources = from_file("[gate]\nlanes = 3\ncommit_messages = 7000\nbatch_messages = 70\n");
    sources.environment = vec![
        ("CONSENTGATE__GATE__LANES".to_owned(), "4".to_owned()),
        ("CONSENTGATE__GATE__BATCH_MESSAGES".to_owned(), "80".to_owned()),
    ];
    sources.flags = vec![flag("gate.lanes", "5")];
    let loaded = loaded(&sources);
    let gate = &loaded.config.gate;
    assert_eq!((gate.lanes, gate.batch_messages, gate.commit_messages), (5, 80, 7000));
    assert_eq!(loaded.origins.of("gate.lanes").to_string(), "--set");
    assert_eq!(loaded.origins.of("gate.commit_messages").to_string(), "gate.toml:3");
    let variable = "CONSENTGATE__GATE__BATCH_MESSAGES";
    assert_eq!(loaded.origins.of("gate.batch_messages").to_string(), variable);
    assert_eq!(loaded.origins.of("gate.fence"), Origin::Default);
}

#[test]
fn the_host_supplies_instance_and_lanes() {
    let loaded = loaded(&Sources::default());
    assert_eq!(loaded.config.gate.instance, "gate-7");
    assert_eq!(loaded.config.gate.lanes, 2);
    assert_eq!(loaded.config.gate.transactional_id(1), "consentgate.gate-7.1");
}

#[test]
fn a_host_without_a_name_needs_an_instance() {
    let nameless = Host { name: None, ..host() };
    let problems = load(&Sources::default(), &nameless).expect_err("refused").0;
    assert_eq!(problems[0].key, "gate.instance");
}

#[test]
fn text_that_looks_like_a_number_stays_text_where_text_is_wanted() {
    let loaded = loaded(&environment("CONSENTGATE__GATE__INSTANCE", "12"));
    assert_eq!(loaded.config.gate.instance, "12");
}

#[test]
fn a_list_is_read_from_the_environment() {
    let loaded = loaded(&environment("CONSENTGATE__POLICY__RETIRED", "[\"old\"]"));
    assert!(loaded.config.policy.has_known("old"));
}
