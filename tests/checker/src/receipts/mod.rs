//! The receipts of a run: signatures, chains, and which batch decided which input.
//!
//! Public keys come from whoever checks and never from the topic. A record whose signature is not good
//! counts for nothing, so what it told is missing.

mod bitmap;
mod chain;
mod envelope;
mod tiles;

#[cfg(test)]
pub(crate) use bitmap::write as write_bitmap;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::model::{Positions, Topic};
use crate::report::{At, Law, Report};
use crate::source::Source;
use crate::spec::audit::Receipt;
pub(crate) use bitmap::Ranges;
pub(crate) use envelope::Keys;
use envelope::{Body, open};

/// When a lane's holds ended, by their beginning and cause.
type HoldsOfLane<'r> = BTreeMap<(i64, &'r str), i64>;

/// A receipt that somebody known has signed.
pub(crate) struct Entry {
    pub(crate) at: At,
    pub(crate) sha256: [u8; 32],
    pub(crate) said: Receipt,
}

/// One batch: what was decided at once.
pub(crate) struct Batch {
    /// The number of its receipt.
    pub(crate) receipt: usize,
    pub(crate) now_ms: i64,
    pub(crate) positions: Positions,
    pub(crate) policy: Vec<u8>,
}

/// What receipts say of a stretch of one input partition.
pub(crate) struct Tile {
    pub(crate) first: i64,
    pub(crate) next: i64,
    pub(crate) receipt: usize,
    /// Nothing for a gap.
    pub(crate) decided: Option<Decided>,
}

/// The decisions of a stretch.
pub(crate) struct Decided {
    pub(crate) batch: usize,
    pub(crate) allowed: Ranges,
    pub(crate) received: u32,
}

/// All receipts of a run.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) receipts: Vec<Entry>,
    pub(crate) batches: Vec<Batch>,
    /// By input partition, in the order of offsets.
    pub(crate) tiles: BTreeMap<i32, Vec<Tile>>,
    /// By the hash of their text.
    pub(crate) policies: HashMap<Vec<u8>, String>,
    /// Whether the topic has lost its beginning to retention.
    pub(crate) is_cut: bool,
}

impl Book {
    /// Reads the topic, and checks what receipts say of each other.
    pub(crate) fn read(
        source: &impl Source,
        topic: &str,
        keys: &Keys,
        report: &mut Report,
    ) -> Result<Self> {
        let mut book = Self::default();
        let mut seen = BTreeSet::new();
        let mut parts = HashMap::new();
        for partition in 0..source.partitions(topic)? {
            let extent = source.read(topic, partition, &mut |record| {
                let at = At { topic: topic.to_owned(), partition, offset: record.offset };
                match open(record.value, keys) {
                    Ok(Body::Receipt(body)) => book.take(at, &body, &mut seen, report),
                    Ok(Body::Policy(text)) => {
                        report.counts.policies += 1;
                        let hash = Sha256::digest(text.as_bytes()).to_vec();
                        book.policies.insert(hash, text);
                    }
                    Ok(Body::Allowed(body)) => {
                        parts.insert(Sha256::digest(&body).to_vec(), at);
                    }
                    Err(law) => report.violate(law, at, "nobody known has signed this record"),
                }
            })?;
            book.is_cut |= extent.start > 0;
        }
        chain::check(&book, report);
        book.lay_out(report);
        book.check_parts(&parts, report);
        Ok(book)
    }

    fn take(&mut self, at: At, body: &[u8], seen: &mut BTreeSet<Vec<u8>>, report: &mut Report) {
        let Ok(said) = Receipt::decode(body) else {
            return report.violate(Law::ReceiptUnreadable, at, "a signed receipt cannot be read");
        };
        if !seen.insert(said.receipt_id.clone()) {
            return report.violate(Law::ReceiptTwice, at, "a receipt with an id that another has");
        }
        if !matches!(said.mode.as_str(), "" | "shadow") {
            let what = "a receipt of a mode that this checker does not know";
            return report.violate(Law::ReceiptUnreadable, at, what);
        }
        report.counts.receipts += 1;
        let sha256 = Sha256::digest(body).into();
        self.receipts.push(Entry { at, sha256, said });
    }

    /// Lays the stretches of all receipts side by side, by input partition.
    fn lay_out(&mut self, report: &mut Report) {
        for (number, entry) in self.receipts.iter().enumerate() {
            let mut positions = Positions::default();
            let mut counted = (0_u64, 0_u64);
            let mut sound = true;
            for said in &entry.said.batches {
                for position in &said.positions {
                    match Topic::of_number(position.topic.into()) {
                        Some(topic) => positions.advance(topic, position.partition, position.next),
                        None => sound = false,
                    }
                }
                let policy = match said.policy_sha256.is_empty() {
                    true => entry.said.policy_sha256.clone(),
                    false => said.policy_sha256.clone(),
                };
                let batch = self.batches.len();
                let (now_ms, positions) = (said.now_ms, positions.clone());
                self.batches.push(Batch { receipt: number, now_ms, positions, policy });
                for range in &said.ranges {
                    let allowed = Ranges::read(&range.allowed);
                    let length = range.next - range.first;
                    let fits = allowed.filter(|allowed| {
                        allowed.end() <= u64::try_from(length).unwrap_or(0)
                            && allowed.count() <= u64::from(range.received)
                    });
                    let Some(allowed) = fits.filter(|_| length >= 0) else {
                        sound = false;
                        continue;
                    };
                    counted.0 += allowed.count();
                    counted.1 += u64::from(range.received) - allowed.count();
                    let decided = Some(Decided { batch, allowed, received: range.received });
                    let (first, next, receipt) = (range.first, range.next, number);
                    let tile = Tile { first, next, receipt, decided };
                    self.tiles.entry(range.partition).or_default().push(tile);
                }
            }
            for gap in &entry.said.gaps {
                let (first, next, receipt) = (gap.first, gap.next, number);
                let tile = Tile { first, next, receipt, decided: None };
                self.tiles.entry(gap.partition).or_default().push(tile);
            }
            if !sound || counted != (entry.said.allowed, entry.said.suppressed) {
                let what = "a receipt whose numbers contradict each other";
                report.violate(Law::ReceiptUnreadable, entry.at.clone(), what);
            }
        }
        for (partition, tiles) in &mut self.tiles {
            tiles.sort_by_key(|tile| (tile.first, tile.next));
            tiles::check(*partition, tiles, &self.receipts, &self.batches, report);
        }
        self.check_holds(report);
    }

    /// Holds that several receipts tell of, because they last, are one. While a lane held, it decided
    /// nothing.
    fn check_holds(&self, report: &mut Report) {
        let mut holds: BTreeMap<(&str, u32), HoldsOfLane<'_>> = BTreeMap::new();
        for entry in &self.receipts {
            let lane = (entry.said.instance.as_str(), entry.said.lane);
            for hold in &entry.said.holds {
                let of_lane = holds.entry(lane).or_default();
                let ended = of_lane.entry((hold.began_ms, &hold.cause)).or_insert(hold.began_ms);
                *ended = (*ended).max(hold.ended_ms);
            }
        }
        let of_all = || holds.values().flatten();
        report.counts.holds = of_all().count() as u64;
        report.counts.held_ms =
            of_all().map(|(hold, ended)| u64::try_from(ended - hold.0).unwrap_or(0)).sum();
        for batch in &self.batches {
            let Some(entry) = self.receipts.get(batch.receipt) else { continue };
            let Some(of_lane) = holds.get(&(entry.said.instance.as_str(), entry.said.lane)) else {
                continue;
            };
            let within = |(hold, ended): &(&(i64, &str), &i64)| {
                hold.0 < batch.now_ms && batch.now_ms < **ended
            };
            if let Some((hold, _)) = of_lane.iter().find(within) {
                let what = format!("a batch was decided while its lane held for {}", hold.1);
                report.violate(Law::DecidedWhileHeld, entry.at.clone(), what);
            }
        }
    }

    /// What a receipt lists of what it allowed lies beside it, whole.
    fn check_parts(&self, parts: &HashMap<Vec<u8>, At>, report: &mut Report) {
        let mut named = 0;
        for entry in &self.receipts {
            let listed = &entry.said.allowed_parts;
            named += listed.len() as u64;
            let there = listed.iter().all(|part| {
                parts.get(&part.sha256).is_some_and(|at| {
                    at.partition == entry.at.partition && at.offset < entry.at.offset
                })
            });
            let rows: u64 = listed.iter().map(|part| u64::from(part.rows)).sum();
            if !there || !listed.is_empty() && rows != entry.said.allowed {
                let what = "a receipt whose column of allowed messages is not whole";
                report.violate(Law::ReceiptUnreadable, entry.at.clone(), what);
            }
        }
        report.leave("the rows of a column of allowed messages", named);
    }
}
