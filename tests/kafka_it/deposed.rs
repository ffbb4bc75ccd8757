//! A leader of a consent partition that is cut off from the controllers and its peers, but not from the
//! gate. The others elect a new leader; the old one does not know, and goes on telling the gate an old
//! end. With `fence = "leader"` opt-outs slip: the control. With "quorum" and with "beat" none does.
//!
//! The nodes stand in network namespaces, and so this trial runs in a process of its own within a
//! namespace of its own. It needs the right to make one, and the command `ip`.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use consentgate::kafka::Clients;
use consentgate::kafka::topics::TopicAdmin;
use libtest_mimic::Trial;

use crate::support::gate::{await_ready, await_that, config, start};
use crate::support::kafka::{Cluster, ClusterSpec, Network, Nodes, apart};
use crate::support::producers::{Place, Writer};
use crate::support::raw::{Coordinates, coordinator, leader};
use crate::support::stage::{Stage, event_record, message};
use crate::support::topics::{Change, GateTopics};
use crate::support::world::{grant, now_ms, offer, phone, withdraw};
use crate::trial::where_possible;

const APART: ClusterSpec<'static> =
    ClusterSpec { nodes: Nodes::Three, network: Network::Apart, ..ClusterSpec::PLAIN };
/// Says to this binary, when it is started again, that it is the trial itself.
const CHILD: &str = "CONSENTGATE_TEST_DEPOSED_LEADER";
const PEOPLE: u32 = 150;
/// How often the control may try.
const CONTROLS: usize = 8;
/// The client asks for leaders seldom, as it does by itself: the control shows a fence, not its luck.
const KEEP_LEADERS: &str = "[kafka.librdkafka]\n\"topic.metadata.refresh.interval.ms\" = 60000\n";
/// A busy machine's brokers need their time to find each other.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the cut lasts after the election.
const CUT: Duration = Duration::from_secs(12);

pub fn trials() -> Vec<Trial> {
    const NAME: &str = "a_deposed_leader_slips_past_fence_leader_and_past_no_other";
    vec![where_possible(NAME, apart::possible, || {
        apart::run_this_binary(CHILD, "all");
    })]
}

pub fn is_child() -> bool {
    apart::part(CHILD).is_some()
}

pub fn run_child() -> ExitCode {
    let cluster = Cluster::start(APART).expect("a cluster of nodes apart");
    for fence in ["quorum", "beat"] {
        assert_eq!(play(&cluster, fence, ""), 0, "opt-outs that slipped with \"{fence}\"");
    }
    // Whether the old leader is still asked when the new one acknowledges is a matter of chance.
    let control = (0..CONTROLS).any(|_| play(&cluster, "leader", KEEP_LEADERS) > 0);
    assert!(control, "the control: a deposed leader was not believed in {CONTROLS} cuts");
    ExitCode::SUCCESS
}

/// Cuts the consent partition's leader off; returns how many opt-outs slipped.
fn play(cluster: &Cluster, fence: &str, more: &str) -> usize {
    await_brokers(&cluster.bootstrap());
    let (stage, lone) = stage_with_a_lone_leader(cluster, fence);
    let past = now_ms() - 60_000;
    let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
    stage.consent(&agreed);
    let gate =
        start(stage.prepared(&format!("fence = \"{fence}\"\n{more}"))).expect("the gate starts");
    await_ready(&gate);
    stage.offers(&[PEOPLE + 1], 0);
    stage.await_drained(Duration::from_secs(60));

    let others: Vec<String> = cluster
        .nodes()
        .iter()
        .filter(|node| node.id() != lone)
        .map(|node| node.address())
        .collect();
    let others = others.join(",");
    let topics = &stage.topics;
    cluster.node(lone).cut_off();
    let cut_at = Instant::now();
    await_that("the others elect a leader", || leader(&others, &topics.consent_events, 0) != lone);
    println!("{fence}: another leader after {:.1?}", cut_at.elapsed());
    let own = Writer::patient(&others, PATIENCE);
    let opt_out_then_offer = |person: u32| {
        own.write_one(&topics.consent_events, &event_record(&withdraw("cafe", person)));
        let (to, value) = (phone(person), offer("cafe", person, u64::from(person) + 10));
        thread::sleep(CUT / PEOPLE);
        own.write_one(&topics.outbound, &message(&to, &value))
    };
    let places: Vec<Place> = (0..PEOPLE).map(opt_out_then_offer).collect();
    let decided = stage.decided_so_far() - 1;
    println!(
        "{fence}: {decided} of {PEOPLE} decided while cut, holding for {:?}",
        gate.health.causes()
    );

    cluster.node(lone).join_again();
    stage.await_drained(Duration::from_secs(120));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let ledger = stage.ledger();
    ledger.assert_clean();
    let slips = places.iter().filter(|place| ledger.is_allowed(**place)).count();
    println!("{fence}: {slips} of {PEOPLE} opt-outs slipped");
    slips
}

/// The consent topic's one partition is led by a node that does nothing else for the gate, so that its
/// cut is felt there alone.
fn stage_with_a_lone_leader(cluster: &Cluster, fence: &str) -> (Stage, i32) {
    const LEADS: [&[&[i32]]; 3] = [&[&[1, 2, 3]], &[&[2, 3, 1]], &[&[3, 1, 2]]];
    const WITHOUT: [&[&[i32]]; 3] = [&[&[2, 3]], &[&[3, 1]], &[&[1, 2]]];
    let kafka = cluster.bootstrap();
    let topics = GateTopics::named(&format!("deposed-{fence}"));
    let group = format!("gate-{}", topics.outbound);
    let busy = [
        coordinator(&kafka, Coordinates::Group, &group),
        coordinator(&kafka, Coordinates::Transaction, &format!("{group}.gate-0.0")),
    ];
    let lone = (1..=3).find(|node| !busy.contains(node)).expect("three nodes");
    let nth = lone as usize - 1;
    let without = Change::Replicas(WITHOUT[nth]);
    topics.create_but(
        &kafka,
        1,
        &[
            (&topics.consent_events, Change::Replicas(LEADS[nth])),
            (&topics.consent_activity, Change::Replicas(LEADS[(nth + 1) % 3])),
            (&topics.template_states, Change::Replicas(LEADS[(nth + 1) % 3])),
            (&topics.outbound, without),
            (&topics.allowed, without),
            (&topics.audit, without),
            (&topics.receipts, without),
        ],
    );
    (Stage::on(&kafka, topics, 1), lone)
}

/// Waits until all three nodes are members again.
fn await_brokers(kafka: &str) {
    let toml = format!("[kafka]\nbootstrap = \"{kafka}\"\n");
    let config = config(&toml, "gate-0");
    let admin = TopicAdmin::open(&Clients::new(config.kafka, config.gate)).expect("an admin");
    await_that("three nodes are members", || {
        admin.cluster().is_ok_and(|cluster| cluster.brokers == 3)
    });
}
