//! Which number sends for which business.
//!
//! A number belongs to one business. A registry without any number, in a policy that does not ask for
//! one, is not in use; else whoever sends from a number that is not its business's is refused.

use std::collections::BTreeMap;

use super::PolicyError;
use crate::consent::BusinessId;

/// The most numbers that a policy may register.
pub const SENDERS_MAX: usize = 100_000;
/// The longest id of a number, in bytes.
const SENDER_LEN_MAX: usize = 64;

/// Whether a message may go of which nobody says who sends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unnamed {
    /// It may: the sender is not asked for.
    #[default]
    Any,
    /// It must not.
    Refused,
}

/// The numbers that send, by the platform's ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Senders {
    unnamed: Unnamed,
    numbers: BTreeMap<String, BusinessId>,
}

impl Senders {
    /// Nobody is registered yet.
    pub fn new(unnamed: Unnamed) -> Self {
        Self { unnamed, numbers: BTreeMap::new() }
    }

    /// Registers a number for its business.
    ///
    /// # Errors
    /// An id that is none, a number of another business, or too many of them.
    pub fn register(&mut self, sender: &str, business: &BusinessId) -> Result<(), PolicyError> {
        let is_id = (1..=SENDER_LEN_MAX).contains(&sender.len())
            && sender.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_id {
            return Err(PolicyError::NoSender(business.clone()));
        }
        match self.numbers.get(sender) {
            Some(other) if other != business => Err(PolicyError::SharedSender {
                sender: sender.to_owned(),
                businesses: [other.clone(), business.clone()],
            }),
            Some(_) => Ok(()),
            None if self.numbers.len() == SENDERS_MAX => Err(PolicyError::TooManySenders),
            None => {
                self.numbers.insert(sender.to_owned(), business.clone());
                Ok(())
            }
        }
    }

    /// The business that a number sends for.
    pub fn business_of(&self, sender: &str) -> Option<&BusinessId> {
        self.numbers.get(sender)
    }

    /// Whether a message of this business may come from this number; it is empty if nobody says.
    pub fn allow(&self, business: &str, sender: &str) -> bool {
        match sender {
            // Nobody but its sender could have said whose message it is.
            _ if business.is_empty() => false,
            "" => self.unnamed == Unnamed::Any,
            _ if self.is_unused() => true,
            sender => self.business_of(sender).is_some_and(|home| home.as_str() == business),
        }
    }

    /// What becomes of a message of which nobody says who sends it.
    pub fn unnamed(&self) -> Unnamed {
        self.unnamed
    }

    /// All numbers with their businesses, in order.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, &BusinessId)> {
        self.numbers.iter().map(|(sender, business)| (sender.as_str(), business))
    }

    /// Whether the policy says nothing of senders.
    pub fn is_unused(&self) -> bool {
        self.numbers.is_empty() && self.unnamed == Unnamed::Any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn business(name: &str) -> BusinessId {
        BusinessId::parse(name).unwrap()
    }

    #[test]
    fn a_number_sends_for_its_own_business_alone() {
        let mut senders = Senders::default();
        assert!(senders.allow("cafe", "106540352242922"));
        senders.register("106540352242922", &business("cafe")).unwrap();
        assert!(senders.allow("cafe", "106540352242922"));
        assert!(senders.allow("cafe", ""));
        assert!(!senders.allow("cafe", "106540352242923"));
        assert!(!senders.allow("bar", "106540352242922"));
        assert!(!senders.allow("", "106540352242923"));
    }

    #[test]
    fn a_policy_may_want_to_know_who_sends() {
        let senders = Senders::new(Unnamed::Refused);
        assert!(!senders.allow("cafe", ""));
        assert!(!senders.allow("cafe", "106540352242922"));
    }

    #[test]
    fn a_number_of_two_businesses_and_an_id_that_is_none_are_refused() {
        let mut senders = Senders::default();
        senders.register("1", &business("cafe")).unwrap();
        senders.register("1", &business("cafe")).unwrap();
        let shared = senders.register("1", &business("bar"));
        assert!(matches!(shared, Err(PolicyError::SharedSender { .. })), "{shared:?}");
        for id in ["", "1 2", "\u{e9}", &"1".repeat(65)] {
            let refused = senders.register(id, &business("cafe"));
            assert_eq!(refused, Err(PolicyError::NoSender(business("cafe"))), "{id}");
        }
    }
}
