//! The Kafka protocol by hand, where a client library would hide what a test wants to see.
//!
//! Only what few tests need: a framed connection, the coordinator of a group or transactional id, and
//! records byte for byte. Old request versions without tagged fields, which Kafka 4 still serves.

mod acls;
mod batch;
mod bytes;
mod controller;
mod coordinator;
mod log;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub use self::acls::{Named, Right, allow, forget_rules, give_right_back, take_right};
pub use self::batch::{RawHeader, RawRecord, checksum_at};
pub use self::bytes::{Reader, Writer};
pub use self::controller::controller;
pub use self::coordinator::{Coordinates, coordinator, leader};
pub use self::log::{produce_raw, read_raw};

/// A request's kind, as the protocol numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Api(pub i16);

impl Api {
    pub const PRODUCE: Api = Api(0);
    pub const FETCH: Api = Api(1);
    pub const LIST_OFFSETS: Api = Api(2);
    pub const METADATA: Api = Api(3);
    pub const OFFSET_COMMIT: Api = Api(8);
    pub const OFFSET_FETCH: Api = Api(9);
    pub const FIND_COORDINATOR: Api = Api(10);
    pub const JOIN_GROUP: Api = Api(11);
    pub const HEARTBEAT: Api = Api(12);
    pub const API_VERSIONS: Api = Api(18);
    pub const INIT_PRODUCER_ID: Api = Api(22);
    pub const ADD_PARTITIONS_TO_TXN: Api = Api(24);
    pub const ADD_OFFSETS_TO_TXN: Api = Api(25);
    pub const END_TXN: Api = Api(26);
    pub const TXN_OFFSET_COMMIT: Api = Api(28);
    pub const CREATE_ACLS: Api = Api(30);
    pub const DELETE_ACLS: Api = Api(31);
    pub const DESCRIBE_QUORUM: Api = Api(55);
}

/// A connection to one broker; one request at a time.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    correlation_id: i32,
}

impl Connection {
    /// Connects to `host:port`. An answer later than `timeout` is an error.
    pub fn open(address: &str, timeout: Duration) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        Ok(Connection { stream, correlation_id: 0 })
    }

    /// Sends a request with the header of version 1 and returns the body of the answer.
    pub fn call(&mut self, api: Api, version: i16, body: &Writer) -> io::Result<Reader> {
        self.correlation_id += 1;
        let mut frame = Writer::default();
        frame.i16(api.0).i16(version).i32(self.correlation_id).string("raw").raw(body.as_slice());
        write_frame(&mut self.stream, frame.as_slice())?;
        let mut answer = Reader::new(read_frame(&mut self.stream)?);
        if answer.i32()? != self.correlation_id {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer to another request"));
        }
        Ok(answer)
    }

    /// Sends a request that is whole for this correlation id, and returns the whole answer.
    pub fn call_frame(&mut self, request: impl Fn(i32) -> Vec<u8>) -> io::Result<Vec<u8>> {
        self.correlation_id += 1;
        write_frame(&mut self.stream, &request(self.correlation_id))?;
        read_frame(&mut self.stream)
    }
}

/// Reads one message: four bytes of length, then as many bytes.
pub fn read_frame(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}

/// Writes one message in a single piece.
pub fn write_frame(stream: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    let mut out = Vec::with_capacity(frame.len() + 4);
    out.extend(length.to_be_bytes());
    out.extend(frame);
    stream.write_all(&out)
}
