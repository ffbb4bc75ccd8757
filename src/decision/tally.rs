//! How many messages met which fate.
//!
//! The law of the gate: allowed and suppressed add up to received. Whoever finds that they do not
//! aborts.

use super::reason::Reason;

/// Counts of one batch, or of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    received: u64,
    allowed: u64,
    suppressed: [u64; Reason::NUMBERS],
}

impl Default for Tally {
    fn default() -> Self {
        Self { received: 0, allowed: 0, suppressed: [0; Reason::NUMBERS] }
    }
}

impl Tally {
    /// A tally of so many messages whose fates are not known yet.
    pub fn received(messages: usize) -> Self {
        Self { received: messages as u64, ..Self::default() }
    }

    /// Counts one allowed message.
    pub fn allow(&mut self) {
        self.allowed += 1;
    }

    /// Counts one suppressed message by its primary reason.
    pub fn suppress(&mut self, primary: Reason) {
        self.suppressed[usize::from(primary.number())] += 1;
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.allowed += other.allowed;
        for (sum, more) in self.suppressed.iter_mut().zip(other.suppressed) {
            *sum += more;
        }
    }

    /// Whether every message received met exactly one fate.
    pub fn is_conserved(&self) -> bool {
        self.received == self.allowed + self.suppressed_count()
    }

    /// How many were received.
    pub fn received_count(&self) -> u64 {
        self.received
    }

    /// How many were allowed.
    pub fn allowed_count(&self) -> u64 {
        self.allowed
    }

    /// How many were suppressed.
    pub fn suppressed_count(&self) -> u64 {
        self.suppressed.iter().sum()
    }

    /// How many were suppressed for each reason that occurred.
    pub fn by_reason(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        let count = |reason: Reason| self.suppressed[usize::from(reason.number())];
        Reason::ALL.into_iter().map(move |reason| (reason, count(reason))).filter(|(_, n)| *n > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_fate_breaks_the_law() {
        let mut tally = Tally::received(2);
        tally.allow();
        assert!(!tally.is_conserved());
        tally.suppress(Reason::NoGrant);
        assert!(tally.is_conserved());
        tally.allow();
        assert!(!tally.is_conserved());
    }

    #[test]
    fn every_reason_is_counted_for_itself() {
        let mut tally = Tally::default();
        Reason::ALL.into_iter().for_each(|reason| tally.suppress(reason));
        assert!(tally.by_reason().eq(Reason::ALL.map(|reason| (reason, 1))));
    }
}
