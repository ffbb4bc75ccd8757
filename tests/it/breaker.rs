//! A faulty campaign: held, looked at, released over HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use consentgate::app::api::OpenApi;
use consentgate::telemetry::HoldCause;

use crate::support::gate::{await_ready, await_that, config, start};
use crate::support::home::Home;
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};

const LONG: Duration = Duration::from_secs(60);
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(address).expect("connected");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\
         Authorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).expect("JSON")
}

on_every_kafka![a_campaign_of_an_unknown_business_is_held_and_goes_when_it_is_known,];

pub fn a_campaign_of_an_unknown_business_is_held_and_goes_when_it_is_known() {
    let home = Home::new();
    let stage = Stage::new(home.kafka(), "breaker", 1);
    let folder = tempfile::tempdir().expect("a folder");
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, TOKEN).expect("written");
    let path = token_file.display();
    let toml = stage.toml(&format!(
        "[breaker]\nshare_percent = 50\nleast_messages = 20\n\
         [api]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"{path}\"\n"
    ));
    let gate = start(stage.prepare(&toml)).expect("the gate starts");
    await_ready(&gate);
    let api = config(&toml, "gate-0").api.expect("an API");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let open = runtime.block_on(OpenApi::open(&api)).expect("it listens");
    let address = open.address().expect("an address");
    let server = runtime.spawn(open.serve(gate.doors.clone()));

    // Somebody forgot to let the consent in before the campaign.
    stage.offers(&[1; 60], 0);
    await_that("the lane is held", || gate.health.causes().contains(&HoldCause::BatchFaulty));
    let decided = stage.ledger().decided();
    assert!(decided < 20, "{decided} are gone");
    let shown = ask(address, "GET", "/v1/lanes", "");
    assert_eq!(shown["tripped"][0]["lane"], 0);
    assert!(shown["tripped"][0]["reasons"]["business_unknown"].as_u64() > Some(0), "{shown}");

    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    assert_eq!(stage.ledger().decided(), decided, "nobody has released it");
    let release = r#"{"lane": 0, "how": "again", "operator": "ann", "reason": "consent is in"}"#;
    ask(address, "POST", "/v1/lanes/release", release);
    stage.await_drained(LONG);
    await_ready(&gate);
    server.abort();
    gate.join(LONG).expect("an orderly end");
    let (ledger, receipts) = (stage.ledger(), Receipts::read(&stage.kafka, &stage.topics));
    ledger.assert_clean();
    receipts.assert_tell(&ledger);
    assert_eq!(ledger.allowed(), 60 - decided);
    assert!(receipts.hold_causes().contains("batch_faulty"));
}
