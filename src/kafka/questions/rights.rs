//! What Kafka's access rules say about a topic.
//!
//! Rules by the topic's own name, by a prefix of it and for all topics. Super users pass every rule, and
//! brokers tell nobody who they are.

use std::io;
use std::time::Instant;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_acls_response::{AclDescription, DescribeAclsResource};
use kafka_protocol::messages::{ApiKey, DescribeAclsRequest, DescribeAclsResponse};
use kafka_protocol::protocol::StrBytes;

use super::{Questions, answers};
use crate::kafka::line::Connection;
use crate::stream::Fault;

/// Kafka 2.0 and later: rules by prefix are told too.
const VERSION: i16 = 1;
/// Kafka's number for a topic among things that have rules.
const TOPIC: i8 = 2;
/// All rules that say something about a name, whatever their pattern.
const MATCH: i8 = 2;
const ANY: i8 = 1;

/// What the brokers say of a topic's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicRules {
    /// All of them.
    Told(Vec<AccessRule>),
    /// This cluster has no authorizer: everybody may do everything.
    NoAuthorizer,
    /// We may not ask.
    NotTold,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRule {
    /// Whom it is about, such as `User:sender`, or `User:*`.
    pub principal: String,
    /// From where; `*` from everywhere.
    pub host: String,
    /// What.
    pub operation: Operation,
    /// Whether it lets or forbids.
    pub permission: Permission,
    /// With which topics.
    pub pattern: Pattern,
}

/// What a rule is about, as far as it matters to messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Everything.
    All,
    /// Reading records.
    Read,
    /// Writing records.
    Write,
    /// Something else.
    Other,
}

/// Whether a rule lets or forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It lets.
    Allow,
    /// It forbids, whatever lets.
    Deny,
}

/// The topics of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// A name, a prefix, or `*`.
    pub name: String,
    /// Which of them.
    pub kind: PatternKind,
}

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternKind {
    /// The topic of this name; `*` is every topic.
    Literal,
    /// Every topic that begins so.
    Prefixed,
}

impl Questions {
    /// What the access rules say about a topic.
    ///
    /// # Errors
    /// No broker answers.
    pub fn rules(&self, topic: &str) -> Result<TopicRules, Fault> {
        let what = format!("asking for the access rules of topic {topic}");
        self.ask(&what, |line, deadline| ask(line, topic, deadline))
    }
}

fn ask(line: &mut Connection, topic: &str, deadline: Instant) -> io::Result<TopicRules> {
    // A broker that does not know the question would end the connection.
    if !answers(line, ApiKey::DescribeAcls, VERSION, deadline)? {
        return Ok(TopicRules::NotTold);
    }
    let request = DescribeAclsRequest::default()
        .with_resource_type_filter(TOPIC)
        .with_resource_name_filter(Some(StrBytes::from_string(topic.to_owned())))
        .with_pattern_type_filter(MATCH)
        // Whom and from where: everybody. An empty text would be somebody without a name.
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_operation(ANY)
        .with_permission_type(ANY);
    told(&line.call(&request, VERSION, deadline)?)
}

fn told(answer: &DescribeAclsResponse) -> io::Result<TopicRules> {
    match ResponseError::try_from_code(answer.error_code) {
        None => {
            let rules = answer
                .resources
                .iter()
                .flat_map(|resource| resource.acls.iter().map(|rule| rule_of(resource, rule)));
            Ok(TopicRules::Told(rules.collect::<io::Result<_>>()?))
        }
        Some(ResponseError::SecurityDisabled) => Ok(TopicRules::NoAuthorizer),
        Some(ResponseError::ClusterAuthorizationFailed) => Ok(TopicRules::NotTold),
        Some(error) => Err(io::Error::other(error.to_string())),
    }
}

fn rule_of(resource: &DescribeAclsResource, rule: &AclDescription) -> io::Result<AccessRule> {
    let odd = |what: &str, number: i8| {
        io::Error::other(format!("a rule with the {what} {number}, which is not known here"))
    };
    let operation = match rule.operation {
        2 => Operation::All,
        3 => Operation::Read,
        4 => Operation::Write,
        _ => Operation::Other,
    };
    let permission = match rule.permission_type {
        2 => Permission::Deny,
        3 => Permission::Allow,
        number => return Err(odd("permission", number)),
    };
    let kind = match resource.pattern_type {
        3 => PatternKind::Literal,
        4 => PatternKind::Prefixed,
        number => return Err(odd("pattern", number)),
    };
    Ok(AccessRule {
        principal: rule.principal.to_string(),
        host: rule.host.to_string(),
        operation,
        permission,
        pattern: Pattern { name: resource.resource_name.to_string(), kind },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(operation: i8, permission: i8, pattern: i8) -> DescribeAclsResponse {
        let text = |value: &str| StrBytes::from_string(value.to_owned());
        let rule = AclDescription::default()
            .with_principal(text("User:sender"))
            .with_host(text("*"))
            .with_operation(operation)
            .with_permission_type(permission);
        let resource = DescribeAclsResource::default()
            .with_resource_name(text("out"))
            .with_pattern_type(pattern)
            .with_acls(vec![rule]);
        DescribeAclsResponse::default().with_resources(vec![resource])
    }

    #[test]
    fn a_rule_is_read_as_kafka_numbers_it() {
        let Ok(TopicRules::Told(rules)) = told(&answer(3, 2, 4)) else {
            panic!("rules");
        };
        let pattern = Pattern { name: "out".into(), kind: PatternKind::Prefixed };
        let (operation, permission) = (Operation::Read, Permission::Deny);
        let (principal, host) = ("User:sender".into(), "*".into());
        assert_eq!(rules, [AccessRule { principal, host, operation, permission, pattern }]);
    }

    #[test]
    fn a_rule_that_cannot_be_read_is_an_error_and_never_left_out() {
        assert!(told(&answer(3, 9, 3)).is_err());
        assert!(told(&answer(3, 3, 9)).is_err());
    }

    #[test]
    fn no_authorizer_and_no_right_to_ask_are_told_apart_from_no_rules() {
        let with = |code| told(&DescribeAclsResponse::default().with_error_code(code)).ok();
        assert_eq!(with(0), Some(TopicRules::Told(Vec::new())));
        assert_eq!(with(54), Some(TopicRules::NoAuthorizer));
        assert_eq!(with(31), Some(TopicRules::NotTold));
        assert_eq!(with(14), None);
    }
}
