//! `POST /v1/recheck` from outside: rate and latency, the fence and HTTP among it.
//!
//! `cargo bench --bench recheck` asks a whole gate on the embedded broker, over kept connections;
//! `CONSENTGATE_BENCH_KAFKA=host:port` has the fence ask a real Kafka. Each connection asks again as
//! soon as it has its answer. `CONSENTGATE_BENCH_SECONDS` says how long each row takes (5).
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on must stop, and uses its own part of the tests' support"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use consentgate::app::api::OpenApi;
use consentgate::broker::{Broker, BrokerConfig};
use consentgate::wire::proto::api::{
    Outcome, RecheckItem, RecheckRequest, RecheckResponse, recheck_item::Body,
};
use prost::Message as _;
use support::gate::{await_ready, config};
use support::stage::Stage;
use support::world::{grant, now_ms, offer};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PEOPLE: u32 = 10_000;
/// Connections and messages a question.
const ROWS: [(usize, u32); 5] = [(1, 1), (8, 1), (32, 1), (8, 100), (2, 1_000)];

fn main() {
    let lent = std::env::var("CONSENTGATE_BENCH_KAFKA").ok();
    let broker = lent.is_none().then(|| Broker::start(BrokerConfig::default()).expect("a broker"));
    let kafka = broker.as_ref().map_or_else(|| lent.unwrap_or_default(), Broker::bootstrap);
    let stage = Stage::new(&kafka, "recheck", 4);
    let past = now_ms() - 60_000;
    let grants: Vec<_> = (0..PEOPLE).map(|p| grant("cafe", p, &["offers"], past)).collect();
    stage.consent(&grants);
    let gate = stage.gate();
    await_ready(&gate);

    let folder = tempfile::tempdir().expect("a folder");
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, TOKEN).expect("written");
    let path = token_file.display();
    let toml = stage.toml(&format!("[api]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"{path}\"\n"));
    let api = config(&toml, "gate-0").api.expect("an API");
    // As `run` does it.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let open = runtime.block_on(OpenApi::open(&api)).expect("it listens");
    let address = open.address().expect("an address");
    let server = runtime.spawn(open.serve(gate.doors.clone()));

    let seconds =
        std::env::var("CONSENTGATE_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let span = Duration::from_secs(seconds.unwrap_or(5));
    println!("connections  messages a question  questions/s  messages/s  p50 ms  p99 ms  max ms");
    for (connections, messages) in ROWS {
        let began = Instant::now();
        let times = std::thread::scope(|scope| {
            let askers: Vec<_> = (0..connections)
                .map(|_| scope.spawn(move || ask_for(address, messages, span)))
                .collect();
            let times = askers.into_iter().flat_map(|asker| asker.join().expect("asked"));
            times.collect::<Vec<Duration>>()
        });
        report(connections, messages, times, began.elapsed());
    }
    server.abort();
    gate.join(Duration::from_secs(20)).expect("an orderly end");
}

fn report(connections: usize, messages: u32, mut times: Vec<Duration>, took: Duration) {
    times.sort_unstable();
    let at = |share: f64| {
        let nth = ((times.len() as f64 - 1.0) * share).round() as usize;
        times[nth].as_secs_f64() * 1_000.0
    };
    let rate = times.len() as f64 / took.as_secs_f64();
    println!(
        "{connections:>11}  {messages:>19}  {rate:>11.0}  {:>10.0}  {:>6.2}  {:>6.2}  {:>6.2}",
        rate * f64::from(messages),
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

/// Asks over one connection for so long; how long each answer took.
fn ask_for(address: SocketAddr, messages: u32, span: Duration) -> Vec<Duration> {
    let question = question(messages);
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_nodelay(true).expect("no delay");
    let mut reader = BufReader::new(stream.try_clone().expect("a reader"));
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < span {
        let asked = Instant::now();
        stream.write_all(&question).expect("asked");
        let answer = answer(&mut reader);
        times.push(asked.elapsed());
        let response = RecheckResponse::decode(&*answer).expect("an answer");
        assert_eq!(response.verdicts.len(), messages as usize);
        assert!(response.verdicts.iter().all(|verdict| verdict.outcome() == Outcome::Allowed));
    }
    times
}

fn question(messages: u32) -> Vec<u8> {
    let item = |number: u32| RecheckItem {
        body: Some(Body::Record(offer("cafe", number * 7_919 % PEOPLE, u64::from(number)))),
        headers: Vec::new(),
        timestamp_ms: Some(now_ms()),
    };
    let body = RecheckRequest { items: (0..messages).map(item).collect() }.encode_to_vec();
    let length = body.len();
    let head = format!(
        "POST /v1/recheck HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/x-protobuf\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), body].concat()
}

fn answer(reader: &mut BufReader<TcpStream>) -> Vec<u8> {
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).expect("a status");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    body
}
