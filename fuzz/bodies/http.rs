//! What comes in over HTTP: requests to the admin page, and questions to a gate.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use consentgate::consent::RouteName;
use consentgate::policy::Policy;
use consentgate::telemetry::Health;
use consentgate::telemetry::admin::{AdminState, router};
use consentgate::wire::api::{Check, Encoding, Recheck};
use consentgate::wire::formats::{Format, Texts};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::runtime::Runtime;

use super::messages::is_kept_back;

const PAGES: [&str; 4] = ["/metrics", "/live", "/ready", "/status"];

/// A request to the admin page: a line with method and target, lines with headers, and a body behind an
/// empty line. There are four pages to be read, and nothing that a request could break or change.
pub(super) fn admin_http(bytes: &[u8]) {
    let Some(request) = request(bytes) else {
        return;
    };
    let (reads, path) = (request.method() == Method::GET, request.uri().path().to_owned());
    let reads = reads || request.method() == Method::HEAD;
    let (runtime, pages) = pages();
    let answer = runtime.block_on(pages.call(request)).expect("a router answers always");
    match answer.status() {
        StatusCode::OK => assert!(reads && PAGES.contains(&path.as_str())),
        // No lane has begun, so none is ready.
        StatusCode::SERVICE_UNAVAILABLE => assert!(reads && path == "/ready"),
        StatusCode::NOT_FOUND => assert!(path == "/ready" || !PAGES.contains(&path.as_str())),
        StatusCode::METHOD_NOT_ALLOWED => assert!(!reads),
        other => panic!("{other}"),
    }
}

fn pages() -> &'static (Runtime, TowerToHyperService<axum::Router>) {
    static PAGES: OnceLock<(Runtime, TowerToHyperService<axum::Router>)> = OnceLock::new();
    PAGES.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let health = Arc::new(Health::new([(RouteName::MAIN, 1)]));
        let about = Arc::new(serde_json::json!({"instance": "gate-0"}));
        (runtime, TowerToHyperService::new(router(AdminState { health, about })))
    })
}

/// The request that the bytes say, if they say one.
fn request(bytes: &[u8]) -> Option<Request<Body>> {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let mut words = lines.next()?.splitn(2, |byte| *byte == b' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    let mut rest = lines.next().unwrap_or_default();
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        rest = behind.get(1..).unwrap_or_default();
        match line.iter().position(|byte| *byte == b':') {
            Some(colon) => request = request.header(line.get(..colon)?, line.get(colon + 1..)?),
            None => return request.body(Body::from(rest.to_vec())).ok(),
        }
    }
}

/// A question of either kind in either encoding: what was read is as many messages as it says, of which
/// none is let out where nobody agreed to anything.
pub(super) fn question(bytes: &[u8]) {
    let (policy, texts) = (Policy::standard(), Texts::default());
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        if let Ok(question) = Recheck::read(encoding, bytes) {
            let messages = question.messages(&Format::PROTOBUF, &policy, &texts);
            assert_eq!(messages.len(), question.len());
            assert!(messages.iter().flatten().all(|message| message.sent_at.is_some()));
            assert!(messages.iter().flatten().all(is_kept_back));
        }
        if let Ok(question) = Check::read(encoding, bytes) {
            let messages = question.messages(1_790_000_000_000);
            assert_eq!(messages.len(), question.len());
            assert!(messages.iter().flatten().all(|message| !message.business.is_empty()));
            assert!(messages.iter().flatten().all(is_kept_back));
        }
    }
}
