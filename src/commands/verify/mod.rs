//! `verify`: the promises, checked from the topics alone.
//!
//! Writes nothing to Kafka and believes nothing but pinned keys and the rules. It says where a
//! promise is broken, what it could not check, and how much it looked at.
//!
//! Read in this order: [`reading`] (which topic when), [`receipts`] and [`tiling`] (what the gate
//! says it did), [`ledger`], [`audits`] and [`allowed`] (whether it did), [`consent_log`], [`history`]
//! and [`redecide`] (whether it was right).

mod allowed;
mod audits;
mod book;
mod consent_log;
mod consent_reading;
mod difference;
mod epochs;
mod fingerprint;
mod history;
mod ledger;
mod links;
mod outputs;
mod people;
mod progress;
mod reading;
mod receipts;
mod redecide;
mod report;
mod sequence;
mod shelf;
mod tiling;

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use secrecy::SecretSlice;

pub use difference::{Difference, Law, Spot};
pub(in crate::commands) use progress::Progress;
pub use report::{Counts, DeclaredGap, Report, Unchecked};

use self::reading::Reading;
use super::exit::{Exit, Failure};
use super::output::{note, print};
use super::rolled::rolled_for;
use super::settings_args::SettingsArgs;
use crate::config::Config;
use crate::config::keys::KeyKind;
use crate::consent::Partition;
use crate::wire::receipt::{Mode, SigningKey, VerifyingKeys};

const EXAMPLES: &str = "\
Examples:
  consentgate verify --config gate.toml
  consentgate verify --config gate.toml --public-key signing.pub
  consentgate verify --config gate.toml --public-key old.pub --public-key new.pub --json";

/// Arguments of `verify`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds
    /// them, as `keys generate` prints it. Can be repeated. Without it: that of the configured
    /// signing key. Keys are pinned here and never read from the topic.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
    /// Only these partitions of the outbound topic.
    #[arg(long, value_name = "NUMBER")]
    pub partition: Vec<i32>,
    /// Print differences and the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

impl VerifyArgs {
    /// Verifies, and prints what came of it.
    ///
    /// # Errors
    /// A broken promise (70), Kafka not reached (69), receipts of another version or a public key
    /// that is none (65), a configuration that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        let keys = match self.public_key.is_empty() {
            true => own_key(&config)?,
            false => pinned(&self.public_key)?,
        };
        let only = self.partition.iter().map(|number| Partition(*number)).collect();
        if config.gate.mode == Mode::Shadow {
            note("a shadow's decisions: nothing that it allowed was written to the allowed topic");
        }
        let report = verify(&config, keys, only)?;
        print(&if self.json { report.to_json() } else { report.to_text() })?;
        judged(&report)
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
    let rolled = rolled_for(config, keys.clone())?;
    let progress = Progress::new();
    let reading = Reading::new(config, keys, rolled, only, &progress);
    let report = reading.and_then(|reading| reading.run());
    progress.end();
    report.map_err(|fault| Failure::unavailable(&fault))
}

fn judged(report: &Report) -> Result<(), Failure> {
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
