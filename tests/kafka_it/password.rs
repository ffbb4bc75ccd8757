//! The quorum fence's own connections where Kafka wants a password: they come in with the right one and
//! not with another. Only in builds that take a password at all (feature `tls`).

use consentgate::consent::Topic;
use consentgate::kafka::{Clients, ConsentTopic, QuorumEnds};
use consentgate::stream::ports::EndsPort;
use libtest_mimic::Trial;

use crate::support::gate::config;
use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::topics::create_topic;
use crate::trial::on_own;

/// The listener behind the proxy lets only `gate` in.
const WITH_PASSWORD: ClusterSpec<'static> = ClusterSpec {
    proxy_listener: true,
    extra: &[
        (
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PX:SASL_PLAINTEXT",
        ),
        ("listener.name.px.sasl.enabled.mechanisms", "PLAIN"),
        (
            "listener.name.px.plain.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required user_gate=\"open sesame\";",
        ),
    ],
    ..ClusterSpec::PLAIN
};
const TOPIC: &str = "guarded";

pub fn trials() -> Vec<Trial> {
    vec![on_own("the_quorum_fence_enters_with_its_password_alone", WITH_PASSWORD, |cluster| {
        let _proxy = cluster.node(1).proxy();
        create_topic(&cluster.bootstrap(), TOPIC, 2, &[]);
        assert_eq!(proven(cluster, "open sesame"), Ok(2));
        let refused = proven(cluster, "open barley").expect_err("a wrong password");
        assert!(refused.contains("refuses the user name or password"), "{refused}");
        assert!(!refused.contains("barley"), "no password in an error");
    })]
}

/// How many partitions have a proven end, or why there is no answer.
fn proven(cluster: &Cluster, password: &str) -> Result<usize, String> {
    let toml = format!(
        "[kafka]\nbootstrap = \"{}\"\nsecurity_protocol = \"sasl_plaintext\"\nsasl_mechanism = \"plain\"\n\
         sasl_username = \"gate\"\nsasl_password = \"{password}\"\n",
        cluster.proxied_bootstrap()
    );
    let config = config(&toml, "gate-0");
    let topic = ConsentTopic { role: Topic::ConsentEvents, name: TOPIC.to_owned(), partitions: 2 };
    let clients = Clients::new(config.kafka, config.gate);
    let mut ends = QuorumEnds::open(&clients, vec![topic]).map_err(|fault| fault.to_string())?;
    let told = ends.ends().map_err(|fault| fault.to_string())?;
    Ok(told.answers.iter().filter(|answer| answer.end.is_ok()).count())
}
