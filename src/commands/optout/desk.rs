//! One thread that writes withdrawals, and says of each whether all replicas have it.
//!
//! Requests that come together are written together. If one of them may not have been acknowledged, none
//! of them is told that it was: who is told too little tries again, and the same withdrawal twice is one.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::Builder;

use tokio::sync::oneshot;

use crate::config::{Config, TopicName};
use crate::kafka::{Clients, EventWriter};
use crate::stream::{Fault, FaultKind};
use crate::wire::consent::Produced;

/// How many may wait.
const WAITING_MAX: usize = 1_024;
/// How many are written together.
const TOGETHER_MAX: usize = 256;

/// Where withdrawals are handed in.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    requests: SyncSender<Request>,
}

struct Request {
    record: Produced,
    done: oneshot::Sender<Written>,
}

/// What became of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// All replicas have it.
    Acknowledged,
    /// Perhaps not.
    Unknown,
    /// Too many wait.
    Busy,
}

impl Desk {
    /// Opens a desk with a writer of its own.
    ///
    /// # Errors
    /// The client or the thread could not be made.
    pub(super) fn open(config: &Config) -> Result<Self, Fault> {
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let topic = config.topics.consent_events.clone();
        let writer = EventWriter::open(&clients)?;
        let (requests, received) = sync_channel(WAITING_MAX);
        let run = move || write_all(&clients, &topic, writer, &received);
        let spawned = Builder::new().name("optout-desk".into()).spawn(run);
        match spawned {
            Ok(_) => Ok(Self { requests }),
            Err(error) => Err(Fault::new(FaultKind::Fatal, format!("no thread: {error}"))),
        }
    }

    /// Writes a withdrawal; returns when it is acknowledged, or may not be.
    pub(super) async fn write(&self, record: Produced) -> Written {
        let (done, answer) = oneshot::channel();
        match self.requests.try_send(Request { record, done }) {
            Ok(()) => answer.await.unwrap_or(Written::Unknown),
            Err(TrySendError::Full(_)) => Written::Busy,
            Err(TrySendError::Disconnected(_)) => Written::Unknown,
        }
    }
}

/// Ends when nobody can hand in anything any longer.
fn write_all(
    clients: &Clients,
    topic: &TopicName,
    mut writer: EventWriter,
    received: &Receiver<Request>,
) {
    while let Ok(first) = received.recv() {
        let mut together = vec![first];
        together.extend(received.try_iter().take(TOGETHER_MAX - 1));
        let write = |request: &Request| {
            let Produced { key, value } = &request.record;
            writer.write(topic.as_str(), None, key.as_bytes(), value)
        };
        let written = match together.iter().try_for_each(write).and_then(|()| writer.flush()) {
            Ok(()) => Written::Acknowledged,
            Err(fault) => {
                let waiting = together.len();
                tracing::error!(%fault, waiting, "optout.not_acknowledged");
                // What is left in the old writer may still arrive; that does no harm.
                if let Ok(new) = EventWriter::open(clients) {
                    writer = new;
                }
                Written::Unknown
            }
        };
        for request in together {
            // Who went away is withdrawn all the same.
            let _ = request.done.send(written);
        }
    }
}
