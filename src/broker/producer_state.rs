//! What one partition remembers of one idempotent producer.
//!
//! Knows the last five sequence ranges and the epoch, as Kafka does. A batch
//! that came before is answered with its old offset; a gap or an old epoch is
//! refused, so nothing is written twice or out of order.

use std::collections::VecDeque;

use kafka_protocol::ResponseError;

/// A client may have this many requests in flight, so this many are kept.
const REMEMBERED: usize = 5;

/// What to do with a batch of an idempotent producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the next one.
    Append,
    /// It was written before, at this base offset.
    Duplicate(i64),
}

#[derive(Clone, Copy, Debug)]
struct Written {
    first: i32,
    last: i32,
    base_offset: i64,
}

/// Epoch and recent sequence ranges of one producer id.
#[derive(Debug)]
pub(super) struct ProducerState {
    epoch: i16,
    recent: VecDeque<Written>,
}

impl ProducerState {
    /// A producer that has written nothing here yet.
    pub(super) fn new(epoch: i16) -> Self {
        Self { epoch, recent: VecDeque::with_capacity(REMEMBERED) }
    }

    /// Whether a batch of `count` records may be written.
    pub(super) fn check(
        &self,
        epoch: i16,
        first: i32,
        count: i64,
    ) -> Result<Verdict, ResponseError> {
        if epoch < self.epoch {
            return Err(ResponseError::InvalidProducerEpoch);
        }
        if epoch > self.epoch {
            return match first {
                0 => Ok(Verdict::Append),
                _ => Err(ResponseError::OutOfOrderSequenceNumber),
            };
        }
        let last = last_sequence(first, count);
        let same = |written: &&Written| written.first == first && written.last == last;
        if let Some(written) = self.recent.iter().find(same) {
            return Ok(Verdict::Duplicate(written.base_offset));
        }
        match self.recent.back() {
            // Kafka takes any sequence of a producer that it does not know,
            // because its state may have been trimmed away with the log.
            None => Ok(Verdict::Append),
            Some(written) if first == last_sequence(written.last, 2) => Ok(Verdict::Append),
            Some(_) => Err(ResponseError::OutOfOrderSequenceNumber),
        }
    }

    /// Remembers a batch that was written at `base_offset`.
    pub(super) fn record(&mut self, epoch: i16, first: i32, count: i64, base_offset: i64) {
        self.advance_epoch(epoch);
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(Written { first, last: last_sequence(first, count), base_offset });
    }

    /// A newer epoch starts its sequences at 0 again.
    pub(super) fn advance_epoch(&mut self, epoch: i16) {
        if epoch > self.epoch {
            self.epoch = epoch;
            self.recent.clear();
        }
    }
}

/// Sequences wrap from `i32::MAX` to 0.
fn last_sequence(first: i32, count: i64) -> i32 {
    let last = (i64::from(first) + count - 1) & i64::from(i32::MAX);
    i32::try_from(last).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_written_before_is_answered_with_its_old_offset() {
        let mut state = ProducerState::new(0);
        state.record(0, 0, 3, 100);
        state.record(0, 3, 1, 103);
        assert_eq!(state.check(0, 0, 3), Ok(Verdict::Duplicate(100)));
        assert_eq!(state.check(0, 4, 9), Ok(Verdict::Append));
    }

    #[test]
    fn a_gap_and_an_old_epoch_are_refused() {
        let mut state = ProducerState::new(1);
        state.record(1, 0, 3, 100);
        assert_eq!(state.check(1, 4, 1), Err(ResponseError::OutOfOrderSequenceNumber));
        assert_eq!(state.check(0, 3, 1), Err(ResponseError::InvalidProducerEpoch));
        assert_eq!(state.check(2, 3, 1), Err(ResponseError::OutOfOrderSequenceNumber));
        assert_eq!(state.check(2, 0, 1), Ok(Verdict::Append));
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let mut state = ProducerState::new(0);
        state.record(0, i32::MAX - 1, 2, 7);
        assert_eq!(state.check(0, 0, 5), Ok(Verdict::Append));
    }
}
