//! Consent texts on the embedded broker: from a sentence on standard input to what the gate lets through.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::decision::Reason;
use consentgate::wire::audit::decode_entry;
use tempfile::TempDir;

use crate::support::gate::{await_ready, await_that, gate_toml, test_keys, try_start};
use crate::support::reading::{Isolation, read_all};
use crate::support::topics::GateTopics;
use crate::support::world::phone;

const SENTENCE: &str = "Yes, the café may send me its offers on WhatsApp, until I say stop.";
/// As `sha256sum` has it.
const SHA256: &str = "bb93617aa96d3e8f58dffb7a6ff1ba8641eec86a5fc2ed22c3d377b2cd9c887c";

struct Desk {
    broker: Broker,
    topics: GateTopics,
    dir: TempDir,
}

impl Desk {
    fn new() -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let topics = GateTopics::named("texts-commands");
        topics.create(&broker.bootstrap(), 3);
        let desk = Self { broker, topics, dir: tempfile::tempdir().expect("a folder") };
        fs::write(desk.dir.path().join("gate.toml"), desk.toml()).expect("written");
        desk
    }

    /// The cafe wants published texts, in spite of what tests set for everybody.
    fn toml(&self) -> String {
        let more = "[policy.businesses.cafe]\nconsent_texts = \"published\"\n";
        gate_toml(&self.broker.bootstrap(), &self.topics, more)
    }

    /// Exit code, standard output, standard error.
    fn run(&self, input: &str, command: &str) -> (i32, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_consentgate"))
            .args(command.split_whitespace())
            .arg("--config")
            .arg(self.dir.path().join("gate.toml"))
            .env_clear()
            .envs(test_keys())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("standard input");
        // Who reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("an end");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let code = output.status.code().expect("an exit code");
        (code, text(output.stdout), text(output.stderr))
    }

    fn read(&self, topic: &str) -> usize {
        read_all(&self.broker.bootstrap(), topic, Isolation::Committed).len()
    }
}

const PUBLISH: &str = "consent publish-text --business cafe --text-id welcome --text-version 1 \
                       --language en --scope offers --channel whatsapp";

fn grant(version: u32) -> String {
    format!(
        "consent grant --business cafe --scope offers --method website_form --expression box_ticked \
         --text-id welcome --text-version {version} --evidence form/1"
    )
}

#[test]
fn a_text_is_published_printed_agreed_to_and_retired() {
    let desk = Desk::new();
    let (code, out, err) = desk.run(&format!("{SENTENCE}\n"), PUBLISH);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains(&format!("\ntext welcome version 1 sha256 {SHA256}")), "{out}");
    let (code, _, err) = desk.run("Another sentence.", PUBLISH);
    assert_eq!(code, 65, "{err}");
    assert!(err.contains("write a new version"), "{err}");
    assert_eq!(desk.read(&desk.topics.consent_events), 1);

    for (person, version) in [(1, 1), (2, 2)] {
        assert_eq!(desk.run(&phone(person), &grant(version)).0, 0);
    }
    let (code, _, err) = desk.run(&phone(3), &grant(1).replace("website_form", "qr_code"));
    assert_eq!(code, 65);
    assert!(err.contains("in a way that suits the method") && !err.contains("999"), "{err}");
    let gate = try_start(&desk.toml(), "gate-0").expect("a gate");
    await_ready(&gate);
    for person in [1, 2] {
        let send = "message send --business cafe --scope offers";
        assert_eq!(desk.run(&phone(person), send).0, 0);
    }
    let (allowed, audit) = (&desk.topics.allowed, &desk.topics.audit);
    await_that("both are decided", || desk.read(allowed) + desk.read(audit) == 2);
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    assert_eq!(desk.read(allowed), 1);
    let entries = read_all(&desk.broker.bootstrap(), audit, Isolation::Committed);
    let entry = decode_entry(entries[0].value.as_deref().expect("an entry")).expect("an entry");
    assert_eq!(entry.suppression.primary, Reason::ProofMissing);

    let (_, out, _) = desk.run("", "consent text --business cafe --text-id welcome");
    assert!(out.contains("\nstate      proves offers\n"), "{out}");
    assert!(out.ends_with(&format!("\n\n{SENTENCE}\n")), "{out}");
    let retire = "consent retire-text --business cafe --text-id welcome --text-version 1";
    assert_eq!(desk.run("", retire).0, 0);
    let (_, out, _) = desk.run("", "consent text --business cafe");
    assert!(out.contains("\nstate      proves offers; retired at "), "{out}");
    assert_eq!(desk.run("", "consent text --business shop").0, 65);
}
