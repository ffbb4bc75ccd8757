//! The gate's topics on a test's broker, each under a name of the test's own.

use std::future::Future;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::{Offset, TopicPartitionList};

use super::unique::unique;

pub const TIMEOUT: Duration = Duration::from_secs(30);
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

    /// Creates those of these names.
    pub fn create_some(&self, bootstrap: &str, names: &[&str], partitions: i32) {
        create_topics(bootstrap, &self.some(names, partitions));
    }

    fn some(&self, names: &[&str], partitions: i32) -> Vec<NewTopic<'_>> {
        let mut wanted = self.wanted(partitions);
        wanted.retain(|topic| names.contains(&topic.name));
        assert_eq!(wanted.len(), names.len(), "each is one of them");
        wanted
    }

    /// Deletes one of them and creates it anew, empty.
    pub fn create_again(&self, bootstrap: &str, name: &str, partitions: i32) {
        delete_topics(bootstrap, &[name]);
        let topic = self.some(&[name], partitions);
        let until = Instant::now() + TIMEOUT;
        loop {
            // The old one goes in its own time.
            match &run(admin(bootstrap).create_topics(&topic, &options())).expect("an answer")[..] {
                [Ok(_)] => return,
                refused => assert!(Instant::now() < until, "cannot create {name}: {refused:?}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
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
    let admin = admin(bootstrap);
    let created = run(admin.create_topics(topics, &options()));
    for result in created.expect("the broker answers") {
        result.unwrap_or_else(|(topic, code)| panic!("cannot create {topic}: {code}"));
    }
    topics.iter().for_each(|topic| await_known(&admin, topic.name));
}

/// A controller answers before the brokers know of a topic.
fn await_known(admin: &AdminClient<DefaultClientContext>, topic: &str) {
    let until = Instant::now() + TIMEOUT;
    let is_known = || {
        let told = admin.inner().fetch_metadata(Some(topic), TIMEOUT).ok()?;
        let found = told.topics().iter().find(|found| found.name() == topic)?;
        let led = found.partitions().iter().all(|partition| partition.leader() >= 0);
        (led && !found.partitions().is_empty()).then_some(())
    };
    while is_known().is_none() {
        assert!(Instant::now() < until, "no broker knows {topic}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Deletes topics.
pub fn delete_topics(bootstrap: &str, names: &[&str]) {
    let deleted = run(admin(bootstrap).delete_topics(names, &options()));
    for result in deleted.expect("the broker answers") {
        result.unwrap_or_else(|(topic, code)| panic!("cannot delete {topic}: {code}"));
    }
}

/// Deletes all records of a topic that are there now; what comes later has later offsets.
pub fn cut(bootstrap: &str, topic: &str, partitions: i32) {
    let mut ends = TopicPartitionList::new();
    for partition in 0..partitions {
        ends.add_partition_offset(topic, partition, Offset::End).expect("an offset");
    }
    let deleted = run(admin(bootstrap).delete_records(&ends, &options()));
    for partition in deleted.expect("the broker answers").elements() {
        partition.error().unwrap_or_else(|code| panic!("cannot cut {topic}: {code}"));
    }
}

/// Adds partitions to a topic, up to so many.
pub fn add_partitions(bootstrap: &str, topic: &str, partitions: i32) {
    let wanted = [NewPartitions::new(topic, partitions as usize)];
    let added = run(admin(bootstrap).create_partitions(&wanted, &options()));
    for result in added.expect("the broker answers") {
        result.unwrap_or_else(|(topic, code)| panic!("cannot add to {topic}: {code}"));
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
