//! How a connection of our own gets in: TLS and a password, as `[kafka]` says.
//!
//! Reads the settings that librdkafka is given, by librdkafka's names, so that both enter alike. What
//! it cannot do it refuses when it is made, never by entering with less.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;
use rsasl::prelude::{Mechname, SASLClient, SASLConfig, State};
use secrecy::{ExposeSecret, SecretString};

use super::connection::{Connection, odd};
use super::socket::Socket;
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::config::KafkaConfig;
use crate::stream::{Fault, FaultKind};

/// The first version that wraps the mechanism's bytes in requests (Kafka 1.0).
const HANDSHAKE_VERSION: i16 = 1;
/// The first version that says how long the password is good for (Kafka 2.2, KIP-368).
const AUTHENTICATE_VERSION: i16 = 1;
/// No mechanism has more rounds than this; a broker that asks on and on is not answered.
const ROUNDS_MAX: usize = 8;

/// The way in.
#[derive(Clone, Debug)]
pub(in crate::kafka) struct Entrance {
    pub(super) client_id: String,
    sasl: Option<Sasl>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// A password and how it is proven.
#[derive(Clone, Debug)]
struct Sasl {
    mechanism: String,
    username: String,
    password: SecretString,
}

impl Entrance {
    /// The way in of this configuration.
    ///
    /// # Errors
    /// A certificate or key cannot be read, or this build has no TLS.
    pub(in crate::kafka) fn new(kafka: &KafkaConfig) -> Result<Self, Fault> {
        let value = |name: &str| {
            let found = kafka.security().iter().find(|property| property.name == name)?;
            Some(found.value.expose_secret().to_owned())
        };
        let protocol = value("security.protocol").unwrap_or_default();
        let (has_sasl, has_tls) = match protocol.as_str() {
            "plaintext" => (false, false),
            "ssl" => (false, true),
            "sasl_plaintext" => (true, false),
            "sasl_ssl" => (true, true),
            other => {
                return Err(refused(format!("security protocol \"{other}\" is not known here")));
            }
        };
        let needed = |name: &str| value(name).ok_or_else(|| refused(format!("{name} is missing")));
        let sasl = match has_sasl {
            true => Some(Sasl {
                mechanism: needed("sasl.mechanism")?,
                username: needed("sasl.username")?,
                password: needed("sasl.password")?.into(),
            }),
            false => None,
        };
        #[cfg(not(feature = "tls"))]
        if has_tls {
            return Err(refused("this build has no TLS; build with `--features tls`"));
        }
        Ok(Self {
            client_id: kafka.client_id.clone(),
            sasl,
            #[cfg(feature = "tls")]
            tls: match has_tls {
                true => Some(Tls::new(&value).map_err(refused)?),
                false => None,
            },
        })
    }

    /// Puts TLS around a socket, if it is wanted.
    #[cfg_attr(not(feature = "tls"), expect(clippy::unused_self, reason = "only TLS has a choice"))]
    pub(super) fn protect(
        &self,
        tcp: TcpStream,
        host: &str,
        deadline: Instant,
    ) -> io::Result<Socket> {
        let bare = Socket::Bare(tcp);
        bare.bound(deadline)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.wrap(bare, host);
        }
        let _ = host;
        Ok(bare)
    }

    /// Proves the password, if there is one. The instant is when it must be proven again.
    pub(super) fn authenticate(
        &self,
        connection: &mut Connection,
        deadline: Instant,
    ) -> io::Result<Option<Instant>> {
        match &self.sasl {
            Some(sasl) => sasl.prove(connection, deadline),
            None => Ok(None),
        }
    }
}

impl Sasl {
    fn prove(&self, connection: &mut Connection, deadline: Instant) -> io::Result<Option<Instant>> {
        let mechanism = StrBytes::from_string(self.mechanism.clone());
        let hello = SaslHandshakeRequest::default().with_mechanism(mechanism);
        if connection.call(&hello, HANDSHAKE_VERSION, deadline)?.error_code != 0 {
            let what = format!("the broker does not offer {}", self.mechanism);
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
        }
        let password = self.password.expose_secret().to_owned();
        let config =
            SASLConfig::with_credentials(None, self.username.clone(), password).map_err(odd)?;
        let name = Mechname::parse(self.mechanism.as_bytes()).map_err(odd)?;
        let mut session = SASLClient::new(config).start_suggested([name].iter()).map_err(odd)?;
        let mut heard: Option<Vec<u8>> = None;
        for _ in 0..ROUNDS_MAX {
            let mut said = Vec::new();
            let state = session.step(heard.as_deref(), &mut said).map_err(denied)?;
            if matches!(state, State::Finished(_)) && said.is_empty() {
                return Ok(None);
            }
            let bytes = SaslAuthenticateRequest::default().with_auth_bytes(said.into());
            let answer = connection.call(&bytes, AUTHENTICATE_VERSION, deadline)?;
            if answer.error_code != 0 {
                return Err(denied("the broker refuses the user name or password"));
            }
            if matches!(state, State::Finished(_)) {
                return Ok(renewal(answer.session_lifetime_ms));
            }
            heard = Some(answer.auth_bytes.to_vec());
        }
        Err(denied("the broker asks for more than the mechanism has"))
    }
}

/// A new connection is made at four fifths of the password's time.
fn renewal(lifetime_ms: i64) -> Option<Instant> {
    let lifetime_ms = u64::try_from(lifetime_ms).ok().filter(|ms| *ms > 0)?;
    Some(Instant::now() + Duration::from_millis(lifetime_ms) / 5 * 4)
}

fn denied(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, cause)
}

fn refused(what: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Refused, format!("preparing connections of our own: {what}"))
}
