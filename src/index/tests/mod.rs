//! The index's laws and sentences.

mod answers;
mod fence;
mod laws;
mod oracle;
mod support;
