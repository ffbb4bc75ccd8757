//! One broker process: start, stop, pause, kill.
//!
//! The Java process runs below a small shell (`node.sh`) that holds the other end of a pipe to us. It
//! dies with this process however this process ends, so no test can leave a broker behind.

use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt;

use super::super::kafka_proxy::Proxy;
use super::disk;
use super::hand_on::hand_on;
use super::libs::Libs;
use super::namespaces;
use super::ports::Ports;
use super::{ClusterError, Network};

const SCRIPT: &str = include_str!("node.sh");
/// Logged once the broker is registered, unfenced and open for clients.
const READY: &str = "Kafka Server started";
const READY_WITHIN: Duration = Duration::from_secs(120);

/// A node of a [`Cluster`](super::Cluster). Every call is safe from any thread.
#[derive(Debug)]
pub struct Node {
    pub(super) id: usize,
    pub(super) ports: Ports,
    pub(super) network: Network,
    pub(super) dir: PathBuf,
    pub(super) cluster_id: String,
    pub(super) heap: &'static str,
    pub(super) libs: Libs,
    pub(super) process: Mutex<Option<Process>>,
    /// Holds the proxy's port until a proxy wants it.
    pub(super) proxy_port: Mutex<Option<TcpListener>>,
}

#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    signals: ChildStdin,
    answers: BufReader<ChildStdout>,
    log_start: u64,
}

impl Node {
    /// The broker id, from 1.
    pub fn id(&self) -> i32 {
        i32::try_from(self.id).expect("a small number")
    }

    /// `host:port` of the listener that no proxy stands before.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host(), self.ports.client())
    }

    fn host(&self) -> String {
        match self.network {
            Network::Loopback => namespaces::LOOPBACK.to_owned(),
            Network::Apart => namespaces::client_host(self.id),
        }
    }

    /// Cuts the node off from its peers and the controllers; clients still reach it. Needs
    /// [`Network::Apart`].
    pub fn cut_off(&self) {
        namespaces::cut_off(self.id);
    }

    /// Ends the cut.
    pub fn join_again(&self) {
        namespaces::join_again(self.id);
    }

    /// Loses all that clients and the node send to each other, until [`Node::listen_again`]. Needs
    /// [`Network::Apart`].
    pub fn go_deaf(&self) {
        namespaces::deafen(self.id);
    }

    /// Ends the loss.
    pub fn listen_again(&self) {
        namespaces::listen_again(self.id);
    }

    /// Takes all room that is left on the node's disk. Needs a `disk` in the cluster's spec.
    pub fn fill_disk(&self) {
        disk::fill(&self.dir).expect("a disk that can be filled");
    }

    /// Gives the room back, if it was taken.
    pub fn empty_disk(&self) {
        disk::empty(&self.dir).expect("a disk of its own");
    }

    /// `host:port` of the proxy; nobody answers there before [`Node::proxy`].
    pub fn proxied_address(&self) -> String {
        format!("{}:{}", self.network.proxy_host(), self.ports.proxy())
    }

    /// Its settings, log and data.
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// Puts a fault proxy before this node. Needs `proxy_listener` in the cluster's spec.
    pub fn proxy(&self) -> Proxy {
        let (listener, upstream) = self.second_listener();
        Proxy::start(listener, upstream).expect("a proxy starts")
    }

    /// In place of a proxy, where it could not read what is said: hands all bytes on as they are.
    pub fn hand_on(&self) {
        let (listener, upstream) = self.second_listener();
        hand_on(listener, upstream);
    }

    /// Where clients of the second listener connect, and where the broker hears them.
    fn second_listener(&self) -> (TcpListener, SocketAddr) {
        let held = self.proxy_port.lock().unwrap_or_else(PoisonError::into_inner).take();
        let listener = held
            .map_or_else(|| TcpListener::bind(self.proxied_address()), Ok)
            .expect("the proxy's port is free");
        let upstream = format!("{}:{}", self.host(), self.ports.upstream());
        (listener, upstream.parse().expect("an address of the node"))
    }

    /// Runs one of Kafka's own tools; it must succeed.
    pub fn tool(&self, class: &str, arguments: &[&str]) {
        let mut java = Command::new(&self.libs.java);
        java.arg("-cp").arg(self.libs.jars.join("*")).arg(class).args(arguments);
        let out = java.output().expect("java");
        let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        assert!(out.status.success(), "{class}: {said}");
    }

    /// Ends the broker as a power cut would. Returns when it is gone and its ports are free.
    pub fn kill9(&self) {
        self.end("KILL");
    }

    /// Ends the broker in order: it hands its leaderships over first.
    pub fn stop(&self) {
        self.end("TERM");
    }

    /// Whether the broker has not ended, by itself or by us.
    pub fn runs(&self) -> bool {
        let mut process = self.process();
        let ended = process.as_mut().map(|process| process.shell.try_wait().expect("a shell"));
        matches!(ended, Some(None))
    }

    /// Freezes the broker: connections stay open, nothing answers.
    pub fn sigstop(&self) {
        self.signal("STOP");
    }

    /// Wakes a frozen broker.
    pub fn sigcont(&self) {
        self.signal("CONT");
    }

    /// Starts an ended broker again on its old data and ports, and waits until it is ready.
    pub fn restart(&self) {
        let ready = self.launch().and_then(|()| self.wait_ready());
        ready.unwrap_or_else(|error| panic!("node {} does not come back: {error}", self.id));
    }

    /// The last lines of the broker's log.
    pub fn log_tail(&self) -> String {
        let text = fs::read(self.dir.join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    pub(super) fn launch(&self) -> Result<(), ClusterError> {
        let mut process = self.process();
        if let Some(Process { shell, .. }) = process.as_mut() {
            assert!(shell.try_wait()?.is_some(), "node {} runs already", self.id);
        }
        let log_start = fs::metadata(self.dir.join("log")).map_or(0, |log| log.len());
        let mut shell = match self.network {
            Network::Loopback => Command::new("sh"),
            Network::Apart => {
                let mut within = Command::new("ip");
                within.args(["netns", "exec", &namespaces::name(self.id), "sh"]);
                within
            }
        };
        let mut shell = shell
            .args(["-c", SCRIPT, "node.sh"])
            .args([self.dir.as_os_str(), self.cluster_id.as_ref()])
            .args([self.libs.java.as_os_str(), self.libs.jars.as_os_str(), self.heap.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0) // a Ctrl-C is for the test; the pipe tells the node
            .spawn()?;
        let signals = shell.stdin.take().expect("a piped stdin");
        let answers = BufReader::new(shell.stdout.take().expect("a piped stdout"));
        *process = Some(Process { shell, signals, answers, log_start });
        Ok(())
    }

    pub(super) fn wait_ready(&self) -> Result<(), ClusterError> {
        let until = Instant::now() + READY_WITHIN;
        loop {
            let mut process = self.process();
            let process = process.as_mut().expect("a launched node");
            if self.log_since(process.log_start)?.contains(READY) {
                return Ok(());
            }
            let why = match process.shell.try_wait()? {
                Some(_) => "ended while it started",
                None if Instant::now() > until => "was not ready in time",
                None => {
                    thread::sleep(Duration::from_millis(50));
                    continue;
                }
            };
            let (id, tail) = (self.id, self.log_tail());
            return Err(ClusterError::Broken(format!("node {id} {why}; its log ends:\n{tail}")));
        }
    }

    fn log_since(&self, start: u64) -> Result<String, ClusterError> {
        let Ok(mut log) = fs::File::open(self.dir.join("log")) else {
            return Ok(String::new()); // the shell has not come that far
        };
        log.seek(SeekFrom::Start(start))?;
        let mut text = Vec::new();
        log.read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn end(&self, signal: &str) {
        let ended = self.process().take();
        let mut process = ended.unwrap_or_else(|| panic!("node {} does not run", self.id));
        process.send(signal);
        process.shell.wait().expect("the shell ends with its node");
    }

    fn signal(&self, signal: &str) {
        let mut process = self.process();
        let process = process.as_mut().unwrap_or_else(|| panic!("node {} does not run", self.id));
        process.send(signal);
        let mut answer = String::new();
        process.answers.read_line(&mut answer).expect("the shell answers");
        assert_eq!(answer.trim(), signal, "the shell of node {} is gone", self.id);
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    fn send(&mut self, signal: &str) {
        writeln!(self.signals, "{signal}").expect("the node runs");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(Process { mut shell, signals, .. }) = self.process().take() {
            drop(signals); // the end of the pipe: the shell kills the node and wipes its folder
            shell.wait().ok();
        }
    }
}
