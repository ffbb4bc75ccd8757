//! The independent checker, asked about the topics of a test's gate.

use std::time::Duration;

use consentgate::commands::verify::{own_key, verify};
use consentgate_checker::{Messages, Options, Report, Run, Topics, check};
use ed25519_dalek::SigningKey;

use super::chance::chance;
use super::gate::{await_ready, config, gate_toml, test_keys, try_start};
use super::mixed::Mixed;
use super::stage::Stage;
use super::topics::GateTopics;
use super::world::now_ms;

/// A gate's topics, as the checker names them.
pub fn checker_topics(kafka: &str, topics: &GateTopics) -> Topics {
    Topics {
        bootstrap: kafka.to_owned(),
        consent_events: topics.consent_events.clone(),
        consent_activity: topics.consent_activity.clone(),
        template_states: Some(topics.template_states.clone()),
        outbound: topics.outbound.clone(),
        allowed: topics.allowed.clone(),
        audit: topics.audit.clone(),
        receipts: topics.receipts.clone(),
    }
}

/// It believes the key of all tests' gates.
pub fn checker_options(run: Run) -> Options {
    let keys = test_keys();
    let signing = keys.iter().find(|(name, _)| name.ends_with("SIGNING_KEY")).expect("a key");
    let secret = hex::decode(&signing.1).expect("hexadecimal");
    let secret: [u8; 32] = secret.try_into().expect("32 bytes");
    let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
    Options { public_keys: vec![public], run, messages: Messages::Protobuf }
}

/// What it finds in the topics of a gate that has ended.
pub fn checked(kafka: &str, topics: &GateTopics) -> Report {
    let options = checker_options(Run::Finished);
    check(&checker_topics(kafka, topics), &options).expect("readable topics")
}

/// One business wants published texts and confirmed offers, another way outs in all its messages.
pub const POLICY: &str = "[policy.businesses.cafe]\nconsent_texts = \"published\"\n\
    scopes = [{ name = \"surveys\", strength = \"double\" }]\n\
    [policy.businesses.shop]\nopt_out_path = \"all\"\n";
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

/// Lets a gate decide a mixed world of a seed, and asks `verify` and the checker about it: neither finds
/// anything, and the checker has judged nearly all of it by its own rules.
pub fn both_agree_on_a_mixed_world(kafka: &str, name: &str) {
    let stage = Stage::new(kafka, name, 3);
    let mut world = Mixed::new(chance(name));
    stage.consent(&world.at(now_ms()).publications());
    let toml = gate_toml(kafka, &stage.topics, POLICY);
    let gate = try_start(&toml, "gate-0").expect("a gate");
    await_ready(&gate);
    world.play(&stage, 10, 90, 250);
    stage.await_drained(DRAINED_WITHIN);
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let config = config(&toml, "verifier");
    let keys = own_key(&config).expect("the test's key");
    let verified = verify(&config, keys, <_>::default()).expect("readable topics");
    let checked = checked(kafka, &stage.topics);
    println!("{}", checked.to_text());
    assert_eq!(verified.difference_count(), 0, "{}", verified.to_text());
    assert!(checked.is_clean(), "{}", checked.to_text());
    let counts = checked.counts;
    assert_eq!(counts.messages, verified.counts.input);
    assert_eq!(counts.allowed, verified.counts.allowed);
    assert_eq!(counts.audit, verified.counts.audit);
    assert!(counts.allowed > 50 && counts.audit > 1_000, "{}", checked.to_text());
    let left: u64 = checked.not_judged.values().sum();
    assert_eq!(counts.decisions + left, counts.messages, "{}", checked.to_text());
    assert!(left * 20 < counts.messages, "{}", checked.to_text());
    assert!(checked.judged_by_reason.len() >= 15, "{}", checked.to_text());
}
