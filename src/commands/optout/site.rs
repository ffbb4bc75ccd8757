//! What happens when somebody follows a link, and when they press a button.
//!
//! GET reads the token and shows the page; it never touches Kafka. POST writes the withdrawal and thanks
//! only when all replicas have it. Nothing that is logged names a person or a token.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::desk::{Desk, Written};
use super::page::{Page, Shown, content_security_policy};
use super::rate::Rate;
use super::texts::{Texts, texts_for};
use crate::commands::exit::Failure;
use crate::config::{Config, OptoutConfig};
use crate::consent::{Seconds, Topic};
use crate::stream::wall_ms;
use crate::telemetry::{HttpLimits, serve_http};
use crate::wire::consent::produce;
use crate::wire::formats::EventFormats;
use crate::wire::optout::{Choice, LinkKeys, OptOutLink, withdrawal};

/// A form of two buttons needs no more, in bytes.
const BODY_MAX: usize = 1_024;
/// How long a form may take to arrive.
const BODY_LIMIT: Duration = Duration::from_secs(10);
/// How long an acknowledgement is waited for.
const WRITE_LIMIT: Duration = Duration::from_secs(35);

/// The page behind opt-out links.
#[derive(Clone, Debug)]
pub struct Site(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    config: OptoutConfig,
    formats: EventFormats,
    keys: LinkKeys,
    desk: Desk,
    rate: Rate,
}

impl Site {
    /// A page with its keys and its writer.
    ///
    /// # Errors
    /// A key that cannot be used, or a client that could not be made.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        let desk = Desk::open(config).map_err(|fault| Failure::unavailable(&fault))?;
        let rate = Rate::per_second(config.optout.posts_per_second, Instant::now());
        let (optout, formats) = (config.optout.clone(), config.consent.clone());
        let keys = super::keys(config)?;
        Ok(Self(Arc::new(Parts { config: optout, formats, keys, desk, rate })))
    }

    /// Serves until `shutdown` ends.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let router = Router::new()
            .route("/o/{token}", get(show).post(leave))
            .route("/live", get(async || "live\n"))
            .layer(axum::middleware::map_response(strict))
            .with_state(self);
        serve_http(listener, router, HttpLimits::SERVICE, shutdown).await
    }

    /// Where to listen.
    pub(super) fn address(&self) -> SocketAddr {
        self.0.config.listen
    }

    fn page<'s>(&'s self, texts: &'static Texts, link: &'s OptOutLink) -> Page<'s> {
        let now = Seconds::nearest_to_millis(wall_ms());
        Page::of(&self.0.config, texts, link, now)
    }
}

/// Shows what the link offers. Changes nothing.
async fn show(State(site): State<Site>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let texts = texts_of(&headers);
    match site.0.keys.open(&token) {
        Ok(link) => answer(StatusCode::OK, texts, site.page(texts, &link).html(Shown::Question)),
        Err(_) => answer(StatusCode::NOT_FOUND, texts, Page::unreadable(texts)),
    }
}

/// Writes the withdrawal, and says what became of it.
async fn leave(
    State(site): State<Site>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let texts = texts_of(&headers);
    let Ok(link) = site.0.keys.open(&token) else {
        return answer(StatusCode::NOT_FOUND, texts, Page::unreadable(texts));
    };
    let page = site.page(texts, &link);
    if !site.0.rate.allows(Instant::now()) {
        tracing::warn!("optout.too_many");
        return again(StatusCode::TOO_MANY_REQUESTS, texts, &page);
    }
    let body = match tokio::time::timeout(BODY_LIMIT, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return again(StatusCode::PAYLOAD_TOO_LARGE, texts, &page),
        Err(_) => return again(StatusCode::REQUEST_TIMEOUT, texts, &page),
    };
    let choice = choice(&body, &link);
    match site.write(&link, &token, choice).await {
        Written::Acknowledged => {
            tracing::info!(choice = ?choice, "optout.left");
            answer(StatusCode::OK, texts, page.html(Shown::Thanks(choice)))
        }
        Written::Unknown => again(StatusCode::SERVICE_UNAVAILABLE, texts, &page),
        Written::Busy => again(StatusCode::TOO_MANY_REQUESTS, texts, &page),
    }
}

impl Site {
    async fn write(&self, link: &OptOutLink, token: &str, choice: Choice) -> Written {
        let Ok(record) = produce(withdrawal(link, token, choice, wall_ms())) else {
            return Written::Unknown;
        };
        let record = self.0.formats.of(Topic::ConsentEvents).write(record);
        let written = tokio::time::timeout(WRITE_LIMIT, self.0.desk.write(record)).await;
        written.unwrap_or(Written::Unknown)
    }
}

/// What the form says. Whoever posts wants to leave: only a clear wish for less is less than everything.
fn choice(body: &[u8], link: &OptOutLink) -> Choice {
    match body {
        b"choice=these" if !link.scopes.is_empty() => Choice::These,
        _ => Choice::Everything,
    }
}

fn texts_of(headers: &HeaderMap) -> &'static Texts {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    texts_for(accepted.unwrap_or_default())
}

/// Nothing is stopped yet, and the form stands there again.
fn again(status: StatusCode, texts: &'static Texts, page: &Page<'_>) -> Response {
    let mut response = answer(status, texts, page.html(Shown::NotYet));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn answer(status: StatusCode, texts: &'static Texts, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, texts.tag),
        (header::VARY, "Accept-Language"),
    ];
    (status, headers, html).into_response()
}

/// Nothing is kept, framed, indexed, sniffed or told to other sites, and nothing runs.
async fn strict(mut response: Response) -> Response {
    let strict = [
        (header::CONTENT_SECURITY_POLICY, content_security_policy()),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in strict {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
