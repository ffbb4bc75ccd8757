//! A test in a process of its own, whose networks and mounts are nobody else's.
//!
//! Nodes with a network or a disk each ([`Network::Apart`](super::Network::Apart),
//! [`DiskSpec::Own`](super::DiskSpec::Own)) want the right to make namespaces, and the commands `unshare`
//! and `ip`. What the process makes there ends with it.

use std::process::Command;

use super::{ClusterError, possible as kafka_is_possible};

const NAMESPACES: [&str; 2] = ["--net", "--mount"];

/// Whether this machine can run such a test.
pub fn possible() -> Result<(), ClusterError> {
    kafka_is_possible()?;
    let absent = |what: &str| ClusterError::Absent(format!("{what}: no namespaces for nodes"));
    match Command::new("unshare").args(NAMESPACES).args(["ip", "link"]).output() {
        Ok(out) if out.status.success() => Ok(()),
        Ok(_) => Err(absent("`unshare --net --mount ip link` is refused")),
        Err(_) => Err(absent("there is no `unshare`")),
    }
}

/// Runs this test binary once more, in namespaces of its own; the variable `child` tells it which part
/// it has.
pub fn run_this_binary(child: &str, part: &str) {
    let this = std::env::current_exe().expect("this binary");
    let ended = Command::new("unshare").args(NAMESPACES).arg(this).env(child, part).status();
    assert!(ended.expect("unshare runs").success(), "see above");
}

/// Which part this process has, if it is one that was run so.
pub fn part(child: &str) -> Option<String> {
    std::env::var(child).ok()
}
