//! A framed connection to one broker: requests go out, answers come back in order.
//!
//! Knows frames and headers; what is asked comes from the caller. Any error makes the connection
//! useless: an answer that is late would be taken for the next one.

use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::time::Instant;

use bytes::{BufMut, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};

use super::address::Address;
use super::entrance::Entrance;
use super::socket::{Socket, connect};

/// The largest answer that is taken, in bytes. Ends and metadata are far smaller.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A connection that is open and authenticated.
#[derive(Debug)]
pub(in crate::kafka) struct Connection {
    socket: Socket,
    client_id: StrBytes,
    correlation: i32,
    /// When the broker wants a password again (KIP-368).
    renew_at: Option<Instant>,
}

/// A request whose answer is still to come.
#[derive(Debug)]
pub(in crate::kafka) struct Sent<R> {
    correlation: i32,
    version: i16,
    answer: PhantomData<R>,
}

impl Connection {
    /// Connects and authenticates.
    ///
    /// # Errors
    /// The broker does not answer in time, or lets nobody in.
    pub(in crate::kafka) fn open(
        address: &Address,
        entrance: &Entrance,
        deadline: Instant,
    ) -> io::Result<Self> {
        let tcp = connect(&address.host, address.port, deadline)?;
        let socket = entrance.protect(tcp, &address.host, deadline)?;
        let client_id = StrBytes::from_string(entrance.client_id.clone());
        let mut connection = Self { socket, client_id, correlation: 0, renew_at: None };
        connection.renew_at = entrance.authenticate(&mut connection, deadline)?;
        Ok(connection)
    }

    /// Whether the broker is about to end the connection by itself.
    pub(in crate::kafka) fn is_stale(&self) -> bool {
        self.renew_at.is_some_and(|at| Instant::now() >= at)
    }

    /// Sends a request; its answer must be received, and in the order of sending.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub(in crate::kafka) fn send<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        deadline: Instant,
    ) -> io::Result<Sent<R>> {
        self.correlation = self.correlation.wrapping_add(1);
        let correlation = self.correlation;
        let api = ApiKey::try_from(R::KEY).map_err(|()| odd("a request without a kind"))?;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(correlation)
            .with_client_id(Some(self.client_id.clone()));
        let mut frame = BytesMut::with_capacity(512);
        frame.put_i32(0);
        header.encode(&mut frame, api.request_header_version(version)).map_err(odd)?;
        request.encode(&mut frame, version).map_err(odd)?;
        let length = i32::try_from(frame.len() - 4).map_err(odd)?;
        if let Some(prefix) = frame.first_chunk_mut() {
            *prefix = length.to_be_bytes();
        }
        self.socket.bound(deadline)?;
        self.socket.write_all(&frame)?;
        self.socket.flush()?;
        Ok(Sent { correlation, version, answer: PhantomData })
    }

    /// Receives the answer to a request.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub(in crate::kafka) fn receive<R: Request>(
        &mut self,
        sent: &Sent<R>,
        deadline: Instant,
    ) -> io::Result<R::Response> {
        let mut length = [0; 4];
        self.read(&mut length, deadline)?;
        let length = usize::try_from(i32::from_be_bytes(length)).map_err(odd)?;
        if length > ANSWER_BYTES_MAX {
            return Err(odd("an answer of more than 64 MiB"));
        }
        let mut frame = BytesMut::zeroed(length);
        self.read(&mut frame, deadline)?;
        let mut frame = frame.freeze();
        let header = R::Response::header_version(sent.version);
        let header = ResponseHeader::decode(&mut frame, header).map_err(odd)?;
        if header.correlation_id != sent.correlation {
            return Err(odd("an answer to another request"));
        }
        R::Response::decode(&mut frame, sent.version).map_err(odd)
    }

    /// Sends a request and receives its answer.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub(in crate::kafka) fn call<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        deadline: Instant,
    ) -> io::Result<R::Response> {
        let sent = self.send(request, version, deadline)?;
        self.receive(&sent, deadline)
    }

    /// Reads all of it; each piece is bounded anew, for a slow broker may send one byte at a time.
    fn read(&mut self, mut into: &mut [u8], deadline: Instant) -> io::Result<()> {
        while !into.is_empty() {
            self.socket.bound(deadline)?;
            match self.socket.read(into) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => into = into.get_mut(read..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// An answer, or a request, that is no Kafka.
pub(in crate::kafka) fn odd(
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}
