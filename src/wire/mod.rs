//! Bytes: consent events, outbound messages, audit entries, receipts, and the same as JSON.
//!
//! Knows protobuf and the domain's words, and nothing of Kafka, clocks or threads. What it cannot
//! read it never guesses: a consent event becomes undecodable, a message malformed, a receipt an
//! error.
//!
//! Read in this order: [`consent`], [`outbound`] and [`formats`] (what comes in), [`audit`] with
//! [`pseudonym`] and [`receipt`] (what goes out), [`json`] (stories), [`import`]
//! (files from other systems), [`roll`] (a consent log without
//! erased people).

pub mod api;
pub mod audit;
pub(crate) mod caller_text;
pub mod consent;
pub mod consent_state;
mod digest_id;
mod error;
pub mod formats;
pub mod import;
pub mod json;
pub mod optout;
pub mod outbound;
pub mod proto;
pub mod pseudonym;
pub mod receipt;
pub mod roll;
#[cfg(test)]
mod tests;
pub mod webhooks;

pub use caller_text::is_kept_of;
pub use error::WireError;
