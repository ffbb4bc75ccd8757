//! Arguments of what the person does just now: they wrote, or asked for a code.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::CommonArgs;
use super::write::{event_about, write};
use crate::commands::exit::Failure;
use crate::wire::proto::consent::{Actor, Kind};

/// Arguments of `consent inbound`.
#[derive(Clone, Debug, Args)]
pub struct InboundArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
    /// The platform's id of the message that the person wrote.
    #[arg(long, value_name = "MESSAGE_ID", value_parser = NonEmptyStringValueParser::new())]
    pub inbound_id: String,
}

/// Arguments of `consent user-request`.
#[derive(Clone, Debug, Args)]
pub struct UserRequestArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
}

impl InboundArgs {
    /// Writes the event.
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut event = event_about(&self.common, Kind::Inbound)?;
        event.set_actor(Actor::Subject);
        event.inbound_id = self.inbound_id;
        write(&self.common.event.settings, event)
    }
}

impl UserRequestArgs {
    /// Writes the event.
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut event = event_about(&self.common, Kind::UserRequest)?;
        event.set_actor(Actor::Subject);
        write(&self.common.event.settings, event)
    }
}
