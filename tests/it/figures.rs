//! `consentgate figures` on a world in which every figure is known.

use std::fs;
use std::process::{Command, Output};

use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::proto::consent::{ConsentEvent, Kind, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gate::{decide_all, test_keys};
use crate::support::home::Home;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, phone, withdraw};

struct Desk {
    stage: Stage,
    dir: TempDir,
    _home: Home,
}

fn said(
    business: &str,
    person: u32,
    kind: Kind,
    change: impl FnOnce(&mut ConsentEvent),
) -> Produced {
    let mut event = ConsentEvent {
        event_id: format!("{kind:?}-{business}-{person}"),
        business_id: business.to_owned(),
        phone: phone(person),
        kind: kind.into(),
        occurred_at_ms: Some(now_ms() - 10_000),
        ..ConsentEvent::default()
    };
    change(&mut event);
    produce(event).expect("an event")
}

impl Desk {
    /// Ten are asked and six of them agree, one twice told; five leave by a link of a campaign, one by
    /// a note that holds a number; one agrees elsewhere.
    fn new(test: &str) -> Self {
        let home = Home::new();
        let stage = Stage::new(home.kafka(), test, 2);
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), stage.toml("")).expect("written");
        let at_ms = now_ms() - 3 * 24 * 3_600_000;
        let mut events = Vec::new();
        for person in 1..=10 {
            events.push(said("cafe", person, Kind::Request, |event| {
                event.set_method(Method::WebsiteForm);
                (event.text_id, event.text_version) = ("newsletter".to_owned(), "1".to_owned());
            }));
        }
        events.extend((1..=6).map(|person| grant("cafe", person, &["offers"], at_ms)));
        events.push(grant("cafe", 6, &["offers"], at_ms));
        events.push(grant("shop", 1, &["offers"], at_ms));
        stage.consent(&events);
        let desk = Self { stage, dir, _home: home };
        desk.stage.offers(&[1, 2, 3, 4, 5, 6], 0);
        desk.decide();
        let by_link = |person| {
            said("cafe", person, Kind::Withdraw, |event| {
                (event.reason, event.evidence) = ("opt_out_link".into(), "campaign/spring".into());
                event.scopes = vec!["offers".to_owned()];
            })
        };
        let mut left: Vec<_> = (1..=5).map(by_link).collect();
        left.push(said("cafe", 99, Kind::Complaint, |event| event.reason = phone(99)));
        desk.stage.consent(&left);
        desk.stage.offers(&[1, 2, 3, 4, 5, 6], 10);
        desk.decide();
        desk
    }

    fn decide(&self) {
        let toml = fs::read_to_string(self.dir.path().join("gate.toml")).expect("read");
        let ledger = decide_all(&self.stage.kafka, &toml, &self.stage.topics);
        assert!(ledger.lost().is_empty());
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.arg("figures").args(arguments).arg("--config");
        command.arg(self.dir.path().join("gate.toml")).env_clear().envs(test_keys());
        let output = command.output().expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn text(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.run(arguments).stdout).expect("text")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[&["--format", "json"], arguments].concat()))
            .expect("json")
    }
}

/// The first row of a table that has these words.
fn row<'v>(figures: &'v Value, table: &str, words: &[&str]) -> &'v [Value] {
    let tables = figures["tables"].as_array().expect("tables");
    let table = tables.iter().find(|one| one["name"] == table).expect("the table");
    let rows = table["rows"].as_array().expect("rows");
    let has =
        |row: &&Value| words.iter().all(|word| row.as_array().unwrap().contains(&(*word).into()));
    rows.iter()
        .find(has)
        .unwrap_or_else(|| panic!("{words:?} in {table}"))
        .as_array()
        .expect("a row")
}

fn list(values: &[Value]) -> Value {
    Value::Array(values.to_vec())
}

on_every_kafka![every_figure_is_the_one_that_was_planted,];

pub fn every_figure_is_the_one_that_was_planted() {
    let desk = Desk::new("figures-planted");
    let figures = desk.json(&["--business", "cafe", "--exact"]);
    let rate = row(&figures, "consent_rate", &["website_form", "newsletter 1"]);
    assert_eq!(list(&rate[2..7]), json!([10, 6, 6, 0, 0]), "twice told is once agreed");
    assert_eq!(rate[7], 0.6);
    assert_eq!(row(&figures, "opt_outs_by_reason", &["withdraw", "opt_out_link"])[2], 5);
    assert_eq!(row(&figures, "opt_outs_by_reason", &["complaint", "(not told)"])[2], 1);
    assert_eq!(row(&figures, "opt_outs_by_scope", &["offers"])[1], 5);
    assert_eq!(row(&figures, "opt_outs_by_scope", &["everything"])[1], 1);
    assert_eq!(row(&figures, "opt_outs_by_campaign", &["spring"])[1], 5);
    assert_eq!(row(&figures, "opt_outs_by_days", &["1 to 7"])[1], 5);
    assert_eq!(row(&figures, "opt_outs_by_days", &["never agreed, or not known here"])[1], 1);
    assert_eq!(row(&figures, "suppressions", &["withdrawn"])[1], 5);
    let now = row(&figures, "agreements_now", &["offers"]);
    assert_eq!(list(&now[1..]), json!([1, 0, 0, 0, 5]));
    // All businesses together, and a time in which nothing was written.
    let all = desk.json(&["--exact"]);
    assert_eq!(row(&all, "consent_rate", &["website_form"])[4], 7);
    let later = desk.json(&["--exact", "--from", "2099-01-01T00:00:00Z"]);
    assert_eq!(later["tables"][0]["rows"], Value::Array(Vec::new()));
    assert_eq!(row(&later, "agreements_now", &["offers"])[1], 2, "what stands has no time");
}

#[test]
fn statuses_and_conversions_come_to_open_and_conversion_rates() {
    let desk = Desk::new("figures-sent");
    let file = |name: &str, text: &str| {
        let path = desk.dir.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let statuses = file(
        "statuses.csv",
        "message_id,status\nm-0,sent\nm-0,delivered\nm-0,read\nm-1,read\nm-1,delivered\nm-2,delivered\n\
         m-3,failed\nunknown,read\n",
    );
    let conversions = file("orders.csv", "order,message_id\n1,m-0\n2,m-0\n3,\n");
    let arguments = ["--exact", "--statuses", &statuses, "--conversions", &conversions];
    let figures = desk.json(&arguments);
    let sent = row(&figures, "sent", &["offers", "spring"]);
    assert_eq!(list(&sent[2..]), json!([7, 3, 2, 1, 0.6667, 0.1429]));
}

#[test]
fn no_output_names_a_person_or_tells_a_small_count() {
    let desk = Desk::new("figures-small");
    for format in ["text", "csv", "json", "html"] {
        let output = desk.run(&["--format", format]);
        let told = String::from_utf8(output.stdout).expect("text");
        let all = format!("{told}{}", String::from_utf8_lossy(&output.stderr));
        for person in (1..=10).chain([99]) {
            assert!(!all.contains(&phone(person)[1..]), "{format}: {all}");
        }
        assert!(told.contains("< 5") || told.contains("&lt; 5"), "{told}");
        assert!(told.contains("opt_out_link"), "five people are told: {told}");
    }
    let csv = desk.text(&["--format", "csv"]);
    assert!(csv.starts_with("table,row,column,value\n"), "{csv}");
    assert!(csv.contains("opt_outs_by_reason,complaint / (not told),opt-outs,< 5"), "{csv}");
    let exact = desk.text(&["--format", "csv", "--exact"]);
    assert!(exact.contains("opt_outs_by_reason,complaint / (not told),opt-outs,1"), "{exact}");
    let page = desk.text(&["--format", "html"]);
    assert!(page.contains("<h1>Figures of consent</h1>") && page.contains("Counts are rounded"));
    assert_eq!(page.matches("<script").count(), 0);
}

#[test]
fn a_business_sees_its_own_figures_alone() {
    let desk = Desk::new("figures-shop");
    desk.stage.consent(&[withdraw("shop", 1)]);
    let figures = desk.json(&["--business", "shop", "--exact"]);
    assert_eq!(row(&figures, "consent_rate", &["website_form"])[4], 1);
    assert_eq!(row(&figures, "opt_outs_by_scope", &["everything"])[1], 1);
    let text = figures.to_string();
    assert!(!text.contains("cafe") && !text.contains("spring"), "{text}");
}
