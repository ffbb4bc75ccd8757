//! Templates in a running gate: told in a topic of their own, fenced like the others, verified; also what
//! was decided before there was such a topic.

use std::time::Duration;

use consentgate::commands::verify::{Report, Unchecked, own_key, verify};
use consentgate::decision::Reason;
use consentgate::wire::audit::decode_entry;
use consentgate::wire::proto::consent::TemplateStatus;

use super::copies::{assert_differences, verify_topics};
use super::stage::Stage;
use super::world::WORLD;
use crate::support::gate::{await_ready, config, gate_toml, try_start};
use crate::support::reading::{Isolation, read_all};
use crate::support::world::{grant, now_ms, offer, template};

/// The configuration of a platform that has no registry of templates.
fn without_registry(stage: &Stage) -> String {
    let toml = gate_toml(&WORLD.broker.bootstrap(), &stage.topics, "");
    let lines = toml.lines().filter(|line| !line.starts_with("template_states"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn verified_without_registry(stage: &Stage) -> Report {
    let config = config(&without_registry(stage), "verifier");
    let keys = own_key(&config).expect("the test's key");
    verify(&config, keys, <_>::default()).expect("readable topics")
}

fn reasons(stage: &Stage) -> Vec<Reason> {
    let audit = read_all(&WORLD.broker.bootstrap(), &stage.topics.audit, Isolation::Committed);
    let entries = audit.iter().filter_map(|record| record.value.as_deref());
    entries.map(|entry| decode_entry(entry).expect("an entry").suppression.primary).collect()
}

#[test]
fn an_acknowledged_pause_of_a_template_counts_and_it_all_verifies_with_what_was_before() {
    let stage = Stage::new("templates");
    let message = |number| stage.message(1, &offer("cafe", 1, number));
    stage.consent(&grant("cafe", 1, &["offers"], now_ms() - 60_000));
    // There is no registry yet: what lies in its topic says nothing.
    stage.template(&template("cafe", TemplateStatus::Paused, now_ms()));
    let gate = try_start(&without_registry(&stage), "gate-0").expect("a gate");
    await_ready(&gate);
    message(1);
    assert_eq!(stage.fates(), (1, 0));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    assert_differences(&verified_without_registry(&stage), &[]);
    // With it everything counts that was ever told there, and then each word at once.
    let gate = stage.gate();
    await_ready(&gate);
    message(2);
    assert_eq!(stage.fates(), (1, 1));
    std::thread::sleep(Duration::from_millis(1_100));
    stage.template(&template("cafe", TemplateStatus::Approved, now_ms()));
    message(3);
    assert_eq!(stage.fates(), (2, 1));
    std::thread::sleep(Duration::from_millis(1_100));
    stage.template(&template("cafe", TemplateStatus::Disabled, now_ms()));
    message(4);
    assert_eq!(stage.fates(), (2, 2));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    assert_eq!(reasons(&stage), [Reason::TemplateUnusable; 2]);
    let report = verify_topics(&stage.topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 4);
    // Who does not know the registry cannot decide again what was decided with it.
    let report = verified_without_registry(&stage);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 1);
    assert_eq!(report.unchecked().get(&Unchecked::PartitionsChanged), Some(&3));
}
