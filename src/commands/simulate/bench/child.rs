//! A process of this program, and its end.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stage::Stage;
use super::usage::Usage;
use crate::commands::exit::{Exit, Failure};

/// How long an orderly end may take.
const END_LIMIT: Duration = Duration::from_secs(30);

/// A process that ends with its owner.
pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts this program with these arguments, the user's configuration and these settings.
    pub(super) fn start(
        stage: &Stage<'_>,
        arguments: &[&str],
        settings: &[(String, String)],
    ) -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::new(Exit::Io, format!("cannot start this program again: {error}"))
        };
        let program = std::env::current_exe().map_err(cannot)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        let given = &stage.args.settings.settings;
        if let Some(file) = &given.config {
            command.arg("--config").arg(file);
        }
        if let Some(bootstrap) = &given.bootstrap {
            command.arg("--bootstrap").arg(bootstrap);
        }
        for (key, value) in given.set.iter().chain(settings) {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        if !stage.has_keys() {
            for key in ["SIGNING", "PSEUDONYM", "TOMBSTONE"] {
                let throw_away = hex::encode(rand::random::<[u8; 32]>());
                command.env(format!("CONSENTGATE__KEYS__{key}_KEY"), throw_away);
            }
        }
        Ok(Self { child: command.spawn().map_err(cannot)? })
    }

    /// What it has used so far.
    pub(super) fn usage(&mut self) -> Result<Usage, Failure> {
        if let Ok(Some(status)) = self.child.try_wait() {
            let what = format!("the measured process ended early ({status}), see its log above");
            return Err(Failure::new(Exit::Io, what));
        }
        Usage::of(self.child.id())
    }

    /// Asks it to end, waits for it, and ends it after a while.
    pub(super) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let began = Instant::now();
        while asked.is_ok() && began.elapsed() < END_LIMIT {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        // It may have ended by itself in the meantime.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
