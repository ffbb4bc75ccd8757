//! `optout`: links by which people leave, and the page behind them.
//!
//! The token in a link is the authority: it is sealed, names one person and one business, and can do
//! nothing but end messages. There is no session and no cookie that another site could use, so a forged
//! request needs a token, and who has a token needs no forgery. That is why the form carries no other
//! secret. Following a link (GET) changes nothing, for scanners and previews follow links; only pressing
//! a button (POST) does. In doubt more ends, and a link is never too old.
//!
//! Read in this order: [`mint`], [`page`] (what people see), [`site`] (what happens), [`desk`] (Kafka).

mod desk;
mod mint;
mod page;
mod rate;
mod serve;
mod site;
mod texts;

use clap::{Args, Subcommand};

pub use mint::MintArgs;
pub use serve::ServeArgs;
pub use site::Site;

use super::exit::Failure;
use super::output::note;
use crate::app::link_keys;
use crate::config::Config;
use crate::wire::optout::LinkKeys;

const EXAMPLES: &str = "\
Examples:
  consentgate keys generate --out /etc/consentgate --only optout
  consentgate optout mint --config gate.toml --business cafe-luna --scope offers \\
      --campaign spring --valid-for 90d < audience.csv > with-links.csv
  echo +12025550101 | consentgate optout mint --config gate.toml --business cafe-luna
  consentgate optout serve --config gate.toml";

/// Arguments of `optout`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct OptoutArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OptoutCommand,
}

/// What to do with opt-out links.
#[derive(Clone, Debug, Subcommand)]
pub enum OptoutCommand {
    /// Make links: people from standard input, as CSV or one a line; the same with a link as CSV.
    Mint(MintArgs),
    /// Serve the page behind the links.
    Serve(ServeArgs),
}

impl OptoutArgs {
    /// Does it.
    ///
    /// # Errors
    /// Bad input, a configuration or a key that is no good, Kafka not reached.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            OptoutCommand::Mint(args) => args.run(),
            OptoutCommand::Serve(args) => args.run(),
        }
    }
}

/// Every key of links: the one in use first.
fn keys(config: &Config) -> Result<LinkKeys, Failure> {
    let mut warnings = Vec::new();
    let keys = config.keys.load_optouts(&mut warnings)?;
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    Ok(link_keys(&keys)?)
}
