//! Two routes in one gate on some Kafka: offers on the first, login codes on the other.

use std::time::Duration;

use consentgate::app::Gate;
use consentgate::consent::RouteName;
use consentgate::telemetry::{HoldCause, Readiness};

use super::checker::checked;
use super::gate::{await_that, start};
use super::ledger::Ledger;
use super::raw::{Right, give_right_back, take_right};
use super::receipts::Receipts;
use super::stage::{Stage, await_drained};
use super::topics::{GateTopics, delete_topics};
use super::unique::unique;
use super::world::{grant, now_ms, withdraw};

const LONG: Duration = Duration::from_secs(60);
const PARTITIONS: i32 = 2;

/// The second route.
pub fn codes() -> RouteName {
    RouteName::parse("codes").expect("a name")
}

/// The topics of a gate with two routes, and those who write to them.
pub struct TwoRoutes {
    pub offers: Stage,
    pub codes: Stage,
}

impl TwoRoutes {
    /// Creates all topics; three people have agreed.
    pub fn new(kafka: &str, test: &str) -> TwoRoutes {
        let two = TwoRoutes::without_codes(kafka, test);
        two.create_codes();
        two
    }

    /// The same, but nobody has made the topics of the second route.
    pub fn without_codes(kafka: &str, test: &str) -> TwoRoutes {
        let offers = Stage::new(kafka, test, PARTITIONS);
        let suffix = unique("codes");
        let topics = GateTopics {
            outbound: format!("outbound-{suffix}"),
            allowed: format!("allowed-{suffix}"),
            audit: format!("audit-{suffix}"),
            receipts: format!("receipts-{suffix}"),
            ..offers.topics.clone()
        };
        let past = now_ms() - 60_000;
        offers.consent(&[1, 2, 3].map(|person| grant("cafe", person, &["offers"], past)));
        TwoRoutes { codes: Stage::on(kafka, topics, PARTITIONS), offers }
    }

    /// Makes the topics of the second route.
    pub fn create_codes(&self) {
        let topics = &self.codes.topics;
        let own = [&topics.outbound, &topics.allowed, &topics.audit, &topics.receipts];
        topics.create_some(&self.codes.kafka, &own.map(String::as_str), PARTITIONS);
    }

    /// Makes the topic of allowed codes alone.
    pub fn create_allowed_codes(&self) {
        let topics = &self.codes.topics;
        topics.create_some(&self.codes.kafka, &[&topics.allowed], PARTITIONS);
    }

    /// The configuration; the second route is quicker and has a shorter limit.
    pub fn toml(&self) -> String {
        let topics = &self.codes.topics;
        self.offers.toml(&format!(
            "lanes = 1\n[routes.codes.topics]\noutbound = \"{}\"\nallowed = \"{}\"\naudit = \"{}\"\n\
             receipts = \"{}\"\n[routes.codes.gate]\nlanes = 2\ncommit_interval = \"20ms\"\n\
             fence_limit = \"1500ms\"\n",
            topics.outbound, topics.allowed, topics.audit, topics.receipts
        ))
    }

    /// A gate with both.
    pub fn gate(&self) -> Gate {
        start(self.offers.prepare(&self.toml())).expect("the gate starts")
    }

    /// Waits until the second route's group has committed the end of its input.
    pub fn await_codes_drained(&self) {
        let group = format!("gate-{}.codes", self.offers.topics.outbound);
        await_drained(&self.codes.kafka, &group, &self.codes.topics.outbound, PARTITIONS, LONG);
    }

    /// Both ledgers are clean, and the receipts tell them, each route its own.
    pub fn assert_proven(&self) {
        for (stage, route, limit) in
            [(&self.offers, RouteName::MAIN, 2_000), (&self.codes, codes(), 1_500)]
        {
            let ledger = Ledger::read(&stage.kafka, &stage.topics);
            ledger.assert_clean();
            let receipts = Receipts::read(&stage.kafka, &stage.topics);
            receipts.assert_tell(&ledger);
            assert!(!receipts.all.is_empty());
            for (_, receipt) in &receipts.all {
                assert_eq!((receipt.route, receipt.fence_limit_ms), (route, Some(limit)));
            }
        }
    }
}

impl TwoRoutes {
    /// The receipts of the second route tell that it waited, and why; those of the first tell nothing.
    fn assert_wait_is_told(&self) {
        let of = |stage: &Stage| Receipts::read(&stage.kafka, &stage.topics);
        assert!(of(&self.codes).hold_causes().contains("topic_unusable"));
        assert!(!of(&self.offers).hold_causes().contains("topic_unusable"));
    }
}

/// Waits until a route decides.
pub fn await_route(gate: &Gate, route: RouteName) {
    await_that("the route is ready", || gate.health.readiness_of(route) == Readiness::Ready);
}

/// Waits until the second route says that a topic is lost, and nothing else.
fn await_codes_lost(gate: &Gate) {
    await_that("the lost route holds", || {
        gate.health.causes_of(codes()) == [HoldCause::TopicUnusable]
    });
    assert_ne!(gate.health.readiness_of(codes()), Readiness::Ready);
}

/// The first route decides as if it were alone: what may go goes, and an opt-out stops what comes after.
fn assert_offers_go_on(two: &TwoRoutes, gate: &Gate, person: u32, number: u64) {
    let before = two.offers.offer(person, number);
    two.offers.await_drained(LONG);
    two.offers.consent(&[withdraw("cafe", person)]);
    let after = two.offers.offer(person, number + 1);
    two.offers.await_drained(LONG);
    let ledger = two.offers.ledger();
    assert!(ledger.is_allowed(before) && !ledger.is_allowed(after), "an opt-out counts");
    assert_eq!(gate.health.readiness_of(RouteName::MAIN), Readiness::Ready);
}

/// Both decide what is theirs, on one index behind one fence.
pub fn each_decides_its_own(kafka: &str) {
    let two = TwoRoutes::new(kafka, "two-routes");
    let gate = two.gate();
    await_route(&gate, RouteName::MAIN);
    await_route(&gate, codes());
    two.offers.offers(&[1, 2, 3, 4], 0);
    two.codes.offers(&[3, 4, 1], 100);
    two.offers.await_drained(LONG);
    two.await_codes_drained();
    // One opt-out, acknowledged before both messages were written.
    two.offers.consent(&[withdraw("cafe", 1)]);
    let late = (two.offers.offer(1, 10), two.codes.offer(1, 110));
    two.offers.await_drained(LONG);
    two.await_codes_drained();
    assert!(!two.offers.ledger().is_allowed(late.0) && !two.codes.ledger().is_allowed(late.1));
    gate.join(LONG).expect("an orderly end");
    two.assert_proven();
    assert_eq!((two.offers.ledger().allowed(), two.codes.ledger().allowed()), (3, 2));
}

/// A route whose input is deleted holds alone, and says so.
pub fn a_lost_input_holds_its_route_alone(kafka: &str) {
    let two = TwoRoutes::new(kafka, "lost-input");
    let gate = two.gate();
    await_route(&gate, codes());
    two.codes.offers(&[1, 2], 100);
    two.await_codes_drained();
    delete_topics(kafka, &[&two.codes.topics.outbound]);
    await_codes_lost(&gate);
    assert_offers_go_on(&two, &gate, 1, 0);
    assert_eq!(gate.health.causes_of(codes()), [HoldCause::TopicUnusable], "it stays so");
    gate.join(LONG).expect("an orderly end");
    two.offers.ledger().assert_clean();
}

/// A route whose output is deleted holds alone, loses nothing, and goes on when it is there again.
pub fn a_lost_output_holds_its_route_alone(kafka: &str) {
    let two = TwoRoutes::new(kafka, "lost-output");
    let gate = two.gate();
    await_route(&gate, codes());
    delete_topics(kafka, &[&two.codes.topics.allowed]);
    let waiting = two.codes.offers(&[2, 3, 4], 100);
    assert_offers_go_on(&two, &gate, 1, 0);
    await_codes_lost(&gate);
    assert_offers_go_on(&two, &gate, 2, 10);
    // The second person has left, acknowledged, before this one is written.
    let late = two.codes.offer(2, 110);
    two.create_allowed_codes();
    await_route(&gate, codes());
    two.await_codes_drained();
    gate.join(LONG).expect("an orderly end");
    two.assert_proven();
    let ledger = two.codes.ledger();
    assert!(!ledger.is_allowed(late), "an opt-out counts");
    // The first of the three may have been fetched and decided before the person left: what is decided waits
    // in the lane's open transaction until the topic is there, if that is soon.
    assert!(ledger.is_allowed(waiting[1]) && !ledger.is_allowed(waiting[2]));
    // Either fate must follow from the consent that its batch had read.
    let report = checked(kafka, &two.codes.topics);
    assert!(report.is_clean(), "{}", report.to_text());
    assert_eq!(report.counts.decisions, 4);
    two.assert_wait_is_told();
}

/// A gate starts with the routes whose topics are there; the other one follows when its own are.
pub fn a_route_that_is_missing_at_the_start_follows(kafka: &str) {
    let two = TwoRoutes::without_codes(kafka, "missing-route");
    let gate = two.gate();
    await_route(&gate, RouteName::MAIN);
    await_codes_lost(&gate);
    assert_offers_go_on(&two, &gate, 1, 0);
    two.create_codes();
    await_route(&gate, codes());
    two.codes.offers(&[2, 1], 100);
    two.await_codes_drained();
    gate.join(LONG).expect("an orderly end");
    two.assert_proven();
    assert_eq!(two.codes.ledger().allowed(), 1);
    two.assert_wait_is_told();
}

/// A route that may no longer read its input, or write an output, holds alone, loses nothing, and goes on
/// when it may again. Needs a Kafka that keeps rights.
pub fn a_lost_right_holds_its_route_alone(kafka: &str) {
    let two = TwoRoutes::new(kafka, "lost-right");
    let gate = two.gate();
    await_route(&gate, codes());
    let (input, output) = (&two.codes.topics.outbound, &two.codes.topics.allowed);
    let mut number = 0;
    for (topic, right) in [(input, Right::Read), (output, Right::Write)] {
        take_right(kafka, topic, right);
        two.codes.offers(&[3, 4], 100 + number);
        await_codes_lost(&gate);
        let person = if number == 0 { 1 } else { 2 };
        assert_offers_go_on(&two, &gate, person, number);
        give_right_back(kafka, topic, right);
        await_route(&gate, codes());
        two.await_codes_drained();
        number += 10;
    }
    gate.join(LONG).expect("an orderly end");
    two.assert_proven();
    assert_eq!(two.codes.ledger().allowed(), 2);
    two.assert_wait_is_told();
}
