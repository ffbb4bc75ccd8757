//! The cut: where gate and sender start, so that every message goes exactly one way.
//!
//! The sender has sent what lies before its committed offset in the outbound topic; the gate decides from
//! there on. Where a gate has decided further already, it goes on behind that, and the sender begins in
//! the allowed topic at the first message that it has not sent. What is not known refuses.

use std::collections::BTreeMap;

use super::decided::Decided;
use super::facts::{Facts, Mark, Pair, Standing, Standings, Twins};
use super::plan::{Finding, Move, Row};
use crate::consent::{Offset, Partition};

/// Where one partition is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Where the gate starts.
    pub(super) gate: Offset,
    /// Where the sender starts in the allowed topic.
    pub(super) allowed: Offset,
    /// Allowed messages that were decided before, and that it sends first.
    pub(super) ahead: u64,
}

/// Up to where the sender has sent a partition of the outbound topic.
///
/// # Errors
/// Nobody knows.
pub(super) fn sent_to(standing: &Standing) -> Result<Offset, String> {
    let kept = standing.outbound;
    match standing.sender_outbound {
        Some(next) if next > kept.next => Err(format!(
            "the sender's offset {next} lies beyond the end {}: was the topic made anew?",
            kept.next
        )),
        Some(next) => Ok(next.max(kept.first)),
        None if kept.first == kept.next => Ok(kept.next),
        None => Err(
            "the sender's group has no committed offset, so nobody knows what it has sent; set \
                     one with kafka-consumer-groups.sh --reset-offsets --to-offset"
                .to_owned(),
        ),
    }
}

/// Up to where a gate has decided a partition, as far as anybody knows.
pub(super) fn decided_to(standing: &Standing, decided: Option<&Decided>) -> Option<Offset> {
    let marked = match standing.gate {
        Some((next, Mark::Gates)) => Some(next),
        Some((_, Mark::Others)) | None => None,
    };
    marked.max(decided.map(|decided| decided.to))
}

/// Where one partition is cut.
///
/// # Errors
/// Why it cannot be, and what helps.
pub(super) fn cut_of(
    standing: &Standing,
    decided: Option<&Decided>,
    pair: Option<&Result<Pair, String>>,
) -> Result<Cut, String> {
    let cut = cut_at(standing, decided, pair)?;
    match standing.sender_allowed.filter(|read| *read > cut.allowed) {
        None => Ok(cut),
        Some(read) => Err(format!(
            "the sender has read the allowed topic up to {read}, and would begin again at {}: it has been \
             cut over already",
            cut.allowed
        )),
    }
}

fn cut_at(
    standing: &Standing,
    decided: Option<&Decided>,
    pair: Option<&Result<Pair, String>>,
) -> Result<Cut, String> {
    let sent = sent_to(standing)?;
    let Some(end) = decided_to(standing, decided).filter(|end| *end > sent) else {
        return Ok(Cut { gate: sent, allowed: standing.allowed.next, ahead: 0 });
    };
    let known = decided.is_some_and(|known| known.to == end && known.from <= sent);
    if !known {
        return Err(format!(
            "a gate has decided up to {end}, the sender has sent up to {sent}, and the receipts do not \
             tell of all between; let the sender read the outbound topic up to {end} first"
        ));
    }
    let pair =
        pair.ok_or("the allowed topic was not looked at")?.as_ref().map_err(String::clone)?;
    refuse_strangers(pair)?;
    Ok(Cut { gate: end, allowed: pair.allowed, ahead: pair.unread })
}

/// Counting from the end is right only if nobody else wrote there.
pub(super) fn refuse_strangers(pair: &Pair) -> Result<(), String> {
    match pair.twins {
        Twins::Different => Err(format!(
            "allowed offset {} is not the message that the receipts tell of: somebody else wrote to the \
             allowed topic, or receipts are missing; run `consentgate verify`",
            pair.allowed
        )),
        Twins::Same | Twins::Unknown => Ok(()),
    }
}

/// Rows, findings and moves of the cut.
pub(super) fn conclude(
    facts: &Facts,
    groups: (&str, &str),
    topics: (&str, &str),
) -> (Vec<Row>, Vec<Finding>, Vec<Move>) {
    let ((sender, gate), (outbound, allowed)) = (groups, topics);
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    let (mut gates, mut senders) = (Vec::new(), Vec::new());
    let mut ahead = 0;
    for (partition, standing) in &facts.partitions {
        let mut row = row_of(*partition, standing);
        findings.extend(lost(*partition, standing));
        if facts.is_still() {
            let pair = facts.pairs.get(partition);
            match cut_of(standing, facts.decided.get(partition), pair) {
                Ok(cut) => {
                    row.gate_starts = Some(cut.gate.0);
                    row.sender_starts = Some(cut.allowed.0);
                    row.unread = Some(cut.ahead);
                    row.waiting = standing.outbound.next.0 - cut.gate.0;
                    ahead += cut.ahead;
                    if standing.gate.map(|(next, _)| next) != Some(cut.gate) {
                        gates.push((partition.0, cut.gate.0));
                    }
                    if standing.sender_allowed != Some(cut.allowed) {
                        senders.push((partition.0, cut.allowed.0));
                    }
                }
                Err(why) => findings.push(Finding::fail(format!("partition {partition}: {why}"))),
            }
        } else if let Ok(sent) = sent_to(standing) {
            row.waiting = standing.outbound.next.0 - sent.0;
        }
        rows.push(row);
    }
    if ahead > 0 {
        findings.push(Finding::warn(format!(
            "{ahead} messages were allowed by a gate before this cut, and the sender begins with them: those \
             decisions are as old as they are; ask again before sending (POST /v1/recheck), or let them expire"
        )));
    }
    let moves = [Move::new(gate, outbound, gates), Move::new(sender, allowed, senders)];
    (rows, findings, moves_of(moves))
}

/// What a row tells whatever comes of it.
pub(super) fn row_of(partition: Partition, standing: &Standing) -> Row {
    Row {
        partition: partition.0,
        sender_outbound: standing.sender_outbound.map(|next| next.0),
        sender_allowed: standing.sender_allowed.map(|next| next.0),
        gate: standing.gate.map(|(next, _)| next.0),
        ..Row::default()
    }
}

fn lost(partition: Partition, standing: &Standing) -> Option<Finding> {
    let next = standing.sender_outbound.filter(|next| *next < standing.outbound.first)?;
    let count = standing.outbound.first.0 - next.0;
    Some(Finding::warn(format!(
        "partition {partition}: {count} offsets were removed before the sender read them, whatever comes \
         now; the outbound topic keeps too little"
    )))
}

/// Those of which there is something to move.
pub(super) fn moves_of<const N: usize>(moves: [Move; N]) -> Vec<Move> {
    moves.into_iter().filter(|one| !one.offsets.is_empty()).collect()
}

/// How many messages the sender still has to read in the allowed topic, by partition, where a gate has
/// decided further than the sender has sent.
pub(super) fn ahead(
    partitions: &Standings,
    decided: &BTreeMap<Partition, Decided>,
) -> BTreeMap<Partition, u64> {
    let ahead = partitions.iter().filter_map(|(partition, standing)| {
        let (known, sent) = (decided.get(partition)?, sent_to(standing).ok()?);
        (known.to > sent).then(|| (*partition, known.allowed_from(sent)))
    });
    ahead.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::commands::cutover::decided::tests::decided;
    use crate::kafka::Span;

    fn span(first: i64, next: i64) -> Span {
        Span { first: Offset(first), next: Offset(next) }
    }

    /// A partition of which the outbound topic keeps 10..90 and the allowed topic 0..40.
    pub(in crate::commands::cutover) fn standing(
        sender_outbound: Option<i64>,
        gate: Option<(i64, Mark)>,
    ) -> Standing {
        Standing {
            outbound: span(10, 90),
            allowed: span(0, 40),
            sender_outbound: sender_outbound.map(Offset),
            sender_allowed: None,
            gate: gate.map(|(next, mark)| (Offset(next), mark)),
        }
    }

    fn pair(allowed: i64, outbound: i64, unread: u64, twins: Twins) -> Result<Pair, String> {
        Ok(Pair { allowed: Offset(allowed), unread, outbound: Some(Offset(outbound)), twins })
    }

    #[test]
    fn the_gate_starts_where_the_sender_has_stopped_and_the_sender_at_the_end_of_what_is_allowed() {
        let cut = cut_of(&standing(Some(50), None), None, None);
        assert_eq!(cut, Ok(Cut { gate: Offset(50), allowed: Offset(40), ahead: 0 }));
        // A gate of an earlier time stands before the sender: what the sender has sent is left out.
        let earlier = decided(&[(10, 30, &[12])]);
        for mark in [Mark::Gates, Mark::Others] {
            let cut = cut_of(&standing(Some(50), Some((30, mark))), Some(&earlier), None);
            assert_eq!(cut, Ok(Cut { gate: Offset(50), allowed: Offset(40), ahead: 0 }));
        }
    }

    #[test]
    fn what_a_gate_has_decided_beyond_the_sender_is_sent_from_the_allowed_topic_and_decided_once() {
        let known = decided(&[(40, 70, &[45, 52, 60])]);
        let standing = standing(Some(50), Some((70, Mark::Gates)));
        let here = pair(38, 52, 2, Twins::Same);
        let cut = cut_of(&standing, Some(&known), Some(&here));
        assert_eq!(cut, Ok(Cut { gate: Offset(70), allowed: Offset(38), ahead: 2 }));
        let partitions = BTreeMap::from([(Partition(0), standing)]);
        let counted = ahead(&partitions, &BTreeMap::from([(Partition(0), known)]));
        assert_eq!(counted, BTreeMap::from([(Partition(0), 2)]));
    }

    #[test]
    fn what_is_not_known_refuses() {
        let known = decided(&[(60, 70, &[60])]);
        let here = pair(38, 60, 1, Twins::Same);
        let refused = |standing: &Standing, known, pair| cut_of(standing, known, pair).unwrap_err();
        let marked = standing(Some(50), Some((70, Mark::Gates)));
        // The receipts do not reach back, tell less than the committed offset, or nothing.
        assert!(refused(&marked, Some(&known), Some(&here)).contains("do not tell of all between"));
        let less = decided(&[(40, 69, &[60])]);
        assert!(refused(&marked, Some(&less), Some(&here)).contains("do not tell of all between"));
        assert!(refused(&marked, None, Some(&here)).contains("do not tell of all between"));
        let whole = decided(&[(40, 70, &[60])]);
        let strange = pair(38, 60, 1, Twins::Different);
        assert!(refused(&marked, Some(&whole), Some(&strange)).contains("somebody else"));
        assert!(refused(&standing(Some(91), None), None, None).contains("beyond the end"));
        assert!(
            refused(&standing(None, None), None, None).contains("nobody knows what it has sent")
        );
    }

    #[test]
    fn a_sender_that_was_cut_over_is_not_sent_back() {
        let (known, here) = (decided(&[(40, 70, &[52, 60])]), pair(38, 52, 2, Twins::Same));
        let mut over = standing(Some(50), Some((70, Mark::Gates)));
        over.sender_allowed = Some(Offset(38));
        assert!(cut_of(&over, Some(&known), Some(&here)).is_ok());
        over.sender_allowed = Some(Offset(39));
        let refused = cut_of(&over, Some(&known), Some(&here)).expect_err("refused");
        assert!(refused.contains("cut over already"), "{refused}");
    }

    #[test]
    fn a_partition_that_is_empty_needs_no_offset_of_the_sender() {
        let mut empty = standing(None, None);
        empty.outbound = span(10, 10);
        assert_eq!(cut_of(&empty, None, None).map(|cut| cut.gate), Ok(Offset(10)));
    }

    #[test]
    fn a_sender_behind_what_is_kept_is_cut_at_the_first_record_and_the_loss_is_told() {
        let behind = standing(Some(4), None);
        assert_eq!(cut_of(&behind, None, None).map(|cut| cut.gate), Ok(Offset(10)));
        let told = lost(Partition(0), &behind).expect("a finding");
        assert!(told.what.contains("6 offsets were removed"), "{}", told.what);
        assert_eq!(lost(Partition(0), &standing(Some(10), None)), None);
    }
}
