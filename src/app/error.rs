//! Why the gate could not start, or ended.

use crate::config::keys::KeyError;
use crate::kafka::topics::Finding;
use crate::stream::Fault;
use crate::wire::WireError;

/// A gate that could not start, or ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The keys are not all there.
    #[error("the keys cannot be used: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Keys(Vec<KeyError>),
    /// A key has the wrong form.
    #[error("a key cannot be used: {0}")]
    BadKey(#[from] WireError),
    /// Kafka was not reached, or refused.
    #[error("{0}")]
    Kafka(#[from] Fault),
    /// The topics are not what they must be.
    #[error("the topics are not as the gate needs them:\n{}", listed(.0))]
    Topics(Vec<Finding>),
    /// The machine refused a thread or a socket.
    #[error("this machine refused: {0}")]
    Machine(#[from] std::io::Error),
    /// An invariant of the gate is broken; what was open is aborted.
    #[error("an invariant is broken, nothing more is decided: {0}")]
    Invariant(Fault),
    /// A loop of the gate, by its name, did not end in time.
    #[error(
        "the gate did not end in time, for its thread \"{0}\" goes on; what was open is aborted by the next start"
    )]
    Stuck(String),
    /// The gate did not end in time.
    #[error("the gate did not end in time; what was open is aborted by the next start")]
    Overrun,
}

fn listed(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let (role, topic) = (finding.role.name(), &finding.topic);
        format!("  {role} \"{topic}\": {}; {}", finding.what, finding.advice)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}
