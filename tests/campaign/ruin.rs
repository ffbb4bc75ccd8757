//! What a round's consent log does not outlive: it is cut, made anew, or gets partitions. It strikes
//! last, when all else is checked, and has a law of its own: from the moment in which a gate must have
//! noticed, nothing leaves that the log does not prove.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::gates::{GATES, Gates};
use crate::round::PARTITIONS;
use crate::support::producers::{Place, Writer};
use crate::support::stage::{Stage, event_record, message};
use crate::support::topics::{add_partitions, cut};
use crate::support::world::{grant, now_ms, offer, phone, withdraw};
use crate::traffic::PEOPLE;
use crate::verdict::{Promise, Verdict};

/// How long a gate may take to notice: it reads its last record again every 10 s.
const NOTICED_WITHIN: Duration = Duration::from_secs(13);
/// How long a gate has to send what it should not.
const TEMPTATION: Duration = Duration::from_secs(6);
const MESSAGES: u32 = 100;
/// Numbers of messages that no round has reached.
const FIRST: u64 = 1 << 40;
/// Numbers of messages that are written when the log is ruined.
const AFTERWARDS: u64 = FIRST + MESSAGES as u64;
/// How long gates may take to start and decide.
const RUN_WITHIN: Duration = Duration::from_secs(90);
/// People of whom no round has written.
const LEAVES_FROM: u32 = 5_000_000;

/// What happens to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ruin {
    /// All its records are deleted; its offsets go on.
    Cut,
    /// It is deleted, and made anew, empty.
    MadeAnew,
    /// It gets more partitions, so keys move.
    PartitionsAdded,
}

impl Ruin {
    /// The one of this round.
    pub fn of_round(nth: usize) -> Ruin {
        [Ruin::MadeAnew, Ruin::Cut, Ruin::PartitionsAdded][nth % 3]
    }

    /// What the results call it.
    pub fn name(self) -> &'static str {
        match self {
            Ruin::Cut => "consent log cut to its end",
            Ruin::MadeAnew => "consent log deleted and made anew",
            Ruin::PartitionsAdded => "consent log gets partitions",
        }
    }
}

/// Does it to the log under running gates, and checks its law.
pub fn strike(ruin: Ruin, stage: &Stage, gates: &Gates, verdict: &mut Verdict) {
    (0..GATES).for_each(|nth| gates.be_there(nth));
    let over = AtomicBool::new(false);
    let (proven, unproven) = thread::scope(|scope| {
        scope.spawn(|| gates.supervise(&over));
        let (kafka, consent) = (&stage.kafka, &stage.topics.consent_events);
        // They run, and let out what the log still proves.
        let proven = to_those_who_had_agreed(stage, FIRST);
        stage.await_drained(RUN_WITHIN);
        match ruin {
            Ruin::Cut => cut(kafka, consent, PARTITIONS),
            Ruin::MadeAnew => stage.topics.create_again(kafka, consent, PARTITIONS),
            Ruin::PartitionsAdded => add_partitions(kafka, consent, PARTITIONS * 2),
        }
        thread::sleep(NOTICED_WITHIN);
        let unproven = match ruin {
            Ruin::Cut | Ruin::MadeAnew => to_those_who_had_agreed(stage, AFTERWARDS),
            Ruin::PartitionsAdded => to_those_who_leave(stage),
        };
        thread::sleep(TEMPTATION);
        over.store(true, Ordering::SeqCst);
        (proven, unproven)
    });
    verdict.enter_ends(gates.end());
    let ledger = stage.ledger();
    let kept = proven.iter().filter(|place| !ledger.is_allowed(**place)).count();
    verdict.broken(Promise::GoesOn, kept, "messages were kept while the log still proved them");
    let left = unproven.iter().filter(|place| ledger.is_allowed(**place)).count();
    verdict.broken(Promise::FailsClosed, left, &format!("unproven messages left, {}", ruin.name()));
}

/// Messages to people whose consent the log has, until it is ruined.
fn to_those_who_had_agreed(stage: &Stage, first: u64) -> Vec<Place> {
    let people: Vec<u32> = (0..MESSAGES).map(|one| (5 * one + 1) % PEOPLE).collect();
    stage.offers(&people, first)
}

/// Messages to people who have come and left since; some of their records lie in the new partitions.
fn to_those_who_leave(stage: &Stage) -> Vec<Place> {
    let own = Writer::new(&stage.kafka);
    let place = |nth: u32| {
        let person = LEAVES_FROM + nth;
        let events = [grant("cafe", person, &["offers"], now_ms()), withdraw("cafe", person)];
        for event in &events {
            own.write_one(&stage.topics.consent_events, &event_record(event));
        }
        let (to, value) = (phone(person), offer("cafe", person, AFTERWARDS + u64::from(nth)));
        own.write_one(&stage.topics.outbound, &message(&to, &value))
    };
    (0..MESSAGES).map(place).collect()
}
