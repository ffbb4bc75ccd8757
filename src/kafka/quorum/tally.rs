//! One cycle's answers, and what they prove for each partition.
//!
//! Brokers that do not agree on who keeps a partition, or on how many must, prove nothing of it.
//! Neither do they for a while after that has changed: a broker that has not heard of the change yet
//! would vouch for the old way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::asker::{Answer, Told};
use super::view::View;
use crate::consent::{Offset, Partition, Topic};
use crate::stream::ports::EndAnswer;
use crate::stream::quorum::{Keeping, Voice, proven_end};

/// Longer than a broker that hears nothing is a member (Kafka's default: 9 s).
const SETTLES_IN: Duration = Duration::from_secs(10);

/// How the partitions were kept when they were last agreed on.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: BTreeMap<(Topic, Partition), Known>,
}

#[derive(Debug)]
struct Known {
    keeping: Keeping,
    /// When that was first seen, if it was otherwise before.
    changed_at: Option<Instant>,
}

impl Memory {
    /// Whether this way has stood long enough.
    fn has_settled(&mut self, place: (Topic, Partition), keeping: &Keeping, now: Instant) -> bool {
        let first = || Known { keeping: keeping.clone(), changed_at: None };
        let known = self.known.entry(place).or_insert_with(first);
        if known.keeping != *keeping {
            *known = Known { keeping: keeping.clone(), changed_at: Some(now) };
        }
        known.changed_at.is_none_or(|at| now.duration_since(at) >= SETTLES_IN)
    }
}

/// The answers of one cycle.
#[derive(Debug, Default)]
pub(super) struct Tally {
    answers: Vec<Answer>,
    failures: Vec<String>,
}

impl Tally {
    /// Counts one broker's answer.
    pub(super) fn take(&mut self, told: Told) {
        match told.answer {
            Ok(answer) => self.answers.push(answer),
            Err(failure) => self.failures.push(failure),
        }
    }

    /// The views of those who answered.
    pub(super) fn views(&self) -> impl Iterator<Item = &View> {
        self.answers.iter().map(|answer| &*answer.view)
    }

    /// Why brokers did not answer.
    pub(super) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// What is proven of a partition, or why nothing is.
    pub(super) fn end(
        &self,
        (topic, partition): (Topic, Partition),
        memory: &mut Memory,
        now: Instant,
    ) -> EndAnswer {
        EndAnswer { topic, partition, end: self.proven((topic, partition), memory, now) }
    }

    fn proven(
        &self,
        place: (Topic, Partition),
        memory: &mut Memory,
        now: Instant,
    ) -> Result<Offset, String> {
        let speaking = self.answers.iter().filter(|answer| answer.voices.contains_key(&place));
        let mut views = speaking.map(|answer| answer.view.keeping.get(&place));
        let Some(Some(keeping)) = views.next() else {
            return Err(self.nobody(place));
        };
        if views.any(|other| other != Some(keeping)) {
            return Err("brokers do not agree on its replicas or on min.insync.replicas".into());
        }
        let voices: Vec<Voice> =
            self.answers.iter().filter_map(|answer| answer.voices.get(&place).copied()).collect();
        let end = proven_end(keeping, &voices).map_err(|doubt| doubt.to_string())?;
        match memory.has_settled(place, keeping, now) {
            true => Ok(end),
            false => Err(format!(
                "its replicas or min.insync.replicas have changed; it counts {} s after that",
                SETTLES_IN.as_secs()
            )),
        }
    }

    fn nobody(&self, place: (Topic, Partition)) -> String {
        if !self.answers.is_empty() && !self.views().any(|view| view.keeping.contains_key(&place)) {
            return "no broker tells of its replicas and min.insync.replicas; may the gate describe the \
                    topic and its settings?"
                .to_owned();
        }
        match self.failures.first() {
            Some(failure) => format!("no replica answers ({failure})"),
            None => "no replica answers".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::asker::Cycle;
    use super::*;
    use crate::stream::quorum::{BrokerId, LeaderEpoch};

    const PLACE: (Topic, Partition) = (Topic::ConsentEvents, Partition(0));

    fn keeping(replicas: &[i32], min_insync: u32) -> Keeping {
        Keeping { replicas: replicas.iter().copied().map(BrokerId).collect(), min_insync }
    }

    /// Broker 1 leads in epoch 0.
    fn told(broker: i32, keeping: &Keeping) -> Told {
        let broker = BrokerId(broker);
        let high_watermark = (broker == BrokerId(1)).then_some(Offset(7));
        let voice = Voice { broker, epoch: LeaderEpoch(0), high_watermark };
        let view = View { keeping: [(PLACE, keeping.clone())].into(), ..View::default() };
        let answer = Answer { view: Arc::new(view), voices: [(PLACE, voice)].into() };
        Told { cycle: Cycle(1), broker, answer: Ok(answer) }
    }

    fn ask(
        told: impl IntoIterator<Item = Told>,
        memory: &mut Memory,
        now: Instant,
    ) -> Option<Offset> {
        let mut tally = Tally::default();
        told.into_iter().for_each(|one| tally.take(one));
        tally.end(PLACE, memory, now).end.ok()
    }

    #[test]
    fn enough_brokers_of_one_mind_prove_an_end() {
        let three = keeping(&[1, 2, 3], 2);
        let (mut memory, now) = (Memory::default(), Instant::now());
        assert_eq!(ask([told(1, &three)], &mut memory, now), None);
        assert_eq!(ask([told(1, &three), told(3, &three)], &mut memory, now), Some(Offset(7)));
    }

    #[test]
    fn brokers_that_disagree_on_replicas_or_minimum_prove_nothing() {
        let three = keeping(&[1, 2, 3], 2);
        for other in [keeping(&[1, 2, 3, 4], 2), keeping(&[1, 2, 3], 1)] {
            let told = [told(1, &three), told(2, &three), told(3, &other)];
            assert_eq!(ask(told, &mut Memory::default(), Instant::now()), None);
        }
    }

    #[test]
    fn a_change_of_replicas_or_minimum_proves_nothing_until_it_has_settled() {
        let (before, after) = (keeping(&[1, 2, 3], 2), keeping(&[1, 2, 3], 1));
        let (mut memory, now) = (Memory::default(), Instant::now());
        let all = |keeping: &Keeping| [1, 2, 3].map(|broker| told(broker, keeping));
        assert!(ask(all(&before), &mut memory, now).is_some());
        assert_eq!(ask(all(&after), &mut memory, now), None);
        assert_eq!(ask(all(&after), &mut memory, now + SETTLES_IN / 2), None);
        assert_eq!(ask(all(&after), &mut memory, now + SETTLES_IN), Some(Offset(7)));
    }

    #[test]
    fn brokers_that_may_not_tell_of_the_settings_prove_nothing_and_the_gate_says_so() {
        let mut tally = Tally::default();
        let answer = Answer { view: Arc::new(View::default()), voices: BTreeMap::new() };
        tally.take(Told { cycle: Cycle(1), broker: BrokerId(1), answer: Ok(answer) });
        let end = tally.end(PLACE, &mut Memory::default(), Instant::now()).end;
        assert!(end.expect_err("nothing is proven").contains("may the gate describe the topic"));
    }

    #[test]
    fn brokers_that_fail_prove_nothing_and_say_why() {
        let mut tally = Tally::default();
        let answer = Err("broker 1 at kafka-1:9092: no answer in time".to_owned());
        tally.take(Told { cycle: Cycle(1), broker: BrokerId(1), answer });
        let end = tally.end(PLACE, &mut Memory::default(), Instant::now()).end;
        assert!(end.expect_err("nothing is proven").contains("no answer in time"));
    }
}
