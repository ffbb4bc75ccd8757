//! From a receipt to the contract's form.
//!
//! Positions are written once in full and then as what was added, since most batches add little.

use super::check::check;
use super::ids::PolicyHash;
use super::model::{AllowedPart, BatchReceipt, Gap, Hold, Previous, Receipt};
use super::range::PartitionRange;
use crate::consent::Positions;
use crate::wire::WireError;
use crate::wire::consent::role_of;
use crate::wire::proto::audit as proto;

/// The receipt in the contract's form.
///
/// # Errors
/// A receipt that does not hold together, or whose positions move backwards.
pub(super) fn to_proto(receipt: &Receipt) -> Result<proto::Receipt, WireError> {
    check(receipt)?;
    let mut before = None;
    let mut batches = Vec::with_capacity(receipt.batches.len());
    for batch in &receipt.batches {
        batches.push(batch_to_proto(batch, before, receipt.policy)?);
        before = Some(&batch.positions);
    }
    Ok(proto::Receipt {
        receipt_id: receipt.id.0.to_vec(),
        gate_version: receipt.gate_version.clone(),
        rules_version: receipt.rules_version,
        cluster_id: receipt.cluster_id.clone(),
        instance: receipt.instance.clone(),
        lane: receipt.lane,
        source_topic: receipt.source_topic.clone(),
        policy_sha256: receipt.policy.0.to_vec(),
        previous: receipt.previous.iter().map(previous_to_proto).collect(),
        batches,
        holds: receipt.holds.iter().map(hold_to_proto).collect(),
        gaps: receipt.gaps.iter().map(gap_to_proto).collect(),
        fence: receipt.fence.name().to_string(),
        decision_header_valid_ms: receipt.decision_header.map_or(0, |header| header.valid_for_ms),
        allowed: receipt.allowed,
        suppressed: receipt.suppressed,
        mode: receipt.mode.word().to_string(),
        route: receipt.route.label().to_string(),
        fence_limit_ms: receipt.fence_limit_ms.unwrap_or(0),
        allowed_parts: receipt.allowed_parts.iter().map(part_to_proto).collect(),
    })
}

fn batch_to_proto(
    batch: &BatchReceipt,
    before: Option<&Positions>,
    policy: PolicyHash,
) -> Result<proto::BatchReceipt, WireError> {
    let other_policy = batch.policy.filter(|other| *other != policy);
    Ok(proto::BatchReceipt {
        ranges: batch.ranges.iter().map(range_to_proto).collect::<Result<_, _>>()?,
        positions: positions_to_proto(&batch.positions, before)?,
        now_ms: batch.now_ms,
        policy_sha256: other_policy.map_or_else(Vec::new, |hash| hash.0.to_vec()),
    })
}

fn range_to_proto(range: &PartitionRange) -> Result<proto::PartitionRange, WireError> {
    // A copy, for runs are smallest here and slow in a bitmap that is still written to.
    let mut offsets = range.allowed.clone();
    offsets.optimize();
    let mut allowed = Vec::with_capacity(offsets.serialized_size());
    offsets
        .serialize_into(&mut allowed)
        .map_err(|_| WireError::field("allowed", "cannot be written"))?;
    Ok(proto::PartitionRange {
        partition: range.partition.0,
        first: range.first.0,
        next: range.next.0,
        allowed,
        received: range.received,
    })
}

fn positions_to_proto(
    positions: &Positions,
    before: Option<&Positions>,
) -> Result<Vec<proto::ConsentPosition>, WireError> {
    let none = Positions::default();
    let before = before.unwrap_or(&none);
    let backwards = || WireError::field("positions", "move backwards from batch to batch");
    if !positions.cover(before) {
        return Err(backwards());
    }
    let mut written = Vec::new();
    for (topic, partition, next) in positions.iter() {
        let known = before.get(topic, partition);
        // A partition that was not there before is written even at 0, so that it is there at all.
        let added = next.0 - known.map_or(0, |known| known.0);
        if known.is_none() || added > 0 {
            written.push(proto::ConsentPosition {
                topic: u32::try_from(i32::from(role_of(topic))).map_err(|_| backwards())?,
                partition: partition.0,
                next: added,
            });
        }
    }
    Ok(written)
}

fn previous_to_proto(previous: &Previous) -> proto::PreviousReceipt {
    proto::PreviousReceipt {
        partition: previous.partition.0,
        sha256: previous.hash.map_or_else(Vec::new, |hash| hash.0.to_vec()),
    }
}

fn part_to_proto(part: &AllowedPart) -> proto::AllowedPart {
    proto::AllowedPart { sha256: part.hash.0.to_vec(), rows: part.rows }
}

fn hold_to_proto(hold: &Hold) -> proto::Hold {
    proto::Hold {
        cause: hold.cause.clone(),
        began_ms: hold.began_ms,
        ended_ms: hold.ended_ms.unwrap_or(0),
    }
}

fn gap_to_proto(gap: &Gap) -> proto::Gap {
    proto::Gap {
        partition: gap.partition.0,
        first: gap.first.0,
        next: gap.next.0,
        reason: gap.reason.clone(),
    }
}
