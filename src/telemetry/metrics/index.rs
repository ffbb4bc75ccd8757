//! What the index reports: its size, and how far the start has come.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Gauge};

use super::catalogue as all;
use super::registry::{counter, gauge};

/// How much the index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexSize {
    /// Businesses.
    pub businesses: u64,
    /// Identities.
    pub subjects: u64,
    /// Grants.
    pub grants: u64,
    /// Objections.
    pub objections: u64,
    /// Erased identities.
    pub tombstones: u64,
    /// Bitmaps of standing grants.
    pub bitmaps: u64,
    /// Estimated bytes.
    pub bytes: u64,
}

pub(super) struct IndexMeters {
    businesses: Gauge,
    entries: [Gauge; 4],
    bitmaps: Gauge,
    bytes: Gauge,
    rebuilds: Counter,
    progress: Gauge,
    bootstrap: Gauge,
}

pub(super) static INDEX: LazyLock<IndexMeters> = LazyLock::new(|| IndexMeters {
    businesses: gauge(&all::INDEX_BUSINESSES, &[]),
    entries: ["subjects", "grants", "objections", "tombstones"]
        .map(|kind| gauge(&all::INDEX_ENTRIES, &[kind])),
    bitmaps: gauge(&all::INDEX_BITMAPS, &[]),
    bytes: gauge(&all::INDEX_BYTES, &[]),
    rebuilds: counter(&all::INDEX_REBUILDS, &[]),
    progress: gauge(&all::BOOTSTRAP_PROGRESS, &[]),
    bootstrap: gauge(&all::BOOTSTRAP_DURATION, &[]),
});

/// How much the index holds: `consentgate_index_entries`, `_businesses`, `_bitmaps`, `_bytes`.
pub fn index_size(size: &IndexSize) {
    let counts = [size.subjects, size.grants, size.objections, size.tombstones];
    for (gauge, count) in INDEX.entries.iter().zip(counts) {
        gauge.set(as_f64(count));
    }
    INDEX.businesses.set(as_f64(size.businesses));
    INDEX.bitmaps.set(as_f64(size.bitmaps));
    INDEX.bytes.set(as_f64(size.bytes));
}

/// The index was dropped and is built anew: `consentgate_index_rebuilds_total`.
pub fn index_rebuilt() {
    INDEX.rebuilds.increment(1);
}

/// How much of the consent topics was read, of how much: `consentgate_bootstrap_progress_ratio`.
pub fn bootstrap_progress(read: u64, all: u64) {
    let ratio = match all {
        0 => 1.0,
        all => as_f64(read.min(all)) / as_f64(all),
    };
    INDEX.progress.set(ratio);
}

/// The first fence came this long after the start: `consentgate_bootstrap_duration_seconds`.
pub fn bootstrap_done(took: Duration) {
    INDEX.progress.set(1.0);
    INDEX.bootstrap.set(took.as_secs_f64());
}

/// Exact up to 2^53, far above any count here.
fn as_f64(count: u64) -> f64 {
    count as f64
}
