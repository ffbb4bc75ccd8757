//! A sender is moved behind the gate and back on a real Kafka; and Kafka's own access rules are told.

use libtest_mimic::Trial;

use crate::support::cutover::{Office, to_and_fro};
use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::raw::{Named, Right, allow, forget_rules};
use crate::trial::{on_own, on_shared};

/// Whoever comes in without a name may do everything; all others need a rule.
const GUARDED: ClusterSpec<'static> = ClusterSpec {
    extra: &[
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("super.users", "User:ANONYMOUS"),
    ],
    ..ClusterSpec::PLAIN
};

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("cutover_to_and_fro_loses_and_doubles_nothing", to_and_fro),
        on_own("cutover_tells_who_can_go_round_the_gate", GUARDED, ways_round_are_told),
    ]
}

fn ways_round_are_told(cluster: &Cluster) {
    let office = Office::new(&cluster.bootstrap(), "guarded");
    let topics = &office.stage.topics;
    let who = ["--sender-principal", "User:sender", "--engine-principal", "User:engine"];
    let ask = |what: &str| office.cutover(&[&[what], &who[..]].concat());

    let said = ask("check");
    assert_eq!(said.code, 78, "no rule proves nothing: {said:?}");
    assert_eq!(said.out.matches("allow.everyone.if.no.acl.found").count(), 2, "{said:?}");

    // As it is before a cut: the sender reads what the engine writes, by its name and by a prefix.
    let node = cluster.node(1).address();
    allow(&node, "User:sender", Named::Topic(&topics.outbound), Right::Read);
    allow(&node, "User:engine", Named::Prefix("allowed-"), Right::Write);
    let said = ask("check");
    assert_eq!(said.code, 78, "{said:?}");
    let outbound = &topics.outbound;
    assert!(said.out.contains(&format!("FAIL  User:sender may read {outbound}")), "{said:?}");
    let remove = format!(
        "--remove --force --allow-principal 'User:sender' --operation Read --topic '{outbound}'"
    );
    assert!(said.out.contains(&remove), "{said:?}");
    let remove = "--operation Write --topic 'allowed-' --resource-pattern-type prefixed";
    assert!(said.out.contains(remove), "{said:?}");
    // Before the cut that is no obstacle, but a step.
    let said = ask("plan");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains(&format!("warn  User:sender may read {outbound}")), "{said:?}");
    assert!(said.out.contains("close the ways round the gate"), "{said:?}");

    // After it: the gate alone writes, and the sender has what it needs.
    forget_rules(&node);
    allow(&node, "User:gate", Named::Topic(&topics.outbound), Right::Read);
    allow(&node, "User:gate", Named::Topic(&topics.allowed), Right::Write);
    allow(&node, "User:sender", Named::Topic(&topics.allowed), Right::Read);
    let said = ask("check");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains(&format!("ok    User:sender may not read {outbound}")), "{said:?}");
    let said = office.cutover(&["check"]);
    let told = format!("who may write {}: User:gate", topics.allowed);
    assert!(said.out.contains(&told), "{said:?}");
}
