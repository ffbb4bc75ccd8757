//! `redrive`: suppressed messages go through the gate again, once.
//!
//! **It lets nothing pass.** A copy of the original record is written to the outbound topic, and the gate
//! decides it as any other, with all that is known then.
//!
//! **Once, from the topics alone.** A copy bears a header that names what it is a copy of, and the
//! decision that suppressed it. Before anything is written the outbound topic is read from the oldest
//! original on: what has a copy gets no other, and no copy is copied. There is one transactional writer,
//! opened before that look, so two runs side by side do not both write.
//!
//! **Only where it makes sense.** What a person said, or never said, is not undone by sending again.

mod plan;
mod reasons;
mod run;

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::exit::Failure;
use super::instant_arg::instant_ms;
use super::settings_args::RouteArgs;
use crate::decision::Reason;
use reasons::REDRIVABLE;

const EXAMPLES: &str = "\
Examples:
  consentgate redrive --config gate.toml --reason paused --from 2026-11-24T10:00:00Z --to 2026-11-24T12:00:00Z
  consentgate redrive --config gate.toml --reason template_unusable --campaign spring --from 2026-11-24T10:00:00Z --to 2026-11-24T12:00:00Z --write";

/// Arguments of `redrive`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct RedriveArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// Messages suppressed for this primary reason. Can be repeated.
    #[arg(long, value_name = "REASON", required = true, value_parser = reason())]
    pub reason: Vec<Reason>,
    /// Decided at this time or later, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub from: i64,
    /// Decided before this time.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms)]
    pub until: i64,
    /// Only messages of this business. Can be repeated.
    #[arg(long, value_name = "ID")]
    pub business: Vec<String>,
    /// Only messages of this campaign. Can be repeated.
    #[arg(long, value_name = "ID")]
    pub campaign: Vec<String>,
    /// Leave out messages that are older than this, by their records' timestamps. The gate's own limits
    /// (policy.max_age, deadlines) hold all the same.
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = humantime::parse_duration)]
    pub max_age: Duration,
    /// Do it. Without it: only say what would be done.
    #[arg(long)]
    pub write: bool,
}

impl RedriveArgs {
    /// Writes the copies, or says what would be written.
    ///
    /// # Errors
    /// Kafka not reached (69), another redrive has begun (75), a configuration that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        run::run(&self)
    }
}

fn reason() -> impl TypedValueParser<Value = Reason> {
    PossibleValuesParser::new(REDRIVABLE.map(Reason::name)).try_map(|name| {
        let named = REDRIVABLE.into_iter().find(|reason| reason.name() == name);
        named.ok_or("messages suppressed for it are not sent again")
    })
}
