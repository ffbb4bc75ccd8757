//! The demo, scene by scene.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::DemoArgs;
use super::gates::{FenceUse, Gates};
use super::pairs::{Pair, judge_pairs, write_pairs};
use super::stage::{PARTITIONS, Stage};
use super::story;
use super::summary::{Summary, reasons};
use super::watch::Watch;
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::simulate::{
    Campaign, Customer, Load, LoadSpec, Rate, Story, World, WorldSize, Written, write_consents,
};
use crate::commands::verify::{own_key, verify};
use crate::kafka::EventWriter;
use crate::stream::Fault;
use crate::wire::consent::Produced;

const WORLD: WorldSize = WorldSize { businesses: 250, people: 60_000 };
/// At most so many causal pairs, and the pause after each.
const PAIRS_MAX: usize = 500;
const PAIR_PAUSE: Duration = Duration::from_millis(10);
const KILL_EVERY: Duration = Duration::from_secs(4);
/// How many old agreements are written again in one burst.
const BURST: usize = 2_000;
/// A demo in which nothing is decided for so long has failed.
const STALL_LIMIT: Duration = Duration::from_secs(90);

/// Plays all scenes.
pub(super) fn play(args: &DemoArgs) -> Result<(), Failure> {
    print(BANNER)?;
    let stage = Stage::set()?;
    let topics = &stage.config.topics;
    let writer = EventWriter::open(&stage.clients).map_err(AppError::Kafka)?;
    let world = World::seeded(args.seed, WORLD);
    let events = write_consents(&writer, topics.consent_events.as_str(), &world)?;
    print(&format!(
        "The world: {} businesses, {} customers; what they said, by ten ways of asking, is in {} \
         ({events} events).\n",
        world.businesses().len(),
        world.customer_count(),
        topics.consent_events,
    ))?;
    let spec = LoadSpec { messages: args.messages, ..LoadSpec::default() };
    let load = Load::new(&world, spec);
    let leavers: Vec<_> = world.leavers().take(PAIRS_MAX + 1).collect();
    let burst: Vec<_> = old_agreements(&world).take(BURST).collect();
    let watch = Watch::start(&stage.clients, topics)?;
    let (leavers, burst) = (&leavers, &burst);
    let play = Play { args, stage: &stage, load: &load, leavers, burst, watch: &watch };
    let summary = play.campaign(&world, &writer)?;
    print(&summary.text())?;
    if args.serve {
        serve(&stage)?;
    }
    summary.verdict()
}

const BANNER: &str = "\
consentgate demo: real Kafka clients, consumer groups, transactions and fencing, over loopback, against\n\
an embedded broker. One process, in memory, no disk, no replication: its rates are no cluster's rates.\n\n";

/// What the scenes share.
struct Play<'p> {
    args: &'p DemoArgs,
    stage: &'p Stage,
    load: &'p Load<'p>,
    leavers: &'p [Customer<'p>],
    burst: &'p [Produced],
    watch: &'p Watch,
}

impl Play<'_> {
    /// The campaign is written, decided and watched; then one story; then the books are checked.
    fn campaign(&self, world: &World, writer: &EventWriter) -> Result<Summary, Failure> {
        let (pair_people, story_people) = self.leavers.split_at(self.leavers.len().min(PAIRS_MAX));
        let written = AtomicBool::new(false);
        let outcome = std::thread::scope(|scope| {
            let feed = self.feed(scope, world, writer, &written);
            // The gate starts on a topic that already holds messages.
            std::thread::sleep(Duration::from_millis(500));
            let mut gates = self.start_gates()?;
            let pairs = self.pairs(scope, pair_people);
            let began = Instant::now();
            let all = self.args.messages + pair_people.len() as u64;
            self.follow(&mut gates, all)?;
            let took = began.elapsed();
            let campaign: Written = join(feed)??;
            let pairs = join(pairs)?.map_err(AppError::Kafka)?;
            Ok::<_, Failure>((gates, campaign, pairs, took))
        });
        let (gates, campaign, pairs, took) = outcome?;
        if let Some(customer) = story_people.first() {
            let (clients, topics) = (&self.stage.clients, &self.stage.config.topics);
            story::tell(clients, topics, self.load, customer, self.watch)?;
        }
        gates.end()?;
        let config = &self.stage.config;
        let books = verify(config, own_key(config)?, BTreeSet::new())?;
        Ok(Summary {
            seen: self.watch.seen(),
            written: campaign.messages + pairs.len() as u64,
            pairs: judge_pairs(&pairs, self.watch),
            took,
            fence: self.fence(),
            differences: books.difference_count(),
        })
    }

    fn fence(&self) -> FenceUse {
        match self.args.without_fence {
            true => FenceUse::Ignored,
            false => FenceUse::Kept,
        }
    }

    fn feed<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        world: &'s World,
        writer: &'s EventWriter,
        written: &'s AtomicBool,
    ) -> ScopedJoinHandle<'s, Result<Written, Failure>> {
        let topics = &self.stage.config.topics;
        scope.spawn(move || {
            let campaign = Campaign {
                writer,
                outbound: topics.outbound.as_str(),
                consent_events: topics.consent_events.as_str(),
                rate: Rate::FlatOut,
                withdrawals_per_second: 0,
                limit: None,
            };
            let outcome = campaign.write(world, self.load);
            written.store(true, Ordering::Relaxed);
            outcome
        })
    }

    fn pairs<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        people: &'s [Customer<'s>],
    ) -> ScopedJoinHandle<'s, Result<Vec<Pair>, Fault>> {
        let (clients, topics) = (&self.stage.clients, &self.stage.config.topics);
        scope.spawn(move || write_pairs(clients, topics, self.load, people, self.burst, PAIR_PAUSE))
    }

    /// Starts the gate and waits until it is ready; what it decides before would be a defect.
    fn start_gates(&self) -> Result<Gates, Failure> {
        if self.args.kill {
            print("Two gates, each a process; one of them is killed with SIGKILL every 4 s.\n")?;
            return Gates::processes(&self.stage.config_file);
        }
        let began = Instant::now();
        let gates = Gates::inside(self.stage.config.clone(), self.fence())?;
        let mut decided_before = self.watch.decided();
        while !gates.is_ready() {
            decided_before = self.watch.decided();
            if began.elapsed() > STALL_LIMIT {
                return Err(Failure::new(Exit::Invariant, "the gate did not become ready"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let ready_s = began.elapsed().as_secs_f64();
        print(&format!(
            "The gate is ready after {ready_s:.1} s: it has read all consent. Messages waited in the \
             outbound topic meanwhile; decided before it was ready: {decided_before}.\n\n"
        ))?;
        Ok(gates)
    }

    /// Shows the live figures until every message has met its fate.
    fn follow(&self, gates: &mut Gates, all: u64) -> Result<(), Failure> {
        let began = Instant::now();
        let (mut shown, mut progress, mut last) = (began, began, 0);
        let (mut killed, mut kills) = (began, 0);
        loop {
            let decided = self.watch.decided();
            if decided >= all {
                return Ok(());
            }
            if decided > last {
                progress = Instant::now();
            }
            if progress.elapsed() > STALL_LIMIT {
                let what = format!("{decided} of {all} messages were decided, then nothing more");
                return Err(Failure::new(Exit::Invariant, what));
            }
            if shown.elapsed() >= Duration::from_secs(1) {
                let rate = (decided - last) as f64 / shown.elapsed().as_secs_f64();
                let seen = self.watch.seen();
                print(&format!(
                    "{:5.0} s  {decided:>9} decided  {rate:>7.0}/s  allowed {}  suppressed {}\n",
                    began.elapsed().as_secs_f64(),
                    seen.allowed,
                    reasons(&seen, 4),
                ))?;
                (shown, last) = (Instant::now(), decided);
            }
            if self.args.kill && killed.elapsed() >= KILL_EVERY {
                killed = Instant::now();
                if let Some(name) = gates.kill_one(kills)? {
                    print(&format!("         SIGKILL to {name}, and started again\n"))?;
                }
                kills += 1;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn join<T>(thread: ScopedJoinHandle<'_, T>) -> Result<T, Failure> {
    let panicked = || Failure::new(Exit::Invariant, "a writer of the demo panicked");
    thread.join().map_err(|_| panicked())
}

/// What those said who agreed and said nothing since: written again it changes nothing.
fn old_agreements(world: &World) -> impl Iterator<Item = Produced> {
    let agreed = world.customers().filter(|customer| customer.story == Story::Agreed);
    agreed.flat_map(|customer| customer.events())
}

/// Keeps the broker up until the process is interrupted.
fn serve(stage: &Stage) -> Result<(), Failure> {
    let roles = stage.config.topics.by_role();
    let topics: Vec<_> = roles.iter().map(|(_, name)| name.as_str()).collect();
    let topics = topics.join(", ");
    print(&format!(
        "\nThe broker stays up at {} (partitions: {PARTITIONS}; topics: {topics}).\n\
         For example: kcat -b {} -t {} -C -o beginning -X isolation.level=read_committed\n\
         Ctrl-C ends it.\n",
        stage.broker.bootstrap(),
        stage.broker.bootstrap(),
        stage.config.topics.allowed,
    ))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(AppError::Machine)?;
    runtime.block_on(tokio::signal::ctrl_c()).map_err(AppError::Machine)?;
    Ok(())
}
