//! The program as an operator meets it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

use super::Stage;
use crate::support::gate::await_that;

/// The program itself, ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_program_shows_its_counts_and_ends_in_order_when_told() {
    let stage = Stage::new("webhooks-program");
    for name in ["text_stop", "status_131026", "text"] {
        stage.deliver_fixture(0, name);
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    let toml = stage.toml.replace("[webhooks]", "[webhooks]\nlisten = \"127.0.0.1:0\"");
    std::fs::write(&path, toml).expect("written");
    let log = dir.path().join("log");
    let program = Command::new(env!("CARGO_BIN_EXE_consentgate"))
        .args(["webhooks", "--config"])
        .arg(&path)
        .env_remove("RUST_LOG")
        .stderr(std::fs::File::create(&log).expect("a log file"))
        .spawn();
    let mut program = Program(program.expect("the program starts"));
    await_that("all bodies are committed", || stage.is_worked_off());
    let logged = std::fs::read_to_string(&log).expect("a log");
    let address = logged.split("address=").nth(1).and_then(|rest| rest.split_whitespace().next());
    let mut stream = TcpStream::connect(address.expect("an address")).expect("connected");
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("answered");
    for line in [
        "consentgate_webhooks_bodies_total 3",
        "consentgate_webhooks_events_published_total{event=\"withdraw\"} 1",
        "consentgate_webhooks_events_published_total{event=\"inbound\"} 2",
        "consentgate_webhooks_events_published_total{event=\"cooldown\"} 0",
        "consentgate_webhooks_notes_total{reason=\"unreachable\"} 1",
    ] {
        assert!(page.contains(&format!("{line}\n")), "no {line} in\n{page}");
    }
    assert!(!page.contains("consentgate_ready"), "an adapter is no gate:\n{page}");
    let id = program.0.id().to_string();
    Command::new("kill").args(["-s", "TERM", &id]).status().expect("told");
    let ended = program.0.wait().expect("it ends");
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert_eq!(ended.code(), Some(0), "{logged}");
    for personal in ["2025550101", "anna", "wamid", "Stop!"] {
        assert!(!logged.contains(personal), "{personal} in\n{logged}");
    }
}
