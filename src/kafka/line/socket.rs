//! A connection's bytes, bare or within TLS, none of which waits beyond its deadline.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

#[cfg(feature = "tls")]
use openssl::ssl::SslStream;

/// A socket to one broker.
#[derive(Debug)]
pub(super) enum Socket {
    /// As it is.
    Bare(TcpStream),
    /// Protected.
    #[cfg(feature = "tls")]
    Tls(SslStream<TcpStream>),
}

impl Socket {
    /// From now on a read or write that lasts beyond this instant fails.
    ///
    /// # Errors
    /// The instant is past.
    pub(super) fn bound(&self, deadline: Instant) -> io::Result<()> {
        let left = left_until(deadline)?;
        let tcp = match self {
            Self::Bare(tcp) => tcp,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref(),
        };
        tcp.set_read_timeout(Some(left))?;
        tcp.set_write_timeout(Some(left))
    }
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bare(tcp) => tcp.read(into),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.read(into),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Bare(tcp) => tcp.write(bytes),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Bare(tcp) => tcp.flush(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Connects to the first address of `host:port` that answers.
///
/// # Errors
/// None did in time.
pub(super) fn connect(host: &str, port: u16, deadline: Instant) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (host, port).to_socket_addrs()? {
        let stream = TcpStream::connect_timeout(&address, left_until(deadline)?);
        match stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream)) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn left_until(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")),
        false => Ok(left),
    }
}
