//! What was written, and where: a file, the environment, flags. The later wins.
//!
//! Knows no meaning. The environment is handed in, so nothing here reads the process's own.

use std::path::PathBuf;

/// A configuration file, read.
#[derive(Clone, Debug)]
pub struct FileText {
    /// Its path, for messages.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// One setting from the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The flag, for messages: `--set`, `--bootstrap`.
    pub flag: String,
    /// `section.key`.
    pub key: String,
    /// The value.
    pub value: String,
}

/// All that was written.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, if one was given.
    pub file: Option<FileText>,
    /// The environment; only names that begin with `CONSENTGATE__` are read.
    pub environment: Vec<(String, String)>,
    /// The flags, in order.
    pub flags: Vec<Flag>,
}

/// Whether this build can speak TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// It was built with the feature `tls`.
    Built,
    /// It was not.
    Missing,
}

/// What the machine itself supplies.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: Option<String>,
    /// How many processor cores it has.
    pub cores: u32,
    /// Whether this build can speak TLS.
    pub tls: Tls,
}

impl Host {
    /// This machine.
    pub fn detect() -> Self {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
            .or_else(|_| std::fs::read_to_string("/etc/hostname"))
            .ok()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty());
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let tls = match cfg!(feature = "tls") {
            true => Tls::Built,
            false => Tls::Missing,
        };
        Self { name, cores: u32::try_from(cores).unwrap_or(1), tls }
    }
}
