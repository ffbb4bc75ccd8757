//! The quorum's rule: when a leader's word for where its partition ends is believed.
//!
//! A leader that was deposed and cut off from the others does not know it, and goes on naming an old
//! end. The rule asks more than one replica. Knows no connection, no address and no clock: its caller
//! brings only what was answered after the question was due. In doubt there is no end.
//!
//! Why it holds: whoever leads acknowledges a record (acks=all) only with at least
//! `min.insync.replicas` replicas that have it, itself among them, and a replica fetches from a leader
//! only in that leader's epoch. Any `replicas - min.insync.replicas + 1` replicas have one of these
//! among them. If so many answer after the question, and none knows of a later epoch than the one who
//! names the end, then no later leader acknowledged anything before the question. What earlier leaders
//! acknowledged is in the log of this one (elections are clean, `check` sees to that).

#[cfg(test)]
mod model;

use std::collections::BTreeSet;
use std::fmt;

use crate::consent::Offset;

/// A broker, by the number that Kafka knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerId(pub i32);

/// Counts the leaders of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaderEpoch(pub i32);

/// How a partition is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// All brokers with a replica, in sync or not.
    pub replicas: BTreeSet<BrokerId>,
    /// The least number of replicas in sync with which a record is acknowledged.
    pub min_insync: u32,
}

impl Keeping {
    /// How many replicas must answer, so that one of those that acknowledged is among them.
    pub fn needed(&self) -> usize {
        let least = usize::try_from(self.min_insync).unwrap_or(usize::MAX);
        (self.replicas.len() + 1).saturating_sub(least).max(1)
    }
}

/// What one replica told of a partition, after the question was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Who speaks.
    pub broker: BrokerId,
    /// The latest leader's epoch that it knows.
    pub epoch: LeaderEpoch,
    /// The end that it names as the leader of that epoch; `None` if it does not lead.
    pub high_watermark: Option<Offset>,
}

/// Why no end is believed. Asking again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody says that it leads.
    NoLeader,
    /// A replica knows of a later leader than the one that answered.
    LaterEpoch,
    /// Fewer replicas answered than needed.
    TooFew {
        /// How many did.
        answered: usize,
        /// How many must.
        needed: usize,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLeader => f.write_str("no replica says that it leads"),
            Self::LaterEpoch => {
                f.write_str("a replica knows of a later leader than the one that answered")
            }
            Self::TooFew { answered, needed } => {
                write!(f, "{answered} replicas answered, {needed} are needed")
            }
        }
    }
}

/// The end that these voices prove.
///
/// # Errors
/// A [`Doubt`].
pub fn proven_end(keeping: &Keeping, voices: &[Voice]) -> Result<Offset, Doubt> {
    let replicas = || voices.iter().filter(|voice| keeping.replicas.contains(&voice.broker));
    let leader = replicas()
        .filter_map(|voice| Some((voice.epoch, voice.high_watermark?)))
        .max_by_key(|(epoch, _)| *epoch);
    let (epoch, end) = leader.ok_or(Doubt::NoLeader)?;
    if replicas().any(|voice| voice.epoch > epoch) {
        return Err(Doubt::LaterEpoch);
    }
    let answered = replicas().map(|voice| voice.broker).collect::<BTreeSet<_>>().len();
    let needed = keeping.needed();
    if answered < needed {
        return Err(Doubt::TooFew { answered, needed });
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeping(replicas: i32, min_insync: u32) -> Keeping {
        Keeping { replicas: (1..=replicas).map(BrokerId).collect(), min_insync }
    }

    fn leader(broker: i32, epoch: i32, end: i64) -> Voice {
        Voice { high_watermark: Some(Offset(end)), ..follower(broker, epoch) }
    }

    fn follower(broker: i32, epoch: i32) -> Voice {
        Voice { broker: BrokerId(broker), epoch: LeaderEpoch(epoch), high_watermark: None }
    }

    #[test]
    fn a_leader_and_a_follower_of_three_prove_the_leaders_end() {
        let voices = [leader(1, 4, 9), follower(3, 4)];
        assert_eq!(proven_end(&keeping(3, 2), &voices), Ok(Offset(9)));
    }

    #[test]
    fn a_leader_alone_proves_nothing_where_others_could_have_acknowledged() {
        let doubt = Doubt::TooFew { answered: 1, needed: 2 };
        assert_eq!(proven_end(&keeping(3, 2), &[leader(1, 4, 9)]), Err(doubt));
        assert_eq!(proven_end(&keeping(3, 3), &[leader(1, 4, 9)]), Ok(Offset(9)));
        assert_eq!(proven_end(&keeping(1, 1), &[leader(1, 4, 9)]), Ok(Offset(9)));
    }

    #[test]
    fn a_deposed_leader_proves_nothing_beside_a_replica_of_a_later_epoch() {
        let voices = [leader(1, 4, 9), follower(2, 5)];
        assert_eq!(proven_end(&keeping(3, 2), &voices), Err(Doubt::LaterEpoch));
    }

    #[test]
    fn a_deposed_leader_counts_as_a_replica_beside_the_new_one() {
        let voices = [leader(1, 4, 9), leader(2, 5, 12)];
        assert_eq!(proven_end(&keeping(3, 2), &voices), Ok(Offset(12)));
    }

    #[test]
    fn one_broker_that_answers_twice_is_one_replica() {
        let voices = [leader(1, 4, 9), follower(1, 4)];
        assert!(proven_end(&keeping(3, 2), &voices).is_err());
    }

    #[test]
    fn who_keeps_no_replica_has_no_voice() {
        let voices = [leader(1, 4, 9), follower(7, 4)];
        assert!(proven_end(&keeping(3, 2), &voices).is_err());
    }

    #[test]
    fn a_minimum_above_the_number_of_replicas_needs_the_leader_all_the_same() {
        assert_eq!(proven_end(&keeping(2, 5), &[follower(2, 4)]), Err(Doubt::NoLeader));
    }
}
