//! How large a campaign is, and which fault strikes when.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::fault::{Fault, Mischief, Role};
use crate::ruin::Ruin;

/// Faults a round; each round has topics of its own, and is checked before the next.
const FAULTS_A_ROUND: usize = 21;
const FAULTS: usize = 210;
const MESSAGES: usize = 2_100_000;
/// How the gates of a round share its partitions, round by round.
const PROTOCOLS: [&str; 3] = ["range", "cooperative", "consumer"];

/// A whole campaign.
#[derive(Debug)]
pub struct Plan {
    pub form: &'static str,
    pub rounds: Vec<Round>,
    pub messages_a_round: usize,
    /// The stream beside which pairs are written; what is missing at the end comes at once.
    pub messages_a_second: u32,
}

/// What strikes in a round.
#[derive(Debug)]
pub struct Round {
    pub faults: Vec<Fault>,
    /// The last of it.
    pub ruin: Ruin,
    /// Lines for the gates' `[gate]` section.
    pub gate: String,
}

impl Plan {
    /// One round that fits into everyday tests.
    pub fn short() -> Plan {
        let faults = vec![
            Fault::GateKilled,
            Fault::EndTxnHeld,
            Fault::NodeKilled(Role::ConsentLeader),
            Fault::Request(Mischief::AnswerLost),
            Fault::NodeFrozen(Role::TransactionCoordinator),
            Fault::ConsentTransactionHangs,
            Fault::LeaderCutOff,
        ];
        let rounds = vec![Round { faults, ruin: Ruin::of_round(0), gate: gate_of_round(0) }];
        Plan { form: "short", rounds, messages_a_round: 100_000, messages_a_second: 800 }
    }

    /// Every kind of fault about equally often, in an order of chance.
    pub fn long(chance: &mut StdRng) -> Plan {
        let faults = setting("CONSENTGATE_CAMPAIGN_FAULTS", FAULTS);
        let mut order = Vec::new();
        while order.len() < faults {
            let mut all = wanted();
            all.shuffle(chance);
            order.extend(all);
        }
        order.truncate(faults);
        let round = |(nth, faults): (usize, &[Fault])| Round {
            faults: faults.to_vec(),
            ruin: Ruin::of_round(nth),
            gate: gate_of_round(nth),
        };
        let rounds: Vec<Round> = order.chunks(FAULTS_A_ROUND).enumerate().map(round).collect();
        let messages = setting("CONSENTGATE_CAMPAIGN_MESSAGES", MESSAGES);
        let messages_a_round = messages.div_ceil(rounds.len().max(1));
        Plan { form: "long", rounds, messages_a_round, messages_a_second: 700 }
    }
}

/// Every kind, or those that the environment asks for.
fn wanted() -> Vec<Fault> {
    let word = std::env::var("CONSENTGATE_CAMPAIGN_ONLY").unwrap_or_default();
    let found: Vec<Fault> =
        Fault::all().into_iter().filter(|fault| fault.name().contains(&word)).collect();
    assert!(!found.is_empty(), "no kind of fault has {word:?} in its name");
    found
}

/// What the environment asks for, or one group protocol after another.
fn gate_of_round(nth: usize) -> String {
    let in_turn = || format!("group_protocol = \"{}\"", PROTOCOLS[nth % PROTOCOLS.len()]);
    std::env::var("CONSENTGATE_CAMPAIGN_GATE").unwrap_or_else(|_| in_turn())
}

fn setting(name: &str, usual: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(usual, |given| given.parse().expect("a number"))
}
