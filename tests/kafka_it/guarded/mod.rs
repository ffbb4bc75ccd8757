//! A Kafka that lets not everybody in: passwords by each mechanism, and TLS with certificates on both
//! sides. Only in builds that have both (feature `tls`).
//!
//! A gate enters twice: librdkafka's clients and the quorum fence's own connections, each with its own
//! code. So the fence's question is asked alone, and then a whole gate decides.

mod certificates;

use consentgate::consent::Topic;
use consentgate::kafka::{Clients, ConsentTopic, QuorumEnds};
use consentgate::stream::ports::EndsPort;
use libtest_mimic::Trial;

use self::certificates::{Authority, Pems};
use crate::support::gate::{config, decide_all};
use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::stage::Stage;
use crate::support::topics::create_topic;
use crate::support::world::{grant, now_ms};
use crate::trial::{on_none, on_own};

/// The listener behind the proxy lets only `gate` in.
const WITH_PASSWORD: ClusterSpec<'static> = ClusterSpec {
    proxy_listener: true,
    extra: &[
        (
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PX:SASL_PLAINTEXT",
        ),
        ("listener.name.px.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"),
        (
            "listener.name.px.plain.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required user_gate=\"open sesame\";",
        ),
        (
            "listener.name.px.scram-sha-256.sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        ),
        (
            "listener.name.px.scram-sha-512.sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        ),
    ],
    ..ClusterSpec::PLAIN
};
const MECHANISMS: [&str; 3] = ["plain", "scram-sha-256", "scram-sha-512"];
const TOPIC: &str = "guarded";

pub fn trials() -> Vec<Trial> {
    vec![
        on_own("a_gate_enters_with_its_password_alone", WITH_PASSWORD, with_password),
        on_none("a_gate_enters_with_its_certificate_alone", with_certificate),
    ]
}

fn with_password(cluster: &Cluster) {
    let _proxy = cluster.node(1).proxy();
    create_topic(&cluster.bootstrap(), TOPIC, 2, &[]);
    // Kafka does not take two of a user's passwords at once.
    ["SCRAM-SHA-256", "SCRAM-SHA-512"].iter().for_each(|mechanism| remember(cluster, mechanism));
    for mechanism in MECHANISMS {
        let entering_with = |password: &str| {
            format!(
                "security_protocol = \"sasl_plaintext\"\nsasl_mechanism = \"{mechanism}\"\n\
                 sasl_username = \"gate\"\nsasl_password = \"{password}\"\n"
            )
        };
        assert_eq!(proven(cluster, &entering_with("open sesame")), Ok(2), "{mechanism}");
        let refused = proven(cluster, &entering_with("open barley")).expect_err("a wrong password");
        assert!(refused.contains("refuses the user name or password"), "{mechanism}: {refused}");
        assert!(!refused.contains("barley"), "no password in an error");
        decides(cluster, mechanism, &entering_with("open sesame"));
    }
}

/// Lets the nodes know the gate's password; those for SCRAM are kept in Kafka itself.
fn remember(cluster: &Cluster, mechanism: &str) {
    let (bootstrap, password) =
        (cluster.bootstrap(), format!("{mechanism}=[password=open sesame]"));
    let user = ["--entity-type", "users", "--entity-name", "gate"];
    let change = ["--bootstrap-server", &bootstrap, "--alter", "--add-config", &password];
    cluster.node(1).tool("kafka.admin.ConfigCommand", &[&change[..], &user].concat());
}

fn with_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let node = ours.issue("node-1").write(folder.path(), "node");
    ours.write(folder.path(), "ours");
    theirs.write(folder.path(), "theirs");
    let (node_store, trusted) = (node.whole.display().to_string(), path("ours.pem"));
    let extra = [
        ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PX:SSL"),
        ("listener.name.px.ssl.client.auth", "required"),
        ("listener.name.px.ssl.keystore.type", "PEM"),
        ("listener.name.px.ssl.keystore.location", &node_store),
        ("listener.name.px.ssl.truststore.type", "PEM"),
        ("listener.name.px.ssl.truststore.location", &trusted),
    ];
    let spec = ClusterSpec { proxy_listener: true, extra: &extra, ..ClusterSpec::PLAIN };
    let cluster = Cluster::start(spec).expect("a cluster with TLS");
    // What is encrypted no proxy can read.
    cluster.node(1).hand_on();
    create_topic(&cluster.bootstrap(), TOPIC, 2, &[]);
    let entering_with = |authority: &str, own: &Pems| {
        format!(
            "security_protocol = \"ssl\"\nssl_ca_file = \"{}\"\nssl_certificate_file = \"{}\"\n\
             ssl_key_file = \"{}\"\n",
            path(authority),
            own.certificate.display(),
            own.key.display()
        )
    };
    let known = ours.issue("gate").write(folder.path(), "gate");
    let unknown = theirs.issue("gate").write(folder.path(), "stranger");
    let entrance = entering_with("ours.pem", &known);
    assert_eq!(proven(&cluster, &entrance), Ok(2));
    let refused = proven(&cluster, &entering_with("theirs.pem", &known));
    let why = refused.expect_err("a node that is not known");
    assert!(why.contains("certificate verify failed"), "{why}");
    let refused = proven(&cluster, &entering_with("ours.pem", &unknown));
    refused.expect_err("a gate that is not known");
    decides(&cluster, "certificate", &entrance);
}

/// How many partitions have a proven end, or why there is no answer.
fn proven(cluster: &Cluster, entrance: &str) -> Result<usize, String> {
    let toml = format!("[kafka]\nbootstrap = \"{}\"\n{entrance}", cluster.proxied_bootstrap());
    let config = config(&toml, "gate-0");
    let topic = ConsentTopic { role: Topic::ConsentEvents, name: TOPIC.to_owned(), partitions: 2 };
    let clients = Clients::new(config.kafka, config.gate);
    let mut ends = QuorumEnds::open(&clients, vec![topic]).map_err(|fault| fault.to_string())?;
    let told = ends.ends().map_err(|fault| fault.to_string())?;
    Ok(told.answers.iter().filter(|answer| answer.end.is_ok()).count())
}

/// A whole gate enters so, and decides as it must.
fn decides(cluster: &Cluster, name: &str, entrance: &str) {
    let stage = Stage::new(&cluster.bootstrap(), name, 2);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms())]);
    let places = stage.offers(&[1, 2], 0);
    let guarded = format!("bootstrap = \"{}\"\n{entrance}", cluster.proxied_bootstrap());
    let open = format!("bootstrap = \"{}\"\n", stage.kafka);
    let toml = stage.toml("").replace(&open, &guarded);
    let ledger = decide_all(&stage.kafka, &toml, &stage.topics);
    ledger.assert_clean();
    assert!(ledger.is_allowed(places[0]) && !ledger.is_allowed(places[1]), "{name}");
}
