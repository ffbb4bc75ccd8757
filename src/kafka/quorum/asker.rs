//! One thread for each broker, so that one that hangs delays no other.
//!
//! Each question is answered once, with the cycle that it belongs to: with what the broker told, or with
//! why it told nothing in time.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::question::{Question, Voices};
use super::view::{View, Viewing};
use crate::kafka::ConsentTopic;
use crate::kafka::line::{Address, Connection, Entrance};
use crate::stream::quorum::BrokerId;

/// How often a broker is asked anew who keeps what. Between two looks a change is not seen; the head
/// of the folder says what that means.
const VIEW_EVERY: Duration = Duration::from_secs(1);

/// The number of a question to all brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cycle(pub(super) u64);

/// What one broker answered.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) cycle: Cycle,
    pub(super) broker: BrokerId,
    /// Its answer, or why there is none.
    pub(super) answer: Result<Answer, String>,
}

/// One broker's whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) view: Arc<View>,
    pub(super) voices: Voices,
}

#[derive(Clone, Copy, Debug)]
struct Ask {
    cycle: Cycle,
    deadline: Instant,
}

/// The near end of a broker's thread. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) address: Address,
    asks: SyncSender<Ask>,
}

impl Asker {
    /// Starts a thread for this broker.
    ///
    /// # Errors
    /// The machine refuses a thread.
    pub(super) fn start(
        broker: BrokerId,
        address: Address,
        entrance: Entrance,
        topics: Arc<[ConsentTopic]>,
        told: Sender<Told>,
    ) -> io::Result<Self> {
        // One question at a time: whoever owes an answer is not asked again.
        let (asks, questions) = sync_channel(1);
        let mut line = Line { broker, address: address.clone(), entrance, topics, open: None };
        thread::Builder::new()
            .name(format!("fence-{}", broker.0))
            .spawn(move || line.serve(&questions, &told))?;
        Ok(Self { address, asks })
    }

    /// Puts a question. Not before the last one is answered.
    pub(super) fn ask(&self, cycle: Cycle, deadline: Instant) {
        // A thread that is gone or behind does not answer, and so proves nothing.
        let _ = self.asks.try_send(Ask { cycle, deadline });
    }
}

/// The far end: the connection to one broker.
struct Line {
    broker: BrokerId,
    address: Address,
    entrance: Entrance,
    topics: Arc<[ConsentTopic]>,
    open: Option<Open>,
}

struct Open {
    connection: Connection,
    view: Arc<View>,
    viewed_at: Instant,
}

impl Line {
    fn serve(&mut self, questions: &Receiver<Ask>, told: &Sender<Told>) {
        while let Ok(Ask { cycle, deadline }) = questions.recv() {
            let answer = self.answer(deadline).map_err(|error| {
                self.open = None;
                format!("broker {} at {}: {error}", self.broker.0, self.address)
            });
            if told.send(Told { cycle, broker: self.broker, answer }).is_err() {
                return;
            }
        }
    }

    fn answer(&mut self, deadline: Instant) -> io::Result<Answer> {
        let mut open = match self.open.take() {
            Some(open) if !open.connection.is_stale() => open,
            _ => self.connect(deadline)?,
        };
        let topics = &self.topics;
        let now = Instant::now();
        let viewing = match now.duration_since(open.viewed_at) >= VIEW_EVERY {
            true => Some(Viewing::send(&mut open.connection, topics, deadline)?),
            false => None,
        };
        let (line, view) = (&mut open.connection, &open.view);
        let question = Question::send(line, self.broker, topics, view, deadline)?;
        if let Some(viewing) = viewing {
            open.view = Arc::new(viewing.receive(&mut open.connection, topics, deadline)?);
            open.viewed_at = now;
        }
        let voices = question.receive(&mut open.connection, self.broker, topics, deadline)?;
        let answer = Answer { view: open.view.clone(), voices };
        self.open = Some(open);
        Ok(answer)
    }

    fn connect(&self, deadline: Instant) -> io::Result<Open> {
        let mut connection = Connection::open(&self.address, &self.entrance, deadline)?;
        let viewed_at = Instant::now();
        let view = Arc::new(Viewing::ask(&mut connection, &self.topics, deadline)?);
        Ok(Open { connection, view, viewed_at })
    }
}
