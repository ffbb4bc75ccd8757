//! The consent topics, read and folded: by several readers, each with partitions of its own.
//!
//! Facts are joined, so it does not matter in which order readers bring them. What readers have read
//! is kept, so that the topics can be read on.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::consent_log::{ConsentLog, Folder, Said, floor_of};
use super::epochs::Clocks;
use super::receipts::Batch;
use super::shelf::{Shelf, Spans, ends, go_on, readers};
use crate::commands::rolled::refuse_trouble;
use crate::config::TopicNames;
use crate::consent::{Offset, Partition, Positions, Topic};
use crate::kafka::TopicReader;
use crate::stream::ports::Extent;
use crate::stream::{Fault, RolledLog};
use crate::wire::formats::EventFormats;

/// How many facts a reader brings at once.
const CHUNK: usize = 1_024;
/// How many chunks may wait to be joined.
const CHUNKS_WAITING: usize = 16;

/// The consent topics, as far as they were read.
#[derive(Debug)]
pub(super) struct ConsentReading {
    formats: EventFormats,
    fresh: RolledLog,
    desks: Vec<FoldingDesk>,
    read: BTreeMap<Topic, BTreeMap<Partition, Offset>>,
    /// `None` while it is lent, and before it was read.
    log: Option<ConsentLog>,
}

/// One reader, and what it knows of its partitions.
#[derive(Debug)]
struct FoldingDesk {
    folder: Folder,
    rolled: RolledLog,
}

/// A topic that is open.
struct Open {
    role: Topic,
    reader: TopicReader,
}

impl ConsentReading {
    /// Nothing is read yet.
    pub(super) fn new(formats: EventFormats, rolled: RolledLog) -> Self {
        let (desks, read) = (Vec::new(), BTreeMap::new());
        Self { formats, fresh: rolled, desks, read, log: None }
    }

    /// Reads the topics on to their ends, and lends the log; from their beginnings if some batch needs
    /// a clock that there is none of.
    ///
    /// # Errors
    /// A topic that cannot be read to its end, or that was rolled and must not be relied on.
    pub(super) fn lend(
        &mut self,
        shelf: &Shelf<'_>,
        topics: &TopicNames,
        batches: &[Batch],
    ) -> Result<ConsentLog, Fault> {
        let mut open = Vec::new();
        for (role, name) in topics.consent_topics() {
            open.push(Open { role, reader: shelf.open(name.as_str())? });
        }
        let mut log = match self.log.take() {
            Some(mut log) => {
                log.reaches(extents(&open));
                log
            }
            None => self.begin(&open, batches, Clocks::plain()),
        };
        self.read_on(shelf, &open, &mut log)?;
        while let Some(clocks) = log.other_clocks(batches) {
            log = self.begin(&open, batches, clocks);
            self.read_on(shelf, &open, &mut log)?;
        }
        Ok(log)
    }

    /// Takes the log back. All batches to come have reached these positions.
    pub(super) fn take_back(&mut self, mut log: ConsentLog, floor: Option<Positions>) {
        if let Some(floor) = floor {
            log.history.raise_floor(floor);
        }
        self.log = Some(log);
    }

    fn begin(&mut self, open: &[Open], batches: &[Batch], clocks: Clocks) -> ConsentLog {
        let log = ConsentLog::new(extents(open), floor_of(batches), clocks);
        self.read.clear();
        let desk = || {
            let mut rolled = self.fresh.clone();
            rolled.restart();
            FoldingDesk { folder: log.folder(&self.formats), rolled }
        };
        self.desks = std::iter::repeat_with(desk).take(readers()).collect();
        log
    }

    fn read_on(
        &mut self,
        shelf: &Shelf<'_>,
        open: &[Open],
        log: &mut ConsentLog,
    ) -> Result<(), Fault> {
        for Open { role, reader } in open {
            let mut spans = reader.whole();
            let read = self.read.entry(*role).or_default();
            go_on(&mut spans, read);
            *read = ends(reader);
            self.read_topic(shelf, *role, reader, spans, log)?;
            if *role == Topic::ConsentEvents {
                refuse_trouble(&self.rolled(), reader)?;
            }
        }
        for desk in &mut self.desks {
            log.note(desk.folder.take_noted());
        }
        log.rolled(self.rolled().ends());
        Ok(())
    }

    /// What all readers together know of the rolled log.
    fn rolled(&self) -> RolledLog {
        let mut all = self.fresh.clone();
        all.restart();
        self.desks.iter().for_each(|desk| all.join(desk.rolled.clone()));
        all
    }

    /// A reader folds, another thread joins: the joining is one table for all.
    fn read_topic(
        &mut self,
        shelf: &Shelf<'_>,
        role: Topic,
        reader: &TopicReader,
        spans: Spans,
        log: &mut ConsentLog,
    ) -> Result<(), Fault> {
        let count = self.desks.len().max(1);
        let mut shares = vec![Spans::new(); count];
        for (partition, span) in spans {
            let desk = usize::try_from(partition.0).unwrap_or_default() % count;
            if let Some(share) = shares.get_mut(desk) {
                share.insert(partition, span);
            }
        }
        let (sender, receiver) = sync_channel::<Vec<Said>>(CHUNKS_WAITING);
        let desks = &mut self.desks;
        thread::scope(|scope| {
            let joining =
                scope.spawn(move || receiver.iter().flatten().for_each(|said| log.take(said)));
            let work = shares.into_iter().zip(desks.iter_mut());
            let work = work.map(|(spans, desk)| (spans, Folding::new(desk, sender.clone())));
            let work = work.collect();
            drop(sender);
            let read = shelf.read_each(reader, work, |folding, record| {
                let raw = record.to_consent(role);
                let Folding { desk, chunk, .. } = folding;
                let raw = desk.rolled.take(&raw);
                desk.folder.fold(&raw, |said| chunk.push(said));
                folding.bring();
            });
            let read = read.map(|all| all.into_iter().for_each(Folding::finish));
            if let Err(panic) = joining.join() {
                std::panic::resume_unwind(panic);
            }
            read
        })
    }
}

/// What one reader folds, brought in chunks.
struct Folding<'d> {
    desk: &'d mut FoldingDesk,
    chunk: Vec<Said>,
    sender: SyncSender<Vec<Said>>,
}

impl<'d> Folding<'d> {
    fn new(desk: &'d mut FoldingDesk, sender: SyncSender<Vec<Said>>) -> Self {
        Self { desk, chunk: Vec::with_capacity(CHUNK), sender }
    }

    fn bring(&mut self) {
        if self.chunk.len() >= CHUNK {
            let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
            // Who joins ends only when all readers have ended.
            let _ = self.sender.send(chunk);
        }
    }

    fn finish(self) {
        let _ = self.sender.send(self.chunk);
    }
}

fn extents(open: &[Open]) -> BTreeMap<(Topic, Partition), Extent> {
    let mut all = BTreeMap::new();
    for Open { role, reader } in open {
        all.extend(reader.extents().iter().map(|extent| ((*role, extent.partition), *extent)));
    }
    all
}
