//! The gate's rules and the independent checker's, on the same worlds in memory.
//!
//! Each was written from the documents, naively there and by joins here, and neither knows the other's code.
//! One such world is also played on Kafka, where topics and receipts are looked at too (`checker.rs` beside the
//! laws). Here there are many, and a seed is played again as it was: the world has a clock of its own, which
//! never steps back, and a voided record keeps its time (the gate takes it out: an open point of P6, see
//! docs/guarantees.md). `CONSENTGATE_SEEDS=5000` plays so many worlds.

use std::collections::BTreeMap;

use consentgate::consent::{Offset, Partition, Place, Placement, Seconds, State, Topic, fold};
use consentgate::policy::Policy;
use consentgate::wire::consent::{Produced, record};
use consentgate::wire::outbound::decode;
use consentgate_checker::{ConsentTopic, Rules, UpTo};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::gate::judge_state;
use crate::support::chance::chance;
use crate::support::checker::POLICY;
use crate::support::gate::{config, gate_toml};
use crate::support::mixed::Mixed;
use crate::support::topics::GateTopics;

/// Worlds without being told how many.
const WORLDS: usize = 50;
const PARTITIONS: i32 = 3;
const EVENTS: u32 = 900;
/// After so many events some messages are decided.
const EVENTS_AT_ONCE: u32 = 9;
const MESSAGES_AT_ONCE: u32 = 25;
/// A batch takes its time before it waits for its fence, so it may lie before what is applied then.
const LAG_MAX_MS: i64 = 3_000;
/// Some day in 2026.
const BEGIN_MS: i64 = 1_790_000_000_000;

#[test]
fn the_checker_s_rules_find_the_same_as_the_gate_s_in_mixed_worlds() {
    let told = std::env::var("CONSENTGATE_SEEDS").ok();
    let worlds = told.map_or(WORLDS, |told| told.parse().expect("a number of worlds"));
    let toml = gate_toml("127.0.0.1:1", &GateTopics::named("rules"), POLICY);
    let policy = config(&toml, "rules").policy;
    let mut seeds = chance("rules");
    let mut judged = 0;
    for _ in 0..worlds {
        let seed = seeds.random();
        judged += World::new(seed, &policy).play();
    }
    assert!(judged > worlds as u64 * 2_000, "{judged} decisions in {worlds} worlds");
}

/// A world, and what both sides know of it.
struct World<'p> {
    seed: u64,
    mixed: Mixed,
    pace: StdRng,
    /// How long an event takes at most: of some worlds all is over in half a minute, of others in an hour.
    step_ms: i64,
    now_ms: i64,
    policy: &'p Policy,
    state: State,
    rules: Rules,
    next: BTreeMap<(Topic, i32), i64>,
    decided: Vec<Decided>,
}

/// What the gate's rules said of a message.
struct Decided {
    up_to: UpTo,
    now_ms: i64,
    value: Vec<u8>,
    sent_ms: i64,
    /// The first reason's number and the mask of all.
    suppressed: Option<(i32, u64)>,
}

impl<'p> World<'p> {
    fn new(seed: u64, policy: &'p Policy) -> Self {
        let rules =
            Rules::under(&policy.to_canonical_text(), PARTITIONS).expect("a policy of today");
        let mut pace = StdRng::seed_from_u64(!seed);
        let step_ms = 40 << pace.random_range(0..9);
        Self {
            seed,
            mixed: Mixed::new(StdRng::seed_from_u64(seed)),
            pace,
            step_ms,
            now_ms: BEGIN_MS,
            policy,
            state: State::default(),
            rules,
            next: BTreeMap::new(),
            decided: Vec::new(),
        }
    }

    /// Plays it to its end. Says how many decisions were compared.
    fn play(mut self) -> u64 {
        for text in self.mixed.at(self.now_ms).publications() {
            self.take(Topic::ConsentEvents, &text);
        }
        for nth in 0..EVENTS {
            self.pass();
            if let Some((topic, event)) = self.mixed.event() {
                self.take(topic, &event);
            }
            if nth == EVENTS / 2 {
                let place = self.take(Topic::ConsentEvents, &Mixed::garbage());
                self.decide(20);
                let void = self.mixed.void(place.partition.0, place.offset.0);
                self.take(Topic::ConsentEvents, &void);
            }
            if nth % EVENTS_AT_ONCE == 0 {
                self.decide(MESSAGES_AT_ONCE);
            }
        }
        self.compare();
        self.decided.len() as u64
    }

    fn pass(&mut self) {
        self.now_ms += self.pace.random_range(0..self.step_ms);
        self.mixed.at(self.now_ms);
    }

    fn now(&self) -> Seconds {
        Seconds::from_millis(self.now_ms).expect("a time of today")
    }

    /// Tells both sides of the next record of a topic, in the partition of its key; says where it lies.
    fn take(&mut self, topic: Topic, produced: &Produced) -> Place {
        let (key, value) = (Some(produced.key.as_bytes()), Some(&produced.value[..]));
        let is_right = |partition: &i32| {
            Placement::of(key, Partition(*partition), PARTITIONS) == Placement::Right
        };
        let partition = (0..PARTITIONS).find(is_right).unwrap_or_default();
        let next = self.next.entry((topic, partition)).or_default();
        let place = Place { topic, partition: Partition(partition), offset: Offset(*next) };
        *next += 1;
        let record = record(place, self.now(), key, Placement::Right, value);
        fold(&record).facts.into_iter().for_each(|fact| self.state.join(fact));
        let topic = match topic {
            Topic::ConsentEvents => ConsentTopic::Events,
            Topic::ConsentActivity => ConsentTopic::Activity,
            Topic::TemplateStates => ConsentTopic::Templates,
        };
        let offset = self.rules.take(topic, partition, self.now_ms, key, value);
        assert_eq!(offset, place.offset.0);
        place
    }

    /// Decides so many messages by the gate's rules.
    fn decide(&mut self, messages: u32) {
        let now_ms = self.now_ms - self.pace.random_range(0..LAG_MAX_MS);
        let now = Seconds::from_millis(now_ms).expect("a time of today");
        for _ in 0..messages {
            let (_, value, sent_ms) = self.mixed.message();
            let Ok(message) = decode(value.as_deref()) else { continue };
            let message = message.sent_at_ms(Some(sent_ms)).at_home(self.policy);
            let judgement = judge_state(&self.state, self.policy, now, &message);
            let mask = judgement.mask().iter().fold(0, |mask, why| mask | 1 << why.number());
            let suppressed = judgement.primary().map(|first| (first.number().into(), mask));
            let up_to = self.rules.so_far();
            let value = value.clone().unwrap_or_default();
            self.decided.push(Decided { up_to, now_ms, value, sent_ms, suppressed });
        }
    }

    /// Asks the checker's rules about all of it. They know the whole log, as a checker does that comes
    /// afterwards.
    fn compare(&self) {
        for (nth, one) in self.decided.iter().enumerate() {
            let Decided { up_to, now_ms, value, sent_ms, suppressed } = one;
            if let Some(what) = self.rules.difference(up_to, value, *sent_ms, *now_ms, *suppressed)
            {
                panic!("world {}, message {nth}: {what}", self.seed);
            }
        }
    }
}
