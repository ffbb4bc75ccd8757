//! `consentgate trial` on a past with planted slips: all found, none invented, nothing written.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use consentgate::broker::{ApiKey, Broker, BrokerConfig};
use consentgate::commands::trial::{TrialPlan, trial};
use serde_json::Value;

use crate::support::chance::chance;
use crate::support::gate::{config, test_keys};
use crate::support::planted::{Planted, TOLERANCE_MS, plant, topics_with_planted_times};
use crate::support::producers::{NewRecord, Place, Writer};
use crate::support::stage::{Stage, event_record, message};
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

fn broker() -> Broker {
    Broker::start(BrokerConfig::default()).expect("a broker")
}

fn plan(stage: &Stage, out: &Path) -> TrialPlan {
    TrialPlan {
        topic: stage.topics.outbound.clone(),
        from_ms: None,
        to_ms: None,
        tolerance: Duration::from_millis(TOLERANCE_MS as u64),
        out: out.to_owned(),
        start_over: false,
    }
}

fn tried(stage: &Stage, plan: &TrialPlan) {
    let config = config(&stage.toml(""), "gate-0");
    let told = trial(&config, plan, |_| ControlFlow::Continue(())).expect("a trial");
    assert!(told.is_some());
}

fn slips(out: &Path) -> BTreeSet<Place> {
    let mut reader = csv::Reader::from_path(out.join("slips.csv")).expect("slips.csv");
    let place = |record: csv::StringRecord| Place {
        partition: record[1].parse().expect("a partition"),
        offset: record[2].parse().expect("an offset"),
    };
    reader.records().map(|record| place(record.expect("a line"))).collect()
}

fn summary(out: &Path) -> Value {
    let text = fs::read_to_string(out.join("summary.json")).expect("summary.json");
    serde_json::from_str(&text).expect("JSON")
}

fn assert_right(planted: &Planted, out: &Path) {
    let (truth, summary) = (&planted.truth, summary(out));
    let found = slips(out);
    let missed: Vec<_> = truth.slips.difference(&found).collect();
    let invented: Vec<_> = found.difference(&truth.slips).collect();
    assert!(missed.is_empty() && invented.is_empty(), "missed {missed:?}, invented {invented:?}");
    assert_eq!(summary["messages"], truth.messages);
    assert_eq!(summary["left_after_opt_out"], truth.slips.len());
    assert_eq!(summary["within_tolerance_of_opt_out"], truth.near);
    assert_eq!(summary["allowed"], truth.allowed);
}

#[test]
fn all_planted_slips_are_found_and_none_is_invented() {
    let broker = broker();
    let mut chance = chance("trial-planted");
    let planted = plant(&broker.bootstrap(), "trial-planted", 60, 1_500, &mut chance);
    assert!(planted.truth.slips.len() > 50 && planted.truth.near > 50, "a past worth a trial");
    let out = tempfile::tempdir().expect("a folder");
    tried(&planted.stage, &plan(&planted.stage, out.path()));
    assert_right(&planted, out.path());
}

#[test]
fn a_trial_joins_no_group_and_writes_nothing() {
    let broker = broker();
    let mut chance = chance("trial-reads");
    let planted = plant(&broker.bootstrap(), "trial-reads", 10, 100, &mut chance);
    let writes = [
        ApiKey::Produce,
        ApiKey::AddPartitionsToTxn,
        ApiKey::AddOffsetsToTxn,
        ApiKey::TxnOffsetCommit,
        ApiKey::EndTxn,
        ApiKey::JoinGroup,
        ApiKey::SyncGroup,
        ApiKey::Heartbeat,
        ApiKey::OffsetCommit,
        ApiKey::CreateTopics,
        ApiKey::DeleteTopics,
    ];
    let asked = || writes.map(|api| broker.faults().seen(api));
    let ends = || {
        let topics = planted.stage.topics.all();
        let of = |topic: &str| (0..3).map(|at| broker.offsets(topic, at)).collect::<Vec<_>>();
        topics.map(of)
    };
    let (asked_before, ends_before) = (asked(), ends());
    let out = tempfile::tempdir().expect("a folder");
    let fetched = broker.faults().seen(ApiKey::Fetch);
    tried(&planted.stage, &plan(&planted.stage, out.path()));
    assert!(broker.faults().seen(ApiKey::Fetch) > fetched, "it read");
    assert_eq!((asked(), ends()), (asked_before, ends_before));
}

#[test]
fn a_stopped_trial_goes_on_and_comes_to_the_same() {
    let broker = broker();
    let mut chance = chance("trial-resumed");
    let planted = plant(&broker.bootstrap(), "trial-resumed", 40, 800, &mut chance);
    let stage = &planted.stage;
    let (whole, parts) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    tried(stage, &plan(stage, whole.path()));
    let config = config(&stage.toml(""), "gate-0");
    let plan = plan(stage, parts.path());
    let mut stops = 0;
    for stop_after in [37, 38, 300, 600] {
        let stop = |read| match read >= stop_after {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let told = trial(&config, &plan, stop).expect("a trial");
        assert!(told.is_none() && parts.path().join("trial.checkpoint").exists());
        // A process that is killed leaves lines behind that its checkpoint does not know.
        let path = parts.path().join("slips.csv");
        let mut text = fs::read_to_string(&path).expect("slips");
        text.push_str("lost,0,999999\n");
        fs::write(&path, text).expect("written");
        stops += 1;
    }
    assert_eq!(stops, 4);
    tried(stage, &plan);
    assert!(!parts.path().join("trial.checkpoint").exists());
    for file in ["slips.csv", "decisions.csv", "hours.csv", "summary.json", "report.html"] {
        let read = |folder: &Path| fs::read_to_string(folder.join(file)).expect("written");
        assert_eq!(read(whole.path()), read(parts.path()), "{file}");
    }
    assert_right(&planted, parts.path());
}

#[test]
fn a_checkpoint_of_another_trial_is_thrown_away() {
    let broker = broker();
    let mut chance = chance("trial-other");
    let planted = plant(&broker.bootstrap(), "trial-other", 20, 300, &mut chance);
    let out = tempfile::tempdir().expect("a folder");
    let first =
        TrialPlan { tolerance: Duration::from_secs(60), ..plan(&planted.stage, out.path()) };
    let config = config(&planted.stage.toml(""), "gate-0");
    let told = trial(&config, &first, |_| ControlFlow::Break(())).expect("a trial");
    assert!(told.is_none());
    tried(&planted.stage, &plan(&planted.stage, out.path()));
    assert_right(&planted, out.path());
}

#[test]
fn only_messages_of_the_range_are_tried() {
    let broker = broker();
    let stage = topics_with_planted_times(&broker.bootstrap(), "trial-range", 1);
    let writer = Writer::new(&stage.kafka);
    let begin = now_ms() - 3_600_000;
    let consent = |at_ms, event: &_| {
        let record = NewRecord { timestamp_ms: Some(at_ms), ..event_record(event) };
        writer.write_one(&stage.topics.consent_events, &record);
    };
    consent(begin, &grant("cafe", 1, &["offers"], begin));
    consent(begin + 60_000, &withdraw("cafe", 1));
    for (number, after_ms) in [30_000, 120_000, 180_000, 240_000].into_iter().enumerate() {
        let (to, value) = (phone(1), offer("cafe", 1, number as u64));
        let record = NewRecord { timestamp_ms: Some(begin + after_ms), ..message(&to, &value) };
        writer.write_one(&stage.topics.outbound, &record);
    }
    let out = tempfile::tempdir().expect("a folder");
    let ranged = TrialPlan {
        from_ms: Some(begin + 120_000),
        to_ms: Some(begin + 240_000),
        ..plan(&stage, out.path())
    };
    tried(&stage, &ranged);
    assert_eq!(summary(out.path())["messages"], 2);
    assert_eq!(slips(out.path()), [1, 2].map(|offset| Place { partition: 0, offset }).into());
}

#[test]
fn a_platforms_own_formats_are_tried_as_they_are() {
    let broker = broker();
    let stage = Stage::new(&broker.bootstrap(), "trial-mapped", 2);
    let writer = Writer::new(&stage.kafka);
    // The broker's clock stands an hour back, so that the opt-out is one of the past.
    broker.set_clock_offset_ms(-3_600_000);
    let left = format!(r#"{{"tenant":"cafe","phone":"{}","type":"opted_out"}}"#, phone(1));
    let key = format!("cafe/{}", phone(1));
    let record = NewRecord {
        key: Some(key.as_bytes()),
        value: Some(left.as_bytes()),
        ..NewRecord::default()
    };
    writer.write_one(&stage.topics.consent_events, &record);
    broker.set_clock_offset_ms(0);
    let sent: Vec<_> = [1, 2]
        .map(|person| {
            let value =
                format!(r#"{{"tenant":"cafe","phone":"{}","topic":"offers"}}"#, phone(person));
            let to = phone(person);
            let sent = now_ms() - 1_800_000;
            let record = NewRecord { timestamp_ms: Some(sent), ..message(&to, value.as_bytes()) };
            writer.write_one(&stage.topics.outbound, &record)
        })
        .into();
    let toml = stage.toml(
        r#"
[messages]
format = "json"
business = "/tenant"
recipient = "/phone"
scope = "/topic"
[consent_events]
format = "json"
business = "/tenant"
identity = "/phone"
kind = { pointer = "/type", map = { opted_out = "withdraw" } }
"#,
    );
    let out = tempfile::tempdir().expect("a folder");
    let config = config(&toml, "gate-0");
    let told = trial(&config, &plan(&stage, out.path()), |_| ControlFlow::Continue(()));
    let told = told.expect("a trial").expect("its end");
    assert_eq!(slips(out.path()), [sent[0]].into(), "{told}");
    let summary = summary(out.path());
    assert_eq!(summary["stopped_by_reason"], serde_json::json!({"withdrawn": 1, "no_grant": 1}));
    assert!(!told.contains("CreateTime). "), "these consent topics are as the gate wants: {told}");
}

fn command(stage: &Stage, out: &Path, more: &[&str]) -> Output {
    let toml = out.with_extension("toml");
    fs::write(&toml, stage.toml("")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.arg("trial").arg("--config").arg(&toml).arg("--out").arg(out).args(more);
    command.env_clear().envs(test_keys()).output().expect("it runs")
}

#[test]
fn the_command_tells_the_figures_and_names_nobody() {
    let broker = broker();
    let mut chance = chance("trial-command");
    let planted = plant(&broker.bootstrap(), "trial-command", 20, 300, &mut chance);
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let output = command(&planted.stage, &out, &["--tolerance", "5s"]);
    let told = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("left after the person had opted out: slips.csv"), "{told}");
    assert!(told.contains("The gate itself refuses such a topic"), "CreateTime is told: {told}");
    assert_right(&planted, &out);
    let mut all = told;
    for file in fs::read_dir(&out).expect("the folder") {
        all.push_str(&fs::read_to_string(file.expect("a file").path()).expect("text"));
    }
    for person in 0..20 {
        assert!(!all.contains(&phone(person)[1..]), "a number is told");
    }
    assert!(all.contains("<h2>Left after the person had opted out</h2>"));
}
