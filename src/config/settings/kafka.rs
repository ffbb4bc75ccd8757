//! `[kafka]` as written: addresses, security, memory, and what is handed to librdkafka.
//!
//! Knows nothing of what the gate itself sets: those keys are refused in the pass-through tables.

use std::path::PathBuf;

use crate::config::section::{choice, section};
use crate::config::value::{PassThrough, Secret, Size};

choice! {
    /// How connections are protected.
    SecurityProtocol {
        /// Not at all.
        Plaintext = "plaintext",
        /// TLS.
        Ssl = "ssl",
        /// A password over a bare connection.
        SaslPlaintext = "sasl_plaintext",
        /// A password over TLS.
        SaslSsl = "sasl_ssl",
    }
}

choice! {
    /// How a password is proven.
    SaslMechanism {
        /// It is sent as it is.
        Plain = "plain",
        /// Salted challenge, SHA-256.
        ScramSha256 = "scram-sha-256",
        /// Salted challenge, SHA-512.
        ScramSha512 = "scram-sha-512",
    }
}

section! {
    /// How to reach Kafka.
    ["kafka"] KafkaSettings {
        /// Brokers to ask first: host:port, separated by commas.
        bootstrap: String = "127.0.0.1:9092".to_owned();
        /// The name under which the gate appears in the brokers' logs and quotas.
        client_id: String = "consentgate".to_owned();
        /// Memory that each lane may fill with records it has fetched and not yet decided.
        fetch_buffer: Size = Size::mib(64);
        /// Memory that each lane may fill with records it has sent and Kafka has not acknowledged.
        send_buffer: Size = Size::mib(128);
        /// How connections are protected. All but "plaintext" need a build with the feature `tls`.
        security_protocol: SecurityProtocol = SecurityProtocol::Plaintext;
        /// How the password is proven.
        sasl_mechanism: Option<SaslMechanism> = None, example "\"scram-sha-512\"";
        /// The user name.
        sasl_username: Option<String> = None, example "\"consentgate\"";
        /// The password; better from the environment: CONSENTGATE__KAFKA__SASL_PASSWORD.
        sasl_password: Option<Secret> = None, example "\"secret\"";
        /// The certificates of the authorities that may sign the brokers' certificates (PEM).
        ssl_ca_file: Option<PathBuf> = None, example "\"/etc/consentgate/ca.pem\"";
        /// The gate's own certificate (PEM).
        ssl_certificate_file: Option<PathBuf> = None, example "\"/etc/consentgate/client.pem\"";
        /// The key of the gate's own certificate (PEM).
        ssl_key_file: Option<PathBuf> = None, example "\"/etc/consentgate/client.key\"";
        /// The password of that key; better from the environment.
        ssl_key_password: Option<Secret> = None, example "\"secret\"";
        /// Settings of librdkafka for all clients. Those on which a promise rests are refused.
        librdkafka: PassThrough = PassThrough::new(), example "\"socket.keepalive.enable\" = true";
        /// Settings of librdkafka for the client that reads the consent topics.
        librdkafka_consent: PassThrough = PassThrough::new(), example "\"fetch.wait.max.ms\" = 100";
        /// Settings of librdkafka for the clients that read the outbound topic.
        librdkafka_outbound: PassThrough = PassThrough::new(), example "\"fetch.min.bytes\" = 65536";
        /// Settings of librdkafka for the clients that write.
        librdkafka_producer: PassThrough = PassThrough::new(), example "\"compression.type\" = \"lz4\"";
    }
}
