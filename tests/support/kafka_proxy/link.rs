//! One connection of a client through the proxy to the broker: two threads, one queue.
//!
//! Requests go through the queue in order, so a held one holds what follows. When the client leaves
//! while a request is held, the broker's side stays open until that request is answered.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::super::raw::{Api, read_frame, write_frame};
use super::Shared;
use super::held::HeldRequest;
use super::rules::Fault;

#[derive(Debug)]
pub(super) struct Link {
    client: TcpStream,
    upstream: TcpStream,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Request>,
    unanswered: HashMap<i32, Fate>,
    /// Held requests that are not yet answered.
    holds: usize,
    client_gone: bool,
    closed: bool,
}

#[derive(Debug)]
struct Request {
    frame: Vec<u8>,
    correlation_id: i32,
    fate: Fate,
}

/// What becomes of the answer.
#[derive(Debug)]
enum Fate {
    Deliver,
    Lose,
    /// Of the first of two; that of the second is lost.
    Twice,
    Held(Arc<HeldRequest>),
}

impl Link {
    pub(super) fn start(
        client: TcpStream,
        upstream: TcpStream,
        shared: Arc<Shared>,
    ) -> io::Result<Arc<Link>> {
        client.set_nodelay(true)?;
        upstream.set_nodelay(true)?;
        let link = Arc::new(Link { client, upstream, state: Mutex::default() });
        let requests = Arc::clone(&link);
        thread::spawn(move || requests.forward_requests(&shared));
        let answers = Arc::clone(&link);
        thread::spawn(move || answers.forward_answers());
        Ok(link)
    }

    pub(super) fn is_open(&self) -> bool {
        !self.state().closed
    }

    pub(super) fn close(&self) {
        self.state().closed = true;
        self.client.shutdown(Shutdown::Both).ok();
        self.upstream.shutdown(Shutdown::Both).ok();
    }

    pub(super) fn close_client(&self) {
        self.client.shutdown(Shutdown::Both).ok();
    }

    /// Sends what no held request stands before.
    pub(super) fn flush(&self) {
        let mut state = self.state();
        while let Some(next) = state.queue.pop_front() {
            if let Fate::Held(held) = &next.fate
                && !held.may_pass()
            {
                state.queue.push_front(next);
                return;
            }
            let twin = matches!(next.fate, Fate::Twice).then(|| twin_of(&next));
            for Request { frame, correlation_id, fate } in std::iter::once(next).chain(twin) {
                state.unanswered.insert(correlation_id, fate);
                if write_frame(&mut &self.upstream, &frame).is_err() {
                    drop(state);
                    return self.close();
                }
            }
        }
    }

    fn forward_requests(self: Arc<Self>, shared: &Shared) {
        while let Ok(frame) = read_frame(&mut &self.client) {
            let Some((api, correlation_id)) = header(&frame) else {
                return self.close();
            };
            let fate = match shared.rules.strike(api) {
                None => Fate::Deliver,
                Some(Fault::DropResponse) => Fate::Lose,
                Some(Fault::Double) => Fate::Twice,
                Some(Fault::DropConnection) => return self.close(),
                Some(Fault::Delay(by)) => {
                    thread::sleep(by);
                    Fate::Deliver
                }
                Some(Fault::Hold(held)) => Fate::Held(held),
            };
            let caught = if let Fate::Held(held) = &fate { Some(Arc::clone(held)) } else { None };
            let mut state = self.state();
            state.holds += usize::from(caught.is_some());
            state.queue.push_back(Request { frame, correlation_id, fate });
            drop(state);
            if let Some(held) = caught {
                held.caught(&self);
            }
            self.flush();
        }
        self.state().client_gone = true;
        self.close_if_over();
    }

    fn forward_answers(&self) {
        while let Ok(frame) = read_frame(&mut &self.upstream) {
            let id = frame.first_chunk().map(|id| i32::from_be_bytes(*id));
            let fate = id.and_then(|id| self.state().unanswered.remove(&id));
            if matches!(fate, Some(Fate::Lose)) {
                continue;
            }
            // The client may be gone; a late answer still matters to who held the request.
            write_frame(&mut &self.client, &frame).ok();
            if let Some(Fate::Held(held)) = fate {
                held.answered(&frame);
                self.state().holds -= 1;
                self.close_if_over();
            }
        }
        self.close();
    }

    fn close_if_over(&self) {
        let state = self.state();
        let over = state.client_gone && state.holds == 0;
        drop(state);
        if over {
            self.close();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same request once more, under a correlation id that no client reaches.
fn twin_of(request: &Request) -> Request {
    let correlation_id = request.correlation_id ^ i32::MIN;
    let mut frame = request.frame.clone();
    frame[4..8].copy_from_slice(&correlation_id.to_be_bytes());
    Request { frame, correlation_id, fate: Fate::Lose }
}

/// Kind and correlation id of a request: they lead every version of its header.
fn header(frame: &[u8]) -> Option<(Api, i32)> {
    let [k0, k1, _, _, c0, c1, c2, c3] = *frame.first_chunk()?;
    Some((Api(i16::from_be_bytes([k0, k1])), i32::from_be_bytes([c0, c1, c2, c3])))
}
