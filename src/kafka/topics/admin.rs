//! Asking and telling Kafka about topics.

use std::collections::BTreeMap;
use std::future::Future;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::RDKafkaErrorCode;

use super::conditions::Roles;
use super::plan::Planned;
use super::{Role, TopicFacts};
use crate::config::TopicNames;
use crate::kafka::ASK_LIMIT;
use crate::kafka::clients::Clients;
use crate::kafka::context::PlainContext;
use crate::kafka::fault::fault_of;
use crate::stream::{Fault, FaultKind};

/// A cluster that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its id.
    pub id: String,
    /// How many brokers it has.
    pub brokers: usize,
}

/// Asks and tells about topics.
pub struct TopicAdmin {
    client: AdminClient<PlainContext>,
}

impl TopicAdmin {
    /// A client for this.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn open(clients: &Clients) -> Result<Self, Fault> {
        let client = AdminClient::from_config_and_context(&clients.tool(), PlainContext)
            .map_err(|error| fault_of("making the admin client", &error))?;
        Ok(Self { client })
    }

    /// The cluster.
    ///
    /// # Errors
    /// Kafka was not reached in time.
    pub fn cluster(&self) -> Result<Cluster, Fault> {
        let client = self.client.inner();
        let metadata = client
            .fetch_metadata(None, ASK_LIMIT)
            .map_err(|error| fault_of("asking for the brokers", &error))?;
        let id = client.fetch_cluster_id(ASK_LIMIT).ok_or_else(|| {
            Fault::new(FaultKind::Retriable, "the brokers did not say which cluster they are")
        })?;
        Ok(Cluster { id, brokers: metadata.brokers().len() })
    }

    /// All topics by role.
    ///
    /// # Errors
    /// Kafka was not reached in time. A topic whose settings may not be read comes without them.
    pub fn roles(&self, names: &TopicNames) -> Result<Roles, Fault> {
        let of_consent =
            names.consent_topics().map(|(topic, name)| (Role::of_consent(topic), name));
        let others = [
            (Role::Outbound, &names.outbound),
            (Role::Allowed, &names.allowed),
            (Role::Audit, &names.audit),
            (Role::Receipts, &names.receipts),
        ];
        let advice = names.consent_state.iter().map(|name| (Role::ConsentState, name));
        of_consent
            .chain(others)
            .chain(advice)
            .map(|(role, name)| {
                let facts = self.facts(name.as_str())?;
                Ok((role, (name.as_str().to_string(), facts)))
            })
            .collect()
    }

    fn facts(&self, topic: &str) -> Result<Option<TopicFacts>, Fault> {
        let metadata = self
            .client
            .inner()
            .fetch_metadata(Some(topic), ASK_LIMIT)
            .map_err(|error| fault_of("asking for a topic", &error))?;
        let Some(found) = metadata.topics().first() else {
            return Ok(None);
        };
        if found.error().is_some() || found.partitions().is_empty() {
            return Ok(None);
        }
        let replicas = found.partitions().iter().map(|partition| partition.replicas().len());
        Ok(Some(TopicFacts {
            partitions: i32::try_from(found.partitions().len()).unwrap_or(i32::MAX),
            replicas: replicas.min().unwrap_or(0),
            settings: self.settings(topic)?,
        }))
    }

    fn settings(&self, topic: &str) -> Result<BTreeMap<String, String>, Fault> {
        self.settings_of(&ResourceSpecifier::Topic(topic))
    }

    /// A broker's settings as far as they may be read.
    ///
    /// # Errors
    /// Kafka was not reached in time.
    pub(in crate::kafka) fn broker_settings(&self) -> Result<BTreeMap<String, String>, Fault> {
        let metadata = self
            .client
            .inner()
            .fetch_metadata(None, ASK_LIMIT)
            .map_err(|error| fault_of("asking for the brokers", &error))?;
        match metadata.brokers().first() {
            Some(broker) => self.settings_of(&ResourceSpecifier::Broker(broker.id())),
            None => Ok(BTreeMap::new()),
        }
    }

    fn settings_of(
        &self,
        resource: &ResourceSpecifier<'_>,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let options = AdminOptions::new().request_timeout(Some(ASK_LIMIT));
        let answer = block_on(self.client.describe_configs([resource], &options))?
            .map_err(|error| fault_of("reading settings", &error))?;
        let mut settings = BTreeMap::new();
        for answered in answer {
            match answered {
                Ok(answered) => settings.extend(
                    answered
                        .entries
                        .into_iter()
                        .filter_map(|entry| Some((entry.name, entry.value?))),
                ),
                Err(code) => {
                    tracing::warn!(?resource, %code, "kafka.settings_unreadable");
                }
            }
        }
        Ok(settings)
    }

    /// Deletes topics; one that is not there is passed over.
    ///
    /// # Errors
    /// Kafka was not reached, or refused.
    pub fn delete(&self, names: &[&str]) -> Result<(), Fault> {
        let options = AdminOptions::new().operation_timeout(Some(ASK_LIMIT));
        let answer = block_on(self.client.delete_topics(names, &options))?
            .map_err(|error| fault_of("deleting topics", &error))?;
        for deleted in answer {
            match deleted {
                Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => {}
                Err((name, code)) => {
                    let what = format!("deleting topic {name}: {code}");
                    return Err(Fault::new(FaultKind::Refused, what));
                }
            }
        }
        Ok(())
    }

    /// Creates one topic; one that is there already is left as it is.
    pub(super) fn create(&self, planned: &Planned) -> Result<(), Fault> {
        let replication = TopicReplication::Fixed(planned.replicas);
        let mut topic = NewTopic::new(&planned.name, planned.partitions, replication);
        for (setting, value) in &planned.settings {
            topic = topic.set(setting, value);
        }
        let options = AdminOptions::new().operation_timeout(Some(ASK_LIMIT));
        let answer = block_on(self.client.create_topics([&topic], &options))?
            .map_err(|error| fault_of("creating a topic", &error))?;
        for created in answer {
            match created {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((name, code)) => {
                    let what = format!("creating topic {name}: {code}");
                    return Err(Fault::new(FaultKind::Refused, what));
                }
            }
        }
        Ok(())
    }
}

/// Waits for one answer; the client has its own threads.
fn block_on<T>(answer: impl Future<Output = T>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Fault::new(FaultKind::Fatal, format!("no runtime: {error}")))?;
    Ok(runtime.block_on(answer))
}
