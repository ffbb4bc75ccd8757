//! A small model of a replicated partition, to try the rule against.
//!
//! It knows what the rule must not: who leads in truth. Brokers learn of elections late or not at
//! all, leaders shrink their sets of replicas in sync, records are acknowledged as Kafka does it. The
//! law: an end that is proven by answers given after an acknowledgement lies behind the record.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::{BrokerId, Keeping, LeaderEpoch, Voice, proven_end};
use crate::consent::Offset;

/// One step of the world; numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A broker that believes that it leads appends a record.
    Append(usize),
    /// A replica fetches from the leader that it believes in.
    Fetch(usize),
    /// The controller elects a replica in sync.
    Elect(usize),
    /// A broker learns what the controller knows.
    Learn(usize),
    /// The leader that the controller knows takes a replica out of the set in sync.
    Shrink(usize),
    /// It takes a replica in that has everything.
    Expand(usize),
    /// A replica answers the open question.
    Answer(usize),
    /// The question is put anew: answers from before do not count.
    Ask,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..5_usize;
    prop_oneof![
        3 => who.clone().prop_map(Step::Append),
        6 => who.clone().prop_map(Step::Fetch),
        1 => who.clone().prop_map(Step::Elect),
        2 => who.clone().prop_map(Step::Learn),
        1 => who.clone().prop_map(Step::Shrink),
        1 => who.clone().prop_map(Step::Expand),
        5 => who.prop_map(Step::Answer),
        1 => Just(Step::Ask),
    ]
}

/// A broker's replica.
#[derive(Clone, Debug, Default)]
struct Replica {
    /// The epochs in which its records were appended.
    log: Vec<i32>,
    /// What it knows of the controller's word.
    known: Election,
    /// As a leader: how far each replica has fetched in this epoch.
    fetched: Vec<usize>,
    high_watermark: usize,
    /// As a leader: where its epoch began.
    began: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Election {
    epoch: i32,
    leader: usize,
    in_sync: BTreeSet<usize>,
}

/// Whether the rule or only the leader's own word decides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Believe {
    Quorum,
    AnyLeader,
}

struct World {
    controller: Election,
    replicas: Vec<Replica>,
    min_insync: usize,
    /// The length of the log up to the last acknowledged record.
    acknowledged: usize,
    /// The same, when the question was put.
    acknowledged_before: usize,
    voices: Vec<Voice>,
}

impl World {
    fn new(replicas: usize, min_insync: usize) -> Self {
        let controller = Election { epoch: 0, leader: 0, in_sync: (0..replicas).collect() };
        let replica = Replica {
            known: controller.clone(),
            fetched: vec![0; replicas],
            ..Replica::default()
        };
        Self {
            controller,
            replicas: vec![replica; replicas],
            min_insync,
            acknowledged: 0,
            acknowledged_before: 0,
            voices: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        let count = self.replicas.len();
        match step {
            Step::Append(who) => self.append(who % count),
            Step::Fetch(who) => self.fetch(who % count),
            Step::Elect(who) => self.elect(who % count),
            Step::Learn(who) => self.learn(who % count),
            Step::Shrink(who) => self.shrink(who % count),
            Step::Expand(who) => self.expand(who % count),
            Step::Answer(who) => self.answer(who % count),
            Step::Ask => {
                self.voices.clear();
                self.acknowledged_before = self.acknowledged;
            }
        }
    }

    fn leads(&self, who: usize) -> bool {
        self.replicas[who].known.leader == who
    }

    fn append(&mut self, who: usize) {
        let epoch = self.replicas[who].known.epoch;
        if self.leads(who) && self.replicas[who].known.in_sync.len() >= self.min_insync {
            self.replicas[who].log.push(epoch);
            self.advance(who);
        }
    }

    /// A leader accepts a fetch in its own epoch only; the follower first cuts off what the leader
    /// does not have.
    fn fetch(&mut self, who: usize) {
        let Election { epoch, leader, .. } = self.replicas[who].known;
        let is_accepted = leader != who
            && self.leads(leader)
            && self.replicas[leader].known.epoch == epoch;
        if is_accepted {
            self.replicas[who].log = self.replicas[leader].log.clone();
            self.replicas[who].high_watermark = self.replicas[leader].high_watermark;
            self.replicas[leader].fetched[who] = self.replicas[who].log.len();
            self.advance(leader);
        }
    }

    /// The high watermark follows the replicas in sync; who reaches it is acknowledged if they are
    /// enough.
    fn advance(&mut self, leader: usize) {
        let replica = &mut self.replicas[leader];
        replica.fetched[leader] = replica.log.len();
        let in_sync = &replica.known.in_sync;
        let all_have = in_sync.iter().map(|&one| replica.fetched[one]).min().unwrap_or(0);
        replica.high_watermark = replica.high_watermark.max(all_have);
        if in_sync.len() >= self.min_insync {
            self.acknowledged = self.acknowledged.max(replica.high_watermark);
        }
    }

    fn elect(&mut self, who: usize) {
        if self.controller.in_sync.contains(&who) && self.controller.leader != who {
            self.controller.epoch += 1;
            self.controller.leader = who;
        }
    }

    fn learn(&mut self, who: usize) {
        let replica = &mut self.replicas[who];
        let was = replica.known.epoch;
        replica.known = self.controller.clone();
        if replica.known.leader == who {
            if was != replica.known.epoch {
                replica.fetched = vec![0; replica.fetched.len()];
                replica.began = replica.log.len();
            }
            self.advance(who);
        }
    }

    /// Only the leader that the controller knows is heard.
    fn is_heard(&self, leader: usize) -> bool {
        self.controller.leader == leader && self.replicas[leader].known == self.controller
    }

    fn shrink(&mut self, who: usize) {
        let leader = self.controller.leader;
        if self.is_heard(leader) && who != leader {
            self.controller.in_sync.remove(&who);
            self.learn(leader);
        }
    }

    fn expand(&mut self, who: usize) {
        let leader = self.controller.leader;
        let has_all = self.replicas[leader].fetched[who] == self.replicas[leader].log.len();
        if self.is_heard(leader) && has_all {
            self.controller.in_sync.insert(who);
            self.learn(leader);
        }
    }

    /// A new leader names no end before its high watermark has reached the start of its epoch.
    fn answer(&mut self, who: usize) {
        let replica = &self.replicas[who];
        let names_end = self.leads(who) && replica.high_watermark >= replica.began;
        let end = i64::try_from(replica.high_watermark).map(Offset).ok();
        self.voices.push(Voice {
            broker: BrokerId(i32::try_from(who).unwrap_or(-1)),
            epoch: LeaderEpoch(replica.known.epoch),
            high_watermark: end.filter(|_| names_end),
        });
    }

    fn believed(&self, believe: Believe) -> Option<Offset> {
        let replicas = (0..self.replicas.len()).filter_map(|one| i32::try_from(one).ok());
        let min_insync = match believe {
            Believe::Quorum => u32::try_from(self.min_insync).ok()?,
            Believe::AnyLeader => u32::MAX,
        };
        let keeping = Keeping { replicas: replicas.map(BrokerId).collect(), min_insync };
        proven_end(&keeping, &self.voices).ok()
    }

    fn has_slipped(&self, believe: Believe) -> bool {
        let before = i64::try_from(self.acknowledged_before).unwrap_or(i64::MAX);
        self.believed(believe).is_some_and(|end| end.0 < before)
    }
}

fn sizes() -> impl Strategy<Value = (usize, usize)> {
    (1..=5_usize).prop_flat_map(|replicas| (Just(replicas), 1..=replicas))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_proven_end_lies_behind_all_that_was_acknowledged_before_the_question(
        (replicas, min_insync) in sizes(),
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(replicas, min_insync);
        for step in steps {
            world.take(step);
            prop_assert!(!world.has_slipped(Believe::Quorum));
        }
    }
}

/// The model is worth something only if a weaker rule fails in it, and if the rule proves something.
#[test]
fn a_leader_alone_slips_in_the_model_and_the_quorum_still_proves_ends() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut slips, mut proven_after_an_election) = (0, 0);
    for _ in 0..300 {
        let steps = proptest::collection::vec(step(), 120).new_tree(&mut runner);
        let mut world = World::new(3, 2);
        for step in steps.expect("steps").current() {
            world.take(step);
            slips += u32::from(world.has_slipped(Believe::AnyLeader));
            let is_proven = world.believed(Believe::Quorum).is_some_and(|end| end.0 > 0);
            proven_after_an_election += u32::from(is_proven && world.controller.epoch > 0);
        }
    }
    assert!(slips > 0, "no deposed leader ever answered");
    assert!(proven_after_an_election > 100, "the rule proves next to nothing");
}
