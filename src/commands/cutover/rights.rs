//! Who can go round the gate: what Kafka's access rules let a principal do with a topic.
//!
//! In doubt a way is open: where no rule names a topic a cluster may let everybody in
//! (`allow.everyone.if.no.acl.found`), a rule that lets from one host lets, and a rule that forbids from
//! one host only forbids nothing. Super users pass every rule; brokers do not tell who they are.

use crate::kafka::{AccessRule, Operation, PatternKind, Permission, TopicRules};

/// What a principal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access<'r> {
    /// Nothing: rules exist, and none lets, or one forbids.
    Closed,
    /// These rules let it.
    Open(Vec<&'r AccessRule>),
    /// No rule names the topic at all.
    NoRule,
    /// There is nobody who would look at rules.
    NoAuthorizer,
    /// The rules may not be asked for.
    NotTold,
}

/// What a principal may do with a topic.
pub(super) fn access<'r>(rules: &'r TopicRules, principal: &str, wanted: Operation) -> Access<'r> {
    let rules = match rules {
        TopicRules::Told(rules) => rules,
        TopicRules::NoAuthorizer => return Access::NoAuthorizer,
        TopicRules::NotTold => return Access::NotTold,
    };
    if rules.is_empty() {
        return Access::NoRule;
    }
    let about = rules.iter().filter(|rule| {
        (rule.principal == principal || rule.principal == EVERYBODY)
            && (rule.operation == wanted || rule.operation == Operation::All)
    });
    let (forbids, lets): (Vec<_>, Vec<_>) =
        about.partition(|rule| rule.permission == Permission::Deny);
    match lets.is_empty() || forbids.iter().any(|rule| rule.host == "*") {
        true => Access::Closed,
        false => Access::Open(lets),
    }
}

const EVERYBODY: &str = "User:*";

/// Everybody whom some rule lets do this, in order.
pub(super) fn let_in(rules: &TopicRules, wanted: Operation) -> Vec<&str> {
    let TopicRules::Told(all) = rules else {
        return Vec::new();
    };
    let mut names: Vec<&str> = all.iter().map(|rule| rule.principal.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| matches!(access(rules, name, wanted), Access::Open(_)));
    names
}

/// The command that takes a rule away.
pub(super) fn removal(bootstrap: &str, rule: &AccessRule) -> String {
    let AccessRule { principal, host, operation, pattern, .. } = rule;
    let kind = match pattern.kind {
        PatternKind::Literal => "literal",
        PatternKind::Prefixed => "prefixed",
    };
    let from = match host.as_str() {
        "*" => String::new(),
        host => format!(" --allow-host {}", quoted(host)),
    };
    format!(
        "kafka-acls.sh --bootstrap-server {bootstrap} --remove --force --allow-principal {}{from} \
         --operation {} --topic {} --resource-pattern-type {kind}",
        quoted(principal),
        word(*operation),
        quoted(&pattern.name),
    )
}

/// The command that lets a principal do something with a topic.
pub(super) fn grant(bootstrap: &str, principal: &str, wanted: Operation, topic: &str) -> String {
    format!(
        "kafka-acls.sh --bootstrap-server {bootstrap} --add --allow-principal {} --operation {} --topic {}",
        quoted(principal),
        word(wanted),
        quoted(topic)
    )
}

/// Within single quotes a shell takes everything as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

pub(super) fn word(operation: Operation) -> &'static str {
    match operation {
        Operation::All => "All",
        Operation::Read => "Read",
        Operation::Write => "Write",
        Operation::Other => "Describe",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Pattern;

    fn rule(
        principal: &str,
        operation: Operation,
        permission: Permission,
        host: &str,
    ) -> AccessRule {
        let pattern = Pattern { name: "out".into(), kind: PatternKind::Literal };
        let (principal, host) = (principal.into(), host.into());
        AccessRule { principal, host, operation, permission, pattern }
    }

    fn reads(rules: Vec<AccessRule>) -> bool {
        matches!(access(&TopicRules::Told(rules), "User:sender", Operation::Read), Access::Open(_))
    }

    #[test]
    fn a_rule_for_the_principal_for_everybody_or_for_everything_opens() {
        use {
            Operation::{All, Read, Write},
            Permission::Allow,
        };
        assert!(reads(vec![rule("User:sender", Read, Allow, "*")]));
        assert!(reads(vec![rule("User:sender", All, Allow, "*")]));
        assert!(reads(vec![rule("User:*", Read, Allow, "*")]));
        assert!(reads(vec![rule("User:sender", Read, Allow, "10.0.0.1")]));
        assert!(!reads(vec![rule("User:sender", Write, Allow, "*")]));
        assert!(!reads(vec![rule("User:gate", Read, Allow, "*")]));
    }

    #[test]
    fn a_rule_that_forbids_everywhere_closes_and_one_for_a_single_host_does_not() {
        use {
            Operation::{All, Read},
            Permission::{Allow, Deny},
        };
        let lets = || rule("User:sender", Read, Allow, "*");
        assert!(!reads(vec![lets(), rule("User:sender", Read, Deny, "*")]));
        assert!(!reads(vec![lets(), rule("User:*", All, Deny, "*")]));
        assert!(reads(vec![lets(), rule("User:sender", Read, Deny, "10.0.0.1")]));
        assert!(reads(vec![lets(), rule("User:gate", Read, Deny, "*")]));
    }

    #[test]
    fn without_any_rule_nothing_is_proven() {
        let asked = |rules: &TopicRules| access(rules, "User:sender", Operation::Read).kind();
        assert_eq!(asked(&TopicRules::Told(Vec::new())), "no rule");
        assert_eq!(asked(&TopicRules::NoAuthorizer), "no authorizer");
        assert_eq!(asked(&TopicRules::NotTold), "not told");
    }

    impl Access<'_> {
        fn kind(&self) -> &'static str {
            match self {
                Self::Closed => "closed",
                Self::Open(_) => "open",
                Self::NoRule => "no rule",
                Self::NoAuthorizer => "no authorizer",
                Self::NotTold => "not told",
            }
        }
    }

    #[test]
    fn whoever_is_let_in_is_listed_once() {
        use {
            Operation::{All, Write},
            Permission::{Allow, Deny},
        };
        let rules = TopicRules::Told(vec![
            rule("User:gate", Write, Allow, "*"),
            rule("User:gate", All, Allow, "*"),
            rule("User:engine", Write, Allow, "*"),
            rule("User:engine", Write, Deny, "*"),
        ]);
        assert_eq!(let_in(&rules, Write), ["User:gate"]);
    }

    #[test]
    fn a_rule_is_taken_away_as_it_was_given() {
        let mut given = rule("User:o'neill", Operation::All, Permission::Allow, "10.0.0.1");
        given.pattern.kind = PatternKind::Prefixed;
        assert_eq!(
            removal("kafka:9092", &given),
            "kafka-acls.sh --bootstrap-server kafka:9092 --remove --force --allow-principal \
             'User:o'\\''neill' --allow-host '10.0.0.1' --operation All --topic 'out' \
             --resource-pattern-type prefixed"
        );
    }
}
