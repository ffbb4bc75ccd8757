//! The journey of records: loops, fence and outbox, over ports that name no client.
//!
//! Knows no Kafka. Two loops feed the index and prove it fresh ([`ConsentLoop`], [`FenceLoop`]); any
//! number of [`Lane`]s decide. All of them step, so that a test can run them on one thread. Without
//! proof nothing is decided.

mod answers;
mod append_clock;
mod apply_delay;
mod breaker;
mod clock;
mod consent_loop;
mod consent_settings;
mod fault;
mod fence_board;
mod fence_loop;
mod lane;
mod note_log;
mod outbox;
pub mod ports;
pub mod quorum;
mod raw_record;
mod reading;
mod rolled;
mod sender_ages;
mod sender_board;
mod sender_watch;
mod shared_index;
mod tail_check;
#[cfg(test)]
mod tests;
mod void_watch;
mod whole_ends;

pub use answers::{Answered, Answers, Arrival, Unanswered};
pub use append_clock::AppendClock;
pub use breaker::{Breaker, BreakerBoard, BreakerLimits, Release, Tripped};
pub use clock::{Clock, SystemClock, wall_ms};
pub use consent_loop::{ConsentLoop, ConsentStep, NewIndex};
pub use consent_settings::{ConsentSettings, OnUndecodable};
pub use fault::{Fault, FaultKind};
pub use fence_board::{FenceBoard, FenceSource, Holder};
pub use fence_loop::{FenceLoop, FenceSettings, FenceStep};
pub use lane::{Lane, LaneParts, LaneSettings, LaneStep, Origin, StartFrom};
pub use outbox::Allowed;
pub use rolled::{RollTrouble, RolledLog};
pub use sender_board::{SenderBoard, Standing};
pub use sender_watch::{SenderLimits, SenderWatch};
pub use shared_index::SharedIndex;
