//! Consent from another system, as CSV: one row a decision of one person.
//!
//! Knows the columns and what a row means, and nothing of Kafka, of clocks or of what the log already
//! holds. What speaks against sending needs only a business, a person and a kind, and whatever else
//! cannot be read makes it wider. What permits must have all of its evidence, or it is refused.
//!
//! Read in this order: [`rows`] (bytes to rows), [`header`] (which column is which), [`read_row`]
//! (a row to an event), [`refusal`] (why not).

mod event;
mod grant;
pub mod header;
mod id;
mod instant;
pub mod refusal;
pub mod rows;
mod suppression;
#[cfg(test)]
mod tests;

pub use event::{Context, Doubt, Imported, Refused, read_row};
pub use grant::ImportedGrant;
pub use header::{Column, Columns, HeaderError};
pub use id::{SOURCE, imported_id};
pub use refusal::Refusal;
pub use rows::{Fields, Row, RowReader};
pub use suppression::{ImportedSuppression, Widened};
