//! Arguments of `consent link`, `unlink` and `identity-changed`: two identities of one person.
//!
//! Both come from standard input or the environment: the recipient, then the other one.

use clap::Args;

use super::CommonArgs;
use super::write::{event_about, write};
use crate::commands::exit::Failure;
use crate::commands::read_linked;
use crate::wire::consent::name_linked;
use crate::wire::proto::consent::{Actor, Kind};

/// Arguments of what links or parts two identities.
#[derive(Clone, Debug, Args)]
pub struct LinkArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
}

impl LinkArgs {
    /// Writes an event of this kind.
    pub(super) fn run(self, kind: Kind) -> Result<(), Failure> {
        let mut event = event_about(&self.common, kind)?;
        event.set_actor(Actor::Business);
        name_linked(&mut event, &read_linked()?);
        write(&self.common.event.settings, event)
    }
}
