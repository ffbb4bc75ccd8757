//! Questions to a gate at work.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use consentgate::app::Gate;
use consentgate::app::api::OpenApi;
use consentgate::telemetry::Readiness;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::gate::{await_ready, config};
use crate::support::home::Home;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, phone, withdraw};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Where a gate's questions are asked.
struct Desk {
    address: SocketAddr,
    _runtime: Runtime,
    _folder: TempDir,
}

impl Desk {
    fn open(stage: &Stage, gate: &Gate) -> Desk {
        let folder = tempfile::tempdir().expect("a folder");
        let token_file = folder.path().join("token");
        std::fs::write(&token_file, TOKEN).expect("written");
        let path = token_file.display();
        let toml =
            stage.toml(&format!("[api]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"{path}\"\n"));
        let api = config(&toml, "gate-0").api.expect("an API");
        let runtime = Runtime::new().expect("a runtime");
        let open = runtime.block_on(OpenApi::open(&api)).expect("it listens");
        let address = open.address().expect("an address");
        runtime.spawn(open.serve(gate.doors.clone()));
        Desk { address, _runtime: runtime, _folder: folder }
    }

    fn ask(&self, path: &str, body: &str) -> (u16, serde_json::Value) {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        (head[9..12].parse().expect("a status"), serde_json::from_str(body).expect("JSON"))
    }
}

on_every_kafka![an_opt_out_that_was_acknowledged_before_the_question_is_in_its_answer,];

pub fn an_opt_out_that_was_acknowledged_before_the_question_is_in_its_answer() {
    let home = Home::new();
    let stage = Stage::new(home.kafka(), "api", 2);
    let people: Vec<u32> = (1..=20).collect();
    let past = now_ms() - 60_000;
    let grants: Vec<_> = people.iter().map(|p| grant("cafe", *p, &["offers"], past)).collect();
    stage.consent(&grants);
    let gate = stage.gate();
    await_ready(&gate);

    let desk = Desk::open(&stage, &gate);
    let recheck = |person: u32| {
        let body = format!(
            "{{\"items\": [{{\"timestamp_ms\": {}, \"message\": {{\"business_id\": \"cafe\", \
             \"to\": \"{}\", \"scope\": \"offers\", \"category\": \"marketing\", \
             \"opt_out_path\": \"footer\"}}}}]}}",
            now_ms(),
            phone(person)
        );
        let (status, answer) = desk.ask("/v1/recheck", &body);
        assert_eq!(status, 200, "{answer}");
        answer["verdicts"][0]["outcome"].as_str().expect("an outcome").to_owned()
    };
    let reachable = || {
        let all: Vec<String> =
            people.iter().map(|person| format!("{:?}", phone(*person))).collect();
        let body = format!(
            "{{\"business_id\": \"cafe\", \"scope\": \"offers\", \"recipients\": [{}]}}",
            all.join(",")
        );
        let (status, answer) = desk.ask("/v1/check", &body);
        assert_eq!(status, 200, "{answer}");
        (answer["reachable"].as_u64(), answer["unreachable"]["withdrawn"].as_u64())
    };
    assert_eq!(reachable(), (Some(20), None));
    for person in 1..=10 {
        assert_eq!(recheck(person), "allowed", "person {person} agreed");
        stage.consent(&[withdraw("cafe", person)]);
        assert_eq!(recheck(person), "suppressed", "person {person} left");
    }
    assert_eq!(reachable(), (Some(10), Some(10)));
    assert_eq!(gate.health.readiness(), Readiness::Ready);

    gate.join(Duration::from_secs(20)).expect("an orderly end");
}

#[test]
fn a_gate_without_its_kafka_answers_nothing() {
    let home = Home::new();
    let stage = Stage::new(home.kafka(), "api-alone", 2);
    let gate = stage.gate();
    await_ready(&gate);
    let desk = Desk::open(&stage, &gate);
    gate.stop();
    drop(home);
    let body = r#"{"business_id": "cafe", "scope": "offers", "recipients": []}"#;
    let (status, answer) = desk.ask("/v1/check", body);
    assert_eq!(status, 503, "a gate without a fence answers nothing: {answer}");
    drop(gate.join(Duration::from_secs(20)));
}
