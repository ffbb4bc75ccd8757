//! What is handed to librdkafka, and what never is.

use super::*;

#[test]
fn librdkafka_settings_are_handed_on_per_client() {
    let text = "[kafka.librdkafka]\n\"socket.keepalive.enable\" = true\nlinger.ms = 1\n\
                [kafka.librdkafka_producer]\nlinger.ms = 5\n";
    let mut sources = from_file(text);
    let variable = "CONSENTGATE__KAFKA__LIBRDKAFKA_OUTBOUND__FETCH_MIN_BYTES";
    sources.environment = vec![(variable.to_owned(), "1".to_owned())];
    sources.flags = vec![flag("kafka.librdkafka.socket.nagle.disable", "true")];
    let kafka = loaded(&sources).config.kafka;
    let setting = |client, name: &str| kafka.pass_through(client).get(name).cloned();
    assert_eq!(setting(Client::Fence, "socket.keepalive.enable").as_deref(), Some("true"));
    assert_eq!(setting(Client::Tool, "socket.nagle.disable").as_deref(), Some("true"));
    assert_eq!(setting(Client::Consent, "linger.ms").as_deref(), Some("1"));
    assert_eq!(setting(Client::Producer, "linger.ms").as_deref(), Some("5"));
    assert_eq!(setting(Client::Outbound, "fetch.min.bytes").as_deref(), Some("1"));
    assert_eq!(setting(Client::Consent, "fetch.min.bytes"), None);
}

#[test]
fn librdkafka_settings_that_break_a_promise_are_refused_in_every_table() {
    for table in ["librdkafka", "librdkafka_consent", "librdkafka_outbound", "librdkafka_producer"]
    {
        let problem =
            problem_of(&format!("[kafka.{table}]\n\"isolation.level\" = \"read_uncommitted\"\n"));
        assert_eq!(problem.key, format!("kafka.{table}.isolation.level"));
        assert!(problem.hint.contains("aborted messages"), "{problem}");
    }
    let slow = problem_of("[kafka.librdkafka]\nsocket.timeout.ms = 60000\n");
    assert!(slow.what.contains("transaction_timeout"), "{slow}");
    let hasty = problem_of("[kafka.librdkafka_producer]\nretry.backoff.ms = 50\n");
    assert!(hasty.hint.contains("hangs sooner"), "{hasty}");
}

#[test]
fn security_without_tls_in_the_build_is_refused_with_the_way_out() {
    let problem = problem_of("[kafka]\nsecurity_protocol = \"ssl\"\n");
    assert!(problem.hint.contains("--features tls"), "{problem}");
}

#[test]
fn security_becomes_librdkafkas_settings() {
    let text = "[kafka]\nsecurity_protocol = \"sasl_ssl\"\nsasl_mechanism = \"scram-sha-512\"\n\
                sasl_username = \"gate\"\nsasl_password = \"hush\"\n";
    let loaded = load(&from_file(text), &with_tls()).expect("sound");
    let names: Vec<_> = loaded.config.kafka.security().iter().map(|p| p.name).collect();
    assert_eq!(names, ["security.protocol", "sasl.mechanism", "sasl.username", "sasl.password"]);
    assert!(!format!("{loaded:?}").contains("hush"));
}
