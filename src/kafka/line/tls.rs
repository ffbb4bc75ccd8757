//! TLS for connections of our own, with the same files as librdkafka's.
//!
//! The broker's certificate and name are always checked: there is no setting to leave that out.

use std::fs;
use std::io;

use openssl::pkey::PKey;
use openssl::ssl::{SslConnector, SslFiletype, SslMethod};

use super::socket::Socket;

/// What a TLS connection needs.
#[derive(Clone)]
pub(super) struct Tls {
    connector: SslConnector,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// From librdkafka's settings, asked for by name.
    ///
    /// # Errors
    /// A file cannot be read, or certificate and key do not fit.
    pub(super) fn new(value: &impl Fn(&str) -> Option<String>) -> io::Result<Self> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        let authorities = value("ssl.ca.location").map(Into::into);
        // OpenSSL is built in, so it does not know where this system keeps its authorities.
        if let Some(file) = authorities.or_else(|| openssl_probe::probe().cert_file) {
            builder.set_ca_file(file)?;
        }
        if let Some(certificate) = value("ssl.certificate.location") {
            builder.set_certificate_chain_file(certificate)?;
        }
        match (value("ssl.key.location"), value("ssl.key.password")) {
            (Some(file), Some(password)) => {
                let pem = fs::read(file)?;
                let key = PKey::private_key_from_pem_passphrase(&pem, password.as_bytes())?;
                builder.set_private_key(&key)?;
            }
            (Some(file), None) => builder.set_private_key_file(file, SslFiletype::PEM)?,
            (None, _) => {}
        }
        Ok(Self { connector: builder.build() })
    }

    /// Shakes hands with the broker of this name.
    pub(super) fn wrap(&self, bare: Socket, host: &str) -> io::Result<Socket> {
        let Socket::Bare(tcp) = bare else {
            return Ok(bare);
        };
        let wrapped = self.connector.connect(host, tcp).map_err(|error| {
            io::Error::new(io::ErrorKind::ConnectionAborted, format!("no TLS: {error}"))
        })?;
        Ok(Socket::Tls(wrapped))
    }
}
