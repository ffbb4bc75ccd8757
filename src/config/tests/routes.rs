//! Several routes: what each says for itself, and what all share.

use super::*;

const TOPICS: &str = "\
[routes.codes.topics]
outbound = \"codes\"
allowed = \"codes-allowed\"
audit = \"codes-audit\"
receipts = \"codes-receipts\"
";

fn with(more: &str) -> String {
    format!("{TOPICS}{more}")
}

fn codes_of(config: &Config) -> &Config {
    let codes = config.others.iter().find(|other| other.route.word() == "codes");
    codes.expect("the route")
}

#[test]
fn a_configuration_without_routes_has_one_and_its_names_are_as_ever() {
    let config = loaded(&Sources::default()).config;
    assert_eq!((config.route, config.others.len()), (RouteName::MAIN, 0));
    assert_eq!(config.gate.group, "consentgate");
    assert_eq!(config.gate.transactional_id(0), "consentgate.gate-7.0");
}

#[test]
fn a_further_route_changes_nothing_of_the_first() {
    let alone = loaded(&from_file("[gate]\nlanes = 3\n")).config;
    let both = loaded(&from_file(&with("[routes.codes.gate]\nlanes = 1\n[gate]\nlanes = 3\n")));
    let first = both.config;
    assert_eq!((&first.gate, &first.topics), (&alone.gate, &alone.topics));
    assert_eq!(first.routes().count(), 2);
}

#[test]
fn a_route_has_its_own_word_and_else_that_of_the_first() {
    let text = with(
        "[routes.codes.gate]\nfence_limit = \"500ms\"\n[gate]\nfence_limit = \"3s\"\nlanes = 3\n\
         [breaker]\nshare_percent = 40\n[policy]\nretired = [\"old\"]\n",
    );
    let config = loaded(&from_file(&text)).config;
    let codes = codes_of(&config);
    assert_eq!(codes.topics.outbound.as_str(), "codes");
    assert_eq!(codes.topics.consent_events, config.topics.consent_events);
    assert_eq!(
        (codes.gate.fence_limit.as_millis(), config.gate.fence_limit.as_millis()),
        (500, 3_000)
    );
    assert_eq!((codes.gate.lanes, codes.breaker.share_percent), (3, 40));
    assert!(codes.policy.has_known("old"));
    assert_eq!(codes.gate.group, "consentgate.codes");
    assert_eq!(codes.gate.transactional_id(2), "consentgate.codes.gate-7.2");
}

#[test]
fn the_senders_group_and_the_format_of_messages_are_not_taken_over() {
    let text = with(
        "[downstream]\ngroup = \"sender\"\nmax_age = \"30s\"\n[messages]\nformat = \"json\"\n\
         business = \"/b\"\nrecipient = \"/to\"\n[routes.codes.messages]\nformat = \"protobuf\"\n",
    );
    let config = loaded(&from_file(&text)).config;
    assert!(config.downstream.is_some() && !config.messages.is_plain_protobuf());
    let codes = codes_of(&config);
    assert!(codes.downstream.is_none() && codes.messages.is_plain_protobuf());
    let watched = format!("{text}[routes.codes.downstream]\ngroup = \"code-sender\"\n");
    let config = loaded(&from_file(&watched)).config;
    let watched = codes_of(&config).downstream.as_ref().expect("watched");
    assert_eq!((watched.group.as_str(), watched.max_age.as_secs()), ("code-sender", 30));
}

#[test]
fn a_shadow_of_two_routes_has_names_of_its_own_for_both() {
    let text = with("[gate]\nmode = \"shadow\"\n");
    let config = loaded(&from_file(&text)).config;
    let codes = codes_of(&config);
    assert_eq!(codes.gate.group, "consentgate.codes.shadow");
    assert_eq!(codes.topics.audit.as_str(), "codes-audit.shadow");
}

#[test]
fn a_route_is_set_in_every_layer_and_its_problems_name_the_place() {
    let mut sources = from_file(&with("[routes.codes.gate]\nlanes = 300\n"));
    assert_eq!(
        refused(&sources)[0].to_string().lines().next(),
        Some("gate.toml:7: routes.codes.gate.lanes: 300 is out of range")
    );
    let lanes = ("CONSENTGATE__ROUTES__CODES__GATE__LANES".to_owned(), "2".to_owned());
    sources.environment = vec![lanes];
    assert_eq!(codes_of(&loaded(&sources).config).gate.lanes, 2);
    sources.flags = vec![flag("routes.codes.gate.lanes", "5")];
    assert_eq!(codes_of(&loaded(&sources).config).gate.lanes, 5);
}

#[test]
fn a_problem_that_routes_share_is_told_once() {
    let problem = problem_of(&with("[gate]\nlanes = 300\n"));
    assert_eq!(problem.key, "gate.lanes");
}

#[test]
fn what_is_the_processs_is_not_a_routes_to_say() {
    let problem = problem_of(&with("[routes.codes.policy]\nretired = [\"old\"]\n"));
    assert_eq!(problem.key, "routes.codes.policy.retired");
    assert_eq!(problem.what, "is the same for all routes");
}

#[test]
fn a_route_without_topics_of_its_own_is_refused() {
    let problem = problem_of("[routes.codes]\n");
    assert_eq!((problem.key.as_str(), problem.what.as_str()), ("routes.codes", "says nothing"));
    let missing = refused(&from_file("[routes.codes.gate]\nlanes = 1\n"));
    let keys: Vec<_> = missing.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "routes.codes.topics.outbound",
            "routes.codes.topics.allowed",
            "routes.codes.topics.audit",
            "routes.codes.topics.receipts",
        ]
    );
}

#[test]
fn no_two_routes_share_a_topic() {
    for (taken, other) in
        [("message-audit", "topics.audit of route main"), ("a", "topics.allowed of route codes")]
    {
        let second = format!(
            "[routes.second.topics]\noutbound = \"{taken}\"\nallowed = \"b\"\naudit = \"c\"\nreceipts = \"d\"\n"
        );
        let text = format!("{}{second}", TOPICS.replace("codes-allowed", "a"));
        let problem = problem_of(&text);
        assert_eq!(problem.key, "routes.second.topics.outbound");
        assert!(problem.what.contains(other), "{}", problem.what);
    }
    let problem = problem_of(&TOPICS.replace("codes-allowed", "consent-events"));
    assert_eq!(problem.key, "routes.codes.topics.allowed");
}

#[test]
fn an_instance_whose_transactional_ids_could_be_a_routes_is_refused() {
    let problem = problem_of(&with("[gate]\ninstance = \"codes.gate-7\"\n"));
    assert_eq!(problem.key, "gate.instance");
}

#[test]
fn there_are_at_most_eight_routes() {
    let route = |n: usize| TOPICS.replace("codes", &format!("r{n}"));
    let seven: String = (0..7).map(route).collect();
    assert_eq!(loaded(&from_file(&seven)).config.routes().count(), 8);
    assert_eq!(problem_of(&format!("{seven}{}", route(7))).key, "routes");
}

#[test]
fn what_is_shown_reads_back_as_it_was() {
    let text = with("[routes.codes.gate]\nfence_limit = \"500ms\"\n[gate]\nlanes = 3\n");
    let first = loaded(&from_file(&text));
    let shown = show(&first);
    assert!(shown.contains("[routes.codes.topics]\noutbound = \"codes\" "), "{shown}");
    let again = loaded(&from_file(&shown));
    assert_eq!((again.settings, again.routes), (first.settings, first.routes));
}
