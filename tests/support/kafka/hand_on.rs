//! Hands on what comes to a listener, byte by byte and unread, for as long as the process lives.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Starts to.
pub fn hand_on(listener: TcpListener, upstream: SocketAddr) {
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A broker that does not answer is one that hangs up.
            if let Ok(broker) = TcpStream::connect(upstream) {
                one_way(&client, &broker);
                one_way(&broker, &client);
            }
        }
    });
}

fn one_way(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) =
        (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
    thread::spawn(move || {
        io::copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Write).ok();
    });
}
