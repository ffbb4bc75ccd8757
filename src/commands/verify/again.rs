//! The retained input, message by message, with what its batch knew: for who wants to decide it in
//! another way.
//!
//! Looks at no output. What the gate decided is taken from receipts, and its reasons are those that the
//! rules come to again under the policy that decided.

use std::collections::{BTreeMap, BTreeSet};

use super::gathering::Gathered;
use super::ledger::{Fate, Ledger, Sources};
use super::progress::Progress;
use super::range::Range;
use super::redecide::{Desk, Verdict};
use super::report::Report;
use super::rolled_for;
use super::session::{Session, Trouble};
use super::shelf::shares;
use crate::commands::exit::Failure;
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::decision::{Message, Reason};
use crate::policy::Policy;
use crate::wire::receipt::VerifyingKeys;

/// One message, decided under two policies.
#[derive(Debug)]
pub(in crate::commands) struct Again<'m> {
    /// Where its record lies.
    pub(in crate::commands) at: (Partition, Offset),
    /// The message, or why it is none.
    pub(in crate::commands) message: Result<Message<'m>, Reason>,
    /// When it was decided, in milliseconds since 1970.
    pub(in crate::commands) now_ms: i64,
    /// Under the policy that decided.
    pub(in crate::commands) old: Verdict,
    /// Under the other one.
    pub(in crate::commands) new: Verdict,
}

/// What of the input is decided again.
pub(in crate::commands) struct Wanted {
    /// Keys that receipts may be signed with.
    pub(in crate::commands) keys: VerifyingKeys,
    /// Only these input partitions; all if empty.
    pub(in crate::commands) only: BTreeSet<Partition>,
    /// Only what was decided in it.
    pub(in crate::commands) range: Range,
}

/// Decides all input that is still kept again, at the positions and instants of its receipts. Every
/// reader works on what `work` makes. The report says what could not be decided.
///
/// # Errors
/// A topic that cannot be read to its end, or a range that names a receipt that is not there.
pub(in crate::commands) fn decide_again<W: Send>(
    config: &Config,
    wanted: Wanted,
    policy: &Policy,
    work: impl Fn() -> W,
    each: impl Fn(&mut W, &Again<'_>) + Sync,
) -> Result<(Vec<W>, Report), Failure> {
    let Wanted { keys, only, range } = wanted;
    let rolled = rolled_for(config, keys.clone())?;
    let progress = Progress::new();
    let read = || {
        let mut session = Session::new(config, keys, rolled, (only, range), &progress)?;
        read(&mut session, policy, work, each)
    };
    let read: Result<_, Trouble> = read();
    progress.end();
    Ok(read?)
}

fn read<W: Send>(
    session: &mut Session<'_>,
    policy: &Policy,
    work: impl Fn() -> W,
    each: impl Fn(&mut W, &Again<'_>) + Sync,
) -> Result<(Vec<W>, Report), Trouble> {
    let mut report = Report::default();
    let Gathered { mut tiles, input, redecider, spans, .. } = session.decisions(&mut report)?;
    let names = session.names();
    let rules = session.rules(&redecider);
    let shares = shares(spans).into_iter().map(|spans| {
        let ledgers = spans.iter().map(|(partition, span)| {
            let sources = Sources {
                partition: *partition,
                tiles: tiles.remove(partition).unwrap_or_default(),
                audits: Vec::new(),
                input_begin: span.first,
                // Nobody looks for entries.
                audit_trimmed: true,
                begins_later: true,
                end: Offset(0),
            };
            (*partition, Ledger::new(sources, names.clone()))
        });
        let ledgers: BTreeMap<_, _> = ledgers.collect();
        let reader = Reader { ledgers, desk: Desk::default(), told: Report::default() };
        (spans, (reader, work()))
    });
    let shares = shares.collect();
    let ended = session.shelf.read_each(&input, shares, |(reader, work), record| {
        let at = (record.partition(), record.offset());
        let Reader { ledgers, desk, told } = reader;
        // What the ledger finds is for `verify` to tell.
        let mut unheard = Report::default();
        let fate = ledgers.get_mut(&at.0).map(|ledger| ledger.record(at.1, &mut unheard));
        let (Some(Fate::Allowed { batch }) | Some(Fate::Suppressed { batch, .. })) = fate else {
            return;
        };
        told.counts.input += 1;
        rules.read(record, |message| {
            let old = redecider.decide(desk, batch, message);
            let new = redecider.decide_under(desk, batch, policy, message);
            match (old, new) {
                (Ok(old), Ok(new)) => {
                    told.counts.decided_again += 1;
                    let now_ms = rules.receipts.batches.get(batch).map(|batch| batch.now_ms);
                    let now_ms = now_ms.unwrap_or_default();
                    each(work, &Again { at, message, now_ms, old, new });
                }
                (Err(why), _) | (_, Err(why)) => told.leave(why, 1),
            }
        });
    })?;
    let ended = ended.into_iter().map(|(reader, work)| {
        report.join(reader.told);
        work
    });
    let works = ended.collect();
    Ok((works, report))
}

struct Reader<'r> {
    ledgers: BTreeMap<Partition, Ledger>,
    desk: Desk<'r>,
    told: Report,
}
