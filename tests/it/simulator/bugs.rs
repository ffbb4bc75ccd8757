//! Bugs that the laws must find, planted around the ports and the fence; the code under test is the
//! same.
//!
//! Each is a mistake that somebody could make. Without a bug the wrappers pass everything on.

mod consent;
mod fence;
mod lane;

pub(crate) use consent::{BuggyConsent, BuggyEnds};
pub(crate) use fence::BuggyFence;
pub(crate) use lane::BuggyLane;

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A batch is given a fence that nobody asked for.
    FenceSkipped,
    /// A batch is given the fence of the batch before.
    FenceUsedAgain,
    /// A fence is given although the board holds.
    HoldIgnored,
    /// A fence that was asked for before the batch was fetched is taken.
    FenceAskedBefore,
    /// Whoever has waited long enough looks at the index as it is.
    ViewBeforeFence,
    /// A deposed leader answers with an old end for a while, and is believed.
    DeposedLeaderBelieved,
    /// A partition that gave an error counts as standing where it stood.
    EndErrorsIgnored,
    /// A partition's end is its last stable offset.
    EndsAreStable,
    /// Positions of the consent reader are one too far.
    PositionsTooFar,
    /// The consent reader sees what is not committed.
    ConsentUncommitted,
    /// The consent reader leaves a record out now and then.
    ConsentSkips,
    /// A bit of a record is flipped now and then, and no checksum says so.
    ChecksumOff,
    /// A record whose kind is at zero is read as a grant.
    ZeroIsGrant,
    /// Where a void lay before the log was cut, the reader still brings it.
    VoidFromCache,
    /// The consent log was cut; the reader goes on at its end, and the index stays.
    IndexKeptAfterCut,
    /// The offsets are committed before the last record is in the transaction.
    CommitBeforeDrain,
    /// The offsets are committed although the transaction is not.
    OffsetsAlone,
    /// A commit that failed counts as done.
    CommitFailureIgnored,
    /// A commit whose answer was lost counts as done.
    UnknownIsCommitted,
    /// A commit whose answer was lost counts as undone: the offsets of before are gone on from.
    UnknownIsAborted,
    /// An abort commits.
    AbortCommits,
    /// Nothing is written in a transaction.
    NoTransactions,
    /// A producer whose EndTxn may arrive late is used again.
    TaintIgnored,
    /// A producer that gave up a record which may be written is used again.
    GivenUpIgnored,
    /// A new producer does not fence the old one of its id.
    ZombieUnfenced,
    /// The group takes offsets of an ended generation.
    GenerationUnchecked,
    /// After an abort fetching goes on where it was.
    RewindMissing,
    /// Partitions that were taken away are worked on as before.
    RevocationIgnored,
    /// Partitions are given back one by one, each before what was decided of it is committed.
    GivenBackTooEarly,
    /// Committed offsets are read while a transaction with offsets is open.
    UnstableOffsets,
    /// The committed offset is one too far.
    OffsetTooFar,
    /// An audit entry is dropped now and then.
    AuditDropped,
    /// An allowed record is written twice now and then.
    AllowedTwice,
    /// Headers are not passed on.
    HeadersLost,
    /// A receipt's last range reaches one too far.
    ReceiptTooFar,
    /// A receipt's policy clock is off by a minute.
    ReceiptClockOff,
    /// A receipt does not tell of holds.
    HoldsUntold,
    /// The receipts of another lane are taken as one's own: the chain starts anew.
    ChainForgotten,
}
