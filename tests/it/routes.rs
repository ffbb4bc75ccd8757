//! Two routes in one gate on the embedded broker: each decides its own, and one that is lost holds alone.

use std::fs;
use std::process::Command;

use consentgate::app::prepare;
use consentgate::broker::{Broker, BrokerConfig};
use consentgate::consent::RouteName;

use crate::support::gate::{config, test_keys};
use crate::support::routes::{
    TwoRoutes, a_lost_input_holds_its_route_alone, a_lost_output_holds_its_route_alone,
    a_route_that_is_missing_at_the_start_follows, await_route, codes, each_decides_its_own,
};
use crate::support::topics::delete_topics;

fn on_broker(run: impl FnOnce(&str)) {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    run(&broker.bootstrap());
}

#[test]
fn each_route_decides_its_own_and_an_opt_out_counts_on_both() {
    on_broker(each_decides_its_own);
}

#[test]
fn a_route_whose_input_is_deleted_holds_alone() {
    on_broker(a_lost_input_holds_its_route_alone);
}

#[test]
fn a_route_whose_output_is_deleted_holds_alone_and_goes_on_with_it() {
    on_broker(a_lost_output_holds_its_route_alone);
}

#[test]
fn a_route_whose_topics_are_missing_at_the_start_follows_when_they_are_there() {
    on_broker(a_route_that_is_missing_at_the_start_follows);
}

#[test]
fn what_all_routes_need_is_demanded_at_the_start() {
    on_broker(|kafka| {
        let two = TwoRoutes::new(kafka, "no-consent");
        delete_topics(kafka, &[&two.offers.topics.consent_activity]);
        let refused = prepare(config(&two.toml(), "gate-0")).err().expect("refused").to_string();
        assert!(refused.contains("consent_activity"), "{refused}");
        assert_eq!(refused.matches("does not exist").count(), 1, "told once: {refused}");
    });
}

#[test]
fn a_gate_none_of_whose_routes_can_start_says_so_and_ends() {
    on_broker(|kafka| {
        let two = TwoRoutes::without_codes(kafka, "none-whole");
        delete_topics(kafka, &[&two.offers.topics.audit]);
        let refused = prepare(config(&two.toml(), "gate-0")).err().expect("refused").to_string();
        for topic in [&two.offers.topics.audit, &two.codes.topics.audit] {
            assert!(refused.contains(topic), "{refused}");
        }
    });
}

const TIMES: [&str; 2] = ["2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"];

/// What a command says, and its exit code.
struct Said {
    code: Option<i32>,
    text: String,
}

fn run(two: &TwoRoutes, arguments: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gate.toml");
    fs::write(&file, two.toml()).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(arguments).arg("--config").arg(&file).env_clear().envs(test_keys());
    let output = command.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    Said { code: output.status.code(), text: String::from_utf8(text).expect("text") }
}

#[test]
fn commands_take_the_route_that_is_named_and_guess_none() {
    on_broker(|kafka| {
        let two = TwoRoutes::new(kafka, "commands");
        let gate = two.gate();
        await_route(&gate, RouteName::MAIN);
        await_route(&gate, codes());
        let out = tempfile::tempdir().expect("a folder");
        let out = out.path().to_str().expect("a path");
        two.offers.offers(&[1, 4], 0);
        let audited = two.codes.offers(&[1, 2, 4], 100)[2];
        two.offers.await_drained(std::time::Duration::from_secs(60));
        two.await_codes_drained();
        gate.join(std::time::Duration::from_secs(60)).expect("an orderly end");

        for command in [
            &["verify"][..],
            &["replay", "--policy", "none.toml"],
            &["audit", "tail"],
            &["receipts", "tail"],
            &["redrive", "--reason", "paused", "--from", TIMES[0], "--to", TIMES[1]],
            &["figures"],
            &["cutover", "plan", "--sender-group", "sender"],
            &["trial", "--out", out],
            &["explain", "--message-id", "x"],
            &["message", "send", "--business", "cafe", "--scope", "offers"],
            &["mapping", "try", "none.json"],
        ] {
            let said = run(&two, command);
            assert_eq!(said.code, Some(2), "{command:?}: {}", said.text);
            let wanted = "main, codes: say which with --route";
            assert!(said.text.contains(wanted), "{command:?}: {}", said.text);
        }
        let unknown = run(&two, &["verify", "--route", "code"]);
        assert_eq!(unknown.code, Some(2));
        assert!(unknown.text.contains("it has main, codes"), "{}", unknown.text);

        for (route, messages) in [
            ("main", "decided again 2, differences 0"),
            ("codes", "decided again 3, differences 0"),
        ] {
            let said = run(&two, &["verify", "--route", route]);
            assert_eq!(said.code, Some(0), "{}", said.text);
            assert!(said.text.contains(messages), "{}", said.text);
        }
        let tailed = run(&two, &["receipts", "tail", "--route", "codes"]);
        assert!(tailed.text.contains("\"route\":\"codes\""), "{}", tailed.text);
        assert!(tailed.text.contains("\"fence_limit_ms\":1500"), "{}", tailed.text);
        let tailed = run(&two, &["receipts", "tail", "--route", "main"]);
        assert!(!tailed.text.contains("\"route\""), "as ever: {}", tailed.text);
        // A record says by its topic which route it is of.
        let (partition, offset) = (audited.partition.to_string(), audited.offset.to_string());
        let explained = run(&two, &["explain", &two.codes.topics.outbound, &partition, &offset]);
        assert_eq!(explained.code, Some(0), "{}", explained.text);
        assert!(explained.text.contains("no_grant"), "{}", explained.text);
    });
}

#[test]
fn check_and_topics_look_at_every_route() {
    on_broker(|kafka| {
        let two = TwoRoutes::without_codes(kafka, "check");
        let said = run(&two, &["check"]);
        assert_eq!(said.code, Some(78), "{}", said.text);
        assert!(said.text.contains("route codes\nFAIL  outbound"), "{}", said.text);
        assert!(said.text.contains("4 conditions are not kept; not every route"), "{}", said.text);
        let plan = run(&two, &["topics", "plan", "--replication", "1"]);
        assert!(plan.text.contains("route codes\n"), "{}", plan.text);
        assert_eq!(plan.text.matches("new   ").count(), 4, "{}", plan.text);
        let applied = run(&two, &["topics", "apply", "--replication", "1"]);
        assert!(applied.text.contains("created: 4"), "{}", applied.text);
        let said = run(&two, &["check"]);
        assert_eq!(said.code, Some(0), "{}", said.text);
        assert_eq!(said.text.matches("consent_events").count(), 1, "told once: {}", said.text);
    });
}
