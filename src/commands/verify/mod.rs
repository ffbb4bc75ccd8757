//! `verify`: the promises, checked from the topics alone.
//!
//! Writes nothing to Kafka and believes nothing but pinned keys and the rules. It says where a
//! promise is broken, what it could not check, and how much it looked at.
//!
//! The rules are this program's own: it finds what was tampered with, lost or doubled, and a gate that
//! did not do what its rules say; not an error in the rules themselves.
//!
//! Read in this order: [`session`] and [`gathering`] (which topic when), [`receipts`] and [`tiling`] (what the gate
//! says it did), [`ledger`], [`audits`] and [`allowed`] (whether it did), [`consent_log`], [`history`]
//! and [`redecide`] (whether it was right).

mod again;
mod allowed;
mod audits;
mod book;
mod consent_log;
mod consent_reading;
mod continuous;
mod customers;
mod decided_args;
mod difference;
mod epochs;
mod fingerprint;
mod gathering;
mod history;
mod ledger;
mod links;
mod names;
mod outputs;
mod people;
mod progress;
mod range;
mod receipts;
mod redecide;
mod report;
mod sequence;
mod session;
mod shelf;
mod tiling;
mod told;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use secrecy::SecretSlice;

pub(in crate::commands) use again::{Again, Wanted, decide_again};
pub use decided_args::DecidedArgs;
pub use difference::{Difference, Law, Spot};
pub(in crate::commands) use progress::Progress;
pub use range::{Bound, Range};
pub(in crate::commands) use redecide::Verdict;
pub use report::{Counts, DeclaredGap, Report, Unchecked};

use self::continuous::Continuous;
use self::session::{Session, Trouble};
use super::exit::{Exit, Failure};
use super::output::{note, print};
use super::rolled::rolled_for;
use super::settings_args::RouteArgs;
use crate::config::Config;
use crate::config::keys::KeyKind;
use crate::consent::Partition;
use crate::wire::receipt::{Mode, SigningKey, VerifyingKeys};

const EXAMPLES: &str = "\
Examples:
  consentgate verify --config gate.toml
  consentgate verify --config gate.toml --public-key signing.pub
  consentgate verify --config gate.toml --public-key old.pub --public-key new.pub --json
  consentgate verify --config gate.toml --from 2026-01-31T00:00:00Z --to 2026-02-01T00:00:00Z
  consentgate verify --config gate.toml --continuous        goes on behind the gate, until SIGTERM";

/// Arguments of `verify`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// Which decisions, and whose receipts.
    #[command(flatten)]
    pub decided: DecidedArgs,
    /// Print differences and the summary as JSON.
    #[arg(long)]
    pub json: bool,
    /// Go on behind the gate until SIGTERM: a line in the log for each difference, metrics on a page.
    #[arg(long, conflicts_with_all = ["json", "to_time", "to_receipt"])]
    pub continuous: bool,
    /// With --continuous: where the metrics are.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9468")]
    pub listen: SocketAddr,
    /// With --continuous: the pause between two rounds, such as 5s.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    pub every: Duration,
}

impl VerifyArgs {
    /// Verifies, and prints what came of it.
    ///
    /// # Errors
    /// A broken promise (70), Kafka not reached (69), receipts of another version or a public key
    /// that is none (65), a configuration that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?;
        let (keys, only) = (self.decided.keys(&config)?, self.decided.only());
        if config.gate.mode == Mode::Shadow {
            note("a shadow's decisions: nothing that it allowed was written to the allowed topic");
        }
        let range = self.decided.range();
        if self.continuous {
            let (listen, every) = (self.listen, self.every);
            return Continuous { config, keys, only, range, listen, every }.run();
        }
        let report = verify_range(&config, keys, only, range)?;
        print(&if self.json { report.to_json() } else { report.to_text() })?;
        ends_well(&report)
    }
}

/// Verifies what the topics of a configuration hold; `only` these input partitions, all if empty.
///
/// # Errors
/// Kafka that is not reached, or a topic that cannot be read.
pub fn verify(
    config: &Config,
    keys: VerifyingKeys,
    only: BTreeSet<Partition>,
) -> Result<Report, Failure> {
    verify_range(config, keys, only, Range::default())
}

/// The same, of what was decided in a range.
///
/// # Errors
/// As [`verify`]; a range that names a receipt that is not there (65).
pub fn verify_range(
    config: &Config,
    keys: VerifyingKeys,
    only: BTreeSet<Partition>,
    range: Range,
) -> Result<Report, Failure> {
    let rolled = rolled_for(config, keys.clone())?;
    let progress = Progress::new();
    let session = Session::new(config, keys, rolled, (only, range), &progress);
    let report = session.map_err(Trouble::from).and_then(|mut session| session.round());
    progress.end();
    Ok(report?)
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Kafka(fault) => Self::unavailable(&fault),
            Trouble::NoReceipt(_) => Self::new(Exit::Data, trouble.to_string()),
        }
    }
}

/// What a report makes of the process.
fn ends_well(report: &Report) -> Result<(), Failure> {
    match report.difference_count() {
        0 if report.unchecked().contains_key(&Unchecked::ReceiptUnreadable) => {
            let message = "some receipts are of another version; verify with that version too";
            Err(Failure::new(Exit::Data, message))
        }
        0 => Ok(()),
        count => {
            let message =
                format!("{count} differences: what the topics hold is not what was promised");
            Err(Failure::new(Exit::Invariant, message))
        }
    }
}

/// The public half of the gate's own signing key.
///
/// # Errors
/// A key that cannot be read, or none.
pub fn own_key(config: &Config) -> Result<VerifyingKeys, Failure> {
    let mut warnings = Vec::new();
    let seed = config.keys.load_one(KeyKind::Signing, &mut warnings)?;
    for warning in warnings {
        note(&warning.to_string());
    }
    let seed = SecretSlice::from(seed.expose().to_vec());
    let unusable =
        |error| Failure::new(Exit::Config, format!("the signing key cannot be used: {error}"));
    let signing = SigningKey::from_seed(&seed).map_err(unusable)?;
    let mut keys = VerifyingKeys::default();
    keys.pin(&signing);
    Ok(keys)
}

/// The keys that were written down, or the configured one if none was.
///
/// # Errors
/// As [`pinned`] and [`own_key`].
pub(super) fn pinned_or_own(config: &Config, written: &[String]) -> Result<VerifyingKeys, Failure> {
    match written.is_empty() {
        true => own_key(config),
        false => pinned(written),
    }
}

/// Public keys as they are written on the command line.
///
/// # Errors
/// One that is none (65).
pub(super) fn pinned(written: &[String]) -> Result<VerifyingKeys, Failure> {
    let mut keys = VerifyingKeys::default();
    for text in written {
        let refuse =
            |what: String| Failure::new(Exit::Data, format!("--public-key {text}: {what}"));
        let is_key = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let hex = match is_key {
            true => text.clone(),
            false => std::fs::read_to_string(Path::new(text))
                .map_err(|error| refuse(error.to_string()))?,
        };
        keys.pin_hex(&hex).map_err(|error| refuse(error.to_string()))?;
    }
    Ok(keys)
}
