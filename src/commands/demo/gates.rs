//! The gates of the demo: one in this process, or two that can be killed.
//!
//! All of them are the real gate, talking to the broker through Kafka's protocol.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::app::{AppError, Gate, prepare};
use crate::commands::exit::Failure;
use crate::config::Config;
use crate::telemetry::Readiness;

/// Whether the gate waits for its fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FenceUse {
    /// It does, as always.
    Kept,
    /// It does not: the control, in which opt-outs slip through.
    Ignored,
}

/// Gates at work.
pub(super) enum Gates {
    /// One, in this process.
    Inside(Box<Gate>),
    /// Several, each a process of its own.
    Processes(Vec<Process>),
}

impl Gates {
    /// One gate in this process.
    ///
    /// # Errors
    /// It could not start.
    pub(super) fn inside(config: Config, fence: FenceUse) -> Result<Self, Failure> {
        let mut prepared = prepare(config)?;
        if fence == FenceUse::Ignored {
            prepared = prepared.with_blind_fence();
        }
        let gate = prepared.start(|overrun| {
            tracing::error!(call = overrun.call, "gate.call_hangs");
        })?;
        Ok(Self::Inside(Box::new(gate)))
    }

    /// Two gates, each a process that can be killed.
    ///
    /// # Errors
    /// The machine refused a process.
    pub(super) fn processes(config_file: &Path) -> Result<Self, Failure> {
        let start = |name: &str| Process::start(config_file, name);
        Ok(Self::Processes(vec![start("demo-0")?, start("demo-1")?]))
    }

    /// Whether the gate in this process decides; processes show it by deciding.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Self::Inside(gate) => gate.health.readiness() == Readiness::Ready,
            Self::Processes(_) => true,
        }
    }

    /// Kills one gate with SIGKILL and starts it again. Says which, if there is one to kill.
    ///
    /// # Errors
    /// The machine refused a process.
    pub(super) fn kill_one(&mut self, turn: usize) -> Result<Option<String>, Failure> {
        let Self::Processes(processes) = self else {
            return Ok(None);
        };
        let count = processes.len().max(1);
        match processes.get_mut(turn % count) {
            Some(process) => process.restart().map(|()| Some(process.name.clone())),
            None => Ok(None),
        }
    }

    /// Ends all gates in order.
    ///
    /// # Errors
    /// A gate did not end as it should.
    pub(super) fn end(self) -> Result<(), Failure> {
        match self {
            Self::Inside(gate) => Ok(gate.join(Duration::from_secs(20))?),
            Self::Processes(processes) => {
                drop(processes);
                Ok(())
            }
        }
    }
}

/// A gate in a process of its own. Dropping it kills it.
pub(super) struct Process {
    name: String,
    config_file: PathBuf,
    child: Child,
}

impl Process {
    fn start(config_file: &Path, name: &str) -> Result<Self, Failure> {
        let child = spawn(config_file, name)?;
        Ok(Self { name: name.to_owned(), config_file: config_file.to_owned(), child })
    }

    fn restart(&mut self) -> Result<(), Failure> {
        self.kill();
        self.child = spawn(&self.config_file, &self.name)?;
        Ok(())
    }

    fn kill(&mut self) {
        // A process that has ended by itself cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(config_file: &Path, name: &str) -> Result<Child, Failure> {
    let this = std::env::current_exe().map_err(AppError::Machine)?;
    let child = Command::new(this)
        .args(["run", "--instance", name, "--config"])
        .arg(config_file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(AppError::Machine)?;
    Ok(child)
}
