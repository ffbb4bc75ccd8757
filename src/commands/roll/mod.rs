//! `roll`: the consent log, written anew without what erasures hide.
//!
//! **Every record keeps its place.** The new topic has, up to where the old one ended, one record for
//! each offset: the same one, or one that was encrypted, or a heartbeat where one was left out or where
//! Kafka had none. So a position means the same in both topics: voids, receipts and the order of events
//! stay as they were, and handing positions over is to say where the common part ends.
//!
//! **Every record keeps its time.** LogAppendTime of the new topic is the time of the roll, so each
//! record carries the time of its first append in a header. Nobody believes a header: right behind the
//! common part of each partition lies a signed end ([`RollSeal`](crate::wire::roll::RollSeal)) with a
//! hash over place, time, key and value of all records before it. A gate holds until all partitions have
//! one, of one roll, that fits ([`RolledLog`](crate::stream::RolledLog)).
//!
//! **What goes.** Of everybody with an erasure: the events that it hides, and those that say nothing.
//! Whoever is erased now is named nowhere in clear any longer: what still counts of them (the erasure
//! itself, objections, blocks, restrictions, links) is encrypted whole under the tombstone key
//! ([`Vault`](crate::wire::roll::Vault)), each bound to its place. A gate with the key reads on as
//! before; without it, it holds.
//!
//! **The proof.** What an erasure hides counts for nothing, so both logs must fold to the same state, to
//! the last mark. The new topic is read back and folded with nothing but its own records and the keys,
//! and compared with the fold of the old one, before anything is signed. Both states are held in memory.
//!
//! A log of another form than plain protobuf is refused: there a record that stands in for another one
//! would be unreadable.
//!
//! **What can go wrong.** A roll that stops before the ends are written leaves a topic that every gate
//! holds on; it is begun again with another name. Nobody may write to the old topic meanwhile: if its
//! end moved, nothing is signed. What is written there afterwards is lost to the new one, so writers
//! must be stopped before and sent to the new topic after; `docs/procedures.md` has the steps.
//!
//! Read in this order: [`plan`] (what becomes of each record), [`copy`] (writing), [`folding`] and
//! [`run`] (the steps).

mod copy;
mod folding;
mod plan;
mod run;
#[cfg(test)]
mod tests;

use clap::Args;

use super::exit::Failure;
use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate roll --config gate.toml --new-topic consent-events.2            what would be done
  consentgate roll --config gate.toml --new-topic consent-events.2 --write    do it, with all writers stopped";

/// Arguments of `roll`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct RollArgs {
    /// The configuration; its topics.consent_events is rolled.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The new topic; it is made, or must be empty.
    #[arg(long, value_name = "TOPIC")]
    pub new_topic: String,
    /// Do it. Without it: only say what would be done. Stop all writers of consent events first.
    #[arg(long)]
    pub write: bool,
}

impl RollArgs {
    /// Rolls, or says what would be done.
    ///
    /// # Errors
    /// A log that cannot be rolled, or a new topic that is not empty (65), a log to which somebody still
    /// writes (75), Kafka not reached (69), states that differ (70), a configuration or a key that is no
    /// good (78).
    pub fn run(self) -> Result<(), Failure> {
        run::run(&self)
    }
}
