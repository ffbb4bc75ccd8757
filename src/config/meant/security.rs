//! Security towards Kafka as meant: librdkafka's settings, from ours, if they fit together.
//!
//! A password or certificate that would not be used is a problem: whoever wrote it believes that
//! the connection is protected.

use secrecy::SecretString;

use super::check::Check;
use crate::config::settings::{KafkaSettings, SecurityProtocol};
use crate::config::sources::Tls;

/// One setting of librdkafka whose value may be a secret.
#[derive(Clone, Debug)]
pub struct Property {
    /// librdkafka's name for it.
    pub name: &'static str,
    /// Its value.
    pub value: SecretString,
}

/// One of our keys beside librdkafka's name for it.
type Field = (&'static str, &'static str, Option<SecretString>);

pub(super) fn security(kafka: &KafkaSettings, tls: Tls, check: &mut Check<'_>) -> Vec<Property> {
    use SecurityProtocol::{Plaintext, SaslPlaintext, SaslSsl, Ssl};
    let protocol = kafka.security_protocol;
    if protocol != Plaintext && tls == Tls::Missing {
        let what = format!("\"{}\" needs a build with TLS", protocol.name());
        let hint = "build with `cargo build --release --features tls`";
        check.refuse("kafka.security_protocol", what, "\"plaintext\" in this build", hint);
    }
    let sasl = sasl_fields(kafka);
    let ssl = ssl_fields(kafka);
    match protocol {
        SaslPlaintext | SaslSsl => require(&sasl, protocol, check),
        Plaintext | Ssl => refuse_unused(&sasl, protocol, check),
    }
    match protocol {
        Ssl | SaslSsl => pair(kafka, check),
        Plaintext | SaslPlaintext => refuse_unused(&ssl, protocol, check),
    }
    let mut properties =
        vec![Property { name: "security.protocol", value: protocol.name().into() }];
    properties.extend(
        sasl.into_iter()
            .chain(ssl)
            .filter_map(|(_, name, value)| Some(Property { name, value: value? })),
    );
    properties
}

fn sasl_fields(kafka: &KafkaSettings) -> Vec<Field> {
    let mechanism = kafka.sasl_mechanism.map(|mechanism| mechanism.name().to_uppercase());
    let password = kafka.sasl_password.as_ref().map(|secret| secret.0.clone());
    vec![
        ("sasl_mechanism", "sasl.mechanism", mechanism.map(Into::into)),
        ("sasl_username", "sasl.username", kafka.sasl_username.clone().map(Into::into)),
        ("sasl_password", "sasl.password", password),
    ]
}

fn ssl_fields(kafka: &KafkaSettings) -> Vec<Field> {
    let path = |path: &Option<std::path::PathBuf>| {
        let text = path.as_ref()?.to_string_lossy().into_owned();
        Some(SecretString::from(text))
    };
    let password = kafka.ssl_key_password.as_ref().map(|secret| secret.0.clone());
    vec![
        ("ssl_ca_file", "ssl.ca.location", path(&kafka.ssl_ca_file)),
        ("ssl_certificate_file", "ssl.certificate.location", path(&kafka.ssl_certificate_file)),
        ("ssl_key_file", "ssl.key.location", path(&kafka.ssl_key_file)),
        ("ssl_key_password", "ssl.key.password", password),
    ]
}

fn require(fields: &[Field], protocol: SecurityProtocol, check: &mut Check<'_>) {
    for (key, _, _) in fields.iter().filter(|(.., value)| value.is_none()) {
        let what = format!("missing, kafka.security_protocol \"{}\" needs it", protocol.name());
        check.refuse(&format!("kafka.{key}"), what, "", "");
    }
}

fn refuse_unused(fields: &[Field], protocol: SecurityProtocol, check: &mut Check<'_>) {
    for (key, _, _) in fields.iter().filter(|(.., value)| value.is_some()) {
        let what = format!("not used with kafka.security_protocol \"{}\"", protocol.name());
        let hint = "set the protocol that uses it, or remove it";
        check.refuse(&format!("kafka.{key}"), what, "", hint);
    }
}

/// A certificate and its key come together.
fn pair(kafka: &KafkaSettings, check: &mut Check<'_>) {
    let hint = "a certificate and its key come together";
    match (&kafka.ssl_certificate_file, &kafka.ssl_key_file) {
        (Some(_), None) => check.refuse("kafka.ssl_key_file", "missing", "", hint),
        (None, Some(_)) => check.refuse("kafka.ssl_certificate_file", "missing", "", hint),
        _ => {}
    }
}
