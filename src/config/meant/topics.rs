//! The topics by role, as meant.
//!
//! Two roles never share a topic: an audit entry in the allowed topic would be sent.

use crate::consent::Topic;
use std::fmt;
use std::sync::Arc;

use super::check::Check;
use crate::config::settings::TopicsSettings;

/// What stands behind the names of a shadow's own topics and group.
pub(super) const SHADOW: &str = ".shadow";

/// A topic's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(Arc<str>);

impl TopicName {
    pub(super) fn check(key: &str, name: &str, check: &mut Check<'_>) -> Option<Self> {
        check.kafka_name(key, name, 249).map(|name| Self(name.into()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which topic plays which role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicNames {
    /// The log of record of consent.
    pub consent_events: TopicName,
    /// Inbound messages, requests, heartbeats.
    pub consent_activity: TopicName,
    /// What the platform says of templates, if anything is to be known of them.
    pub template_states: Option<TopicName>,
    /// Who may be reached, if engines are to be told. The gate does without it.
    pub consent_state: Option<TopicName>,
    /// The messages that want to leave.
    pub outbound: TopicName,
    /// The messages that may leave.
    pub allowed: TopicName,
    /// One entry for each suppressed message.
    pub audit: TopicName,
    /// One receipt for each transaction.
    pub receipts: TopicName,
}

impl TopicNames {
    /// A consent topic; `None` if this platform does without it.
    pub fn consent(&self, topic: Topic) -> Option<&TopicName> {
        match topic {
            Topic::ConsentEvents => Some(&self.consent_events),
            Topic::ConsentActivity => Some(&self.consent_activity),
            Topic::TemplateStates => self.template_states.as_ref(),
        }
    }

    /// The consent topics that there are.
    pub fn consent_topics(&self) -> impl Iterator<Item = (Topic, &TopicName)> {
        Topic::ALL.into_iter().filter_map(|topic| Some((topic, self.consent(topic)?)))
    }

    /// All roles that are played, with their topics.
    pub fn by_role(&self) -> Vec<(&'static str, &TopicName)> {
        let others = [
            ("outbound", &self.outbound),
            ("allowed", &self.allowed),
            ("audit", &self.audit),
            ("receipts", &self.receipts),
        ];
        let advice = self.consent_state.iter().map(|name| ("consent_state", name));
        let of_consent = self.consent_topics().map(|(topic, name)| (topic.name(), name));
        of_consent.chain(others).chain(advice).collect()
    }

    pub(super) fn check(settings: &TopicsSettings, check: &mut Check<'_>) -> Option<Self> {
        let mut topic =
            |role: &str, name: &str| TopicName::check(&format!("topics.{role}"), name, check);
        let consent_events = topic("consent_events", &settings.consent_events);
        let consent_activity = topic("consent_activity", &settings.consent_activity);
        let template_states = settings.template_states.as_deref();
        let template_states = template_states.map(|name| topic("template_states", name));
        let consent_state = settings.consent_state.as_deref();
        let consent_state = consent_state.map(|name| topic("consent_state", name));
        let outbound = topic("outbound", &settings.outbound);
        let allowed = topic("allowed", &settings.allowed);
        let audit = topic("audit", &settings.audit);
        let receipts = topic("receipts", &settings.receipts);
        let topics = Self {
            consent_events: consent_events?,
            consent_activity: consent_activity?,
            template_states: match template_states {
                Some(name) => Some(name?),
                None => None,
            },
            consent_state: match consent_state {
                Some(name) => Some(name?),
                None => None,
            },
            outbound: outbound?,
            allowed: allowed?,
            audit: audit?,
            receipts: receipts?,
        };
        topics.check_distinct(check);
        Some(topics)
    }

    /// The topics of a shadow: audit and receipts are its own.
    pub(super) fn of_shadow(mut self, check: &mut Check<'_>) -> Option<Self> {
        let mut own = |role: &str, name: &TopicName| {
            TopicName::check(&format!("topics.{role}"), &format!("{name}{SHADOW}"), check)
        };
        let (audit, receipts) = (own("audit", &self.audit), own("receipts", &self.receipts));
        (self.audit, self.receipts) = (audit?, receipts?);
        self.check_distinct(check);
        Some(self)
    }

    fn check_distinct(&self, check: &mut Check<'_>) {
        let roles = self.by_role();
        for (index, (role, name)) in roles.iter().enumerate() {
            let before = roles.iter().take(index).find(|(_, other)| other == name);
            if let Some((other, _)) = before {
                let what = format!("\"{name}\" is also topics.{other}");
                check.refuse(&format!("topics.{role}"), what, "", "give each role its own topic");
            }
        }
    }
}
