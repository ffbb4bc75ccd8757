//! `import` on the embedded broker: from a file to what the gate lets through.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::import::SOURCE;
use consentgate::wire::proto::consent::{Actor, ConsentEvent, Expression, Kind, Method};
use prost::Message as _;
use tempfile::TempDir;

use crate::support::gate::{await_ready, await_that, gate_toml, test_keys, try_start};
use crate::support::producers::Writer;
use crate::support::reading::{Isolation, ReadRecord, read_all};
use crate::support::stage::{event_record, message};
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

const HEADER: &str = "business_id,phone,kind,scopes,occurred_at,method,expression,text_id,\
                      text_version,evidence\n";

fn grant_row(person: u32, at: &str) -> String {
    let phone = phone(person);
    format!("cafe,{phone},grant,offers,{at},website_form,box_ticked,offers-en,3,form/{person}\n")
}

fn row(person: u32, kind: &str, at: &str) -> String {
    format!("cafe,{},{kind},,{at},,,,,\n", phone(person))
}

/// Topics of a test's own, a configuration, and a file to import.
struct Desk {
    broker: Broker,
    topics: GateTopics,
    dir: TempDir,
}

impl Desk {
    fn new(name: &str, partitions: i32, rows: &str) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let topics = GateTopics::named(name);
        topics.create(&broker.bootstrap(), partitions);
        let desk = Self { broker, topics, dir: tempfile::tempdir().expect("a folder") };
        fs::write(desk.path("gate.toml"), desk.toml()).expect("written");
        desk.file(rows);
        desk
    }

    fn toml(&self) -> String {
        gate_toml(&self.broker.bootstrap(), &self.topics, "")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Puts these rows into the file.
    fn file(&self, rows: &str) {
        fs::write(self.path("consents.csv"), format!("{HEADER}{rows}")).expect("written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.arg("import").arg(self.path("consents.csv"));
        command.arg("--config").arg(self.path("gate.toml")).args(arguments);
        command.env_clear().envs(test_keys()).current_dir(self.dir.path());
        command.env("CONSENTGATE__GATE__INSTANCE", "importer");
        command
    }

    fn import(&self, arguments: &[&str]) -> Done {
        let done = Done::of(self.command(arguments).output().expect("the program starts"));
        // No number of the made-up country is ever shown.
        assert!(!done.out.contains("99910") && !done.err.contains("99910"), "{done:?}");
        done
    }

    fn events(&self) -> Vec<ConsentEvent> {
        let decode = |record: &ReadRecord| {
            ConsentEvent::decode(record.value.as_deref().expect("a value")).expect("an event")
        };
        self.read(&self.topics.consent_events).iter().map(decode).collect()
    }

    fn read(&self, topic: &str) -> Vec<ReadRecord> {
        read_all(&self.broker.bootstrap(), topic, Isolation::Committed)
    }

    fn consent(&self, event: &Produced) {
        let writer = Writer::new(&self.broker.bootstrap());
        writer.write_one(&self.topics.consent_events, &event_record(event));
    }
}

/// How a command ended.
#[derive(Debug)]
struct Done {
    code: i32,
    out: String,
    err: String,
}

impl Done {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let code = output.status.code().expect("an exit code");
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// The count beside a line's name; 0 if there is no such line.
    fn count(&self, name: &str) -> u64 {
        let count = |line: &str| line.trim().strip_prefix(name)?.trim().parse::<u64>().ok();
        self.out.lines().find_map(count).unwrap_or(0)
    }
}

const OLD: &str = "2020-01-01T00:00:00Z";
const LATER: &str = "2021-01-01T00:00:00Z";

#[test]
fn help_opens_with_examples_and_one_of_them_is_a_file() {
    let done = Desk::new("help", 1, "").import(&["--help"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert!(done.out.starts_with("Examples:\n"), "{}", done.out);
    let file = done.out.lines().skip_while(|line| !line.contains("business_id,")).take(3);
    let file: Vec<_> = file.map(str::trim).collect();
    let desk = Desk::new("help", 1, "");
    fs::write(desk.path("consents.csv"), file.join("\n")).expect("written");
    let looked = desk.import(&["--offline", "--strict"]);
    assert_eq!((looked.code, looked.count("taken")), (0, 2), "{looked:?}");
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_a_run_would_do() {
    let rows = [grant_row(1, OLD), row(2, "withdraw", OLD), grant_row(2, LATER), grant_row(3, "")];
    let desk = Desk::new("dry", 3, &rows.concat());
    let dry = desk.import(&[]);
    assert_eq!((dry.code, dry.count("taken"), dry.count("undated")), (0, 2, 1), "{dry:?}");
    assert_eq!(dry.count("would_lift_a_suppression_in_this_file"), 1, "{dry:?}");
    assert_eq!(desk.events().len(), 0);
    let written = desk.import(&["--write"]);
    assert_eq!(written.code, 0, "{written:?}");
    let counts = |done: &Done| {
        let lines: Vec<_> = done.out.lines().map(str::to_owned).collect();
        let end = lines.iter().rposition(String::is_empty).expect("what to do next");
        lines[2..end].to_vec()
    };
    assert_eq!(counts(&written), counts(&dry));
    assert_eq!(desk.events().len(), 2);
}

#[test]
fn suppressions_are_acknowledged_before_the_first_grant_is_written() {
    let grants: String = (0..300).map(|person| grant_row(person, OLD)).collect();
    let blocks: String = (300..400).map(|person| row(person, "block", OLD)).collect();
    let desk = Desk::new("order", 1, &(grants + &blocks));
    let done = desk.import(&["--write", "--rate", "flat-out", "--recorder", "anna"]);
    assert_eq!((done.code, done.count("taken")), (0, 400), "{done:?}");
    let events = desk.events();
    let kinds: Vec<_> = events.iter().map(ConsentEvent::kind).collect();
    assert!(kinds[..100].iter().all(|kind| *kind == Kind::Block));
    assert!(kinds[100..].iter().all(|kind| *kind == Kind::Grant));
    assert!(events.iter().all(|event| event.recorder == "anna"));
}

#[test]
fn a_second_run_writes_nothing_and_a_longer_file_only_what_is_new() {
    let rows = [grant_row(1, OLD), row(2, "withdraw", ""), row(3, "complaint", OLD)].concat();
    let desk = Desk::new("twice", 3, &rows);
    assert_eq!(desk.import(&["--write"]).code, 0);
    let once = desk.events();
    let again = desk.import(&["--write"]);
    assert_eq!((again.code, again.count("taken"), again.count("in the log already")), (0, 0, 3));
    assert_eq!(desk.events(), once);
    desk.file(&(row(4, "erase", OLD) + &rows));
    let more = desk.import(&["--write"]);
    assert_eq!((more.count("taken"), more.count("in the log already")), (1, 3), "{more:?}");
    assert_eq!(desk.events().len(), 4);
}

#[test]
fn a_run_that_was_killed_is_run_again_and_each_event_is_there_once() {
    let grants: String = (0..150).map(|person| grant_row(person, OLD)).collect();
    let blocks: String = (150..300).map(|person| row(person, "block", OLD)).collect();
    let desk = Desk::new("killed", 3, &(blocks + &grants));
    let mut command = desk.command(&["--write", "--rate", "100"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    await_that("some are written", || desk.events().len() > 40);
    child.kill().expect("killed");
    child.wait().expect("gone");
    let before = desk.events().len() as u64;
    assert!(before < 300, "it was done before it was killed");
    let done = desk.import(&["--write", "--rate", "flat-out"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!((done.count("in the log already"), done.count("taken")), (before, 300 - before));
    let mut ids: Vec<_> = desk.events().into_iter().map(|event| event.event_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), desk.events().len()), (300, 300));
}

#[test]
fn what_the_log_holds_is_never_lifted() {
    let rows = [grant_row(1, OLD), grant_row(2, OLD), grant_row(3, OLD), row(3, "block", OLD)];
    let desk = Desk::new("log", 3, &rows.concat());
    desk.consent(&withdraw("cafe", 1));
    let done = desk.import(&["--write", "--rejects", "rejects.csv"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(done.count("older_than_a_suppression_in_the_log"), 1, "{done:?}");
    assert_eq!(done.count("older_than_a_suppression_in_this_file"), 1, "{done:?}");
    let rejects = fs::read_to_string(desk.path("rejects.csv")).expect("rejects");
    let expected = "line,reason,against_line\n2,older_than_a_suppression_in_the_log,\n\
                    4,older_than_a_suppression_in_this_file,5\n";
    assert_eq!(rejects, expected);
    // Person 1 agrees to a new text by import: still nothing for an import to lift.
    let tomorrow = "2020-01-02T00:00:00Z";
    desk.file(&grant_row(3, tomorrow));
    let done = desk.import(&["--write", "--strict"]);
    assert_eq!((done.code, done.count("would_lift_a_suppression_in_the_log")), (65, 1), "{done:?}");
    let grants = desk.events().iter().filter(|event| event.kind() == Kind::Grant).count();
    assert_eq!(grants, 1);
}

#[test]
fn a_suppression_stands_over_a_grant_that_an_earlier_import_brought() {
    let desk = Desk::new("earlier", 3, &grant_row(1, LATER));
    assert_eq!(desk.import(&["--write"]).code, 0);
    desk.file(&row(1, "withdraw", OLD));
    let done = desk.import(&["--write", "--notes", "notes.csv"]);
    assert_eq!(done.count("counts_from_now_over_an_imported_grant"), 1, "{done:?}");
    assert!(!desk.events().iter().any(|event| event.historic));
    let notes = fs::read_to_string(desk.path("notes.csv")).expect("notes");
    assert!(notes.contains("\n2,counts_from_now_over_an_imported_grant,"), "{notes}");
    assert_eq!(desk.import(&["--write"]).count("in the log already"), 1);
    assert_eq!(desk.events().len(), 2);
}

#[test]
fn what_a_person_agreed_to_after_an_old_withdrawal_stays() {
    let desk = Desk::new("since", 3, &row(1, "withdraw", OLD));
    desk.consent(&grant("cafe", 1, &["offers"], now_ms()));
    let done = desk.import(&["--write"]);
    assert_eq!(done.count("person_agreed_after_it"), 1, "{done:?}");
    assert!(desk.events().iter().any(|event| event.historic));
}

#[test]
fn grants_wait_for_rows_that_may_be_opt_outs() {
    let national = "cafe,0700 123,withdraw,,2020-01-01T00:00:00Z,,,,,\n";
    let rows = [&grant_row(1, OLD), &row(2, "withdraw", OLD), national].concat();
    let desk = Desk::new("waits", 3, &rows);
    let done = desk.import(&["--write", "--rejects", "rejects.csv", "--rejects-with-rows"]);
    assert_eq!((done.code, done.count("waits_for_unreadable_rows")), (65, 1), "{done:?}");
    assert!(done.err.contains("--accept-unreadable 1"), "{done:?}");
    let rejects = fs::read_to_string(desk.path("rejects.csv")).expect("rejects");
    assert!(
        rejects.contains(&format!("4,phone_invalid,,\"{}\"\n", national.trim_end())),
        "{rejects}"
    );
    let mode = fs::metadata(desk.path("rejects.csv")).expect("it").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(desk.events().len(), 1);
    assert_eq!(desk.import(&["--write", "--accept-unreadable", "2"]).code, 2);
    assert_eq!(desk.import(&["--write", "--accept-unreadable", "1"]).code, 0);
    assert_eq!(desk.events().len(), 2);
}

#[test]
fn a_file_that_is_no_good_is_refused_before_anything_is_written() {
    let desk = Desk::new("bad", 1, &grant_row(1, OLD));
    let csv = desk.path("consents.csv");
    for (text, code, says) in [
        ("business_id,phone,knid\n", 65, "did you mean kind?"),
        ("+99910000001,withdraw\n", 65, "the first row must name the columns"),
        ("", 65, "the file is empty"),
    ] {
        fs::write(&csv, text).expect("written");
        let done = desk.import(&["--write"]);
        assert_eq!((done.code, done.out.as_str()), (code, ""), "{done:?}");
        assert!(done.err.contains(says), "{done:?}");
    }
    desk.file(&grant_row(1, OLD));
    assert_eq!(desk.import(&["--rejects", "consents.csv"]).code, 2);
    assert!(fs::read_to_string(&csv).expect("still there").contains("grant"));
    assert_eq!(desk.import(&["--rejects", "a.csv", "--notes", "a.csv"]).code, 2);
    assert_eq!(desk.import(&["--write", "--offline"]).code, 2);
    assert_eq!(desk.import(&["--set", "kafka.bootstrap=127.0.0.1:1"]).code, 69);
    assert_eq!(desk.import(&["--set", "kafka.bootstrap=127.0.0.1:1", "--offline"]).code, 0);
    assert_eq!(desk.events().len(), 0);
}

#[test]
fn the_gate_sends_to_whom_an_import_may_grant_and_to_nobody_else() {
    let rows = [
        grant_row(1, OLD),
        grant_row(2, LATER),
        row(2, "withdraw", OLD),
        grant_row(3, "01/02/2020"),
        row(4, "erase", OLD),
    ];
    let desk = Desk::new("gate", 3, &rows.concat());
    assert_eq!(desk.import(&["--write"]).code, 0);
    let writer = Writer::new(&desk.broker.bootstrap());
    for person in 1..=5 {
        let (to, value) = (phone(person), offer("cafe", person, person.into()));
        writer.write_one(&desk.topics.outbound, &message(&to, &value));
    }
    let gate = try_start(&desk.toml(), "gate-0").expect("a gate");
    await_ready(&gate);
    await_that("all five are decided", || {
        desk.read(&desk.topics.allowed).len() + desk.read(&desk.topics.audit).len() == 5
    });
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let allowed = desk.read(&desk.topics.allowed);
    let keys: Vec<_> = allowed.iter().map(|record| record.key.clone()).collect();
    assert_eq!(keys, [Some(phone(1).into_bytes())]);
}

#[test]
fn the_example_of_the_documentation_is_read_as_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import/consents.csv");
    let desk = Desk::new("example", 1, "");
    fs::copy(path, desk.path("consents.csv")).expect("copied");
    let done = desk.import(&[]);
    assert_eq!((done.code, done.count("taken")), (0, 8), "{done:?}");
    for (name, count) in [
        ("would_lift_a_suppression_in_this_file", 1),
        ("older_than_a_suppression_in_this_file", 1),
        ("no_clear_date_counts_from_now", 1),
        ("date_unclear", 1),
        ("import_never_grants", 1),
        ("evidence_missing", 1),
    ] {
        assert_eq!(done.count(name), count, "{name}: {done:?}");
    }
}

#[test]
fn an_opt_out_that_comes_while_suppressions_are_written_refuses_the_grant() {
    let blocks: String = (10..110).map(|person| row(person, "block", OLD)).collect();
    let desk = Desk::new("meanwhile", 2, &(blocks + &grant_row(1, OLD) + &grant_row(2, OLD)));
    let mut command = desk.command(&["--write", "--rate", "50"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    await_that("some are written", || desk.events().len() > 3);
    desk.consent(&withdraw("cafe", 1));
    let done = Done::of(child.wait_with_output().expect("it ends"));
    assert_eq!(done.count("older_than_a_suppression_in_the_log"), 1, "{done:?}");
    let events = desk.events();
    let granted = events.iter().filter(|event| event.kind() == Kind::Grant);
    assert_eq!(granted.map(|event| event.phone.clone()).collect::<Vec<_>>(), [phone(2)]);
}

#[test]
fn an_import_keeps_its_rate() {
    let blocks: String = (0..120).map(|person| row(person, "block", OLD)).collect();
    let desk = Desk::new("rate", 1, &blocks);
    let began = std::time::Instant::now();
    assert_eq!(desk.import(&["--write", "--rate", "60"]).code, 0);
    assert!(began.elapsed() > Duration::from_millis(1_900), "{:?}", began.elapsed());
}

/// What another import writes about a person: a grant of 2021, or a withdrawal of 2020.
fn of_another_import(person: u32, kind: Kind) -> Produced {
    let is_grant = kind == Kind::Grant;
    let mut event = ConsentEvent {
        event_id: format!("import-{person:032x}"),
        business_id: "cafe".to_owned(),
        phone: phone(person),
        kind: kind.into(),
        scopes: vec!["offers".to_owned()],
        occurred_at_ms: Some(if is_grant { 1_609_459_200_000 } else { 1_577_836_800_000 }),
        historic: !is_grant,
        expression: Expression::BoxTicked.into(),
        text_id: "offers-en".to_owned(),
        text_version: "3".to_owned(),
        evidence: format!("order/{person}"),
        source: SOURCE.to_owned(),
        ..ConsentEvent::default()
    };
    event.set_method(if is_grant { Method::Purchase } else { Method::Import });
    event.set_actor(if is_grant { Actor::Subject } else { Actor::Importer });
    produce(event).expect("an event")
}

#[test]
fn a_suppression_that_another_import_overtook_is_written_again_from_now() {
    let desk = Desk::new("overtook", 3, &row(1, "withdraw", OLD));
    assert_eq!(desk.import(&["--write"]).code, 0);
    desk.consent(&of_another_import(1, Kind::Grant));
    let done = desk.import(&["--write"]);
    assert_eq!(done.count("counts_from_now_over_an_imported_grant"), 1, "{done:?}");
    assert_eq!(desk.import(&["--write"]).count("in the log already"), 1);
    let mut historic: Vec<_> = desk.events().iter().map(|event| event.historic).collect();
    historic.sort();
    assert_eq!(historic, [false, false, true]);
}

#[test]
fn a_grant_of_another_import_while_suppressions_are_written_does_not_stand_above_them() {
    let blocks: String = (10..110).map(|person| row(person, "block", OLD)).collect();
    let desk = Desk::new("both", 2, &(row(1, "withdraw", OLD) + &blocks));
    let mut command = desk.command(&["--write", "--rate", "50"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    await_that("some are written", || desk.events().len() > 3);
    desk.consent(&of_another_import(1, Kind::Grant));
    let done = Done::of(child.wait_with_output().expect("it ends"));
    assert_eq!((done.code, done.count("taken")), (0, 101), "{done:?}");
    let from_now = |event: &ConsentEvent| event.kind() == Kind::Withdraw && !event.historic;
    assert_eq!(desk.events().into_iter().filter(from_now).count(), 1);
}

#[test]
fn a_suppression_of_another_import_while_grants_are_written_is_told() {
    let grants: String = (1..101).map(|person| grant_row(person, LATER)).collect();
    let desk = Desk::new("told", 2, &grants);
    let mut command = desk.command(&["--write", "--rate", "50"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    await_that("some are written", || desk.events().len() > 3);
    desk.consent(&of_another_import(1, Kind::Withdraw));
    // One who says no themselves is heard anyway.
    desk.consent(&withdraw("cafe", 2));
    let done = Done::of(child.wait_with_output().expect("it ends"));
    assert_eq!((done.code, done.count("taken")), (65, 100), "{done:?}");
    assert!(done.err.contains("and 1 grants of this file are later"), "{done:?}");
}
