//! HTTP on a port, where no wait is without an end.
//!
//! Knows no page: it takes a router. Who sends a request's head too slowly, or nothing for as long, loses
//! the connection; who is slow with the rest gets 408. So many connections at once, and no more are taken:
//! a process that runs out of sockets would lose Kafka too.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// After a fault of the machine, such as too many open files, the next connection is taken so much later.
const AFTER_A_FAULT: Duration = Duration::from_secs(1);

/// How long a client may take, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// From a connection's start, or its last answer, to the end of the next request's head.
    pub head: Duration,
    /// From the head's end to the answer's beginning: the body and the work.
    pub request: Duration,
    /// Connections at once.
    pub connections: usize,
}

impl HttpLimits {
    /// For a page that answers at once and that few look at.
    pub const PAGE: Self =
        Self { head: Duration::from_secs(30), request: Duration::from_secs(30), connections: 64 };

    /// For questions and forms, whose answers wait for Kafka.
    pub const SERVICE: Self = Self {
        head: Duration::from_secs(30),
        request: Duration::from_secs(60),
        connections: 1_024,
    };
}

/// Serves until `shutdown` ends, then finishes what is being answered.
///
/// # Errors
/// None today; a listener that fails is asked again.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    limits: HttpLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let within = move |request, next| within(limits.request, request, next);
    let service = TowerToHyperService::new(router.layer(from_fn(within)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let (open, turns) = (GracefulShutdown::new(), Arc::new(Semaphore::new(limits.connections)));
    let mut shutdown = pin!(shutdown);
    loop {
        let connection = tokio::select! {
            connection = accept(&listener, &turns) => connection,
            () = &mut shutdown => break,
        };
        let Some((stream, turn)) = connection else {
            continue;
        };
        let served = open.watch(http.serve_connection(TokioIo::new(stream), service.clone()));
        tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, "http.connection_ended");
            }
            drop(turn);
        });
    }
    drop(listener);
    // Whoever is idle is told to go; whoever is being answered gets the answer.
    let _ = tokio::time::timeout(limits.request, open.shutdown()).await;
    Ok(())
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    turns: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let turn = turns.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, turn)),
        Err(error) => {
            let is_the_clients = matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset
            );
            if !is_the_clients {
                tracing::warn!(%error, "http.accept");
                tokio::time::sleep(AFTER_A_FAULT).await;
            }
            None
        }
    }
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(limit, next.run(request)).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::time::Instant;

    use axum::routing::{get, post};
    use tokio::sync::oneshot;

    use super::*;

    const LIMITS: HttpLimits = HttpLimits {
        head: Duration::from_millis(500),
        request: Duration::from_millis(700),
        connections: 2,
    };
    /// Longer than any limit, shorter than a test that hangs.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// A server for the time of a test, and whether it ended when told to.
    fn with_server(test: impl FnOnce(SocketAddr)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/", get(async || "here\n"))
            .route("/echo", post(async |body: String| body))
            .route("/never", get(async || std::future::pending::<()>().await));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = runtime.spawn(serve_http(listener, router, LIMITS, async {
            let _ = stopped.await;
        }));
        test(address);
        let _ = stop.send(());
        let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, server).await });
        ended.expect("it ends when it is told to").expect("no panic").expect("served");
    }

    fn connect(address: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream
    }

    /// What comes until the other side closes. A client that is never let go fails here.
    fn rest(stream: &mut TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("closed in time");
        answer
    }

    #[test]
    fn a_client_that_sends_one_byte_and_stops_is_closed() {
        with_server(|address| {
            let (mut stream, began) = (connect(address), Instant::now());
            stream.write_all(b"G").expect("sent");
            rest(&mut stream);
            assert!(began.elapsed() >= LIMITS.head, "it has its time");
        });
    }

    #[test]
    fn a_client_that_sends_nothing_or_nothing_more_is_closed() {
        with_server(|address| {
            rest(&mut connect(address));
            let mut stream = connect(address);
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
            assert!(rest(&mut stream).ends_with("here\n"), "answered, and then idle");
        });
    }

    #[test]
    fn a_body_that_does_not_come_is_answered_with_408_and_closed() {
        with_server(|address| {
            let mut stream = connect(address);
            let head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx";
            stream.write_all(head).expect("sent");
            assert!(rest(&mut stream).starts_with("HTTP/1.1 408"));
        });
    }

    #[test]
    fn work_that_does_not_end_is_answered_with_408() {
        with_server(|address| {
            let mut stream = connect(address);
            stream
                .write_all(b"GET /never HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .expect("sent");
            assert!(rest(&mut stream).starts_with("HTTP/1.1 408"));
        });
    }

    #[test]
    fn who_waits_for_a_place_gets_it_when_a_slow_one_has_lost_its_own() {
        with_server(|address| {
            let slow = [connect(address), connect(address)];
            let mut stream = connect(address);
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .expect("sent");
            let began = Instant::now();
            assert!(rest(&mut stream).ends_with("here\n"));
            assert!(began.elapsed() >= LIMITS.head / 2, "both places were taken");
            drop(slow);
        });
    }
}
