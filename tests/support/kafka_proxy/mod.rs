//! A fault proxy that understands Kafka's framing: it stands before one broker.
//!
//! The broker's second listener advertises the proxy's port, so no byte is rewritten. Faults are asked
//! for by request kind: hold the next one, double it, delay, drop the connection, drop the answer. As on a real
//! connection, a request that is held or delayed holds up all that the client sent behind it.
//! Dropping the proxy closes its port and all connections.

mod held;
mod link;
mod rules;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::link::Link;
use self::rules::{Fault, Rules, Times};
use super::raw::Api;

pub use self::held::Held;

/// The proxy of one broker.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    rules: Rules,
    links: Mutex<Vec<Arc<Link>>>,
    cut: AtomicBool,
    over: AtomicBool,
}

impl Proxy {
    /// Forwards what connects to `listener` to the broker.
    pub fn start(listener: TcpListener, upstream: SocketAddr) -> io::Result<Proxy> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream,
            rules: Rules::default(),
            links: Mutex::default(),
            cut: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let for_thread = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accept(&listener, &for_thread));
        Ok(Proxy { shared, address, acceptor: Some(acceptor) })
    }

    /// `host:port` for clients.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Keeps the next request of this kind from the broker, until the handle lets it go.
    pub fn hold_next(&self, api: Api) -> Held {
        let held = Held::new();
        self.shared.rules.add(api, Times::Once, Fault::Hold(held.inner()));
        held
    }

    /// From now on each request of this kind waits this long, and all behind it.
    pub fn delay(&self, api: Api, by: Duration) {
        self.shared.rules.add(api, Times::Always, Fault::Delay(by));
    }

    /// The next request of this kind reaches the broker twice; its second answer is lost.
    pub fn double_next(&self, api: Api) {
        self.shared.rules.add(api, Times::Once, Fault::Double);
    }

    /// The next request of this kind is lost, and its connection breaks.
    pub fn drop_connection_next(&self, api: Api) {
        self.shared.rules.add(api, Times::Once, Fault::DropConnection);
    }

    /// The next request of this kind reaches the broker, its answer is lost.
    pub fn drop_response_next(&self, api: Api) {
        self.shared.rules.add(api, Times::Once, Fault::DropResponse);
    }

    /// Forgets all faults that have not struck yet, and all delays.
    pub fn clear(&self) {
        self.shared.rules.clear();
    }

    /// Breaks all connections, once.
    pub fn reset(&self) {
        self.shared.close_links();
    }

    /// Breaks all connections and takes no new ones.
    pub fn cut(&self) {
        self.shared.cut.store(true, Ordering::SeqCst);
        self.shared.close_links();
    }

    /// Takes connections again.
    pub fn heal(&self) {
        self.shared.cut.store(false, Ordering::SeqCst);
    }

    /// How many requests of this kind clients have sent, whatever became of them.
    pub fn requests(&self, api: Api) -> u64 {
        self.shared.rules.requests(api)
    }
}

impl Shared {
    fn links(&self) -> MutexGuard<'_, Vec<Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close_links(&self) {
        for link in self.links().drain(..) {
            link.close();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok(); // wakes the acceptor
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().ok();
        }
        self.shared.close_links();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { continue };
        if shared.cut.load(Ordering::SeqCst) {
            continue;
        }
        // Without a broker the client's connection closes, as if nobody listened.
        if let Ok(upstream) = TcpStream::connect(shared.upstream)
            && let Ok(link) = Link::start(client, upstream, Arc::clone(shared))
        {
            let mut links = shared.links();
            links.retain(|link| link.is_open());
            links.push(link);
        }
    }
}
