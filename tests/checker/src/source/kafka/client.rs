//! One connection to one broker: a request, and its answer.
//!
//! Plain TCP. The versions are old enough for the embedded broker and young enough for Kafka 4.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, Request, StrBytes};

use crate::error::{CheckError, Result};

/// A broker that says nothing for so long is not there.
const SILENCE: Duration = Duration::from_secs(30);
/// No answer is larger: a fetch is asked for at most a part of it.
const LARGEST: usize = 256 << 20;
const NAME: &str = "consentgate-checker";

/// A connection.
pub(super) struct Client {
    broker: String,
    stream: TcpStream,
    sent: i32,
}

impl Client {
    /// Connects to `host:port`, or to the first of several that can be reached.
    pub(super) fn connect(brokers: &str) -> Result<Self> {
        let mut refused = io::Error::new(io::ErrorKind::InvalidInput, "no address");
        for broker in brokers.split(',').map(str::trim) {
            match open(broker) {
                Ok(stream) => return Ok(Self { broker: broker.to_owned(), stream, sent: 0 }),
                Err(source) => refused = source,
            }
        }
        Err(CheckError::Connection { broker: brokers.to_owned(), source: refused })
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask<R: Request>(&mut self, request: &R, version: i16) -> Result<R::Response> {
        let exchanged = self.exchange(request, version);
        exchanged.map_err(|source| CheckError::Connection { broker: self.broker.clone(), source })
    }

    fn exchange<R: Request>(&mut self, request: &R, version: i16) -> io::Result<R::Response> {
        self.sent = self.sent.wrapping_add(1);
        let key = ApiKey::try_from(R::KEY).map_err(|()| odd("an unknown request"))?;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.sent)
            .with_client_id(Some(StrBytes::from_static_str(NAME)));
        let mut body = BytesMut::new();
        header.encode(&mut body, key.request_header_version(version)).map_err(odd)?;
        request.encode(&mut body, version).map_err(odd)?;
        let length = u32::try_from(body.len()).map_err(odd)?;
        self.stream.write_all(&length.to_be_bytes())?;
        self.stream.write_all(&body)?;
        let mut answer = self.receive()?;
        let header = ResponseHeader::decode(&mut answer, key.response_header_version(version));
        if header.map_err(odd)?.correlation_id != self.sent {
            return Err(odd("an answer to another question"));
        }
        let response = R::Response::decode(&mut answer, version).map_err(odd)?;
        match answer.has_remaining() {
            true => Err(odd("an answer with more behind it")),
            false => Ok(response),
        }
    }

    fn receive(&mut self) -> io::Result<Bytes> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > LARGEST {
            return Err(odd("an answer that is too large"));
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        Ok(answer.into())
    }
}

fn open(broker: &str) -> io::Result<TcpStream> {
    let mut refused = io::Error::new(io::ErrorKind::NotFound, "no address");
    for address in broker.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, SILENCE) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(SILENCE))?;
                stream.set_write_timeout(Some(SILENCE))?;
                return Ok(stream);
            }
            Err(source) => refused = source,
        }
    }
    Err(refused)
}

fn odd(what: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_string())
}
