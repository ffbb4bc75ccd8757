//! A test process that is killed leaves no broker behind, and no folder.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::support::kafka::{Cluster, ClusterSpec};
use crate::trial::on_none;

const CHILD: &str = "CONSENTGATE_TEST_ORPHAN";
const GONE_WITHIN: Duration = Duration::from_secs(20);

pub fn trials() -> Vec<Trial> {
    vec![on_none("harness_brokers_die_with_a_killed_test", brokers_die_with_a_killed_test)]
}

/// This process plays the test that will be killed.
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Starts a cluster, says where, and waits for its end.
pub fn run_child() -> ExitCode {
    let cluster = Cluster::start(ClusterSpec::PLAIN).expect("a cluster");
    let node = cluster.node(1);
    println!("{} {}", node.address(), node.folder().display());
    std::io::stdout().flush().expect("somebody reads");
    loop {
        thread::park();
    }
}

fn brokers_die_with_a_killed_test() {
    let this = std::env::current_exe().expect("this binary");
    let mut child = Command::new(this)
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("this binary runs");
    let mut line = String::new();
    let mut said = BufReader::new(child.stdout.take().expect("a piped stdout"));
    said.read_line(&mut line).expect("the child speaks");
    let (address, folder) = line.trim().split_once(' ').expect("address and folder");
    let folder = Path::new(folder);
    let cluster_folder = folder.parent().expect("a folder per cluster");
    assert!(TcpStream::connect(address).is_ok() && folder.is_dir(), "the child's broker runs");

    child.kill().expect("killed");
    child.wait().expect("gone");
    let until = Instant::now() + GONE_WITHIN;
    while TcpStream::connect(address).is_ok() || cluster_folder.exists() {
        assert!(Instant::now() < until, "{address} or {} outlives its test", folder.display());
        thread::sleep(Duration::from_millis(50));
    }
}
