//! A made-up past with planted slips, whose right answer is known without the gate: a list of what each
//! person said, and quantifiers over it.
//!
//! All times are planted (CreateTime), so the same world stands on any broker.

use std::collections::BTreeSet;

use consentgate::wire::consent::Produced;
use rand::Rng;
use rand::rngs::StdRng;

use super::producers::{NewRecord, Place, Writer};
use super::stage::{Stage, event_record, message};
use super::topics::{Change, GateTopics};
use super::world::{grant, now_ms, offer, phone, published, withdraw};

const HOUR_MS: i64 = 3_600_000;
/// What clocks may be apart.
pub const TOLERANCE_MS: i64 = 5_000;

/// What a person said, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Yes,
    No,
}

/// The right answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// Messages that left after the person had opted out.
    pub slips: BTreeSet<Place>,
    /// Messages so close to an opt-out, or to what lifted it, that clocks decide.
    pub near: u64,
    /// Messages that the gate would have let out.
    pub allowed: u64,
    /// All messages.
    pub messages: u64,
}

/// A past on topics of its own.
pub struct Planted {
    pub stage: Stage,
    pub truth: Truth,
    /// When the first message was written.
    pub first_ms: i64,
}

/// Topics whose consent carries its writers' times.
pub fn topics_with_planted_times(kafka: &str, test: &str, partitions: i32) -> Stage {
    let topics = GateTopics::named(test);
    let names = [&topics.consent_events, &topics.consent_activity, &topics.template_states];
    let planted = Change::Setting("message.timestamp.type", "CreateTime");
    let changes: Vec<_> = names.iter().map(|name| (name.as_str(), planted)).collect();
    topics.create_but(kafka, partitions, &changes);
    Stage::on(kafka, topics, partitions)
}

/// People of the café who say yes and no, and messages to them at any time.
pub fn plant(
    kafka: &str,
    test: &str,
    people: u32,
    messages: usize,
    chance: &mut StdRng,
) -> Planted {
    let stage = topics_with_planted_times(kafka, test, 3);
    let writer = Writer::new(kafka);
    let begin_ms = now_ms() - 20 * HOUR_MS;
    let said: Vec<_> = (0..people).map(|_| history(begin_ms, chance)).collect();
    write_consent(&stage, &writer, begin_ms, &said);
    let first_ms = begin_ms + HOUR_MS;
    let mut sent: Vec<(i64, u32)> =
        (0..messages).map(|_| message_to(&said, first_ms, chance)).collect();
    sent.sort_unstable();
    let mut truth = Truth { messages: messages as u64, ..Truth::default() };
    for (number, (time_ms, person)) in sent.into_iter().enumerate() {
        // Writers' clocks differ a little: times step back within a partition.
        let time_ms = time_ms - chance.random_range(0..TOLERANCE_MS / 4);
        let value = offer("cafe", person, number as u64);
        let to = phone(person);
        let record = NewRecord { timestamp_ms: Some(time_ms), ..message(&to, &value) };
        let place = writer.write_one(&stage.topics.outbound, &record);
        judge(&said[person as usize], time_ms, place, &mut truth);
    }
    Planted { stage, truth, first_ms }
}

/// What a person says: a yes, and then no and yes in turn, at least two minutes apart.
fn history(begin_ms: i64, chance: &mut StdRng) -> Vec<(i64, Said)> {
    let mut at_ms = begin_ms + chance.random_range(0..HOUR_MS / 2);
    let mut said = vec![(at_ms, Said::Yes)];
    for _ in 0..chance.random_range(0..4) {
        at_ms += chance.random_range(2 * 60_000..5 * HOUR_MS);
        let last = said.last().expect("a yes").1;
        // Who says no once more says it again.
        let next = if last == Said::Yes || chance.random_bool(0.2) { Said::No } else { Said::Yes };
        said.push((at_ms, next));
    }
    said
}

/// Half of the messages lie close to something that was said.
fn message_to(said: &[Vec<(i64, Said)>], first_ms: i64, chance: &mut StdRng) -> (i64, u32) {
    let person = chance.random_range(0..said.len());
    let history = &said[person];
    let time_ms = if chance.random_bool(0.5) {
        let near = history[chance.random_range(0..history.len())].0;
        (near + chance.random_range(-3 * TOLERANCE_MS..3 * TOLERANCE_MS)).max(first_ms)
    } else {
        first_ms + chance.random_range(0..17 * HOUR_MS)
    };
    (time_ms, person as u32)
}

fn write_consent(stage: &Stage, writer: &Writer, begin_ms: i64, said: &[Vec<(i64, Said)>]) {
    let mut events: Vec<(i64, Produced)> =
        vec![(begin_ms, published("cafe", &["offers"], begin_ms))];
    for (person, history) in said.iter().enumerate() {
        let event = |&(at_ms, said): &(i64, Said)| {
            let person = person as u32;
            (
                at_ms,
                match said {
                    Said::Yes => grant("cafe", person, &["offers"], at_ms),
                    Said::No => withdraw("cafe", person),
                },
            )
        };
        events.extend(history.iter().map(event));
    }
    events.sort_by_key(|(at_ms, _)| *at_ms);
    let record = |(at_ms, event)| NewRecord { timestamp_ms: Some(at_ms), ..event_record(event) };
    let records: Vec<_> = events.iter().map(|(at_ms, event)| record((*at_ms, event))).collect();
    writer.write(&stage.topics.consent_events, &records);
}

/// The answer by hand: who said what before, and around, this time.
fn judge(said: &[(i64, Said)], time_ms: i64, place: Place, truth: &mut Truth) {
    let last = |until: &dyn Fn(i64) -> bool| {
        said.iter().filter(|(at_ms, _)| until(*at_ms)).map(|(_, said)| *said).next_back()
    };
    let before = last(&|at_ms| at_ms < time_ms - TOLERANCE_MS);
    let around = last(&|at_ms| at_ms <= time_ms + TOLERANCE_MS);
    match (before, around) {
        (Some(Said::No), Some(Said::No)) => drop(truth.slips.insert(place)),
        (Some(Said::Yes), Some(Said::Yes)) => truth.allowed += 1,
        (before, around) => {
            truth.near += u64::from((before == Some(Said::No)) != (around == Some(Said::No)));
        }
    }
}
