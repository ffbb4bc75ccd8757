//! How long partitions wait when a gate goes, and what the partitions of the others lose meanwhile, for
//! each way in which gates may share them. Measured where it counts: at a sender that honours
//! transactions.
//!
//! Times are those of this machine and of limits as short as they may be; what is held to is that nothing
//! is lost or doubled, and that nobody but a dead gate's partitions waits for its session to end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use crate::kills::{QUICK_SHARING, write_until};
use crate::support::child::{GateChild, GateHome};
use crate::support::gate::try_start;
use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};
use crate::trial::on_own;

pub const PARTITIONS: i32 = 9;
pub const GATES: usize = 3;
pub const PEOPLE: u32 = 1_000;
/// About ten a second in each partition and commit interval.
pub const MESSAGES_A_SECOND: u32 = 1_000;
/// The shortest session of the classic protocol, and a broker's own where it is told so.
const SESSION: Duration = Duration::from_secs(6);
/// What a broker waits for a silent member as it comes. It tells members of a change every 5 s.
const BROKER_SESSION: Duration = Duration::from_secs(45);
/// What the machine may add to it, busy with whatever else.
const SLACK: Duration = Duration::from_secs(20);
/// A partition whose messages come later than this after one another was waiting.
const WAITS: Duration = Duration::from_millis(1_000);

const NOT_SHARING: ClusterSpec<'static> = ClusterSpec {
    extra: &[("group.coordinator.rebalance.protocols", "classic")],
    ..ClusterSpec::PLAIN
};

pub fn trials() -> Vec<Trial> {
    vec![
        on_own("take_overs_under_range_lose_and_double_nothing", QUICK_SHARING, |cluster| {
            measure(cluster, "range", SESSION);
        }),
        on_own("take_overs_under_cooperative_lose_and_double_nothing", QUICK_SHARING, |cluster| {
            measure(cluster, "cooperative", SESSION);
        }),
        on_own("take_overs_under_consumer_lose_and_double_nothing", QUICK_SHARING, |cluster| {
            measure(cluster, "consumer", SESSION);
        }),
        on_own("take_overs_by_a_broker_as_it_comes", ClusterSpec::PLAIN, |cluster| {
            measure(cluster, "consumer", BROKER_SESSION);
        }),
        on_own("a_broker_that_is_not_to_share_is_refused_by_name", NOT_SHARING, |cluster| {
            let stage = Stage::new(&cluster.bootstrap(), "not-sharing", 1);
            let refused = try_start(&stage.toml("group_protocol = \"consumer\""), "gate-0");
            let told = refused.err().expect("it is refused").to_string();
            assert!(told.contains("switched off on these brokers"), "{told}");
        }),
    ]
}

/// What happens to one of the gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// kill -9, and it does not come back.
    Killed,
    /// An orderly end, and it does not come back.
    Stopped,
    /// An orderly end, and a start at once.
    Restarted,
    /// It comes back.
    Back,
}

const EVENTS: [Event; 5] =
    [Event::Restarted, Event::Killed, Event::Back, Event::Stopped, Event::Back];

fn measure(cluster: &Cluster, protocol: &str, session: Duration) {
    let (kafka, limit) = (&*cluster.bootstrap(), session + SLACK);
    let stage = Stage::new(kafka, &format!("take-over-{protocol}"), PARTITIONS);
    let past = now_ms() - 60_000;
    let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
    stage.consent(&agreed);
    let home = GateHome::new(&stage.toml(&format!("group_protocol = \"{protocol}\"")));
    let (over, seen) = (AtomicBool::new(false), Seen::default());
    thread::scope(|scope| {
        scope.spawn(|| write_until(&stage, &over, MESSAGES_A_SECOND));
        scope.spawn(|| seen.watch(kafka, &stage.topics.allowed, &over));
        let mut gates: Vec<_> = (0..GATES).map(|nth| Some(home.start(&name(nth)))).collect();
        let measured = EVENTS.map(|event| {
            await_settled(&stage, &seen, &gates);
            let row = strike(&home, &stage, &seen, &mut gates, event, limit);
            println!("{protocol:<12} {row}");
            (event, row)
        });
        over.store(true, Ordering::SeqCst);
        for (event, row) in measured {
            assert!(row.taken_over < limit, "{event:?}: its partitions waited too long: {row}");
            assert!(row.others < limit, "{event:?}: the others waited too long: {row}");
        }
        end(&stage, gates);
    });
    assert_all_told(&stage, &home);
}

/// Lets the gates decide the rest, and ends them in order.
pub fn end(stage: &Stage, gates: Vec<Option<GateChild>>) {
    stage.await_drained(Duration::from_secs(60));
    for gate in gates.into_iter().flatten() {
        assert_eq!(gate.terminate(), 0, "an orderly end");
    }
}

/// Nothing is lost or doubled, the receipts tell of all, and `verify` finds nothing.
pub fn assert_all_told(stage: &Stage, home: &GateHome) {
    let ledger = stage.ledger();
    ledger.assert_clean();
    Receipts::read(&stage.kafka, &stage.topics).assert_tell(&ledger);
    home.assert_verified();
}

pub fn name(nth: usize) -> String {
    format!("gate-{nth}")
}

/// The times of one event: the longest silence of any partition in and after it.
struct Row {
    event: Event,
    /// Of those that the gate had.
    taken_over: Duration,
    /// Of those that others had and kept.
    others: Duration,
    /// How many those are.
    kept: usize,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { event, taken_over, others, kept } = self;
        let event = format!("{event:?}");
        write!(f, "{event:<10} its own {:>6.2} s", taken_over.as_secs_f64())?;
        write!(f, "   {kept} that others kept {:>6.2} s", others.as_secs_f64())
    }
}

fn strike(
    home: &GateHome,
    stage: &Stage,
    seen: &Seen,
    gates: &mut [Option<GateChild>],
    event: Event,
    limit: Duration,
) -> Row {
    let nth = GATES - 1;
    let before = owners(stage);
    let since = Instant::now();
    match event {
        Event::Killed => gates[nth].take().expect("it runs").kill9(),
        Event::Stopped => assert_eq!(gates[nth].take().expect("it runs").terminate(), 0),
        Event::Restarted => {
            assert_eq!(gates[nth].take().expect("it runs").terminate(), 0);
            gates[nth] = Some(home.start(&name(nth)));
        }
        Event::Back => gates[nth] = Some(home.start(&name(nth))),
    }
    // Until everything is decided as it comes, for as long as a partition waits at most.
    let until = since + limit + SLACK;
    await_settled(stage, seen, gates);
    assert!(Instant::now() < until, "{event:?} is not over after {:?}", since.elapsed());
    let after = owners(stage);
    let mine = |partition: &i32| before.get(partition) == Some(&name(nth));
    let (mut taken_over, mut others, mut kept) = (Duration::ZERO, Duration::ZERO, 0);
    for partition in 0..PARTITIONS {
        let silence = seen.silence(partition, since);
        if mine(&partition) || event == Event::Back && after.get(&partition) == Some(&name(nth)) {
            taken_over = taken_over.max(silence);
        } else if before.get(&partition) == after.get(&partition) {
            others = others.max(silence);
            kept += 1;
        }
    }
    Row { event, taken_over, others, kept }
}

/// Which gate decided the last message of each partition.
pub fn owners(stage: &Stage) -> BTreeMap<i32, String> {
    let mut owners = BTreeMap::new();
    for (_, receipt) in Receipts::read(&stage.kafka, &stage.topics).all {
        for range in receipt.batches.iter().flat_map(|batch| &batch.ranges) {
            let entry = owners.entry(range.partition.0).or_insert((range.next, String::new()));
            if range.next >= entry.0 {
                *entry = (range.next, receipt.instance.clone());
            }
        }
    }
    owners.into_iter().map(|(partition, (_, instance))| (partition, instance)).collect()
}

/// Waits until every gate that runs has partitions, and no partition has waited for a while.
pub fn await_settled(stage: &Stage, seen: &Seen, gates: &[Option<GateChild>]) {
    let until = Instant::now() + Duration::from_secs(120);
    let runs = gates.iter().flatten().count();
    loop {
        assert!(Instant::now() < until, "not within two minutes");
        let since = Instant::now();
        thread::sleep(Duration::from_secs(3));
        let is_flowing = (0..PARTITIONS).all(|partition| seen.silence(partition, since) < WAITS);
        let owners: BTreeSet<_> = owners(stage).into_values().collect();
        if is_flowing && owners.len() == runs {
            return;
        }
    }
}

/// When the allowed messages of each partition were seen.
#[derive(Default)]
pub struct Seen(Mutex<BTreeMap<i32, Vec<Instant>>>);

impl Seen {
    /// Sees messages as a sender does, until it is over.
    pub fn watch(&self, kafka: &str, topic: &str, over: &AtomicBool) {
        let sender: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", kafka)
            .set("group.id", "sees-and-commits-nothing")
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "10")
            .create()
            .expect("a consumer");
        let mut all = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            all.add_partition_offset(topic, partition, Offset::Beginning).expect("a valid offset");
        }
        sender.assign(&all).expect("assigned");
        while !over.load(Ordering::SeqCst) {
            if let Some(Ok(message)) = sender.poll(Duration::from_millis(100)) {
                let mut seen = self.0.lock().expect("a list");
                seen.entry(message.partition()).or_default().push(Instant::now());
            }
        }
    }

    /// The longest time in which nothing was seen of a partition, since an instant until now.
    pub fn silence(&self, partition: i32, since: Instant) -> Duration {
        let seen = self.0.lock().expect("a list");
        let after = seen.get(&partition).into_iter().flatten().filter(|at| **at >= since);
        let (mut last, mut longest) = (since, Duration::ZERO);
        for at in after.copied().chain([Instant::now()]) {
            longest = longest.max(at - last);
            last = at;
        }
        longest
    }
}
