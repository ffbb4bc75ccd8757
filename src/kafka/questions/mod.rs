//! Questions that librdkafka's client has no words for: who is in a group, who may do what with a
//! topic, and whether brokers share a group's partitions ([`mod@super::broker_sharing`]).
//!
//! Each is put on a connection of its own, and changes nothing. A group without members is told only
//! by a coordinator that was asked in every way that it knows: members of the newer group protocol
//! are invisible to the older question.

mod group;
mod rights;

use std::io;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use kafka_protocol::messages::{ApiKey, ApiVersionsRequest};

pub use group::GroupMember;
pub use rights::{AccessRule, Operation, Pattern, PatternKind, Permission, TopicRules};

use super::clients::Clients;
use super::line::{Address, Connection, Entrance};
use crate::stream::{Fault, FaultKind};

/// How long one question may take, over all the brokers that are tried.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(300);
/// How long one broker may take.
const BROKER_LIMIT: Duration = Duration::from_secs(3);

/// Asks brokers.
#[derive(Debug)]
pub struct Questions {
    entrance: Entrance,
    bootstrap: Vec<Address>,
}

impl Questions {
    /// Ready to ask; connects with the first question.
    ///
    /// # Errors
    /// A certificate cannot be read, or this build has no TLS.
    pub fn open(clients: &Clients) -> Result<Self, Fault> {
        Ok(Self {
            entrance: Entrance::new(clients.kafka())?,
            bootstrap: Address::list(&clients.kafka().bootstrap),
        })
    }

    /// Puts a question to the first broker of the configuration that answers it, and again for a while: a
    /// new cluster has no coordinators before somebody has asked for them.
    pub(super) fn ask<T>(
        &self,
        what: &str,
        question: impl Fn(&mut Connection, Instant) -> io::Result<T>,
    ) -> Result<T, Fault> {
        let until = Instant::now() + ANSWER_LIMIT;
        loop {
            let mut last = Fault::new(FaultKind::Refused, "kafka.bootstrap names no broker");
            for address in &self.bootstrap {
                match self.ask_one(address, until, &question) {
                    Ok(answer) => return Ok(answer),
                    Err(error) => last = fault_of(what, address, &error),
                }
            }
            if last.kind != FaultKind::Retriable || Instant::now() + PAUSE > until {
                return Err(last);
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn ask_one<T>(
        &self,
        address: &Address,
        until: Instant,
        question: impl Fn(&mut Connection, Instant) -> io::Result<T>,
    ) -> io::Result<T> {
        let deadline = until.min(Instant::now() + BROKER_LIMIT);
        let mut line = Connection::open(address, &self.entrance, deadline)?;
        question(&mut line, deadline)
    }
}

fn fault_of(what: &str, address: &Address, error: &io::Error) -> Fault {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => FaultKind::Refused,
        _ => FaultKind::Retriable,
    };
    Fault::new(kind, format!("{what}: {address}: {error}"))
}

/// The versions of a request that a broker answers, if it knows it.
pub(super) fn versions_of(
    line: &mut Connection,
    api: ApiKey,
    deadline: Instant,
) -> io::Result<Option<RangeInclusive<i16>>> {
    let told = line.call(&ApiVersionsRequest::default(), 0, deadline)?;
    let known = told.api_keys.iter().find(|known| known.api_key == api as i16);
    Ok(known.map(|known| known.min_version..=known.max_version))
}

/// Whether a broker answers this request in this version.
fn answers(
    line: &mut Connection,
    api: ApiKey,
    version: i16,
    deadline: Instant,
) -> io::Result<bool> {
    Ok(versions_of(line, api, deadline)?.is_some_and(|versions| versions.contains(&version)))
}
