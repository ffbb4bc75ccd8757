//! Questions to a gate at work, on the embedded broker.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use consentgate::app::api::OpenApi;
use consentgate::broker::{Broker, BrokerConfig};
use consentgate::telemetry::Readiness;

use crate::support::gate::{await_ready, config};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, phone, withdraw};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn ask(address: SocketAddr, path: &str, body: &str) -> (u16, serde_json::Value) {
    let mut stream = TcpStream::connect(address).expect("connected");
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

#[test]
fn an_opt_out_that_was_acknowledged_before_the_question_is_in_its_answer() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), "api", 2);
    let people: Vec<u32> = (1..=20).collect();
    let past = now_ms() - 60_000;
    let grants: Vec<_> = people.iter().map(|p| grant("cafe", *p, &["offers"], past)).collect();
    stage.consent(&grants);
    let gate = stage.gate();
    await_ready(&gate);

    let folder = tempfile::tempdir().expect("a folder");
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, TOKEN).expect("written");
    let path = token_file.display();
    let toml = stage.toml(&format!("[api]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"{path}\"\n"));
    let api = config(&toml, "gate-0").api.expect("an API");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let open = runtime.block_on(OpenApi::open(&api)).expect("it listens");
    let address = open.address().expect("an address");
    let server = runtime.spawn(open.serve(gate.answers.clone()));

    let recheck = |person: u32| {
        let body = format!(
            "{{\"items\": [{{\"timestamp_ms\": {}, \"message\": {{\"business_id\": \"cafe\", \
             \"to\": \"{}\", \"scope\": \"offers\", \"category\": \"marketing\", \
             \"opt_out_path\": \"footer\"}}}}]}}",
            now_ms(),
            phone(person)
        );
        let (status, answer) = ask(address, "/v1/recheck", &body);
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
        let (status, answer) = ask(address, "/v1/check", &body);
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

    gate.stop();
    drop(broker);
    let body = r#"{"business_id": "cafe", "scope": "offers", "recipients": []}"#;
    let (status, answer) = ask(address, "/v1/check", body);
    assert_eq!(status, 503, "a gate without a fence answers nothing: {answer}");
    server.abort();
    drop(gate.join(Duration::from_secs(20)));
}
