//! From the contract's form to a receipt.
//!
//! Refuses whatever this version would not have written: a verifier must not guess.

use std::collections::BTreeSet;

use roaring::RoaringTreemap;

use super::check::check;
use super::decision_header::DecisionHeader;
use super::ids::{ColumnHash, PolicyHash, ReceiptHash, ReceiptId};
use super::model::{AllowedPart, BatchReceipt, FenceMode, Gap, Hold, Mode, Previous, Receipt};
use super::range::PartitionRange;
use crate::consent::{Offset, Partition, Positions, RouteName};
use crate::wire::WireError;
use crate::wire::consent::topic_of;
use crate::wire::proto::audit as proto;

/// The receipt in the domain's words.
///
/// # Errors
/// A field of another form, or a receipt that does not hold together.
pub(super) fn from_proto(receipt: proto::Receipt) -> Result<Receipt, WireError> {
    let mut batches: Vec<BatchReceipt> = Vec::with_capacity(receipt.batches.len());
    for batch in &receipt.batches {
        let before = batches.last().map(|before| &before.positions);
        let batch = batch_from_proto(batch, before)?;
        batches.push(batch);
    }
    let later = WireError::field("fence", "is of a later version, read it with that version");
    let other_mode = WireError::field("mode", "is of a later version, read it with that version");
    let no_route = WireError::field("route", "is no name of a route");
    let receipt = Receipt {
        id: ReceiptId::from_bytes(&receipt.receipt_id)?,
        policy: PolicyHash(exact("policy_sha256", &receipt.policy_sha256)?),
        previous: receipt.previous.iter().map(previous_from_proto).collect::<Result<_, _>>()?,
        batches,
        fence: FenceMode::parse(&receipt.fence).ok_or(later)?,
        decision_header: DecisionHeader::of_number(receipt.decision_header_valid_ms),
        gate_version: receipt.gate_version,
        rules_version: receipt.rules_version,
        cluster_id: receipt.cluster_id,
        instance: receipt.instance,
        lane: receipt.lane,
        source_topic: receipt.source_topic,
        holds: receipt.holds.into_iter().map(hold_from_proto).collect(),
        gaps: receipt.gaps.into_iter().map(gap_from_proto).collect(),
        allowed: receipt.allowed,
        suppressed: receipt.suppressed,
        mode: Mode::of_word(&receipt.mode).ok_or(other_mode)?,
        route: RouteName::of_label(&receipt.route).ok_or(no_route)?,
        fence_limit_ms: (receipt.fence_limit_ms != 0).then_some(receipt.fence_limit_ms),
        allowed_parts: receipt
            .allowed_parts
            .iter()
            .map(part_from_proto)
            .collect::<Result<_, _>>()?,
    };
    check(&receipt)?;
    Ok(receipt)
}

fn exact(field: &'static str, bytes: &[u8]) -> Result<[u8; 32], WireError> {
    let exact = bytes.try_into();
    exact.map_err(|_| WireError::field(field, "must be 32 bytes"))
}

fn optional(field: &'static str, bytes: &[u8]) -> Result<Option<[u8; 32]>, WireError> {
    match bytes {
        [] => Ok(None),
        bytes => exact(field, bytes).map(Some),
    }
}

fn batch_from_proto(
    batch: &proto::BatchReceipt,
    before: Option<&Positions>,
) -> Result<BatchReceipt, WireError> {
    Ok(BatchReceipt {
        ranges: batch.ranges.iter().map(range_from_proto).collect::<Result<_, _>>()?,
        positions: positions_from_proto(&batch.positions, before)?,
        now_ms: batch.now_ms,
        policy: optional("policy_sha256", &batch.policy_sha256)?.map(PolicyHash),
    })
}

fn range_from_proto(range: &proto::PartitionRange) -> Result<PartitionRange, WireError> {
    let mut rest = range.allowed.as_slice();
    let allowed = RoaringTreemap::deserialize_from(&mut rest)
        .map_err(|_| WireError::field("allowed", "is no roaring bitmap"))?;
    if !rest.is_empty() {
        return Err(WireError::field("allowed", "has bytes after the bitmap"));
    }
    Ok(PartitionRange {
        partition: Partition(range.partition),
        first: Offset(range.first),
        next: Offset(range.next),
        allowed,
        received: range.received,
    })
}

fn positions_from_proto(
    positions: &[proto::ConsentPosition],
    before: Option<&Positions>,
) -> Result<Positions, WireError> {
    let mut read = before.cloned().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for position in positions {
        let topic = i32::try_from(position.topic)
            .ok()
            .and_then(topic_of)
            .ok_or(WireError::field("positions", "name no consent topic"))?;
        let partition = Partition(position.partition);
        if !seen.insert((topic, partition)) {
            return Err(WireError::field("positions", "name a partition twice"));
        }
        let base = read.get(topic, partition).map_or(0, |known| known.0);
        let next = base
            .checked_add(position.next)
            .filter(|next| *next >= base)
            .ok_or(WireError::field("positions", "must not be negative"))?;
        read.advance(topic, partition, Offset(next));
    }
    Ok(read)
}

fn previous_from_proto(previous: &proto::PreviousReceipt) -> Result<Previous, WireError> {
    Ok(Previous {
        partition: Partition(previous.partition),
        hash: optional("sha256", &previous.sha256)?.map(ReceiptHash),
    })
}

fn part_from_proto(part: &proto::AllowedPart) -> Result<AllowedPart, WireError> {
    Ok(AllowedPart { hash: ColumnHash(exact("allowed_parts", &part.sha256)?), rows: part.rows })
}

fn hold_from_proto(hold: proto::Hold) -> Hold {
    Hold {
        cause: hold.cause,
        began_ms: hold.began_ms,
        ended_ms: (hold.ended_ms != 0).then_some(hold.ended_ms),
    }
}

fn gap_from_proto(gap: proto::Gap) -> Gap {
    Gap {
        partition: Partition(gap.partition),
        first: Offset(gap.first),
        next: Offset(gap.next),
        reason: gap.reason,
    }
}
