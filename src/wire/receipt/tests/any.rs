//! Laws over any receipt and any bytes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{reopened, trusted};
use crate::consent::{Offset, Partition, Positions, Topic};
use crate::wire::receipt::{
    BatchReceipt, PartitionRange, Previous, Receipt, check, from_proto::from_proto, open,
    to_proto::to_proto,
};
use crate::wire::tests::receipt;

fn positions() -> impl Strategy<Value = Vec<BTreeMap<(bool, i32), i64>>> {
    prop::collection::vec(
        prop::collection::btree_map((any::<bool>(), 0..4), 0..1_000i64, 1..5),
        1..5,
    )
}

fn receipts() -> impl Strategy<Value = Receipt> {
    let records = prop::collection::vec(prop::collection::vec(0..3u8, 0..60), 1..4);
    (positions(), prop::collection::vec(records, 5), 0..1_000_000_000_000i64).prop_map(
        |(steps, inputs, start)| {
            let mut receipt = Receipt { gaps: Vec::new(), batches: Vec::new(), ..receipt() };
            (receipt.allowed, receipt.suppressed) = (0, 0);
            let mut at = Positions::default();
            let mut next = [start; 3];
            for (step, input) in steps.iter().zip(&inputs) {
                for (&(events, partition), &offset) in step {
                    let topic = if events { Topic::ConsentEvents } else { Topic::ConsentActivity };
                    at.advance(topic, Partition(partition), Offset(offset));
                }
                let ranges = (0..).zip(&mut next).zip(input).map(|((partition, next), records)| {
                    let first = Offset(*next);
                    let mut range = PartitionRange::starting_at(Partition(partition), first);
                    for (offset, record) in (*next..).zip(records) {
                        match record {
                            0 => range.allow(Offset(offset)),
                            1 => range.suppress(Offset(offset)),
                            _ => range.extend_to(Offset(offset + 1)),
                        }
                    }
                    *next = range.next.0;
                    receipt.allowed += range.allowed.len();
                    receipt.suppressed += u64::from(range.received) - range.allowed.len();
                    range
                });
                let ranges = ranges.collect();
                let (positions, now_ms) = (at.clone(), start);
                receipt.batches.push(BatchReceipt { ranges, positions, now_ms, policy: None });
            }
            receipt.previous = (0..3)
                .map(|partition| Previous { partition: Partition(partition), hash: None })
                .collect();
            receipt
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_receipt_opens_as_it_was_sealed(receipt in receipts()) {
        prop_assert_eq!(reopened(&receipt), receipt);
    }

    /// Runs hold each allowed offset once, and are as long as can be.
    #[test]
    fn runs_are_the_allowed_offsets(receipt in receipts()) {
        for range in receipt.batches.iter().flat_map(|batch| &batch.ranges) {
            let runs = range.allowed_runs();
            let offsets = runs.iter().flat_map(|(first, next)| first.0..next.0).map(Offset);
            prop_assert!(offsets.eq(range.allowed_offsets()));
            prop_assert!(runs.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }

    #[test]
    fn garbage_opens_nothing(value in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&value, &trusted()).is_err());
    }

    /// Even a signed body that is garbage gives an error and no panic.
    #[test]
    fn a_damaged_body_is_refused_or_still_holds_together(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        use prost::Message as _;
        let mut body = to_proto(&receipt()).unwrap().encode_to_vec();
        for (at, byte) in edits {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Ok(read) = crate::wire::proto::audit::Receipt::decode(body.as_slice())
            && let Ok(read) = from_proto(read)
        {
            prop_assert_eq!(check::check(&read), Ok(()));
        }
    }
}
