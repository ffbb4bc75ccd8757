//! Metrics: one function for each thing that is measured, one catalogue of all.
//!
//! Functions and meters are called per batch, per transaction or per change, never per message; only
//! [`consent_event`] and [`consent_note`] are called per consent record. Handles are made once and
//! kept. There is one registry a process; it works from the first call and never fails.

mod api;
mod begin;
mod boards;
mod catalogue;
mod consent;
mod decisions;
mod exposition;
mod index;
mod partitions;
mod process;
mod registry;
mod route;
mod sender;
mod transaction;
mod verification;
mod webhooks;

#[cfg(test)]
mod tests;

pub use api::{Asked, AskedResult, asked, asked_fates};
pub use begin::begin;
pub use boards::{consent_current, consent_staleness};
pub use catalogue::{ALL, Kind, Metric, ROUTE_SERIES_MAX, SERIES_MAX};
pub use consent::{ConsentClass, consent_applied, consent_event, consent_note};
pub use consent::{fence_completed, fence_failed};
pub use decisions::{Decisions, SCOPE_LABELS_MAX};
pub use exposition::{exposition, exposition_of_adapter, upkeep};
pub use index::{IndexSize, bootstrap_done, bootstrap_progress, index_rebuilt, index_size};
pub use partitions::{
    Lag, PARTITIONS_MAX, forget_lag, lag, lags, open_transaction, open_transactions,
};
pub use route::{RouteMeters, Stage};
pub use sender::SenderMeters;
pub use transaction::{
    BrokenIn, OutputTopic, RebalanceKind, ReplaceReason, TransactionResult, invariant_broken,
};
pub use verification::Verification;
pub use webhooks::Webhooks;
