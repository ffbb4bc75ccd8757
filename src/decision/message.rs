//! An outbound message as the rules see it: borrowed fields, already decoded.
//!
//! Knows no bytes and no topic. A field that cannot be read is `None` and suppresses.

use crate::consent::{BusinessId, Category, EventId, IdentityRef, Seconds};
use crate::policy::Policy;

/// Whether the message tells the person how to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptOutPath {
    /// It does: by footer, button or link.
    Offered,
    /// It does not, or does not say so.
    Missing,
}

/// One outbound message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The business that sends.
    pub business: &'a str,
    /// The number that sends, by its id at the platform; empty if nobody says.
    pub sender: &'a str,
    /// The address that the platform will use; `None` if it cannot be read.
    pub to: Option<IdentityRef<'a>>,
    /// Other identities of the same person: what suppresses on them counts, what permits does not.
    pub also: [Option<IdentityRef<'a>>; 2],
    /// The purpose; empty for replies.
    pub scope: &'a str,
    /// The declared category.
    pub category: Category,
    /// When it was sent, as its record says; `None` if nobody says so, which suppresses.
    pub sent_at: Option<Seconds>,
    /// At and after this second the message is too late.
    pub deadline: Option<Seconds>,
    /// How the person can leave.
    pub opt_out_path: OptOutPath,
    /// For a farewell: the objection that it answers.
    pub answers: Option<EventId>,
    /// The caller's id of the message.
    pub message_id: &'a str,
    /// The caller's campaign.
    pub campaign_id: &'a str,
    /// The template's name.
    pub template: &'a str,
    /// The template's language; empty if it names none.
    pub template_language: &'a str,
}

impl<'a> Message<'a> {
    /// Every identity that the message names.
    pub fn people(&self) -> impl Iterator<Item = IdentityRef<'a>> + Clone + use<'a> {
        let [first, second] = self.also;
        [self.to, first, second].into_iter().flatten()
    }

    /// The message with the business to which its sender belongs, if it names no business itself.
    pub fn at_home(self, policy: &'a Policy) -> Self {
        match self.business {
            "" => {
                let home = policy.senders().business_of(self.sender);
                Self { business: home.map_or("", BusinessId::as_str), ..self }
            }
            _ => self,
        }
    }

    /// The message, sent when its record's timestamp says, in milliseconds since 1970.
    pub fn sent_at_ms(self, timestamp_ms: Option<i64>) -> Self {
        Self { sent_at: timestamp_ms.map(Seconds::nearest_to_millis), ..self }
    }
}
