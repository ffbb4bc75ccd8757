//! The rules as sentences, each with what goes and what does not.
//!
//! Every sentence is put to the model, to the plain state and, with the records backwards, to the
//! index; all three must agree.

mod ageing;
mod businesses;
mod choosing;
mod conversing;
mod cooling;
mod erasing;
mod granting;
mod identities;
mod lasting;
mod lifting;
mod linking;
mod objecting;
mod pausing;
mod quarantine;
mod resting;
mod scopes;
mod templates;
mod texts;
mod variants;
