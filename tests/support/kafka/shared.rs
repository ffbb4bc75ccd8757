//! One Kafka for all tests of a binary that do not hurt it.
//!
//! `CONSENTGATE_TEST_KAFKA=host:port` names one that runs already; else a single node is started at the
//! first call and dies with the process. Without Java or Maven there is none, which is said once; a
//! machine with `CI=true` has no such excuse.

use std::io::Write;
use std::sync::OnceLock;

use super::{Cluster, ClusterError, ClusterSpec};

/// `CI=true`: this machine must be able to run all tests.
pub fn on_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

#[derive(Debug)]
enum Shared {
    Outside(String),
    /// Kept for its processes: a static is never dropped, the pipe to each node ends with us.
    Own(String, #[expect(dead_code, reason = "owns the processes")] Cluster),
}

/// The bootstrap address of the shared Kafka, or none where this machine cannot run one.
pub fn shared_kafka() -> Option<&'static str> {
    match try_shared_kafka() {
        Ok(bootstrap) => Some(bootstrap),
        Err(ClusterError::Absent(why)) if !on_ci() => {
            absent_line(why);
            None
        }
        Err(error) => panic!("the shared Kafka did not start: {error}"),
    }
}

/// The same, with the cause.
pub fn try_shared_kafka() -> Result<&'static str, &'static ClusterError> {
    static SHARED: OnceLock<Result<Shared, ClusterError>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| match std::env::var("CONSENTGATE_TEST_KAFKA") {
        Ok(bootstrap) if !bootstrap.is_empty() => Ok(Shared::Outside(bootstrap)),
        _ => {
            let cluster = Cluster::start(ClusterSpec::PLAIN)?;
            Ok(Shared::Own(cluster.bootstrap(), cluster))
        }
    });
    match shared {
        Ok(Shared::Outside(bootstrap) | Shared::Own(bootstrap, _)) => Ok(bootstrap),
        Err(error) => Err(error),
    }
}

/// Says once, past the capture of the test harness, why there is no Kafka.
pub fn absent_line(why: &str) {
    static SAID: OnceLock<()> = OnceLock::new();
    SAID.get_or_init(|| {
        let line = format!("tests with a real Kafka are ignored: {why}\n");
        std::io::stderr().write_all(line.as_bytes()).ok();
    });
}
