//! What the person last wrote or asked for, on one identity.
//!
//! Knows no message and no clock: whether a window is open is asked with an instant. An inbound
//! message that an objection names opens the window, but never speaks for sending: it is the
//! objection, on whichever identity of the person that was told. In doubt (undated, unnamed, older than
//! what is kept) nothing was written.

use super::ids::EventId;
use super::objection::Mark;
use super::time::Seconds;

/// How many of the newest inbound messages are kept. Of an older one it is not known any longer that
/// the person wrote it, so it waives nothing.
const KEPT: usize = 2;

/// The newest inbound messages, newest first, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inbounds(Vec<Mark>);

impl Inbounds {
    /// Joins a message. One that was told before with another time counts from the later one.
    pub fn join(&mut self, message: Mark) {
        let told = self.0.iter().position(|known| known.event == message.event);
        match told.and_then(|at| self.0.get_mut(at)) {
            Some(known) => *known = (*known).max(message),
            None => self.0.push(message),
        }
        self.0.sort_unstable_by(|one, other| other.cmp(one));
        self.0.truncate(KEPT);
    }

    /// Hides what is not later than an erasure.
    pub fn hide(&mut self, erased_at: Seconds) {
        self.0.retain(|message| message.at > erased_at);
    }

    /// All that are kept, newest first.
    pub fn iter(&self) -> impl Iterator<Item = Mark> + '_ {
        self.0.iter().copied()
    }
}

/// What the person last wrote or asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// What the person last wrote.
    pub wrote: Inbounds,
    /// When the person last asked for a code.
    pub asked_at: Option<Seconds>,
}

impl Conversation {
    /// When the person last wrote: this opens the window.
    pub fn wrote_at(&self) -> Option<Seconds> {
        self.wrote.iter().next().map(|message| message.at)
    }

    /// When the person last wrote something that is no objection: this waives objections.
    pub fn waives_at(&self, is_objection: impl Fn(EventId) -> bool) -> Option<Seconds> {
        let mut waiving = self.wrote.iter().filter(|message| !is_objection(message.event));
        waiving.next().map(|message| message.at)
    }

    /// Whether the person never wrote and never asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(at: u32, id: u64) -> Mark {
        Mark { at: Seconds(at), event: EventId(id) }
    }

    fn joined(messages: &[Mark]) -> Inbounds {
        let mut inbounds = Inbounds::default();
        messages.iter().for_each(|message| inbounds.join(*message));
        inbounds
    }

    #[test]
    fn the_newest_two_stay_in_whatever_order_and_however_often_they_come() {
        let [one, two, three] = [message(10, 1), message(20, 2), message(30, 3)];
        let expected: Vec<_> = vec![three, two];
        for order in [[one, two, three], [three, two, one], [two, three, one]] {
            assert_eq!(joined(&order).iter().collect::<Vec<_>>(), expected);
            let twice: Vec<_> = order.iter().chain(&order).copied().collect();
            assert_eq!(joined(&twice).iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_message_that_is_told_again_takes_one_place() {
        let kept = joined(&[message(10, 1), message(20, 2), message(30, 2)]);
        assert_eq!(kept.iter().collect::<Vec<_>>(), [message(30, 2), message(10, 1)]);
    }

    #[test]
    fn what_an_objection_names_opens_the_window_and_waives_nothing() {
        let wrote = joined(&[message(10, 1), message(20, 2)]);
        let conversation = Conversation { wrote, asked_at: None };
        assert_eq!(conversation.wrote_at(), Some(Seconds(20)));
        assert_eq!(conversation.waives_at(|message| message == EventId(2)), Some(Seconds(10)));
        assert_eq!(conversation.waives_at(|_| true), None);
    }
}
