//! The gate's topics on a test's broker, each under a name of the test's own.

use std::future::Future;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;

use super::unique::unique;

const TIMEOUT: Duration = Duration::from_secs(30);
const NO_LIMIT: &str = "9223372036854775807";
const EIGHT_DAYS_MS: &str = "691200000";

/// How a topic differs from what it should be.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    Missing,
    Partitions(i32),
    Setting(&'static str, &'static str),
    /// One list of broker ids a partition.
    Replicas(&'static [&'static [i32]]),
}

/// The topics of one gate.
#[derive(Debug, Clone)]
pub struct GateTopics {
    pub consent_events: String,
    pub consent_activity: String,
    pub template_states: String,
    pub outbound: String,
    pub allowed: String,
    pub audit: String,
    pub receipts: String,
}

impl GateTopics {
    /// Names that no other test has, with a word of the test in them.
    pub fn named(test: &str) -> GateTopics {
        let suffix = unique(test);
        GateTopics {
            consent_events: format!("consent-events.{suffix}"),
            consent_activity: format!("consent-activity.{suffix}"),
            template_states: format!("template-states.{suffix}"),
            outbound: format!("outbound-messages.{suffix}"),
            allowed: format!("allowed-messages.{suffix}"),
            audit: format!("message-audit.{suffix}"),
            receipts: format!("decision-receipts.{suffix}"),
        }
    }

    /// Creates all of them as `topics check` wants them.
    pub fn create(&self, bootstrap: &str, partitions: i32) {
        self.create_but(bootstrap, partitions, &[]);
    }

    /// The same, but for what is changed, by topic name.
    pub fn create_but(&self, bootstrap: &str, partitions: i32, changes: &[(&str, Change)]) {
        let mut wanted = self.wanted(partitions);
        for &(name, change) in changes {
            let nth = wanted.iter().position(|topic| topic.name == name).expect("one of them");
            match change {
                Change::Missing => drop(wanted.remove(nth)),
                Change::Partitions(partitions) => wanted[nth].num_partitions = partitions,
                Change::Setting(setting, value) => {
                    wanted[nth].config.retain(|(name, _)| *name != setting);
                    wanted[nth].config.push((setting, value));
                }
                Change::Replicas(replicas) => {
                    wanted[nth].num_partitions = replicas.len() as i32;
                    wanted[nth].replication = TopicReplication::Variable(replicas);
                }
            }
        }
        create_topics(bootstrap, &wanted);
    }

    fn wanted(&self, partitions: i32) -> Vec<NewTopic<'_>> {
        let untouched = [
            ("message.timestamp.type", "CreateTime"),
            ("message.timestamp.before.max.ms", NO_LIMIT),
            ("message.timestamp.after.max.ms", NO_LIMIT),
        ];
        let forever = [
            ("message.timestamp.type", "LogAppendTime"),
            ("cleanup.policy", "delete"),
            ("retention.ms", "-1"),
        ];
        let for_a_while = [
            ("message.timestamp.type", "LogAppendTime"),
            ("cleanup.policy", "delete"),
            ("retention.ms", EIGHT_DAYS_MS),
        ];
        let topics: [(&str, &[(&'static str, &'static str)]); 7] = [
            (&self.consent_events, &forever),
            (&self.consent_activity, &for_a_while),
            (&self.template_states, &forever),
            (&self.outbound, &untouched),
            (&self.allowed, &untouched),
            (&self.audit, &[]),
            (&self.receipts, &[]),
        ];
        topics.map(|(name, settings)| new_topic(name, partitions, settings)).into()
    }

    /// All names.
    pub fn all(&self) -> [&str; 7] {
        [
            &self.consent_events,
            &self.consent_activity,
            &self.template_states,
            &self.outbound,
            &self.allowed,
            &self.audit,
            &self.receipts,
        ]
    }

    /// Deletes all of them, for a broker that lives on.
    pub fn delete(&self, bootstrap: &str) {
        delete_topics(bootstrap, &self.all());
    }
}

/// Creates one topic with the broker's default number of replicas.
pub fn create_topic(bootstrap: &str, name: &str, partitions: i32, settings: &[(&str, &str)]) {
    let mut topic = new_topic(name, partitions, &[]);
    topic.config = settings.to_vec();
    create_topics(bootstrap, &[topic]);
}

fn new_topic<'a>(
    name: &'a str,
    partitions: i32,
    settings: &[(&'static str, &'static str)],
) -> NewTopic<'a> {
    NewTopic {
        name,
        num_partitions: partitions,
        replication: TopicReplication::Fixed(-1), // the broker's default
        config: settings.to_vec(),
    }
}

fn create_topics(bootstrap: &str, topics: &[NewTopic<'_>]) {
    let created = run(admin(bootstrap).create_topics(topics, &options()));
    for result in created.expect("the broker answers") {
        result.unwrap_or_else(|(topic, code)| panic!("cannot create {topic}: {code}"));
    }
}

/// Deletes topics.
pub fn delete_topics(bootstrap: &str, names: &[&str]) {
    let deleted = run(admin(bootstrap).delete_topics(names, &options()));
    for result in deleted.expect("the broker answers") {
        result.unwrap_or_else(|(topic, code)| panic!("cannot delete {topic}: {code}"));
    }
}

/// A setting of a topic as the broker has it, or none.
pub fn topic_setting(bootstrap: &str, topic: &str, name: &str) -> Option<String> {
    let which = [ResourceSpecifier::Topic(topic)];
    let answers = run(admin(bootstrap).describe_configs(&which, &options()));
    let answer = answers.expect("the broker answers").pop().expect("one topic asked, one answered");
    let entries = answer.unwrap_or_else(|code| panic!("cannot describe {topic}: {code}")).entries;
    entries.into_iter().find(|entry| entry.name == name).and_then(|entry| entry.value)
}

fn admin(bootstrap: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", bootstrap).create().expect("an admin client")
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(TIMEOUT)).request_timeout(Some(TIMEOUT))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}
