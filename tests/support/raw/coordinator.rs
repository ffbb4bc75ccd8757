//! Which node coordinates a group or a transactional id, and which leads a partition.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::{Api, Connection, Writer};

const PATIENCE: Duration = Duration::from_secs(30);

/// What is coordinated.
#[derive(Debug, Clone, Copy)]
pub enum Coordinates {
    Group,
    Transaction,
}

/// The broker id of the coordinator, asked until there is one.
pub fn coordinator(bootstrap: &str, what: Coordinates, key: &str) -> i32 {
    let kind = match what {
        Coordinates::Group => 0,
        Coordinates::Transaction => 1,
    };
    ask(bootstrap, &format!("the coordinator of {key}"), |connection| {
        let mut body = Writer::default();
        body.string(key).i8(kind);
        let mut answer = connection.call(Api::FIND_COORDINATOR, 1, &body)?;
        answer.i32()?; // throttle
        let error = answer.i16()?;
        answer.string()?;
        let node = answer.i32()?;
        Ok((error == 0).then_some(node))
    })
}

/// The broker id of a partition's leader, asked until there is one.
pub fn leader(bootstrap: &str, topic: &str, partition: i32) -> i32 {
    ask(bootstrap, &format!("the leader of {topic}-{partition}"), |connection| {
        metadata(connection, topic, partition).map(|found| found.map(|(leader, _)| leader))
    })
}

/// `host:port` of a partition's leader.
pub(super) fn leader_address(bootstrap: &str, topic: &str, partition: i32) -> String {
    ask(bootstrap, &format!("the leader of {topic}-{partition}"), |connection| {
        metadata(connection, topic, partition).map(|found| found.map(|(_, address)| address))
    })
}

fn metadata(
    connection: &mut Connection,
    topic: &str,
    partition: i32,
) -> io::Result<Option<(i32, String)>> {
    let mut body = Writer::default();
    body.i32(1).string(topic).i8(0);
    let mut answer = connection.call(Api::METADATA, 4, &body)?;
    answer.i32()?; // throttle
    let mut brokers = Vec::new();
    for _ in 0..answer.i32()? {
        let id = answer.i32()?;
        let host = answer.string()?.unwrap_or_default();
        brokers.push((id, format!("{host}:{}", answer.i32()?)));
        answer.string()?; // rack
    }
    answer.string()?; // cluster id
    answer.i32()?; // controller
    answer.i32()?; // one topic
    let error = answer.i16()?;
    answer.string()?;
    answer.i8()?; // internal
    if error != 0 {
        return Ok(None);
    }
    for _ in 0..answer.i32()? {
        let error = answer.i16()?;
        let id = answer.i32()?;
        let leader = answer.i32()?;
        for _ in 0..2 {
            let replicas = answer.i32()?; // all, then those in sync
            answer.take(4 * replicas as usize)?;
        }
        if id == partition && error == 0 {
            return Ok(brokers.into_iter().find(|(id, _)| *id == leader));
        }
    }
    Ok(None)
}

pub(super) fn ask<T>(
    bootstrap: &str,
    what: &str,
    mut question: impl FnMut(&mut Connection) -> io::Result<Option<T>>,
) -> T {
    let until = Instant::now() + PATIENCE;
    let mut last = "nobody was asked".to_owned();
    while Instant::now() < until {
        for address in bootstrap.split(',') {
            let asked = Connection::open(address, Duration::from_secs(2))
                .and_then(|mut connection| question(&mut connection));
            match asked {
                Ok(Some(found)) => return found,
                Ok(None) => last = format!("{address} knows none"),
                Err(error) => last = format!("{address}: {error}"),
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("cannot find {what}: {last}");
}
