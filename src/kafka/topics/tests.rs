//! Each condition, once kept and once broken.

use super::*;
use super::{conditions as check, plan as plan_topics};

fn role_of(name: &str) -> Role {
    Role::ALL.into_iter().find(|role| role.name() == name).unwrap()
}

/// Topics as `plan` would make them, with the broker's defaults where the plan is silent.
fn good(replicas: i32) -> Roles {
    let names = |role: Role| (role, (role.name().to_string(), None));
    let missing: Roles = Role::ALL.into_iter().map(names).collect();
    plan_topics(&missing, 4, replicas)
        .into_iter()
        .map(|planned| {
            let mut settings: BTreeMap<_, _> = [
                ("retention.ms", "604800000"),
                ("retention.bytes", "-1"),
                ("max.message.bytes", "1048588"),
                ("message.timestamp.type", "CreateTime"),
            ]
            .map(|(setting, value)| (setting.to_string(), value.to_string()))
            .into();
            let own = planned.settings.into_iter();
            settings.extend(own.map(|(setting, value)| (setting.to_string(), value)));
            let (partitions, replicas) = (planned.partitions, replicas as usize);
            (planned.role, (planned.name, Some(TopicFacts { partitions, replicas, settings })))
        })
        .collect()
}

#[test]
fn what_the_plan_makes_keeps_every_condition() {
    assert_eq!(check(&good(1)), []);
    assert_eq!(check(&good(3)), []);
}

#[test]
fn every_broken_setting_is_found() {
    for (role, setting, value) in [
        ("consent_events", "cleanup.policy", "compact"),
        ("consent_events", "cleanup.policy", "compact,delete"),
        ("consent_events", "message.timestamp.type", "CreateTime"),
        ("consent_events", "retention.ms", "604800000"),
        ("consent_events", "retention.bytes", "1000"),
        ("consent_events", "unclean.leader.election.enable", "true"),
        ("consent_events", "min.insync.replicas", "1"),
        ("consent_activity", "retention.ms", "604800000"),
        ("consent_activity", "message.timestamp.type", "CreateTime"),
        ("template_states", "retention.ms", "604800000"),
        ("template_states", "cleanup.policy", "compact"),
        ("allowed", "message.timestamp.type", "LogAppendTime"),
        ("allowed", "message.timestamp.before.max.ms", "3600000"),
        ("allowed", "max.message.bytes", "1000"),
        ("allowed", "compression.type", "zstd"),
        ("receipts", "retention.ms", "1000"),
        ("receipts", "cleanup.policy", "compact"),
        ("consent_state", "cleanup.policy", "delete"),
        ("consent_state", "cleanup.policy", "compact,delete"),
        ("consent_state", "min.insync.replicas", "1"),
    ] {
        let mut roles = good(3);
        let changed = roles.get_mut(&role_of(role)).unwrap().1.as_mut().unwrap();
        changed.settings.insert(setting.to_string(), value.to_string());
        let found = check(&roles);
        assert_eq!(found.len(), 1, "{role} {setting}={value}: {found:?}");
        assert!(found[0].what.contains(setting), "{found:?}");
    }
}

#[test]
fn a_setting_that_cannot_be_read_counts_as_broken() {
    let mut roles = good(3);
    let changed = roles.get_mut(&Role::ConsentEvents).unwrap().1.as_mut().unwrap();
    changed.settings.clear();
    assert_eq!(check(&roles).len(), 6);
}

#[test]
fn an_output_needs_the_inputs_partitions() {
    let mut roles = good(1);
    let changed = roles.get_mut(&Role::Audit).unwrap().1.as_mut().unwrap();
    changed.partitions = 3;
    assert_eq!(check(&roles).len(), 1);
}

#[test]
fn a_platform_without_templates_needs_no_topic_of_them() {
    let mut roles = good(1);
    roles.get_mut(&Role::TemplateStates).unwrap().1 = None;
    assert_eq!(check(&roles).len(), 1);
    assert_eq!(plan_topics(&roles, 9, 1).len(), 1);
    roles.remove(&Role::TemplateStates);
    assert_eq!(check(&roles), []);
    assert_eq!(plan_topics(&roles, 9, 1), []);
}

#[test]
fn a_missing_topic_is_found_and_planned() {
    let mut roles = good(1);
    roles.get_mut(&Role::Allowed).unwrap().1 = None;
    assert_eq!(check(&roles).len(), 1);
    let planned = plan_topics(&roles, 9, 1);
    assert_eq!(planned.len(), 1);
    assert_eq!((planned[0].role, planned[0].partitions), (Role::Allowed, 4));
}
