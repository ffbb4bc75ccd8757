//! How many messages of each scope met which fate: for the metrics, never for the law.
//!
//! A message whose scope the policy does not know, or that cannot be read, counts for no scope.

use super::reason::Reason;

/// One for each reason, by its number, and 0 for what was allowed.
const FATES: usize = Reason::NUMBERS;

type Row = [u64; FATES];

/// Counts by scope of one batch, or of many under the same policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeTally {
    /// By rank; as many as were needed.
    scopes: Vec<Row>,
    other: Option<Row>,
}

impl ScopeTally {
    /// Counts one message: by the rank of its scope, `None` if the policy does not know it, and by
    /// the reason why it was suppressed, `None` if it was allowed.
    pub fn count(&mut self, scope: Option<usize>, reason: Option<Reason>) {
        let fate = reason.map_or(0, Reason::number);
        if let Some(count) = self.row(scope).get_mut(usize::from(fate)) {
            *count += 1;
        }
    }

    /// Forgets all counts.
    pub fn clear(&mut self) {
        self.scopes.fill([0; FATES]);
        self.other = None;
    }

    /// Adds another tally.
    pub fn add(&mut self, more: &Self) {
        let scopes = (0..).map(Some).zip(&more.scopes);
        for (scope, more) in scopes.chain(more.other.iter().map(|row| (None, row))) {
            let row = self.row(scope);
            row.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }

    /// What occurred: the scope's rank, the reason (`None` for what was allowed), how often.
    pub fn fates(&self) -> impl Iterator<Item = (Option<usize>, Option<Reason>, u64)> + '_ {
        let scopes = (0..).map(Some).zip(&self.scopes);
        let rows = scopes.chain(self.other.iter().map(|row| (None, row)));
        let each = |(scope, row): (Option<usize>, &'_ Row)| {
            let row = *row;
            let fates = std::iter::once(None).chain(Reason::ALL.map(Some));
            fates.map(move |reason| {
                let fate = usize::from(reason.map_or(0, Reason::number));
                (scope, reason, row.get(fate).copied().unwrap_or(0))
            })
        };
        rows.flat_map(each).filter(|(_, _, count)| *count > 0)
    }

    fn row(&mut self, scope: Option<usize>) -> &mut Row {
        let Some(rank) = scope else {
            return self.other.get_or_insert([0; FATES]);
        };
        if self.scopes.len() <= rank {
            self.scopes.resize(rank + 1, [0; FATES]);
        }
        &mut self.scopes[rank]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_counts_once_and_for_its_own_scope() {
        let farewell = Some(Reason::FarewellUnfounded);
        let (first, last) = (Some(0), Some(63));
        let mut batch = ScopeTally::default();
        batch.count(last, None);
        batch.count(first, farewell);
        batch.count(None, farewell);
        let mut both = batch.clone();
        both.add(&batch);
        let expected = [(first, farewell, 2), (last, None, 2), (None, farewell, 2)];
        assert_eq!(both.fates().collect::<Vec<_>>(), expected);
        both.clear();
        assert_eq!(both.fates().count(), 0);
    }

    #[test]
    fn every_reason_has_a_place_of_its_own_by_its_number() {
        let numbers = Reason::ALL.map(|reason| usize::from(reason.number()));
        assert!(numbers.is_sorted_by(|one, next| one < next));
        assert!(numbers.iter().all(|number| (1..FATES).contains(number)));
    }
}
