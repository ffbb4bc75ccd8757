//! The laws of the exposition: bounded, documented, well named.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::consent::{Content, Note, Partition, RouteName, Topic};
use crate::decision::{Reason, ScopeTally};
use crate::telemetry::health::{Health, HoldCause, Part, State};

/// The registry is one a process, and other tests of this binary have lanes with these.
const STANDARD_SCOPES: [&str; 9] = [
    "alerts",
    "appointment_reminders",
    "authentication",
    "customer_support",
    "delivery_updates",
    "offers",
    "order_updates",
    "recommendations",
    "surveys",
];

/// As many scopes as a policy can have.
fn scopes() -> Vec<String> {
    let more = (STANDARD_SCOPES.len()..64).map(|rank| format!("scope-{rank:02}"));
    STANDARD_SCOPES.map(str::to_owned).into_iter().chain(more).collect()
}

/// The other routes of this gate.
fn others() -> [RouteName; 2] {
    ["codes", "alerts"].map(|word| RouteName::parse(word).expect("a name"))
}

/// Everything that the lanes of one route can report is reported.
fn everything_of(route: RouteName) {
    let scopes = scopes();
    let decisions = Decisions::of_scopes(route, scopes.iter().map(String::as_str));
    for _business in 0..10_000 {
        let mut tally = ScopeTally::default();
        tally.count(Some(0), None);
        decisions.add(&tally);
    }
    let mut tally = ScopeTally::default();
    for scope in (0..scopes.len()).map(Some).chain([None]) {
        tally.count(scope, None);
        Reason::ALL.into_iter().for_each(|reason| tally.count(scope, Some(reason)));
    }
    decisions.add(&tally);
    for partition in (0..1_000).map(Partition) {
        let behind = Lag { messages: 3, age: Duration::from_secs(2) };
        lag(route, partition, behind);
    }
    let meters = RouteMeters::begin(route);
    meters.consumed(10, 3_000);
    meters.batch(10, Duration::from_micros(40));
    meters.stage(Stage::Commit, Duration::from_millis(3));
    meters.e2e_latency(Duration::from_millis(120));
    meters.assigned(4);
    meters.fence_waited(Duration::from_millis(1));
    meters.transaction(TransactionResult::Commit, Duration::from_millis(100));
    meters.produced(OutputTopic::Allowed, 9);
    meters.producer_replaced(ReplaceReason::Tainted);
    meters.rebalanced(RebalanceKind::Assign);
    SenderMeters::begin(route).lag(7, Duration::from_secs(2));
}

/// Everything that can be reported is reported, with as many partitions and fates as there can be.
fn everything() -> String {
    let routes: Vec<RouteName> = std::iter::once(RouteName::MAIN).chain(others()).collect();
    begin("0.1.0", "2.12.1", routes.iter().copied());
    routes.iter().copied().for_each(everything_of);
    for partition in (0..1_000).map(Partition) {
        open_transaction(Topic::ConsentEvents, partition, 1);
        open_transaction(Topic::ConsentActivity, partition, 1);
    }
    asked(Asked::Check, AskedResult::Answered);
    asked_fates(Asked::Check, &crate::decision::Tally::default(), Duration::from_millis(2));
    invariant_broken(BrokenIn::Other);
    consent_event(&Content::Undecodable);
    consent_note(Note::Quarantined);
    consent_applied(ConsentClass::OptOut, Duration::from_millis(8));
    consent_current(Duration::from_millis(3));
    fence_completed(Duration::from_millis(2));
    fence_failed(HoldCause::FenceError);
    index_size(&IndexSize::default());
    index_rebuilt();
    bootstrap_progress(1, 2);
    bootstrap_done(Duration::from_secs(3));
    let webhooks = Webhooks::begin(&["inbound"], &["unreadable"], "0.1.0", "2.12.1");
    webhooks.add(3, 1);
    webhooks.published("inbound", 2);
    webhooks.noted("unreadable", 1);
    let names = ["decision".to_owned()];
    let verification = Verification::begin(&names, &names, "0.1.0", "2.12.1");
    verification.round(7);
    verification.differ("decision", 1);
    verification.leave("decision", 1);
    verification.behind(3, Duration::from_secs(2));
    upkeep();
    let health = Health::new(routes.into_iter().map(|route| (route, 1)));
    health.set(Part::Fence, State::Holding(HoldCause::FenceStale));
    exposition(&health)
}

fn series(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn labelled(route: RouteName) -> String {
    format!("route=\"{}\"", route.label())
}

#[test]
fn ten_thousand_businesses_make_no_more_series_than_ten() {
    let text = everything();
    let of_others = |line: &&str| others().iter().any(|route| line.contains(&labelled(*route)));
    let count = series(&text).filter(|line| !of_others(line)).count();
    assert!(count <= SERIES_MAX, "{count} series");
    let count = series(&text).filter(|line| line.contains(&labelled(others()[0]))).count();
    assert!((1..=ROUTE_SERIES_MAX).contains(&count), "{count} series of one further route");
    for metric in ALL {
        assert!(text.contains(&format!("# TYPE {} ", metric.name)), "{} is missing", metric.name);
    }
}

#[test]
fn every_series_is_described_once_and_none_is_doubled() {
    let text = everything();
    let mut kinds = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(kinds.insert(words[2], words[3]), None, "{line}");
        assert!(text.contains(&format!("# HELP {} ", words[2])), "{line}");
    }
    let mut seen = BTreeSet::new();
    for line in series(&text) {
        let (name_and_labels, value) = line.rsplit_once(' ').expect("a value");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(seen.insert(name_and_labels), "{line} stands there twice");
        let name = name_and_labels.split('{').next().expect("a name");
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end).filter(|base| kinds.contains_key(base)))
            .unwrap_or(name);
        assert!(kinds.contains_key(base), "{line} has no type");
    }
}

#[test]
fn names_follow_the_rules_of_prometheus() {
    for metric in ALL {
        let name = metric.name;
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(name.chars().all(legal), "{name}");
        let counter = metric.kind == Kind::Counter;
        assert_eq!(name.ends_with("_total"), counter, "{name}");
        for wrong in ["_ms", "_millis", "_us", "_micros", "_minutes", "_kb", "_mb", "_percent"] {
            assert!(!name.contains(wrong), "{name}");
        }
        for reserved in ["_bucket", "_sum", "_count"] {
            assert!(!name.ends_with(reserved), "{name}");
        }
        if let Kind::Histogram(buckets) = metric.kind {
            assert!(name.ends_with("_seconds") || name.ends_with("_messages"), "{name}");
            assert!(!buckets.is_empty() && buckets.is_sorted(), "{name}");
        }
        assert!(!metric.help().is_empty(), "{name}");
        assert!(metric.labels.iter().all(|label| !["le", "quantile"].contains(label)), "{name}");
    }
}

#[test]
fn no_label_can_hold_a_person_or_a_business() {
    let allowed = [
        "decision",
        "reason",
        "scope",
        "topic",
        "stage",
        "partition",
        "result",
        "kind",
        "part",
        "event",
        "cause",
        "version",
        "librdkafka",
        "route",
    ];
    for metric in ALL {
        for label in metric.labels {
            assert!(allowed.contains(label), "{} has label {label}", metric.name);
        }
    }
}

#[test]
fn a_hold_shows_its_cause() {
    let health = Health::new([(RouteName::MAIN, 0)]);
    health.set(Part::Consent, State::Holding(HoldCause::ClockSkew));
    let text = exposition(&health);
    assert!(text.contains("consentgate_hold{cause=\"clock_skew\"} 1"));
    assert!(text.contains("consentgate_hold{cause=\"fence_stale\"} 0"));
    assert!(text.contains("consentgate_ready 0"));
}

#[test]
fn the_first_route_has_the_series_of_a_gate_that_has_no_other() {
    let alone = Health::new([(RouteName::MAIN, 1)]);
    assert!(!exposition(&alone).contains("consentgate_ready{"), "a label where there was none");
    let text = everything();
    let is_first = |line: &&str| line.starts_with("consentgate_") && !line.contains("route=\"");
    for name in ["consentgate_messages_consumed_total ", "consentgate_ready "] {
        assert!(series(&text).filter(is_first).any(|line| line.starts_with(name)), "{name}");
    }
    assert!(!text.contains("route=\"\"") && !text.contains("route=\"main\""));
}

#[test]
fn one_route_that_holds_is_not_ready_and_the_others_are() {
    let [codes, alerts] = others();
    let health = Health::new([(RouteName::MAIN, 1), (codes, 2), (alerts, 1)]);
    for part in health.parts() {
        health.set(part.part, State::Ready);
    }
    health.set(Part::Lane(codes, 1), State::Holding(HoldCause::TopicUnusable));
    let text = exposition(&health);
    for line in [
        "consentgate_ready 1",
        "consentgate_ready{route=\"codes\"} 0",
        "consentgate_ready{route=\"alerts\"} 1",
        "consentgate_hold{cause=\"topic_unusable\"} 0",
        "consentgate_hold{cause=\"topic_unusable\",route=\"codes\"} 1",
        "consentgate_hold{cause=\"topic_unusable\",route=\"alerts\"} 0",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}");
    }
    health.set(Part::Fence, State::Holding(HoldCause::FenceStale));
    assert!(exposition(&health).contains("consentgate_ready 0\n"), "the fence is all routes'");
}

#[test]
fn the_first_scopes_of_a_policy_have_a_label_of_their_own_and_the_rest_share_one() {
    let text = everything();
    let series = |scope: &str| {
        let labels = format!("decision=\"allow\",reason=\"none\",scope=\"{scope}\"");
        let name = format!("consentgate_decisions_total{{{labels}}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name))?;
        line.parse::<u64>().ok()
    };
    let of_rank = |rank: usize| series(&format!("scope-{rank}"));
    assert!(of_rank(SCOPE_LABELS_MAX - 1).is_some_and(|count| count >= 1));
    assert_eq!(of_rank(SCOPE_LABELS_MAX), None);
    let shared = (64 - SCOPE_LABELS_MAX + 1) as u64;
    assert!(series("other").is_some_and(|count| count >= shared));
}
