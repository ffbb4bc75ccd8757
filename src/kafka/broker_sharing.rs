//! Whether the brokers can share a group's partitions themselves (KIP-848), and within which limits.
//!
//! Asked before a lane joins: librdkafka would say it only as a fatal error, over and over. Only asks;
//! whatever is not known to be there is refused.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, ConsumerGroupDescribeRequest, GroupId};
use kafka_protocol::protocol::StrBytes;

use super::clients::Clients;
use super::questions::{Questions, versions_of};
use super::topics::TopicAdmin;
use crate::stream::{Fault, FaultKind};

/// The first one.
const DESCRIBE: i16 = 0;
const SESSION: &str = "group.consumer.session.timeout.ms";
const HEARTBEAT: &str = "group.consumer.heartbeat.interval.ms";

/// The brokers' limits for the members of such a group; `None` where they may not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokerSharing {
    /// How long a member may be silent.
    pub session_timeout: Option<Duration>,
    /// How often members are told of changes.
    pub heartbeat_interval: Option<Duration>,
}

/// Asks whether the brokers can share this gate's group.
///
/// # Errors
/// They cannot, or their limits do not fit the gate's, or they were not reached.
pub fn broker_sharing(clients: &Clients, admin: &TopicAdmin) -> Result<BrokerSharing, Fault> {
    let questions = Questions::open(clients)?;
    let what = "asking whether brokers share partitions";
    let are_known = questions.ask(what, |line, deadline| {
        let mut is_known =
            |api| versions_of(line, api, deadline).map(|versions| versions.is_some());
        Ok(is_known(ApiKey::ConsumerGroupHeartbeat)? && is_known(ApiKey::ConsumerGroupDescribe)?)
    })?;
    if !are_known {
        return Err(refused("these brokers do not know it; it takes Kafka 4.0 or later"));
    }
    let group = GroupId(StrBytes::from_string(clients.gate_group().to_owned()));
    let asked = ConsumerGroupDescribeRequest::default().with_group_ids(vec![group]);
    let told = questions.ask(what, |line, deadline| line.call(&asked, DESCRIBE, deadline))?;
    let is_off = told
        .groups
        .iter()
        .any(|group| group.error_code == ResponseError::UnsupportedVersion.code());
    if is_off {
        return Err(refused(
            "it is switched off on these brokers; they need group.version 1 and \"consumer\" in \
             group.coordinator.rebalance.protocols",
        ));
    }
    let settings = admin.broker_settings()?;
    let limit = |name: &str| {
        let ms = settings.get(name)?.parse().ok()?;
        Some(Duration::from_millis(ms))
    };
    let sharing =
        BrokerSharing { session_timeout: limit(SESSION), heartbeat_interval: limit(HEARTBEAT) };
    let transaction = clients.transaction_timeout();
    match sharing.session_timeout {
        Some(session) if transaction >= session => Err(refused(&format!(
            "gate.transaction_timeout ({} ms) is not below the brokers' {SESSION} ({} ms)",
            transaction.as_millis(),
            session.as_millis()
        ))),
        _ => Ok(sharing),
    }
}

fn refused(what: &str) -> Fault {
    let what = format!("gate.group_protocol \"consumer\" cannot be used: {what}");
    Fault::new(FaultKind::Refused, what)
}
