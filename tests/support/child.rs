//! Gates as processes of their own, to be killed: `consentgate run` with throw-away keys.
//!
//! Each logs into a file in the test's folder. No gate outlives the test process.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

use super::gate::test_keys;

const SCRIPT: &str = include_str!("child.sh");

/// Where a test's gates have their configuration and their logs.
#[derive(Debug)]
pub struct GateHome {
    dir: TempDir,
}

impl GateHome {
    /// Writes the configuration down.
    pub fn new(toml: &str) -> GateHome {
        let dir = tempfile::Builder::new().prefix("consentgate-gates-").tempdir();
        let dir = dir.expect("a folder");
        fs::write(dir.path().join("gate.toml"), toml).expect("a configuration file");
        GateHome { dir }
    }

    /// Starts the gate of this name.
    pub fn start(&self, instance: &str) -> GateChild {
        self.start_with(instance, &[])
    }

    /// The same with environment variables of the test's own.
    pub fn start_with(&self, instance: &str, variables: &[(&str, OsString)]) -> GateChild {
        let config = self.dir.path().join("gate.toml");
        let log = OpenOptions::new().create(true).append(true).open(self.log_of(instance));
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "child.sh", env!("CARGO_BIN_EXE_consentgate"), "run", "--config"])
            .arg(config)
            .args(["--instance", instance, "--lanes", "1"])
            .envs(test_keys())
            .env_remove("RUST_LOG")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("a shell");
        let signals = shell.stdin.take();
        GateChild { shell, signals }
    }

    /// Runs `consentgate verify` on the gate's topics; asserts that it finds no difference.
    pub fn assert_verified(&self) {
        let (code, said) = self.verify();
        assert_eq!(code, Some(0), "verify: {said}");
        println!("{}", said.trim());
    }

    /// Runs `consentgate verify` on the gate's topics; returns its exit code and what it said.
    pub fn verify(&self) -> (Option<i32>, String) {
        let verified = Command::new(env!("CARGO_BIN_EXE_consentgate"))
            .args(["verify", "--config"])
            .arg(self.dir.path().join("gate.toml"))
            .envs(test_keys())
            .output()
            .expect("the binary runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let messages = said(&verified.stderr);
        (verified.status.code(), format!("{}\n{messages}", said(&verified.stdout)))
    }

    /// What the gate of this name has logged so far.
    pub fn log(&self, instance: &str) -> String {
        let bytes = fs::read(self.log_of(instance)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The folder, for a test that looks into it.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn log_of(&self, instance: &str) -> PathBuf {
        self.dir.path().join(format!("{instance}.log"))
    }
}

/// A running gate.
#[derive(Debug)]
pub struct GateChild {
    shell: Child,
    signals: Option<ChildStdin>,
}

impl GateChild {
    /// Ends the gate as a power cut would.
    pub fn kill9(mut self) {
        self.signal("KILL");
        self.shell.wait().expect("the shell ends with its gate");
    }

    /// Freezes the gate: its connections stay open, it does nothing.
    pub fn pause(&mut self) {
        self.signal("STOP");
    }

    /// Wakes a frozen gate.
    pub fn resume(&mut self) {
        self.signal("CONT");
    }

    /// Asks the gate to end and returns its exit code.
    pub fn terminate(mut self) -> i32 {
        self.signal("TERM");
        self.wait()
    }

    /// Waits until the gate ends by itself and returns its exit code.
    pub fn wait(&mut self) -> i32 {
        let status = self.shell.wait().expect("the shell ends with its gate");
        status.code().expect("an exit code")
    }

    /// The exit code if it has ended.
    pub fn ended(&mut self) -> Option<i32> {
        let status = self.shell.try_wait().expect("a shell");
        status.map(|status| status.code().expect("an exit code"))
    }

    fn signal(&mut self, signal: &str) {
        let signals = self.signals.as_mut().expect("the pipe to the shell");
        // A gate that has just ended cannot be told.
        writeln!(signals, "{signal}").ok();
    }
}

impl Drop for GateChild {
    fn drop(&mut self) {
        drop(self.signals.take());
        self.shell.wait().ok();
    }
}
