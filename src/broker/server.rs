//! The listening sockets and one thread for each connection.
//!
//! Knows frames and faults, not what a request means. Kafka answers one
//! connection in order, so a thread that waits in a request is right. Only
//! 127.0.0.1 is ever listened on.

use std::io::{self, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::config::{BrokerConfig, NodeId};
use super::dispatch::{self, Call};
use super::faults::Fault;
use super::frame;
use super::shared::Shared;
use super::state::Life;

const NODES_MAX: u16 = 9;
/// How often time-outs are looked at.
const TICK: Duration = Duration::from_millis(50);
/// Bytes of a connection's read buffer; larger frames go past it.
const READ_BUFFER_BYTES: usize = 32 * 1024;

/// Opens the sockets of all nodes, or refuses the settings.
pub(super) fn listen(config: &BrokerConfig) -> io::Result<Vec<TcpListener>> {
    let refuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if config.listen != IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return refuse("the embedded broker listens on 127.0.0.1 only");
    }
    if config.nodes == 0 || config.nodes > NODES_MAX {
        return refuse("an embedded broker has 1 to 9 nodes");
    }
    (0..config.nodes)
        .map(|node| {
            let port = match config.first_port {
                0 => 0,
                first => first.saturating_add(node),
            };
            TcpListener::bind(SocketAddr::new(config.listen, port))
        })
        .collect()
}

/// Accepts the connections of one node until the broker stops, then waits for
/// their threads.
pub(super) fn accept(shared: &Arc<Shared>, node: NodeId, listener: &TcpListener) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        {
            let state = shared.state();
            if state.life == Life::Stopped {
                break;
            }
            if !state.cluster.is_up(node) {
                // Dropping the stream is how a node that is down answers.
                continue;
            }
        }
        threads.retain(|thread| !thread.is_finished());
        // A connection that fails is news for its client, which sees it close.
        threads.extend(stream.and_then(|stream| open(shared, node, stream)));
    }
    for thread in threads {
        // A connection that panicked has nothing left to hand back.
        let _ = thread.join();
    }
}

fn open(shared: &Arc<Shared>, node: NodeId, stream: TcpStream) -> io::Result<JoinHandle<()>> {
    stream.set_nodelay(true)?;
    let stream = Arc::new(stream);
    shared.add_connection(node, &stream);
    let own = Arc::clone(shared);
    let kept = Arc::clone(&stream);
    let thread = thread::Builder::new().name(format!("broker-{}", node.0)).spawn(move || {
        // Whatever ended it, the client sees the connection close.
        let _ = serve(&own, node, &stream);
        own.remove_connection(&stream);
        // A handle in the list could keep the socket open.
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    if thread.is_err() {
        shared.remove_connection(&kept);
    }
    thread
}

/// Answers requests until the client or a fault closes the connection.
fn serve(shared: &Shared, node: NodeId, stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, stream);
    let mut writer = stream;
    // The node may have stopped between the accept and the entry in the list
    // of connections that are cut.
    if !shared.state().answers(node) {
        return Ok(());
    }
    while let Some(request) = frame::read_request(&mut reader)? {
        let fault = shared.faults.strike(request.api as i16);
        match &fault {
            Some(Fault::LoseRequest) => return Ok(()),
            Some(Fault::Delay(time)) => shared.sleep(*time),
            Some(Fault::Error(_) | Fault::LoseAnswer) | None => {}
        }
        if !shared.state().answers(node) {
            return Ok(());
        }
        let client = request.client.clone();
        let call = Call {
            shared,
            node,
            version: request.version,
            client: &client,
            fault: match fault {
                Some(Fault::Error(error)) => Some(error),
                _ => None,
            },
        };
        let answer = dispatch::handle(&call, request)?;
        if matches!(fault, Some(Fault::LoseAnswer)) || !shared.state().answers(node) {
            return Ok(());
        }
        if let Some(answer) = answer {
            answer.write(&mut writer)?;
        }
    }
    Ok(())
}

/// Ends sessions, rebalances and transactions whose time is over.
pub(super) fn tick(shared: &Shared) {
    loop {
        thread::sleep(TICK);
        let now_ms = shared.now_ms();
        let mut state = shared.state();
        if state.life == Life::Stopped {
            return;
        }
        let changed = state.expire(Instant::now(), now_ms);
        drop(state);
        if changed {
            shared.announce();
        }
    }
}
