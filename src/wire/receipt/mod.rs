//! Receipts: what one committed transaction decided, on what, signed.
//!
//! Knows neither the topics nor the chain of earlier receipts; a reader gets one receipt that holds
//! together, or an error. What is signed by a key that is not pinned is never opened; it can be looked
//! at.
//!
//! Read in this order: [`model`] and [`range`] (what a receipt says), [`mod@column`] (the allowed messages
//! that it may list), [`mod@seal`] and [`open`] (how it
//! travels), [`sign`] (keys), [`ids`] (hashes, and what the committed offset carries),
//! [`mod@inspect`] (records shown to people).

mod check;
pub mod column;
mod decision_header;
mod from_proto;
pub mod ids;
pub mod inspect;
pub mod model;
pub mod range;
pub mod seal;
pub mod sign;
#[cfg(test)]
mod tests;
mod to_proto;

pub use column::{AllowedColumn, AllowedRow, ColumnPart, ColumnWriter};
pub use decision_header::{DECISION_HEADER, DecisionHeader};
pub use ids::{ColumnHash, CommitMetadata, PolicyHash, ReceiptHash, ReceiptId};
pub use inspect::{Claim, Inspected, SignatureState, inspect};
pub use model::{AllowedPart, BatchReceipt, FenceMode, Gap, Hold, Mode, Previous, Receipt};
pub use range::PartitionRange;
pub use seal::{Opened, SealedPolicy, SealedReceipt, open, seal, seal_column, seal_policy};
pub(in crate::wire) use sign::Domain;
pub use sign::{KeyId, SigningKey, VerifyingKeys};
