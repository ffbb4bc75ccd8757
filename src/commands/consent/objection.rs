//! Arguments of what objects or is the business's own: as little as can be.

use clap::Args;

use super::CommonArgs;

/// An event that may name scopes.
#[derive(Clone, Debug, Args)]
pub struct ScopedArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
    /// What it is about, such as offers. Can be repeated; none means everything.
    #[arg(long)]
    pub scope: Vec<String>,
}

/// An event about a person as a whole.
#[derive(Clone, Debug, Args)]
pub struct PersonArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
}
