//! Who may ask, what is no question, and that a gate that holds says so.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::doors::{Door, Doors};
use super::server::{ApiState, serve_api};
use super::token::ApiToken;
use crate::config::ApiConfig;
use crate::consent::{Offset, Partition, RouteName, Topic};
use crate::index::{ConsentIndex, Fence, IndexKeys};
use crate::policy::Policy;
use crate::stream::{Answers, Clock, FenceBoard, Holder, SharedIndex, SystemClock};
use crate::telemetry::HoldCause;
use crate::wire::formats::Format;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

struct Stage {
    board: Arc<FenceBoard>,
    address: SocketAddr,
}

/// A server whose fence follows an index that has everything: nobody ever agreed to anything.
fn with_server(test: impl FnOnce(&Stage)) {
    let keys = IndexKeys { mixing: 7, user_ids: [1; 16], tombstones: [2; 16] };
    let index = Arc::new(SharedIndex::new(ConsentIndex::new(keys)));
    index.write(|index| index.advance(Topic::ConsentEvents, Partition(0), Offset(0))).unwrap();
    let (board, clock) = (Arc::new(FenceBoard::new("home")), Arc::new(SystemClock::start()));
    let stop = Arc::new(AtomicBool::new(false));
    let fence = {
        let (board, clock, index, stop) =
            (board.clone(), clock.clone(), index.clone(), stop.clone());
        let publish = move |board: &FenceBoard| {
            let asked_at = clock.tick();
            let ends = index.read().unwrap().positions().clone();
            board.publish(Fence { asked_at, ends }, 0);
        };
        // Before the first fence a gate holds, and says so.
        publish(&board);
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                publish(&board);
                board.wait_until_wanted(Duration::from_millis(5));
            }
        })
    };
    let rules = (Arc::new(Policy::standard()), Arc::new(Format::PROTOBUF));
    let limit = Duration::from_secs(5);
    let answers = Arc::new(Answers::new(index, board.clone(), clock, rules, limit));
    let config = ApiConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        token_file: "token".into(),
        max_items: 2,
        max_body: 1_024,
        max_waiting: 4,
    };
    let token = ApiToken::parse(&TOKEN.into()).unwrap();
    let doors = Doors::from([(RouteName::MAIN, Door { answers, breakers: Arc::default() })]);
    let state = ApiState::new(Arc::new(doors), token, &config);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind(config.listen)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = runtime.spawn(serve_api(listener, state, std::future::pending()));
    test(&Stage { board, address });
    server.abort();
    stop.store(true, Ordering::Relaxed);
    fence.join().unwrap();
}

impl Stage {
    /// Status, head and body of the answer.
    fn post(&self, path: &str, headers: &str, body: &[u8]) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses before it has read the body may close early.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head[9..12].parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    fn ask(&self, path: &str, body: &str) -> (u16, String) {
        let headers =
            format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
        let (status, _, body) = self.post(path, &headers, body.as_bytes());
        (status, body)
    }
}

const TWO: &str = r#"{"business_id": "cafe", "scope": "offers",
    "recipients": ["+12025550123", "+12025550124"]}"#;

#[test]
fn without_the_token_nobody_is_answered() {
    with_server(|stage| {
        let kind = "Content-Type: application/json\r\n";
        for shown in [
            "",
            "Authorization: Bearer 0123456789abcdef0123456789abcdeF\r\n",
            "Authorization: Basic 0123456789abcdef0123456789abcdef\r\n",
            "Authorization: Bearer\r\n",
        ] {
            let headers = format!("{shown}{kind}");
            let (status, head, body) = stage.post("/v1/check", &headers, TWO.as_bytes());
            assert_eq!(status, 401, "{shown}");
            assert!(head.contains("www-authenticate: bearer"), "{head}");
            assert!(head.contains("application/problem+json"), "{head}");
            assert!(!body.contains("555"), "{body}");
        }
        assert_eq!(stage.ask("/v1/check", TWO).0, 200);
    });
}

#[test]
fn a_check_is_answered_with_counts() {
    with_server(|stage| {
        let (status, body) = stage.ask("/v1/check", TWO);
        assert_eq!(status, 200, "{body}");
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&answer["asked"], &answer["reachable"]), (&2.into(), &0.into()));
        assert_eq!(answer["unreachable"]["business_unknown"], 2);
        assert!(!body.contains("555"), "{body}");
    });
}

#[test]
fn a_recheck_is_answered_in_the_order_of_the_items() {
    with_server(|stage| {
        let body = r#"{"items": [{"record": "x", "timestamp_ms": 1}, {"timestamp_ms": 1,
            "message": {"business_id": "cafe", "to": "+12025550123"}}]}"#;
        let (status, body) = stage.ask("/v1/recheck", body);
        assert_eq!(status, 200, "{body}");
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["verdicts"][0]["reason"], "malformed");
        assert_eq!(answer["verdicts"][1]["reason"], "business_unknown");
        assert!(answer["decided_at_ms"].as_i64().is_some_and(|at_ms| at_ms > 0));
    });
}

#[test]
fn what_is_no_question_is_refused_with_a_problem() {
    with_server(|stage| {
        assert_eq!(stage.ask("/v1/check", "{").0, 400);
        let three = r#"{"business_id": "cafe", "recipients": ["a", "b", "c"]}"#;
        let (status, body) = stage.ask("/v1/check", three);
        assert!(status == 413 && body.contains("at most 2"), "{status} {body}");
        let long = format!("{{\"business_id\": \"{}\"}}", "x".repeat(2_000));
        let (status, body) = stage.ask("/v1/check", &long);
        assert!(status == 413 && body.contains("api.max_body"), "{status} {body}");
        assert_eq!(stage.ask("/v1/other", TWO).0, 404);
        let token = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: text/csv\r\n");
        assert_eq!(stage.post("/v1/check", &token, b"").0, 415);
    });
}

#[test]
fn a_question_may_name_its_route_and_no_other_than_there_is() {
    with_server(|stage| {
        assert_eq!(stage.ask("/v1/check?route=main", TWO).0, 200);
        let (status, body) = stage.ask("/v1/check?route=codes", TWO);
        assert!(status == 404 && body.contains("there are: main"), "{status} {body}");
        assert_eq!(stage.ask("/v1/check?lane=1", TWO).0, 400);
        let release =
            r#"{"route": "codes", "lane": 0, "how": "again", "operator": "a", "reason": "b"}"#;
        assert_eq!(stage.ask("/v1/lanes/release", release).0, 404);
    });
}

#[test]
fn a_gate_that_holds_answers_503_with_the_cause() {
    with_server(|stage| {
        stage.board.hold(Holder::Consent, HoldCause::ClockSkew);
        for (path, body) in [("/v1/check", TWO), ("/v1/recheck", "{\"items\": []}")] {
            let (status, body) = stage.ask(path, body);
            assert_eq!(status, 503, "{body}");
            let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(problem["cause"], "clock_skew");
            assert_eq!(problem["status"], 503);
        }
        stage.board.release(Holder::Consent);
        assert_eq!(stage.ask("/v1/check", TWO).0, 200);
    });
}

#[test]
fn a_token_is_long_and_there_are_one_or_two() {
    let parse = |text: &str| ApiToken::parse(&text.into()).is_some();
    assert!(parse(TOKEN) && parse(&format!("{TOKEN}\n{TOKEN}x\n")));
    for bad in ["", "short", &format!("{TOKEN}\n{TOKEN}\n{TOKEN}"), &"ü".repeat(40)] {
        assert!(!parse(bad), "{bad}");
    }
}

#[test]
fn a_release_says_who_and_why_and_which_lane_is_tripped() {
    with_server(|stage| {
        let release = |how: &str| {
            let body =
                format!("{{\"lane\": 0, {how}, \"operator\": \"ann\", \"reason\": \"mended\"}}");
            stage.ask("/v1/lanes/release", &body)
        };
        assert_eq!(release("\"how\": \"again\"").0, 409, "nothing is tripped");
        for bad in [
            "\"how\": \"pass\"",
            "\"how\": \"suppress\"",
            "\"how\": \"suppress\", \"messages\": 0",
            "\"how\": \"again\", \"messages\": 5",
        ] {
            assert_eq!(release(bad).0, 400, "{bad}");
        }
        let nobody = r#"{"lane": 0, "how": "again", "operator": " ", "reason": "mended"}"#;
        assert_eq!(stage.ask("/v1/lanes/release", nobody).0, 400);
        let (status, _, _) = stage.post("/v1/lanes/release", "", nobody.as_bytes());
        assert_eq!(status, 401);
    });
}
