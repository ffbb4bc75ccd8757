//! Whether an answer for log ends counts.
//!
//! The call succeeds even where single partitions failed, so each is looked at. Whatever is missing
//! or in doubt makes the whole answer count for nothing.

use std::collections::BTreeSet;

use super::ports::EndAnswer;
use crate::consent::{Partition, Positions, Topic};
use crate::telemetry::HoldCause;

/// The ends, if every expected partition answered once, without error, with an offset that is not
/// negative and not lower than before. A deposed leader answers lower for a moment.
pub(super) fn whole(
    answers: &[EndAnswer],
    expected: &BTreeSet<(Topic, Partition)>,
    last: &Positions,
) -> Result<Positions, HoldCause> {
    let mut ends = Positions::default();
    for answer in answers {
        let (topic, partition) = (answer.topic, answer.partition);
        let offset = match &answer.end {
            Ok(offset) if offset.0 >= 0 => *offset,
            Ok(_) => return Err(HoldCause::FenceError),
            Err(_) => return Err(HoldCause::ConsentPartitionUnavailable),
        };
        if last.get(topic, partition).is_some_and(|before| offset < before) {
            return Err(HoldCause::FenceError);
        }
        ends.advance(topic, partition, offset);
    }
    let complete = ends.len() == expected.len()
        && answers.len() == expected.len()
        && expected.iter().all(|&(topic, partition)| ends.get(topic, partition).is_some());
    if complete { Ok(ends) } else { Err(HoldCause::ConsentPartitionUnavailable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Offset;

    fn answer(partition: i32, end: i64) -> EndAnswer {
        let partition = Partition(partition);
        EndAnswer { topic: Topic::ConsentEvents, partition, end: Ok(Offset(end)) }
    }

    fn check(answers: &[EndAnswer], last: &[(i32, i64)]) -> Result<Positions, HoldCause> {
        let expected = [0, 1].map(|p| (Topic::ConsentEvents, Partition(p))).into();
        let last = last.iter().map(|&(p, o)| (Topic::ConsentEvents, Partition(p), Offset(o)));
        whole(answers, &expected, &last.collect())
    }

    #[test]
    fn a_whole_answer_counts() {
        let ends = check(&[answer(0, 5), answer(1, 0)], &[(0, 5)]).unwrap();
        assert_eq!(ends.get(Topic::ConsentEvents, Partition(0)), Some(Offset(5)));
    }

    #[test]
    fn a_missing_partition_an_error_or_a_doubled_answer_counts_for_nothing() {
        let failed = EndAnswer { end: Err("leader not available".into()), ..answer(1, 0) };
        for answers in [
            vec![answer(0, 5)],
            vec![answer(0, 5), failed],
            vec![answer(0, 5), answer(0, 5)],
            vec![answer(0, 5), answer(1, -1)],
            vec![answer(0, 5), answer(1, 2), answer(2, 2)],
        ] {
            assert!(check(&answers, &[]).is_err(), "{answers:?}");
        }
    }

    #[test]
    fn an_end_lower_than_the_last_one_counts_for_nothing() {
        let refused = check(&[answer(0, 4), answer(1, 0)], &[(0, 5)]);
        assert_eq!(refused, Err(HoldCause::FenceError));
    }
}
