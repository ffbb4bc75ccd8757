//! What must, and what may, stand against a message.

use super::reason::{bit, names_of};
use crate::spec::audit::Reason;

/// Reasons that hold, and those of which the documents do not say whether they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) must: u64,
    pub(crate) may: u64,
    /// Why something only may hold.
    pub(crate) doubts: Vec<&'static str>,
    /// What a decision would have had to wait for.
    pub(crate) hold: Option<&'static str>,
}

/// How a decision compares with a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// It follows.
    Same,
    /// The documents leave it open.
    Open(&'static str),
    /// The other answer follows.
    OtherAnswer(String),
    /// The answer follows, for other reasons.
    OtherReasons(String),
}

impl Verdict {
    /// A reason that holds.
    pub(super) fn must(&mut self, reason: Reason) {
        self.must |= bit(reason);
    }

    /// A reason that holds if something is so.
    pub(super) fn must_if(&mut self, holds: bool, reason: Reason) {
        if holds {
            self.must(reason);
        }
    }

    /// A reason of which nobody can say from the documents whether it holds.
    pub(super) fn may(&mut self, reason: Reason, why: &'static str) {
        self.may |= bit(reason);
        self.doubts.push(why);
    }

    /// A reason that holds if something is so of whichever of these counts.
    pub(super) fn hold_of<T>(
        &mut self,
        any: &[T],
        holds: impl Fn(&T) -> bool,
        reason: Reason,
        why: &'static str,
    ) {
        match any.iter().filter(|one| holds(one)).count() {
            0 => {}
            count if count == any.len() => self.must(reason),
            _ => self.may(reason, why),
        }
    }

    fn told(&self, primary: i32, mask: u64) -> String {
        let (must, may) = (names_of(self.must), names_of(self.may & !self.must));
        let (primary, mask) = (super::name_of(primary), names_of(mask));
        format!("it says {primary} of {mask}; what holds is {must}, and perhaps {may}")
    }

    /// Compares with a suppression's mask and primary reason, or with an allowed message.
    pub(crate) fn compare(&self, suppressed: Option<(i32, u64)>) -> Comparison {
        let (must, may) = (self.must, self.may & !self.must);
        let doubt = self.doubts.first().copied().unwrap_or("the documents leave it open");
        let Some((primary, mask)) = suppressed else {
            return match (must, may) {
                (0, 0) => Comparison::Same,
                (0, _) => Comparison::Open(doubt),
                _ => Comparison::OtherAnswer(format!("allowed, though {} holds", names_of(must))),
            };
        };
        if must == 0 && mask & !may != 0 {
            let found = names_of(mask);
            return Comparison::OtherAnswer(format!(
                "suppressed for {found}, though nothing holds"
            ));
        }
        if must == 0 {
            return Comparison::Open(doubt);
        }
        let (missing, more) = (must & !mask, mask & !(must | may));
        if missing != 0 || more != 0 {
            let (missing, more) = (names_of(missing), names_of(more));
            let what =
                format!("lacks {missing}, has {more} too many; {}", self.told(primary, mask));
            return Comparison::OtherReasons(what);
        }
        let is_first =
            (0..64).contains(&primary) && super::reason::first_group(mask) >> primary & 1 == 1;
        match is_first {
            true => Comparison::Same,
            false => Comparison::OtherReasons(format!(
                "its primary reason is not of the first rule; {}",
                self.told(primary, mask)
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_follows_only_with_its_answer_and_all_reasons() {
        let mut verdict = Verdict::default();
        assert_eq!(verdict.compare(None), Comparison::Same);
        let withdrawn = (Reason::Withdrawn as i32, bit(Reason::Withdrawn));
        assert!(matches!(verdict.compare(Some(withdrawn)), Comparison::OtherAnswer(_)));
        verdict.may(Reason::Withdrawn, "open");
        assert_eq!(verdict.compare(Some(withdrawn)), Comparison::Open("open"));
        assert_eq!(verdict.compare(None), Comparison::Open("open"));
        verdict.must(Reason::NoGrant);
        assert!(matches!(verdict.compare(None), Comparison::OtherAnswer(_)));
        assert!(matches!(verdict.compare(Some(withdrawn)), Comparison::OtherReasons(_)));
        let both = bit(Reason::Withdrawn) | bit(Reason::NoGrant);
        assert_eq!(verdict.compare(Some((Reason::Withdrawn as i32, both))), Comparison::Same);
        let late = verdict.compare(Some((Reason::NoGrant as i32, both)));
        assert!(matches!(late, Comparison::OtherReasons(_)));
        let more = both | bit(Reason::Cooldown);
        let more = verdict.compare(Some((Reason::Withdrawn as i32, more)));
        assert!(matches!(more, Comparison::OtherReasons(_)));
    }
}
