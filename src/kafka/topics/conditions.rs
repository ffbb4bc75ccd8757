//! What each topic must be, and why.
//!
//! Pure: facts in, findings out. Sources: DESIGN of the flow; the reasons stand in the findings.

use std::collections::BTreeMap;

use super::{Role, TopicFacts};

/// What is wrong with a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which topic, by role.
    pub role: Role,
    /// The topic's name.
    pub topic: String,
    /// What is wrong, in lower case.
    pub what: String,
    /// What to do, and why it matters.
    pub advice: String,
}

/// Topic names and facts by role; `None` = there is no such topic. A role that nobody plays is not here.
pub type Roles = BTreeMap<Role, (String, Option<TopicFacts>)>;

/// A day in milliseconds.
pub(super) const DAY_MS: i64 = 86_400_000;
/// How long `consent-activity` is kept: the input's retention and a day more.
pub(super) const ACTIVITY_RETENTION_MS: i64 = 8 * DAY_MS;

/// Checks all topics.
pub fn conditions(roles: &Roles) -> Vec<Finding> {
    let mut check = Check { roles, findings: Vec::new() };
    for role in Role::ALL {
        let may_be_missing = matches!(role, Role::TemplateStates | Role::ConsentState);
        let is_played = roles.contains_key(&role) || !may_be_missing;
        if is_played && check.facts(role).is_none() {
            check.find(role, "does not exist", "create it, for example with `topics apply`");
        }
    }
    check.consent(Role::ConsentEvents);
    check.consent(Role::ConsentActivity);
    check.consent(Role::TemplateStates);
    for role in [Role::Allowed, Role::Audit, Role::Receipts] {
        check.output(role);
    }
    check.allowed_keeps_timestamps();
    check.allowed_keeps_bytes();
    check.receipts_outlive_input();
    check.state_is_compacted();
    check.findings
}

/// The same for a shadow, which writes no allowed topic: that one may be missing.
pub fn conditions_in_shadow(roles: &Roles) -> Vec<Finding> {
    let mut findings = conditions(roles);
    findings.retain(|finding| finding.role != Role::Allowed);
    findings
}

struct Check<'r> {
    roles: &'r Roles,
    findings: Vec<Finding>,
}

impl<'r> Check<'r> {
    fn facts(&self, role: Role) -> Option<&'r TopicFacts> {
        self.roles.get(&role)?.1.as_ref()
    }

    fn find(&mut self, role: Role, what: impl Into<String>, advice: impl Into<String>) {
        let topic = self.roles.get(&role).map_or(String::new(), |(name, _)| name.clone());
        self.findings.push(Finding { role, topic, what: what.into(), advice: advice.into() });
    }

    /// Demands one exact value of a setting.
    fn demand(&mut self, role: Role, setting: &str, wanted: &str, why: &str) {
        let Some(facts) = self.facts(role) else {
            return;
        };
        let found = facts.settings.get(setting).map_or("unreadable", String::as_str);
        if found != wanted {
            self.find(role, format!("{setting} is {found}"), format!("set it to {wanted}: {why}"));
        }
    }

    fn consent(&mut self, role: Role) {
        self.demand(role, "cleanup.policy", "delete", "compaction may erase a newer withdrawal");
        let why = "the broker's append time decides, not the writers' clocks";
        self.demand(role, "message.timestamp.type", "LogAppendTime", why);
        let why = "an unclean election loses acknowledged opt-outs";
        self.demand(role, "unclean.leader.election.enable", "false", why);
        if role != Role::ConsentActivity {
            self.demand(role, "retention.ms", "-1", "consent is proven from the whole log");
            self.demand(role, "retention.bytes", "-1", "consent is proven from the whole log");
        } else {
            self.activity_retention();
        }
        self.in_sync_minimum(role);
    }

    fn activity_retention(&mut self) {
        let role = Role::ConsentActivity;
        let Some(facts) = self.facts(role) else {
            return;
        };
        let input = self.facts(Role::Outbound).and_then(|facts| facts.number("retention.ms"));
        let wanted = match input {
            Some(-1) => None,
            Some(input_ms) => Some(input_ms.saturating_add(DAY_MS)),
            None => Some(ACTIVITY_RETENTION_MS),
        };
        let found = facts.number("retention.ms");
        let enough = match (found, wanted) {
            (Some(-1), _) => true,
            (Some(found), Some(wanted)) => found >= wanted,
            _ => false,
        };
        if !enough {
            let found = found.map_or("unreadable".to_string(), |ms| ms.to_string());
            let wanted = wanted.unwrap_or(-1);
            let why = "else decisions cannot be checked for as long as the input is kept";
            self.find(
                role,
                format!("retention.ms is {found}"),
                format!("set it to {wanted}: {why}"),
            );
        }
    }

    /// Where there are replicas, an acknowledgement must mean more than one.
    fn in_sync_minimum(&mut self, role: Role) {
        let Some(facts) = self.facts(role) else {
            return;
        };
        let minimum = facts.number("min.insync.replicas");
        if facts.replicas > 1 && minimum.is_none_or(|minimum| minimum < 2) {
            let found = minimum.map_or("unreadable".to_string(), |minimum| minimum.to_string());
            let advice = "set it to 2: else one broker's loss can take acknowledged opt-outs along";
            self.find(role, format!("min.insync.replicas is {found}"), advice);
        }
    }

    fn output(&mut self, role: Role) {
        let (Some(facts), Some(input)) = (self.facts(role), self.facts(Role::Outbound)) else {
            return;
        };
        if facts.partitions < input.partitions {
            let what = format!("it has {} partitions", facts.partitions);
            let advice =
                format!("give it the input's {}: records keep their number", input.partitions);
            self.find(role, what, advice);
        }
        if role == Role::Allowed {
            let (out, input) =
                (facts.number("max.message.bytes"), input.number("max.message.bytes"));
            if out.is_none() || out < input {
                let advice = "set it to the input's: larger messages would be suppressed";
                self.find(role, "max.message.bytes is below the input's or unreadable", advice);
            }
        }
        let why = "compaction would erase what must be proven";
        self.demand(role, "cleanup.policy", "delete", why);
    }

    fn allowed_keeps_timestamps(&mut self) {
        let role = Role::Allowed;
        let why = "a message keeps its timestamp";
        self.demand(role, "message.timestamp.type", "CreateTime", why);
        for setting in ["message.timestamp.before.max.ms", "message.timestamp.after.max.ms"] {
            let Some(facts) = self.facts(role) else {
                return;
            };
            // Brokers before 3.6 do not have these limits at all.
            if facts.settings.contains_key(setting) {
                self.demand(role, setting, &i64::MAX.to_string(), "an old message must pass too");
            }
        }
    }

    /// A broker that compresses anew takes records apart, and puts other header names where they
    /// were no text (Kafka 4.1).
    fn allowed_keeps_bytes(&mut self) {
        let why = "a broker that compresses anew may change headers";
        self.demand(Role::Allowed, "compression.type", "producer", why);
    }

    fn state_is_compacted(&mut self) {
        let why = "it is a table of people: the newest record of each counts, and lasts";
        self.demand(Role::ConsentState, "cleanup.policy", "compact", why);
        self.in_sync_minimum(Role::ConsentState);
    }

    fn receipts_outlive_input(&mut self) {
        let (Some(receipts), Some(input)) =
            (self.facts(Role::Receipts), self.facts(Role::Outbound))
        else {
            return;
        };
        let (kept, needed) = (receipts.number("retention.ms"), input.number("retention.ms"));
        let enough = match (kept, needed) {
            (Some(-1), _) => true,
            (Some(kept), Some(needed)) => needed >= 0 && kept >= needed,
            _ => false,
        };
        if !enough {
            let advice = "keep receipts at least as long as the input, else nothing is proven";
            self.find(Role::Receipts, "retention.ms is below the input's or unreadable", advice);
        }
    }
}
