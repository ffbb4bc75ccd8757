//! Consumer groups of the classic protocol.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kafka_protocol::messages::{DescribeGroupsRequest, GroupId};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::support;
use super::wire::{Wire, text};

const PARTITIONS: i32 = 4;

/// Counts the rebalances of a member.
#[derive(Clone, Default)]
struct Rebalances(Arc<AtomicU32>);

impl ClientContext for Rebalances {}

impl ConsumerContext for Rebalances {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, _: &Rebalance<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn partitions<C: ConsumerContext>(consumer: &BaseConsumer<C>) -> BTreeSet<i32> {
    let assignment = consumer.assignment().expect("an assignment");
    let elements = assignment.elements();
    elements.iter().map(|element| element.partition()).collect()
}

pub fn check_range_group_shares_and_takes_over(bootstrap: &str) {
    share_and_take_over(bootstrap, "range");
}

pub fn check_cooperative_group_shares_and_takes_over(bootstrap: &str) {
    share_and_take_over(bootstrap, "cooperative-sticky");
}

/// Two members share the partitions, every record comes to one of them, and
/// the one that stays gets all.
fn share_and_take_over(bootstrap: &str, strategy: &str) {
    let topic = support::create(bootstrap, "shared", PARTITIONS, &[]);
    let group = support::unique("g");
    let settings = [("partition.assignment.strategy", strategy)];
    let first = support::consumer(bootstrap, &group, &settings);
    first.subscribe(&[&topic]).expect("subscribed");
    for partition in 0..PARTITIONS {
        support::fill(bootstrap, &topic, partition, 10);
    }
    support::drain(&first, 40);
    first.commit_consumer_state(CommitMode::Sync).expect("committed");

    let second = support::consumer(bootstrap, &group, &settings);
    second.subscribe(&[&topic]).expect("subscribed");
    let mut read = 0;
    support::eventually("both have two partitions", || {
        for consumer in [&first, &second] {
            read += support::drain_for(consumer, 1, Duration::from_millis(20)).records.len();
        }
        support::assigned(&first) == 2 && support::assigned(&second) == 2
    });
    assert_eq!(read, 0, "nothing is read twice over the rebalance");
    assert!(partitions(&first).is_disjoint(&partitions(&second)));

    for partition in 0..PARTITIONS {
        support::fill(bootstrap, &topic, partition, 10);
    }
    support::drain(&first, 20);
    support::drain(&second, 20);
    drop(second);
    support::eventually("the first has all partitions", || {
        let _ = first.poll(Duration::from_millis(20));
        support::assigned(&first) == 4
    });
}

fn static_member(
    bootstrap: &str,
    group: &str,
    instance: &str,
) -> (BaseConsumer<Rebalances>, Rebalances) {
    let settings = [
        ("group.instance.id", instance),
        ("partition.assignment.strategy", "range"),
        ("session.timeout.ms", "30000"),
    ];
    let rebalances = Rebalances::default();
    let consumer = support::consumer_config(bootstrap, group, &settings)
        .create_with_context(rebalances.clone())
        .expect("a consumer");
    (consumer, rebalances)
}

/// A static member that is restarted gets its partitions again, and the other
/// one notices nothing.
pub fn check_static_member_comes_back_without_rebalance(bootstrap: &str) {
    let topic = support::create(bootstrap, "static", PARTITIONS, &[]);
    let group = support::unique("g");
    let (stays, rebalances) = static_member(bootstrap, &group, "stays");
    let (restarts, _) = static_member(bootstrap, &group, "restarts");
    stays.subscribe(&[&topic]).expect("subscribed");
    restarts.subscribe(&[&topic]).expect("subscribed");
    support::eventually("both have two partitions", || {
        for consumer in [&stays, &restarts] {
            let _ = consumer.poll(Duration::from_millis(20));
        }
        partitions(&stays).len() == 2 && partitions(&restarts).len() == 2
    });
    let before = rebalances.0.load(Ordering::SeqCst);
    let had = partitions(&restarts);
    drop(restarts);
    let (again, _) = static_member(bootstrap, &group, "restarts");
    again.subscribe(&[&topic]).expect("subscribed");
    support::eventually("it has its partitions again", || {
        for consumer in [&stays, &again] {
            let _ = consumer.poll(Duration::from_millis(20));
        }
        partitions(&again) == had
    });
    // Time for a heartbeat that would ask for a rebalance.
    for _ in 0..100 {
        let _ = stays.poll(Duration::from_millis(20));
    }
    assert_eq!(rebalances.0.load(Ordering::SeqCst), before);
    assert_eq!(partitions(&again), had);
}

/// Two processes under one instance id: the older one is told that it is out.
pub fn check_second_static_member_fences_the_first(bootstrap: &str) {
    let topic = support::create(bootstrap, "twins", 1, &[]);
    let group = support::unique("g");
    let (first, _) = static_member(bootstrap, &group, "twin");
    first.subscribe(&[&topic]).expect("subscribed");
    support::eventually("the first has the partition", || {
        let _ = first.poll(Duration::from_millis(20));
        partitions(&first).len() == 1
    });
    let (second, _) = static_member(bootstrap, &group, "twin");
    second.subscribe(&[&topic]).expect("subscribed");
    support::eventually("the first is fenced", || {
        let _ = second.poll(Duration::from_millis(20));
        matches!(
            first.poll(Duration::from_millis(20)),
            Some(Err(KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId)))
        )
    });
}

/// Who is in a group is told; while somebody is, nobody else moves it.
pub fn check_members_are_told_and_keep_their_group(bootstrap: &str) {
    let topic = support::create(bootstrap, "members", PARTITIONS, &[]);
    let group = support::unique("g");
    assert_eq!(described(bootstrap, &group), ("Dead".to_owned(), 0), "nobody asked for it yet");
    let member = support::consumer(bootstrap, &group, &[("client.id", "the-sender")]);
    member.subscribe(&[&topic]).expect("subscribed");
    support::eventually("it has all partitions", || {
        let _ = member.poll(Duration::from_millis(20));
        support::assigned(&member) == 4
    });
    support::eventually("the group is stable", || {
        let _ = member.poll(Duration::from_millis(20));
        described(bootstrap, &group) == ("Stable".to_owned(), 1)
    });
    let stranger = support::consumer(bootstrap, &group, &[]);
    let moved = stranger.commit(&support::at(&topic, 0, 7), CommitMode::Sync);
    let refused = moved.expect_err("somebody is in the group");
    assert_eq!(refused.rdkafka_error_code(), Some(RDKafkaErrorCode::UnknownMemberId));
    drop(member);
    support::eventually("nobody is in it", || {
        described(bootstrap, &group) == ("Empty".to_owned(), 0)
    });
    stranger.commit(&support::at(&topic, 0, 7), CommitMode::Sync).expect("nobody is in the group");
}

/// State and number of members. A member bears its client's name.
fn described(bootstrap: &str, group: &str) -> (String, usize) {
    let mut coordinator = Wire::to_coordinator(bootstrap, group, 0);
    let request = DescribeGroupsRequest::default().with_groups(vec![GroupId(text(group))]);
    let answer = coordinator.call(5, &request);
    let told = &answer.groups[0];
    assert_eq!(told.error_code, 0);
    assert!(told.members.iter().all(|member| &*member.client_id == "the-sender"));
    (told.group_state.to_string(), told.members.len())
}
