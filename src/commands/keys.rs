//! `keys`: the keys of a gate and of opt-out links, new, as files that only their owner can read.
//!
//! Never loses one: `generate` overwrites nothing, for a signing key that is lost cannot be verified
//! against, and `rotate` keeps the old key beside the new one.

mod rotate;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use ed25519_dalek::SigningKey;
use rand::TryRngCore;
use rand::rngs::OsRng;

pub use rotate::{RotateArgs, Rotated};

use super::exit::{Exit, Failure};
use super::output::{note, print};
use crate::config::keys::{KeyError, KeyKind, SecretKey, write_new};

const EXAMPLES: &str = "\
Examples:
  consentgate keys generate --out /etc/consentgate
  consentgate keys generate --out keys > signing.pub   keep the public key for verifiers
  consentgate keys generate --out /etc/consentgate --only optout   one that is not there yet
  consentgate keys rotate --in /etc/consentgate --key pseudonym   a new one, the old one kept";

/// Arguments of `keys`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct KeysArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// Write signing.key, pseudonym.key, tombstone.key and optout.key, and print the public key of the
    /// first.
    Generate(GenerateArgs),
    /// Put a new pseudonym, tombstone or opt-out key in the place of the old one, which is kept.
    Rotate(RotateArgs),
}

/// Arguments of `keys generate`.
#[derive(Clone, Debug, Args)]
pub struct GenerateArgs {
    /// The folder to write to; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only this key, beside those that are there. Can be repeated.
    #[arg(long, value_name = "KEY")]
    pub only: Vec<NamedKey>,
}

/// A key by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NamedKey {
    /// Signs receipts.
    Signing,
    /// Behind the pseudonyms of the audit topic.
    Pseudonym,
    /// Under which erased people are remembered.
    Tombstone,
    /// Seals opt-out links.
    Optout,
}

impl NamedKey {
    fn kind(self) -> KeyKind {
        match self {
            Self::Signing => KeyKind::Signing,
            Self::Pseudonym => KeyKind::Pseudonym,
            Self::Tombstone => KeyKind::Tombstone,
            Self::Optout => KeyKind::Optout,
        }
    }
}

impl KeysArgs {
    /// Does it.
    ///
    /// # Errors
    /// A key that is there already, or a folder that cannot be written (exit code 74); a key to rotate
    /// that cannot be read (78).
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            KeysCommand::Generate(args) => {
                let kinds = args.kinds();
                let public = generate(&args.out, &kinds)?;
                note(&advice(&args.out, &kinds));
                match kinds.contains(&KeyKind::Signing) {
                    true => {
                        note("The public key, which verifiers pin:");
                        print(&format!("{public}\n"))
                    }
                    false => Ok(()),
                }
            }
            KeysCommand::Rotate(args) => args.run(),
        }
    }
}

impl GenerateArgs {
    fn kinds(&self) -> Vec<KeyKind> {
        match &self.only[..] {
            [] => KeyKind::ALL.to_vec(),
            only => only.iter().map(|key| key.kind()).collect(),
        }
    }
}

/// Writes new keys and returns the public one of the signing key, if it is among them, as hexadecimal
/// digits.
fn generate(out: &Path, kinds: &[KeyKind]) -> Result<String, Failure> {
    std::fs::create_dir_all(out)
        .map_err(|error| KeyError::Unwritable { path: out.to_owned(), error })?;
    let paths: Vec<_> = kinds.iter().map(|kind| (*kind, out.join(kind.file_name()))).collect();
    // All or none: a second run must not leave a mixture of old and new keys.
    if let Some((_, path)) = paths.iter().find(|(_, path)| path.exists()) {
        return Err(KeyError::Exists(path.clone()).into());
    }
    let mut public = String::new();
    for (kind, path) in &paths {
        let key = random_key()?;
        if *kind == KeyKind::Signing {
            let signing = SigningKey::from_bytes(key.expose());
            public = hex::encode(signing.verifying_key().as_bytes());
        }
        write_new(*kind, path, &key)?;
    }
    Ok(public)
}

fn random_key() -> Result<SecretKey, Failure> {
    let mut bytes = secrecy::zeroize::Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(&mut *bytes).map_err(|error| {
        Failure::new(Exit::Io, format!("the system gives no random bytes: {error}"))
    })?;
    Ok(SecretKey::new(*bytes))
}

fn advice(out: &Path, kinds: &[KeyKind]) -> String {
    let line = |kind: &KeyKind| {
        let path = out.join(kind.file_name());
        format!("  {}_key_file = \"{}\"", kind.name(), path.display())
    };
    let lines: Vec<_> = kinds.iter().map(line).collect();
    format!(
        "keys written: {}; keep copies, all gates of one cluster need the same. In the \
         configuration:\n  [keys]\n{}",
        kinds.len(),
        lines.join("\n")
    )
}
