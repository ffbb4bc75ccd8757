//! Opt-out links over HTTP, beside a running gate: GET changes nothing, POST withdraws, and nobody is
//! thanked for what was not written.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use consentgate::broker::{ApiKey, Fault, ResponseError};
use consentgate::commands::optout::Site;
use consentgate::wire::proto::audit::Reason;
use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use prost::Message as _;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::support::gate::{await_ready, await_that, config, test_keys};
use crate::support::home::Home;
use crate::support::ledger::Ledger;
use crate::support::reading::{Isolation, read_all};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, phone};

/// The key that the tests' links were made with before a rotation.
const OLDER: &str = "9c0d";

struct Desk {
    stage: Stage,
    home: Home,
    dir: TempDir,
    toml: String,
    address: SocketAddr,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
}

impl Desk {
    fn new(test: &str) -> Self {
        Self::with(test, "")
    }

    fn with(test: &str, optout: &str) -> Self {
        let home = Home::new();
        let stage = Stage::new(home.kafka(), test, 2);
        let dir = tempfile::tempdir().expect("a folder");
        let older = dir.path().join("older.key");
        fs::write(&older, OLDER.repeat(16)).expect("written");
        let section = format!(
            "[optout]\npublic_url = \"https://leave.example\"\n{optout}\n\
             [optout.names]\ncafe = \"Café Luna\"\n\
             [keys]\nolder_optout_key_files = [\"{}\"]\n",
            older.display()
        );
        let toml = stage.toml(&section);
        fs::write(dir.path().join("gate.toml"), &toml).expect("written");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let site = Site::open(&config(&toml, "optout")).expect("a site");
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(site.serve(listener, async {
            let _ = stopped.await;
        }));
        Self { stage, home, dir, toml, address, runtime, stop: Some(stop) }
    }

    /// The path of a person's link, made by the program itself.
    fn link(&self, person: u32, arguments: &[&str]) -> String {
        self.link_under(None, person, arguments)
    }

    fn link_under(&self, key: Option<&str>, person: u32, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.args(["optout", "mint", "--business", "cafe"]).args(arguments).arg("--config");
        command.arg(self.dir.path().join("gate.toml")).env_clear().envs(test_keys());
        let key = key.map(|digits| digits.repeat(16));
        command.envs(key.map(|key| ("CONSENTGATE__KEYS__OPTOUT_KEY", key)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let line = format!("{}\n", phone(person));
        child.stdin.take().expect("its input").write_all(line.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let csv = String::from_utf8(output.stdout).expect("text");
        let (_, url) = csv.trim_end().rsplit_once(',').expect("a link");
        assert!(!url.contains(&phone(person)[1..]) && !url.contains("cafe"), "{url}");
        url.strip_prefix("https://leave.example").expect("the address").to_owned()
    }

    fn ask(&self, method: &str, path: &str, more: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: leave\r\nConnection: close\r\n{more}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert_strict(&answer);
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask("GET", path, "", "")
    }

    fn post(&self, path: &str, body: &str) -> String {
        self.ask("POST", path, "", body)
    }

    /// The withdrawals of the log.
    fn withdrawals(&self) -> Vec<ConsentEvent> {
        let topic = &self.stage.topics.consent_events;
        let records = read_all(self.home.kafka(), topic, Isolation::Committed);
        let events = records.into_iter().map(|record| {
            ConsentEvent::decode(&record.value.expect("a value")[..]).expect("an event")
        });
        events.filter(|event| event.kind() == Kind::Withdraw).collect()
    }

    fn gate(&self) -> consentgate::app::Gate {
        let prepared = self.stage.prepare(&self.toml);
        let gate = crate::support::gate::start(prepared).expect("the gate starts");
        await_ready(&gate);
        gate
    }

    fn ledger(&self) -> Ledger {
        await_that("all are decided", || self.stage.ledger().lost().is_empty());
        self.stage.ledger()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        drop(self.stop.take());
        let runtime = std::mem::replace(&mut self.runtime, Runtime::new().expect("a runtime"));
        runtime.shutdown_background();
    }
}

fn assert_strict(answer: &str) {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
    for line in [
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "x-robots-tag: noindex",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or_default()
}

on_every_kafka![
    following_a_link_changes_nothing_and_pressing_the_button_stops_the_next_message,
    the_same_link_twice_is_one_fact_told_twice,
];

pub fn following_a_link_changes_nothing_and_pressing_the_button_stops_the_next_message() {
    let desk = Desk::new("optout-gate");
    let at_ms = now_ms() - 60_000;
    desk.stage.consent(&[
        grant("cafe", 1, &["offers", "surveys"], at_ms),
        grant("cafe", 2, &["offers"], at_ms),
    ]);
    let gate = desk.gate();
    let path = desk.link(1, &["--scope", "offers", "--campaign", "spring"]);
    for _ in 0..3 {
        let page = desk.get(&path);
        assert_eq!(status(&page), "200");
        assert!(page.contains("Stop WhatsApp messages from Café Luna?"), "{page}");
        assert!(
            page.contains("offers and discounts") && page.contains("value=\"these\""),
            "{page}"
        );
        assert!(!page.contains(&path) && !page.contains(&phone(1)[1..]), "{page}");
    }
    assert_eq!(status(&desk.ask("HEAD", &path, "", "")), "200");
    assert_eq!(desk.withdrawals(), []);
    let before = desk.stage.offer(1, 0);
    assert!(desk.ledger().is_allowed(before), "scanners and previews end nothing");
    let thanks = desk.post(&path, "choice=these");
    assert_eq!(status(&thanks), "200", "{thanks}");
    assert!(thanks.contains("Thank you. It is done.") && thanks.contains("offers and discounts"));
    let after = desk.stage.offers(&[1, 2], 10);
    let ledger = desk.ledger();
    assert_eq!(ledger.entry(after[0]).reason(), Reason::Withdrawn);
    assert!(ledger.is_allowed(after[1]), "another person's messages go on");
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let [event] = &desk.withdrawals()[..] else { panic!("one withdrawal") };
    assert_eq!(
        (event.phone.as_str(), event.scopes.as_slice()),
        (&*phone(1), &["offers".into()][..])
    );
    assert_eq!(
        (event.reason.as_str(), event.evidence.as_str()),
        ("opt_out_link", "campaign/spring")
    );
}

#[test]
fn whoever_posts_leaves_wholly_unless_they_clearly_want_less() {
    let desk = Desk::new("optout-choice");
    let path = desk.link(1, &["--scope", "offers"]);
    for (body, scopes) in [
        ("choice=these", &["offers"][..]),
        ("choice=everything", &[]),
        ("", &[]),
        ("choice=thes", &[]),
        ("List-Unsubscribe=One-Click", &[]),
    ] {
        assert_eq!(status(&desk.post(&path, body)), "200");
        let withdrawals = desk.withdrawals();
        let named = withdrawals.iter().map(|event| event.scopes.clone());
        assert!(named.clone().any(|named| named == scopes), "{body}");
    }
    // A link that names nothing has one meaning.
    let page = desk.post(&desk.link(1, &[]), "choice=these");
    assert!(page.contains("may not send you messages on WhatsApp"), "{page}");
}

pub fn the_same_link_twice_is_one_fact_told_twice() {
    let desk = Desk::new("optout-twice");
    let path = desk.link(1, &["--scope", "offers"]);
    let pages = [desk.post(&path, "choice=these"), desk.post(&path, "choice=these")];
    assert!(pages.iter().all(|page| page.contains("Thank you")), "{pages:?}");
    let [one, other] = &desk.withdrawals()[..] else { panic!("two records") };
    assert_eq!(one.event_id, other.event_id);
}

#[test]
fn a_link_that_is_old_or_under_an_older_key_still_lets_a_person_leave() {
    let desk = Desk::new("optout-old");
    let path = desk.link_under(Some(OLDER), 1, &["--valid-for", "0s"]);
    let page = desk.get(&path);
    assert!(page.contains("This link is old. It still works."), "{page}");
    assert!(desk.post(&path, "choice=everything").contains("Thank you"));
    assert_eq!(desk.withdrawals().len(), 1);
}

#[test]
fn a_link_that_opens_nothing_says_how_else_to_leave_and_writes_nothing() {
    let desk = Desk::new("optout-broken");
    let path = desk.link(1, &[]);
    let foreign = desk.link_under(Some("1234"), 1, &[]);
    let cut = &path[..path.len() - 3];
    for broken in [cut, &foreign, "/o/x", "/o/%F0%9F%98%80"] {
        for answer in [desk.get(broken), desk.post(broken, "choice=everything")] {
            assert_eq!(status(&answer), "404", "{broken}");
            assert!(answer.contains("write STOP to the business"), "{answer}");
        }
    }
    assert_eq!(status(&desk.get("/")), "404");
    assert_eq!(status(&desk.ask("PUT", &path, "", "")), "405");
    assert_eq!(desk.withdrawals(), []);
}

#[test]
fn nobody_is_thanked_for_what_kafka_did_not_take() {
    let desk = Desk::new("optout-kafka");
    let path = desk.link(1, &[]);
    let refused = Fault::Error(ResponseError::MessageTooLarge);
    desk.home.broker().faults().next(ApiKey::Produce, 1, refused);
    let answer = desk.post(&path, "choice=everything");
    assert_eq!(status(&answer), "503", "{answer}");
    assert!(answer.contains("nothing has stopped yet") && answer.contains("<form"), "{answer}");
    assert!(
        !answer.contains("Thank") && answer.to_lowercase().contains("retry-after:"),
        "{answer}"
    );
    assert_eq!(desk.withdrawals(), []);
    // The same button works as soon as Kafka does.
    assert!(desk.post(&path, "choice=everything").contains("Thank you"));
    assert_eq!(desk.withdrawals().len(), 1);
}

#[test]
fn too_much_and_too_many_change_nothing_and_say_so() {
    let desk = Desk::with("optout-bounds", "posts_per_second = 1");
    let path = desk.link(1, &[]);
    let large = format!("choice={}", "x".repeat(2_000));
    let answer = desk.post(&path, &large);
    assert_eq!(status(&answer), "413");
    assert!(answer.contains("nothing has stopped yet"), "{answer}");
    assert_eq!(desk.withdrawals(), []);
    let answers: Vec<_> = (0..20).map(|_| desk.post(&path, "choice=everything")).collect();
    let refused = answers.iter().filter(|answer| status(answer) == "429").collect::<Vec<_>>();
    assert!(!refused.is_empty() && refused.iter().all(|a| a.contains("nothing has stopped yet")));
    let thanked = answers.iter().filter(|answer| answer.contains("Thank you")).count();
    assert_eq!(thanked, desk.withdrawals().len());
}

#[test]
fn the_page_speaks_the_language_that_the_browser_asks_for() {
    let desk = Desk::new("optout-language");
    let path = desk.link(1, &["--scope", "offers"]);
    let page = desk.ask("GET", &path, "Accept-Language: de-CH,de;q=0.9,en;q=0.8\r\n", "");
    assert!(page.contains("<html lang=\"de\">") && page.contains("Angebote und Rabatte"), "{page}");
    let head = page.to_lowercase();
    assert!(head.contains("content-language: de") && head.contains("vary: accept-language"));
    let page = desk.ask("GET", &path, "Accept-Language: ja\r\n", "");
    assert!(page.contains("<html lang=\"en\">"), "{page}");
}
