//! Arguments of what objects or is the business's own: as little as can be.

use clap::Args;

use super::CommonArgs;
use super::write::{event_about, write};
use crate::commands::exit::Failure;
use crate::wire::proto::consent::{Actor, Kind};

/// An event that may name scopes.
#[derive(Clone, Debug, Args)]
pub struct ScopedArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
    /// What it is about, such as offers. Can be repeated; none means everything.
    #[arg(long)]
    pub scope: Vec<String>,
    /// The platform's id of the message by which the person said so: it opens a conversation, but never
    /// speaks for an answer.
    #[arg(long, value_name = "MESSAGE_ID", default_value = "")]
    pub inbound_id: String,
}

/// An event about a person as a whole.
#[derive(Clone, Debug, Args)]
pub struct PersonArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
}

impl ScopedArgs {
    /// Writes an event of this kind.
    pub(super) fn run(self, kind: Kind, actor: Actor) -> Result<(), Failure> {
        let mut event = event_about(&self.common, kind)?;
        event.set_actor(actor);
        event.scopes = self.scope;
        event.inbound_id = self.inbound_id;
        write(&self.common.event.settings, event)
    }
}

impl PersonArgs {
    /// Writes an event of this kind.
    pub(super) fn run(self, kind: Kind, actor: Actor) -> Result<(), Failure> {
        let mut event = event_about(&self.common, kind)?;
        event.set_actor(actor);
        write(&self.common.event.settings, event)
    }
}
