//! Limits that make no sense, or no sense together, are refused.

use super::*;
use crate::consent::Category;
use crate::policy::MaxAges;

#[test]
fn what_a_quorum_could_not_use_is_refused_beside_it_and_taken_beside_others() {
    let text = |fence: &str| {
        format!("[gate]\nfence = \"{fence}\"\n[kafka.librdkafka]\n\"ssl.ca.pem\" = \"x\"\n")
    };
    let problem = problem_of(&text("quorum"));
    assert_eq!(problem.key, "kafka.librdkafka.ssl.ca.pem");
    for fence in ["leader", "beat"] {
        assert_eq!(loaded(&from_file(&text(fence))).config.gate.fence.name(), fence);
    }
}

#[test]
fn the_brokers_limits_count_where_the_broker_shares_the_partitions() {
    let text = "[gate]\ngroup_protocol = \"consumer\"\ntransaction_timeout = \"30s\"\n";
    let gate = loaded(&from_file(text)).config.gate;
    assert_eq!(gate.group_protocol, GroupProtocol::Consumer);
    let beats = "[kafka.librdkafka_outbound]\n\"heartbeat.interval.ms\" = 500\n";
    let problem = problem_of(&format!("{text}{beats}"));
    assert_eq!(problem.key, "kafka.librdkafka_outbound.heartbeat.interval.ms");
    for protocol in ["range", "cooperative"] {
        let text = format!("[gate]\ngroup_protocol = \"{protocol}\"\n{beats}");
        assert_eq!(loaded(&from_file(&text)).config.gate.group_protocol.name(), protocol);
    }
}

#[test]
fn limits_that_do_not_fit_together_are_refused() {
    let too_long = "[gate]\ntransaction_timeout = \"30s\"\n";
    assert_eq!(problem_of(too_long).key, "gate.transaction_timeout");
    let impatient = "[gate]\nwatchdog_limit = \"10s\"\n";
    assert_eq!(problem_of(impatient).key, "gate.watchdog_limit");
    let lazy = "[gate]\ncommit_interval = \"8s\"\n";
    assert_eq!(problem_of(lazy).key, "gate.commit_interval");
    let large = "[gate]\nbatch_messages = 100\ncommit_messages = 10\n";
    assert_eq!(problem_of(large).key, "gate.batch_messages");
}

#[test]
fn start_from_has_no_kafka_default() {
    let problem = problem_of("[gate]\nstart_from = \"latest\"\n");
    assert_eq!(problem.allowed, StartFrom::ALLOWED);
    assert_eq!(loaded(&Sources::default()).config.gate.start_from, None);
    let begin = loaded(&from_file("[gate]\nstart_from = \"beginning\"\n"));
    assert_eq!(begin.config.gate.start_from, Some(StartFrom::Beginning));
}

#[test]
fn scopes_replace_the_standard_ones() {
    let text = "[[policy.scopes]]\nname = \"news\"\nclass = \"marketing\"\nstrength = \"double\"\n";
    let policy = loaded(&from_file(text)).config.policy;
    assert_eq!(policy.scopes().count(), 1);
    assert!(policy.scope("news").is_some() && policy.scope("offers").is_none());
    assert!(loaded(&Sources::default()).config.policy.scope("offers").is_some());
}

#[test]
fn every_bad_scope_is_reported() {
    let text = "[[policy.scopes]]\nname = \"a b\"\nclass = \"promo\"\n\
                [[policy.scopes]]\nname = \"news\"\nclass = \"marketing\"\nstrength = \"triple\"\n";
    assert_eq!(refused(&from_file(text)).len(), 3);
    let unknown = "[[policy.scopes]]\nname = \"a\"\nclass = \"marketing\"\ncolour = \"red\"\n";
    assert!(problem_of(unknown).what.starts_with("entry 1: unknown field"));
}

#[test]
fn a_code_is_old_after_ten_minutes_and_a_file_may_say_otherwise() {
    let ages = |sources: &Sources| loaded(sources).config.policy.platform().messages().max_ages;
    assert_eq!(ages(&Sources::default()), MaxAges::STANDARD);
    let text = "[policy.max_age]\nauthentication = \"2m\"\n";
    let expected = MaxAges::STANDARD.with(Category::Authentication, 120).unwrap();
    assert_eq!(ages(&from_file(text)), expected);
    let variable = environment("CONSENTGATE__POLICY__MAX_AGE__AUTHENTICATION", "2m");
    assert_eq!(ages(&variable), expected);
    let shown = show(&loaded(&from_file(text)));
    assert!(shown.contains("\"authentication\" = \"2m\""), "{shown}");
    assert!(shown.contains("\"marketing\" = \"1day\""), "{shown}");
}

#[test]
fn an_age_that_makes_no_sense_and_a_category_that_is_none_are_refused() {
    for bad in ["0s", "31d", "1500ms", "500ms", "999999999d"] {
        let problem = problem_of(&format!("[policy.max_age]\nmarketing = \"{bad}\"\n"));
        assert_eq!(problem.key, "policy.max_age.marketing");
        assert_eq!(problem.allowed, "whole seconds, 1s to 30d", "{bad}");
    }
    let problem = problem_of("[policy.max_age]\nsms = \"1h\"\n");
    assert!(problem.what.contains("unknown field `sms`"), "{problem}");
    assert_eq!(problem.key, "policy.max_age.sms");
}

#[test]
fn a_scope_may_say_for_how_long_a_grant_is_valid() {
    let scope = |valid_for: &str| {
        format!(
            "[[policy.scopes]]\nname = \"news\"\nclass = \"marketing\"\nvalid_for = {valid_for}\n"
        )
    };
    let policy = loaded(&from_file(&scope("\"2days\""))).config.policy;
    assert_eq!(policy.scope("news").and_then(|rule| rule.valid_for_s), Some(172_800));
    for bad in ["\"0s\"", "\"59m\"", "\"7301d\"", "\"3600500ms\""] {
        let problem = problem_of(&scope(bad));
        assert_eq!(problem.allowed, "whole seconds, 1h to 7300d", "{bad}");
    }
    assert!(problem_of(&scope("3600")).what.starts_with("entry 1: invalid type"));
}

#[test]
fn a_way_out_is_demanded_of_marketing_or_of_all_but_never_of_nobody() {
    use crate::policy::Reach;
    let of = |text: &str| loaded(&from_file(text)).config.policy.platform().messages().opt_out_path;
    assert_eq!(of(""), Reach::Marketing);
    assert_eq!(of("[policy]\nopt_out_path = \"all\"\n"), Reach::All);
    let problem = problem_of("[policy]\nopt_out_path = \"none\"\n");
    assert_eq!(problem.allowed, "\"marketing\", \"all\"");
}

#[test]
fn a_sender_is_watched_only_when_its_group_is_named_and_it_is_not_the_gates_own() {
    let downstream = |text: &str| loaded(&from_file(text)).config.downstream;
    assert_eq!(downstream(""), None);
    let watched = downstream("[downstream]\ngroup = \"sender\"\nmax_ahead = 5\n");
    assert_eq!(watched.map(|sender| (sender.group, sender.max_ahead)), Some(("sender".into(), 5)));
    let own = problem_of("[downstream]\ngroup = \"consentgate\"\n");
    assert_eq!(own.key, "downstream.group");
    for bad in ["max_ahead = 0", "max_age = \"0s\"", "silence_limit = \"100ms\""] {
        let problem = problem_of(&format!("[downstream]\n{bad}\n"));
        assert!(bad.starts_with(&problem.key["downstream.".len()..]), "{problem}");
    }
}
