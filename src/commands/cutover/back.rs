//! The way back: where the sender goes on in the outbound topic, exactly behind what it has sent.
//!
//! The sender drains the allowed topic first, and then goes on behind what the gate has decided; or it goes
//! on at once, at the first allowed message that it has not sent, and then sends what the gate has
//! suppressed since. What is not known refuses.

use super::cut::{decided_to, moves_of, refuse_strangers, row_of};
use super::decided::Decided;
use super::facts::{Facts, Mark, Pair, Standing};
use super::plan::{Finding, Move, Row};
use crate::consent::Offset;

/// How to go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Way {
    /// The sender reads the allowed topic to its end first.
    Drain,
    /// The sender goes on in the outbound topic at once, and sends what was suppressed behind it.
    AtOnce,
}

/// Where one partition goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Back {
    /// Up to where it is decided.
    pub(super) decided: Offset,
    /// Allowed messages that are not sent.
    pub(super) unread: u64,
    /// Where the sender starts; `None` until it has drained the allowed topic.
    pub(super) outbound: Option<Offset>,
    /// How many suppressed messages lie behind that, at most: offsets are counted.
    pub(super) suppressed_at_most: i64,
}

/// Where one partition goes on.
///
/// # Errors
/// Why nobody can tell, and what helps.
pub(super) fn back_of(
    standing: &Standing,
    decided: Option<&Decided>,
    pair: Option<&Result<Pair, String>>,
    way: Way,
) -> Result<Back, String> {
    let kept = standing.outbound;
    // An operator may have moved the gate over what the sender had sent before the gate began.
    let begun = decided_to(standing, decided).max(standing.gate.map(|(next, _)| next));
    let nothing = (kept.first == kept.next).then_some(kept.next);
    let end = begun
        .or(nothing)
        .ok_or("the gate has never stood here, so there is no way back from it")?;
    let pair =
        pair.ok_or("the allowed topic was not looked at")?.as_ref().map_err(String::clone)?;
    let outbound = match (pair.unread, way) {
        (0, _) => Some(end),
        (_, Way::Drain) => None,
        (_, Way::AtOnce) => {
            let known = decided.filter(|known| known.to == end);
            let first = known.and(pair.outbound).ok_or_else(|| {
                format!(
                    "{} allowed messages are not sent, and the receipts do not tell where they came from; \
                     let the sender drain the allowed topic",
                    pair.unread
                )
            })?;
            refuse_strangers(pair)?;
            Some(first)
        }
    };
    if let Some(outbound) = outbound.filter(|outbound| *outbound < kept.first) {
        return Err(format!(
            "the sender would go on at {outbound}, and the outbound topic begins at {}: what lies between \
             is gone{}",
            kept.first,
            match way {
                Way::Drain => "",
                Way::AtOnce => "; let the sender drain the allowed topic",
            }
        ));
    }
    if let (Some(outbound), Some(sent)) = (outbound, standing.sender_outbound)
        && outbound < sent
    {
        return Err(format!(
            "the sender would go on at {outbound}, and has sent the outbound topic up to {sent}: it reads it \
             already"
        ));
    }
    let unread = i64::try_from(pair.unread).unwrap_or(i64::MAX);
    let suppressed_at_most = outbound.map_or(0, |outbound| (end.0 - outbound.0 - unread).max(0));
    Ok(Back { decided: end, unread: pair.unread, outbound, suppressed_at_most })
}

/// Rows, findings and moves of the way back.
pub(super) fn conclude(
    facts: &Facts,
    way: Way,
    groups: (&str, &str),
    outbound: &str,
) -> (Vec<Row>, Vec<Finding>, Vec<Move>) {
    let (sender, gate) = groups;
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    let (mut senders, mut gates) = (Vec::new(), Vec::new());
    let (mut unread, mut suppressed) = (0, 0);
    for (partition, standing) in &facts.partitions {
        let mut row = row_of(*partition, standing);
        row.waiting = standing.gate.map_or(0, |(next, _)| standing.outbound.next.0 - next.0);
        if facts.is_still() {
            let pair = facts.pairs.get(partition);
            match back_of(standing, facts.decided.get(partition), pair, way) {
                Ok(back) => {
                    row.unread = Some(back.unread);
                    row.sender_starts = back.outbound.map(|outbound| outbound.0);
                    row.suppressed_at_most = Some(back.suppressed_at_most);
                    (unread, suppressed) =
                        (unread + back.unread, suppressed + back.suppressed_at_most);
                    let starts = back.outbound.filter(|at| standing.sender_outbound != Some(*at));
                    senders.extend(starts.map(|outbound| (partition.0, outbound.0)));
                    // Without the gate's mark a gate that is started by mistake holds.
                    if standing.gate != Some((back.decided, Mark::Others)) {
                        gates.push((partition.0, back.decided.0));
                    }
                }
                Err(why) => findings.push(Finding::fail(format!("partition {partition}: {why}"))),
            }
        }
        rows.push(row);
    }
    match way {
        Way::Drain if unread > 0 => findings.push(Finding::wait(format!(
            "{unread} allowed messages are not sent: start the sender once more, let it read the allowed topic \
             to its end, and stop it again; or take --way at-once"
        ))),
        Way::AtOnce if unread > 0 => findings.push(Finding::warn(format!(
            "the sender goes on in front of {unread} messages that were allowed and not sent, and of at most \
             {suppressed} that were suppressed behind them: those are sent without consent"
        ))),
        Way::Drain | Way::AtOnce => {}
    }
    let moves = [Move::new(sender, outbound, senders), Move::new(gate, outbound, gates)];
    (rows, findings, moves_of(moves))
}

#[cfg(test)]
mod tests {
    use super::super::cut::tests::standing;
    use super::super::decided::tests::decided;
    use super::super::facts::Twins;
    use super::*;

    fn pair(
        allowed: i64,
        outbound: Option<i64>,
        unread: u64,
        twins: Twins,
    ) -> Result<Pair, String> {
        Ok(Pair { allowed: Offset(allowed), unread, outbound: outbound.map(Offset), twins })
    }

    #[test]
    fn a_drained_sender_goes_on_behind_what_the_gate_has_decided() {
        let standing = standing(Some(50), Some((70, Mark::Gates)));
        let drained = pair(40, None, 0, Twins::Unknown);
        for way in [Way::Drain, Way::AtOnce] {
            // The committed offset is enough: no receipt is needed.
            let back = back_of(&standing, None, Some(&drained), way).expect("a way back");
            assert_eq!((back.outbound, back.suppressed_at_most), (Some(Offset(70)), 0));
        }
    }

    #[test]
    fn a_sender_that_is_not_drained_waits_or_goes_on_at_its_first_unsent_message() {
        let (standing, known) =
            (standing(None, Some((70, Mark::Gates))), decided(&[(40, 70, &[52, 60])]));
        let unread = pair(38, Some(52), 2, Twins::Same);
        let waits = back_of(&standing, Some(&known), Some(&unread), Way::Drain).expect("known");
        assert_eq!((waits.outbound, waits.unread), (None, 2));
        let back = back_of(&standing, Some(&known), Some(&unread), Way::AtOnce).expect("known");
        assert_eq!((back.outbound, back.suppressed_at_most), (Some(Offset(52)), 16));
    }

    #[test]
    fn a_gate_that_was_moved_and_never_ran_gives_back_what_it_was_given() {
        let (moved, known) =
            (standing(Some(70), Some((70, Mark::Others))), decided(&[(10, 30, &[])]));
        let drained = pair(40, None, 0, Twins::Unknown);
        let back = back_of(&moved, Some(&known), Some(&drained), Way::Drain).expect("a way back");
        assert_eq!(back.outbound, Some(Offset(70)));
    }

    #[test]
    fn a_sender_that_went_back_already_is_not_sent_back_again() {
        let drained = pair(40, None, 0, Twins::Unknown);
        let beyond = standing(Some(71), Some((70, Mark::Others)));
        let refused = back_of(&beyond, None, Some(&drained), Way::Drain).expect_err("refused");
        assert!(refused.contains("reads it already"), "{refused}");
    }

    #[test]
    fn what_is_not_known_refuses() {
        let (marked, known) =
            (standing(None, Some((70, Mark::Gates))), decided(&[(40, 70, &[52, 60])]));
        let refused = |standing: &Standing, known, pair, way| {
            back_of(standing, known, Some(pair), way).expect_err("refused")
        };
        let unread = pair(38, Some(52), 2, Twins::Same);
        assert!(refused(&marked, None, &unread, Way::AtOnce).contains("do not tell"));
        let nowhere = pair(38, None, 2, Twins::Unknown);
        assert!(refused(&marked, Some(&known), &nowhere, Way::AtOnce).contains("do not tell"));
        let strange = pair(38, Some(52), 2, Twins::Different);
        assert!(refused(&marked, Some(&known), &strange, Way::AtOnce).contains("somebody else"));
        let drained = pair(40, None, 0, Twins::Unknown);
        assert!(
            refused(&standing(None, None), None, &drained, Way::Drain).contains("never stood here")
        );
        let unknown = Err("the sender's group has no committed offset".to_owned());
        assert!(refused(&marked, None, &unknown, Way::Drain).contains("no committed offset"));
        let gone = standing(None, Some((4, Mark::Gates)));
        assert!(refused(&gone, None, &drained, Way::Drain).contains("is gone"));
    }
}
