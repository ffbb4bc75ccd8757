//! Fetch: raw batches from an offset on, or a wait until there are some.
//!
//! A reader that waits is woken by the next append to any of its partitions.
//! The first batch comes whole however large it is, so a reader never starves.

use std::io;
use std::sync::{Arc, Condvar};
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::FetchRequest;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::protocol::Decodable;

use super::fetch_answer::{BY_ID, Part, encode};
use crate::broker::dispatch::Call;
use crate::broker::frame::{Answer, Request, malformed};
use crate::broker::log::Isolation;
use crate::broker::shared::Shared;
use crate::broker::state::State;
use crate::broker::topics::Partition;

/// A topic of the request, by its name.
struct Wanted<'a> {
    name: Option<String>,
    topic: &'a FetchTopic,
}

/// Handles the request.
pub(in super::super) fn handle(call: &Call, mut request: Request) -> io::Result<Answer> {
    let fetch = FetchRequest::decode(&mut request.body, request.version).map_err(malformed)?;
    let isolation = Isolation::from_wire(fetch.isolation_level);
    let parts = read_all(call, &fetch, isolation);
    Ok(encode(call, &request, &fetch, isolation, parts))
}

/// Waits for data and reads it, in the order of the request.
fn read_all(call: &Call, fetch: &FetchRequest, isolation: Isolation) -> Vec<Part> {
    let mut state = call.shared.state();
    let wanted: Vec<Wanted> = fetch
        .topics
        .iter()
        .map(|topic| Wanted { name: name_of(call, &state, topic), topic })
        .collect();
    let wait = u64::try_from(fetch.max_wait_ms).unwrap_or(0);
    let until = Instant::now() + Duration::from_millis(wait);
    let enough = usize::try_from(fetch.min_bytes).unwrap_or(0);
    let bell = Arc::new(Condvar::new());
    while !is_ready(call, &state, &wanted, isolation, enough) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || !state.answers(call.node) {
            break;
        }
        for_each_partition(&mut state, &wanted, |partition| partition.wait_with(&bell));
        state = Shared::wait_on(&bell, state, left);
        for_each_partition(&mut state, &wanted, |partition| {
            partition.stop_waiting(&bell);
        });
    }
    let mut room = usize::try_from(fetch.max_bytes).unwrap_or(0);
    let mut parts = Vec::new();
    let mut nothing_yet = true;
    for wanted in &wanted {
        for asked in &wanted.topic.partitions {
            let bytes_max = usize::try_from(asked.partition_max_bytes).unwrap_or(0);
            let part = match find(call, &state, wanted, asked) {
                Err(error) => Part::refused(error),
                Ok(partition) => {
                    let bytes_max = bytes_max.min(room);
                    Part::read(
                        &partition.log,
                        asked.fetch_offset,
                        isolation,
                        bytes_max,
                        nothing_yet,
                    )
                }
            };
            nothing_yet &= part.slice.bytes == 0;
            room = room.saturating_sub(part.slice.bytes);
            parts.push(part);
        }
    }
    parts
}

fn name_of(call: &Call, state: &State, topic: &FetchTopic) -> Option<String> {
    if call.version < BY_ID {
        return Some(topic.topic.to_string());
    }
    let (name, _) = state.topics.by_id(*topic.topic_id.as_bytes())?;
    Some(name.clone())
}

/// There is enough to read, or something to refuse.
fn is_ready(
    call: &Call,
    state: &State,
    wanted: &[Wanted],
    isolation: Isolation,
    enough: usize,
) -> bool {
    let mut bytes = 0;
    for wanted in wanted {
        for asked in &wanted.topic.partitions {
            match find(call, state, wanted, asked) {
                Err(_) => return true,
                Ok(partition) => {
                    bytes += partition.log.available(asked.fetch_offset, isolation, enough);
                }
            }
        }
    }
    bytes >= enough
}

fn find<'a>(
    call: &Call,
    state: &'a State,
    wanted: &Wanted,
    asked: &FetchPartition,
) -> Result<&'a Partition, ResponseError> {
    call.injected()?;
    let name = wanted.name.as_ref();
    let name = name.ok_or(ResponseError::UnknownTopicId)?;
    let partition = state.topics.partition(name, asked.partition);
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(call.node, asked.current_leader_epoch)?;
    let held = partition.log.start()..=partition.log.end();
    if !held.contains(&asked.fetch_offset) {
        return Err(ResponseError::OffsetOutOfRange);
    }
    Ok(partition)
}

fn for_each_partition(state: &mut State, wanted: &[Wanted], each: impl Fn(&mut Partition)) {
    for wanted in wanted {
        for asked in &wanted.topic.partitions {
            let partition = wanted
                .name
                .as_ref()
                .and_then(|name| state.topics.partition_mut(name, asked.partition));
            partition.into_iter().for_each(&each);
        }
    }
}
