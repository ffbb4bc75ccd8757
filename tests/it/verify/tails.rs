//! `audit tail` and `receipts tail`: what a real gate left, as lines of JSON.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::world::WORLD;
use crate::support::gate::{gate_toml, test_keys};
use crate::support::producers::{NewRecord, Writer};
use crate::support::reading::ReadRecord;
use crate::support::topics::GateTopics;
use crate::support::world::phone;

/// The configuration of a gate, for whoever only looks.
struct Desk {
    dir: TempDir,
}

impl Desk {
    fn new(topics: &GateTopics) -> Self {
        Self::at(&WORLD.broker.bootstrap(), topics)
    }

    fn at(bootstrap: &str, topics: &GateTopics) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), gate_toml(bootstrap, topics, "")).expect("written");
        Self { dir }
    }

    fn command(&self, topic: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.args([topic, "tail", "--config"]).arg(self.dir.path().join("gate.toml"));
        command.args(arguments).env_clear().envs(test_keys());
        command.env("CONSENTGATE__GATE__INSTANCE", "desk");
        command
    }

    fn tail(&self, topic: &str, arguments: &[&str]) -> Output {
        self.command(topic, arguments).output().expect("the program starts")
    }

    /// The lines of a tail that ends well.
    fn lines(&self, topic: &str, arguments: &[&str]) -> Vec<Value> {
        let output = self.tail(topic, arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        lines(&output)
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

fn lines(output: &Output) -> Vec<Value> {
    let out = text(&output.stdout);
    for person in 0..40 {
        assert!(!out.contains(&phone(person)[1..]), "a number of a person is in the output");
    }
    out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn place(line: &Value) -> (i64, i64) {
    let record = &line["record"];
    (record["partition"].as_i64().expect("a number"), record["offset"].as_i64().expect("a number"))
}

fn places(lines: &[Value]) -> Vec<(i64, i64)> {
    let mut places: Vec<_> = lines.iter().map(place).collect();
    places.sort_unstable();
    places
}

fn places_of<'r>(records: impl IntoIterator<Item = &'r ReadRecord>) -> Vec<(i64, i64)> {
    records.into_iter().map(|record| (record.partition.into(), record.offset)).collect()
}

#[test]
fn every_audit_entry_is_a_line_that_names_its_message_and_its_reasons() {
    let lines = Desk::new(&WORLD.topics).lines("audit", &["--from", "beginning"]);
    assert_eq!(places(&lines), places_of(&WORLD.left.audit));
    let receipts = Desk::new(&WORLD.topics).lines("receipts", &["--from", "beginning"]);
    for line in &lines {
        assert_eq!(line["source"]["topic"], WORLD.topics.outbound.as_str());
        assert!(line["reasons"].as_array().expect("a list").contains(&line["reason"]), "{line}");
        let told = |receipt: &Value| receipt["receipt"]["receipt_id"] == line["receipt_id"];
        assert!(receipts.iter().any(told), "{line}");
    }
    let of = |reason: &str| lines.iter().filter(|line| line["reason"] == reason).count();
    assert!(of("withdrawn") > 3 && of("no_grant") > 0 && of("malformed") >= 10);
    assert_eq!(
        lines.iter().filter(|line| line["record"]["timestamp"].is_string()).count(),
        lines.len()
    );
}

#[test]
fn every_receipt_is_a_line_and_all_of_them_tell_of_all_messages() {
    let lines = Desk::new(&WORLD.topics).lines("receipts", &["--from", "beginning"]);
    assert_eq!(places(&lines), places_of(&WORLD.left.receipts));
    assert!(lines.iter().all(|line| line["signature"] == "valid"));
    let policies: Vec<&Value> = lines.iter().filter(|line| line["policy"].is_object()).collect();
    let [policy] = policies.as_slice() else { panic!("one policy, not {policies:?}") };
    let receipts =
        || lines.iter().map(|line| &line["receipt"]).filter(|receipt| receipt.is_object());
    let number = |value: &Value| value.as_u64().expect("a number");
    let sum = |field: &str| receipts().map(|receipt| number(&receipt[field])).sum::<u64>();
    assert_eq!(sum("allowed"), WORLD.left.allowed.len() as u64);
    assert_eq!(sum("suppressed"), WORLD.left.audit.len() as u64);
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut allowed = 0;
    for receipt in receipts() {
        assert_eq!(receipt["policy_sha256"], policy["policy"]["sha256"]);
        for batch in list(&receipt["batches"]) {
            assert!(batch["now"].as_str().expect("a time").starts_with("20"));
            assert_eq!(
                batch["positions"]["consent_events"].as_object().expect("partitions").len(),
                3
            );
            let ranges = list(&batch["ranges"]);
            let runs = ranges.iter().flat_map(|range| list(&range["allowed"]));
            allowed += runs.map(|run| number(&run[1]) - number(&run[0])).sum::<u64>();
        }
        for previous in list(&receipt["previous"]) {
            let hash = &previous["sha256"];
            assert!(hash.is_null() || receipts().any(|before| before["sha256"] == *hash));
        }
    }
    assert_eq!(allowed, WORLD.left.allowed.len() as u64);
}

#[test]
fn a_receipt_is_shown_also_to_who_knows_another_key_or_none() {
    let desk = Desk::new(&WORLD.topics);
    let all = WORLD.left.receipts.len();
    let stranger = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let lines = desk.lines("receipts", &["--from", "beginning", "--public-key", stranger]);
    assert_eq!(lines.iter().filter(|line| line["signature"] == "unknown key").count(), all);
    let mut command = desk.command("receipts", &["--from", "beginning"]);
    let output = command.env_remove("CONSENTGATE__KEYS__SIGNING_KEY").output().expect("starts");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).matches("\"unknown key\"").count(), all);
    assert!(text(&output.stderr).contains("--public-key"), "{}", text(&output.stderr));
    assert_eq!(desk.tail("receipts", &["--public-key", "none"]).status.code(), Some(65));
}

#[test]
fn only_what_is_asked_for_is_shown() {
    let desk = Desk::new(&WORLD.topics);
    let all = desk.lines("audit", &["--from", "beginning"]);
    let matching = |holds: &dyn Fn(&Value) -> bool| {
        places(&all.iter().filter(|line| holds(line)).cloned().collect::<Vec<_>>())
    };
    let shown = |arguments: &[&str]| {
        let arguments = [&["--from", "beginning"][..], arguments].concat();
        places(&desk.lines("audit", &arguments))
    };
    let cafe = matching(&|line| line["business_id"] == "cafe");
    assert!(!cafe.is_empty() && cafe.len() < all.len());
    assert_eq!(shown(&["--business", "cafe"]), cafe);
    let holds =
        |line: &Value| line["reasons"].as_array().expect("a list").contains(&"no_grant".into());
    assert_eq!(shown(&["--reason", "no_grant"]), matching(&holds));
    assert_eq!(shown(&["--partition", "1"]), matching(&|line| place(line).0 == 1));
    assert_eq!(shown(&["--max", "3"]).len(), 3);
    assert_eq!(desk.tail("audit", &["--partition", "7"]).status.code(), Some(2));
    assert_eq!(desk.tail("audit", &["--reason", "rain"]).status.code(), Some(2));
}

#[test]
fn a_tail_begins_where_it_is_told_to() {
    let desk = Desk::new(&WORLD.topics);
    let audit = &WORLD.left.audit;
    let last = |count: usize, of: &[ReadRecord]| {
        let partitions = (0..3).flat_map(|partition| {
            let records: Vec<_> =
                of.iter().filter(|record| record.partition == partition).collect();
            records[records.len().saturating_sub(count)..].to_vec()
        });
        places_of(partitions)
    };
    for (arguments, count) in
        [(&[][..], 10), (&["--from", "-2"], 2), (&["--from=-100000"], 100_000)]
    {
        assert_eq!(places(&desk.lines("audit", arguments)), last(count, audit), "{arguments:?}");
    }
    assert_eq!(places(&desk.lines("receipts", &["--from", "-1"])), last(1, &WORLD.left.receipts));
    assert!(desk.lines("audit", &["--from", "end"]).is_empty());
    // The records that are asked for count, and they alone.
    let all = desk.lines("audit", &["--from", "beginning", "--reason", "malformed"]);
    let partition = place(&all[0]).0;
    let first = all.iter().rfind(|line| place(line).0 == partition).expect("one");
    let arguments =
        ["--from", "-1", "--reason", "malformed", "--partition", &partition.to_string()];
    assert_eq!(places(&desk.lines("audit", &arguments)), [place(first)]);
}

/// Of a compressed batch the embedded broker tells the start, so a few may be older.
#[test]
fn a_tail_from_a_time_shows_all_that_is_not_older() {
    let desk = Desk::new(&WORLD.topics);
    let all = desk.lines("audit", &["--from", "beginning"]);
    let time = |line: &Value| line["record"]["timestamp"].as_str().expect("a time").to_string();
    let mut times: Vec<_> = all.iter().map(time).collect();
    times.sort();
    let middle = &times[times.len() / 2];
    let later: Vec<_> = all.iter().filter(|line| time(line) >= *middle).cloned().collect();
    let shown = places(&desk.lines("audit", &["--from", middle]));
    assert!(shown.len() < all.len());
    assert!(places(&later).iter().all(|place| shown.contains(place)));
    assert!(desk.lines("audit", &["--from", "2200-01-01T00:00:00Z"]).is_empty());
}

#[test]
fn a_tail_from_a_time_begins_at_the_first_record_that_is_not_older() {
    let topics = GateTopics::named("tail-time");
    topics.create(&WORLD.broker.bootstrap(), 1);
    let writer = Writer::new(&WORLD.broker.bootstrap());
    let value = WORLD.left.audit[0].value.as_deref();
    let record = |timestamp_ms| NewRecord { value, timestamp_ms, ..NewRecord::default() };
    let second = 1_790_000_000_000;
    let times = [second - 1, second, second + 1];
    writer.write(&topics.audit, &times.map(|ms| record(Some(ms))));
    let lines = Desk::new(&topics).lines("audit", &["--from", "2026-09-21T14:13:20Z"]);
    assert_eq!(places(&lines), [(0, 1), (0, 2)]);
    assert_eq!(lines[0]["record"]["timestamp"], "2026-09-21T14:13:20.000Z");
}

fn write(topic: &str, value: Option<&[u8]>) -> (i64, i64) {
    let record = NewRecord { partition: Some(0), value, ..NewRecord::default() };
    let place = Writer::new(&WORLD.broker.bootstrap()).write_one(topic, &record);
    (place.partition.into(), place.offset)
}

/// Topics of their own with one partition, with the world's first entry and its first receipt.
fn small(name: &str) -> GateTopics {
    let topics = GateTopics::named(name);
    topics.create(&WORLD.broker.bootstrap(), 1);
    write(&topics.audit, WORLD.left.audit[0].value.as_deref());
    write(&topics.receipts, WORLD.left.receipts[0].value.as_deref());
    topics
}

#[test]
fn what_cannot_be_read_is_a_line_with_its_place_and_exits_with_65() {
    let topics = small("tail-unreadable");
    let desk = Desk::new(&topics);
    for topic in ["audit", "receipts"] {
        let name = if topic == "audit" { &topics.audit } else { &topics.receipts };
        let bad = [write(name, Some(b"\xff no record")), write(name, None)];
        let mut arguments = vec!["--from", "beginning"];
        if topic == "audit" {
            // Nobody could say that it is not about this business.
            arguments.extend(["--business", "nobody"]);
        }
        let output = desk.tail(topic, &arguments);
        assert_eq!(output.status.code(), Some(65), "{topic}");
        assert!(text(&output.stderr).contains(": 2;"), "{}", text(&output.stderr));
        let lines = lines(&output);
        let unreadable = lines.iter().filter(|line| line["unreadable"].is_string()).cloned();
        assert_eq!(places(&unreadable.collect::<Vec<_>>()), bad, "{topic}");
        assert_eq!(lines.len(), if topic == "audit" { 2 } else { 3 }, "{topic}");
    }
}

#[test]
fn a_receipt_that_was_altered_is_shown_as_such_and_exits_with_65() {
    let topics = small("tail-altered");
    let mut altered = WORLD.left.receipts[0].value.clone().expect("a value");
    // The signature is the record's last field.
    *altered.last_mut().expect("a byte") ^= 1;
    write(&topics.receipts, Some(&altered));
    let output = Desk::new(&topics).tail("receipts", &[]);
    assert_eq!(output.status.code(), Some(65));
    let signatures: Vec<_> = lines(&output).iter().map(|line| line["signature"].clone()).collect();
    assert_eq!(signatures, ["valid", "invalid"]);
}

struct Follower {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Follower {
    fn start(topics: &GateTopics, arguments: &[&str]) -> (Self, TempDir) {
        let desk = Desk::new(topics);
        let mut command = desk.command("audit", &[&["--follow"][..], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        (Self { child, lines }, desk.dir)
    }

    fn next(&mut self) -> (i64, i64) {
        let line = self.lines.next().expect("a line").expect("text");
        place(&serde_json::from_str(&line).expect("JSON"))
    }

    fn end(mut self) -> Option<i32> {
        assert!(self.lines.next().is_none(), "nothing more");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // It has ended, or its test has failed.
        let _ = self.child.kill();
    }
}

#[test]
fn who_follows_sees_what_comes_until_there_is_enough() {
    let topics = small("tail-follow");
    let (mut follower, _dir) = Follower::start(&topics, &["--from", "beginning", "--max", "3"]);
    assert_eq!(follower.next(), (0, 0));
    let value = WORLD.left.audit[1].value.as_deref();
    let second = write(&topics.audit, value);
    assert_eq!(follower.next(), second);
    let third = write(&topics.audit, value);
    assert_eq!(follower.next(), third);
    assert_eq!(follower.end(), Some(0));
}

#[test]
fn who_follows_ends_in_order_when_told_to() {
    let topics = small("tail-told");
    let (mut follower, _dir) = Follower::start(&topics, &["--from", "-1"]);
    assert_eq!(follower.next(), (0, 0));
    let bad = write(&topics.audit, Some(b"\xff no entry"));
    assert_eq!(follower.next(), bad);
    let pid = follower.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("a signal").success());
    assert_eq!(follower.end(), Some(65));
}

#[test]
fn a_kafka_or_a_topic_that_is_not_there_exits_with_69() {
    let absent = Desk::at("127.0.0.1:1", &WORLD.topics).tail("audit", &[]);
    assert_eq!((absent.status.code(), text(&absent.stdout)), (Some(69), ""));
    let missing = Desk::new(&GateTopics::named("tail-missing")).tail("receipts", &[]);
    assert_eq!(missing.status.code(), Some(69), "{}", text(&missing.stderr));
    assert!(text(&missing.stderr).contains("is not there"), "{}", text(&missing.stderr));
}
