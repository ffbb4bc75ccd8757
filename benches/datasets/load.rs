//! A world's facts in an index, and a view of it that is proven fresh.

use std::time::Instant;

use consentgate::consent::{Offset, Partition, Topic};
use consentgate::index::{CaughtUp, ConsentIndex, ConsentView, Fence, IndexKeys, Tick};

use super::World;

impl World {
    /// An index that has applied all facts, and stands behind the only record of its only partition.
    pub(crate) fn index(&self) -> ConsentIndex {
        let keys = IndexKeys { mixing: 0x5eed, user_ids: [1; 16], tombstones: [2; 16] };
        let mut index = ConsentIndex::new(keys);
        let started = Instant::now();
        let mut facts = 0u64;
        for fact in self.facts() {
            index.apply(fact);
            facts += 1;
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{facts} facts into the index in {seconds:.1} s");
        index.advance(Topic::ConsentEvents, Partition(0), Offset(1));
        index
    }
}

/// A fence that no batch is too new for: the index has applied all that there will ever be.
pub(crate) fn eternal_fence(index: &ConsentIndex) -> Fence {
    Fence { asked_at: Tick(u64::MAX), ends: index.positions().clone() }
}

/// A view of an index that has applied everything.
pub(crate) fn view(index: &ConsentIndex) -> ConsentView<'_> {
    let proof = CaughtUp::prove(index, &eternal_fence(index), Tick(1));
    proof.expect("nothing holds the made-up world").view()
}
