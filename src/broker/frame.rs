//! Requests and answers as bytes on a connection.
//!
//! Knows the length prefix and the two headers, not what is between them. A
//! frame that is too large or does not parse ends the connection.

use std::io::{self, IoSlice, Read, Write};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader};
use kafka_protocol::protocol::{Decodable, Encodable};

/// The largest request, in bytes (Kafka's `socket.request.max.bytes`).
const FRAME_BYTES_MAX: usize = 104_857_600;
/// Pieces handed to the kernel in one write; the limit on Linux is 1024.
const PIECES_A_WRITE: usize = 1_000;

/// A request: its header, and the rest of the frame.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) api: ApiKey,
    pub(super) version: i16,
    pub(super) correlation: i32,
    pub(super) client: String,
    pub(super) body: Bytes,
}

/// Reads the next request. None: the client has closed the connection.
pub(super) fn read_request(reader: &mut impl Read) -> io::Result<Option<Request>> {
    let mut length = [0; 4];
    match reader.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = usize::try_from(i32::from_be_bytes(length)).map_err(malformed)?;
    if length > FRAME_BYTES_MAX {
        return Err(malformed("a request of more than 100 MiB"));
    }
    let mut frame = Vec::with_capacity(length);
    let read = reader.take(length as u64).read_to_end(&mut frame)?;
    if read < length {
        return Ok(None);
    }
    parse(Bytes::from(frame)).map(Some)
}

fn parse(mut frame: Bytes) -> io::Result<Request> {
    if frame.len() < 8 {
        return Err(malformed("a request without a header"));
    }
    let mut peek = frame.slice(..4);
    let api = ApiKey::try_from(peek.get_i16()).map_err(|()| malformed("an unknown api key"))?;
    let version = peek.get_i16();
    let header = api.request_header_version(version);
    let header = RequestHeader::decode(&mut frame, header).map_err(malformed)?;
    Ok(Request {
        api,
        version,
        correlation: header.correlation_id,
        client: header.client_id.map(|id| id.to_string()).unwrap_or_default(),
        body: frame,
    })
}

/// An answer: bytes of its own, and bytes of the log in between.
#[derive(Debug)]
pub(super) struct Answer {
    pieces: Vec<Bytes>,
    tail: BytesMut,
}

impl Answer {
    /// The frame's length and header; the body follows.
    pub(super) fn new(request: &Request) -> Self {
        let mut tail = BytesMut::with_capacity(256);
        // The length is filled in when the answer is written.
        tail.put_i32(0);
        tail.put_i32(request.correlation);
        if request.api.response_header_version(request.version) >= 1 {
            // No tagged fields.
            tail.put_u8(0);
        }
        Self { pieces: Vec::new(), tail }
    }

    /// Appends an encoded body.
    pub(super) fn body(mut self, body: &impl Encodable, version: i16) -> io::Result<Self> {
        body.encode(&mut self.tail, version).map_err(malformed)?;
        Ok(self)
    }

    /// The bytes written last, to be added to.
    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Appends bytes of the log without a copy.
    pub(super) fn splice(&mut self, bytes: impl IntoIterator<Item = Bytes>) {
        self.pieces.push(self.tail.split().freeze());
        self.pieces.extend(bytes);
    }

    /// Writes the whole frame.
    pub(super) fn write(self, writer: &mut impl Write) -> io::Result<()> {
        let mut pieces = self.pieces;
        pieces.push(self.tail.freeze());
        let total: usize = pieces.iter().map(Bytes::len).sum();
        let length = i32::try_from(total - 4).map_err(malformed)?;
        let length = length.to_be_bytes();
        if let Some(first) = pieces.first_mut() {
            first.advance(4);
        }
        let mut slices = Vec::with_capacity(pieces.len() + 1);
        slices.push(IoSlice::new(&length));
        slices.extend(
            pieces.iter().filter(|piece| !piece.is_empty()).map(|piece| IoSlice::new(piece)),
        );
        let mut left = slices.as_mut_slice();
        while !left.is_empty() {
            let now = left.len().min(PIECES_A_WRITE);
            let written = writer.write_vectored(&left[..now])?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            IoSlice::advance_slices(&mut left, written);
        }
        Ok(())
    }
}

/// An error that ends the connection.
pub(super) fn malformed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}
