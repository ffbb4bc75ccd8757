//! `[keys]` as written: where the keys are.
//!
//! Knows paths and, from the environment, the keys themselves. `keys generate` writes the files.

use std::path::PathBuf;

use crate::config::section::section;
use crate::config::value::SecretHex;

section! {
    /// Where the keys are. Each comes from a file, or from the environment as 64 hexadecimal digits
    /// (CONSENTGATE__KEYS__SIGNING_KEY and so on); `consentgate keys generate` makes them.
    ["keys"] KeysSettings {
        /// The key that signs receipts (Ed25519).
        signing_key_file: Option<PathBuf> = None, example "\"/etc/consentgate/signing.key\"";
        /// The key behind the pseudonyms of recipients in the audit topic.
        pseudonym_key_file: Option<PathBuf> = None, example "\"/etc/consentgate/pseudonym.key\"";
        /// The key under which erased people are remembered as erased. All gates of one cluster
        /// need the same.
        tombstone_key_file: Option<PathBuf> = None, example "\"/etc/consentgate/tombstone.key\"";
        /// The key that seals opt-out links. No gate needs it, only `consentgate optout`.
        optout_key_file: Option<PathBuf> = None, example "\"/etc/consentgate/optout.key\"";
        /// Earlier keys of opt-out links, from files that `consentgate keys rotate` kept: links under
        /// them are still honoured.
        older_optout_key_files: Vec<String> = Vec::new();
        /// Earlier pseudonym keys, from files that `consentgate keys rotate` kept: with them
        /// `subject report` finds audit entries from before. No gate writes with them.
        older_pseudonym_key_files: Vec<String> = Vec::new();
        /// Earlier tombstone keys, from files that `consentgate keys rotate` kept: what a roll
        /// encrypted under them is still read. All gates of one cluster need the same.
        older_tombstone_key_files: Vec<String> = Vec::new();
        /// Public keys beside the gate's own that a rolled consent log may be signed with: those of
        /// earlier signing keys, 64 hexadecimal digits each.
        roll_public_keys: Vec<String> = Vec::new();
        /// The signing key itself; from the environment only.
        signing_key: Option<SecretHex> = None;
        /// The pseudonym key itself; from the environment only.
        pseudonym_key: Option<SecretHex> = None;
        /// The tombstone key itself; from the environment only.
        tombstone_key: Option<SecretHex> = None;
        /// The key of opt-out links itself; from the environment only.
        optout_key: Option<SecretHex> = None;
    }
}
