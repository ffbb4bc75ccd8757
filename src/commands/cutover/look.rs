//! What is looked at beside the offsets: who is in the groups, what the configuration says, and who can go
//! round the gate.

use super::Principals;
use super::facts::{Facts, Mark};
use super::plan::{Finding, Row};
use super::rights::{Access, access, grant, let_in, removal, word};
use super::steps::Names;
use crate::config::StartFrom;
use crate::kafka::{GroupMember, Operation, TopicRules};

/// Whether anybody still moves the groups.
pub(super) fn members(facts: &Facts, names: &Names) -> Vec<Finding> {
    let groups = [(&names.sender, &facts.senders, ""), (&names.gate, &facts.gates, STOPPED)];
    let found = groups.map(|(group, members, hint)| match members.is_empty() {
        true => Finding::ok(format!("nobody is in group {group}")),
        false => Finding::wait(format!("somebody is in group {group}: {}{hint}", list(members))),
    });
    found.into()
}

const STOPPED: &str = " (a stopped gate stays a member for gate.session_timeout)";

fn list(members: &[GroupMember]) -> String {
    let names = members.iter().map(|one| format!("{} at {}", one.client, one.host));
    names.collect::<Vec<_>>().join(", ")
}

/// A start that is written down wins over offsets that were set.
pub(super) fn start(start_from: Option<StartFrom>) -> Option<Finding> {
    match start_from {
        None | Some(StartFrom::Committed) => None,
        Some(other) => Some(Finding::fail(format!(
            "gate.start_from is \"{other}\", and wins over the offsets of this plan: take it away"
        ))),
    }
}

/// Whether the sender can read past the gate, and the engine write past it; and the commands that end it.
pub(super) fn ways_round(
    facts: &Facts,
    names: &Names,
    who: &Principals,
    open: fn(String) -> Finding,
) -> (Vec<Finding>, Vec<String>) {
    let (mut findings, mut commands) = (Vec::new(), Vec::new());
    let sides = [
        (
            &who.senders,
            "--sender-principal",
            &facts.outbound_rules,
            Operation::Read,
            &names.outbound,
        ),
        (
            &who.engines,
            "--engine-principal",
            &facts.allowed_rules,
            Operation::Write,
            &names.allowed,
        ),
    ];
    for (principals, flag, rules, operation, topic) in sides {
        if principals.is_empty() {
            findings.push(unnamed(rules, operation, topic, flag));
        }
        for principal in principals {
            let (finding, ends) = judged(rules, principal, operation, topic, open);
            findings.push(finding);
            commands.extend(ends.iter().map(|rule| removal(&names.bootstrap, rule)));
        }
    }
    for principal in &who.senders {
        commands.extend(missing(&facts.allowed_rules, principal, Operation::Read, names));
    }
    commands.dedup();
    (findings, commands)
}

/// What a principal must be let do again for a way back.
pub(super) fn way_back(facts: &Facts, names: &Names, who: &Principals) -> Vec<String> {
    let is_closed = |principal: &&String| {
        let access = access(&facts.outbound_rules, principal, Operation::Read);
        matches!(access, Access::Closed | Access::NoRule)
    };
    let grants = who.senders.iter().filter(is_closed);
    grants
        .map(|principal| grant(&names.bootstrap, principal, Operation::Read, &names.outbound))
        .collect()
}

fn missing(
    rules: &TopicRules,
    principal: &str,
    operation: Operation,
    names: &Names,
) -> Option<String> {
    let is_missing = matches!(access(rules, principal, operation), Access::Closed);
    is_missing.then(|| grant(&names.bootstrap, principal, operation, &names.allowed))
}

fn judged<'r>(
    rules: &'r TopicRules,
    principal: &str,
    operation: Operation,
    topic: &str,
    open: fn(String) -> Finding,
) -> (Finding, Vec<&'r crate::kafka::AccessRule>) {
    let verb = word(operation).to_lowercase();
    match access(rules, principal, operation) {
        Access::Closed => (Finding::ok(format!("{principal} may not {verb} {topic}")), Vec::new()),
        Access::Open(rules) => {
            let by = rules.iter().map(|rule| {
                format!("{} {} on {}", rule.principal, word(rule.operation), rule.pattern.name)
            });
            let by = by.collect::<Vec<_>>().join(", ");
            (open(format!("{principal} may {verb} {topic}, by the rule {by}")), rules)
        }
        Access::NoRule => {
            let what = format!(
                "no rule names {topic}: whether {principal} may {verb} it hangs on the brokers' \
                 allow.everyone.if.no.acl.found"
            );
            (open(what), Vec::new())
        }
        Access::NoAuthorizer => (Finding::warn(no_authorizer(&verb, topic)), Vec::new()),
        Access::NotTold => (Finding::warn(not_told(topic)), Vec::new()),
    }
}

/// Nobody was named: at least say who may.
fn unnamed(rules: &TopicRules, operation: Operation, topic: &str, flag: &str) -> Finding {
    let verb = word(operation).to_lowercase();
    Finding::warn(match rules {
        TopicRules::NoAuthorizer => no_authorizer(&verb, topic),
        TopicRules::NotTold => not_told(topic),
        TopicRules::Told(_) => {
            let names = match let_in(rules, operation) {
                names if names.is_empty() => "nobody by any rule".to_owned(),
                names => names.join(", "),
            };
            format!("who may {verb} {topic}: {names}; name yours with {flag}")
        }
    })
}

fn no_authorizer(verb: &str, topic: &str) -> String {
    format!(
        "this cluster has no authorizer: everybody may {verb} {topic}, and so go round the gate"
    )
}

fn not_told(topic: &str) -> String {
    format!(
        "the access rules of {topic} are not told here (it takes the right to describe the cluster): look \
         with kafka-acls.sh --list"
    )
}

/// How everything stands behind a gate that runs.
pub(super) fn standing(facts: &Facts, names: &Names) -> (Vec<Row>, Vec<Finding>) {
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    for (partition, standing) in &facts.partitions {
        let mut row = super::cut::row_of(*partition, standing);
        row.waiting = standing
            .gate
            .map_or(standing.outbound.next.0 - standing.outbound.first.0, |(next, _)| {
                standing.outbound.next.0 - next.0
            });
        let kept = standing.allowed;
        match standing.sender_allowed {
            Some(next) => {
                row.unread = u64::try_from(kept.next.0 - next.max(kept.first).0).ok();
            }
            None if kept.first == kept.next => row.unread = Some(0),
            None => findings.push(Finding::fail(format!(
                "partition {partition}: group {} has no place in {}, so where it begins is left to \
                 auto.offset.reset",
                names.sender, names.allowed
            ))),
        }
        if let Some((next, Mark::Others)) = standing.gate
            && next < standing.outbound.next
        {
            findings.push(Finding::warn(format!(
                "partition {partition}: the gate's offset {next} was set by another hand, and no gate has \
                 gone on from there yet; start it with --start-from committed"
            )));
        }
        rows.push(row);
    }
    for (group, members) in [(&names.gate, &facts.gates), (&names.sender, &facts.senders)] {
        findings.push(match members.is_empty() {
            true => Finding::warn(format!("nobody is in group {group}")),
            false => Finding::ok(format!("in group {group}: {}", list(members))),
        });
    }
    let behind: u64 = rows.iter().filter_map(|row| row.unread).sum();
    let waiting: i64 = rows.iter().map(|row| row.waiting).sum();
    findings.push(Finding::ok(format!(
        "the gate has {waiting} offsets before it, the sender {behind} (the ends of transactions count too)"
    )));
    (rows, findings)
}
