//! One outbound message of a campaign, as bytes.

use prost::Message as _;

use super::customer::{Customer, Expected};
use crate::decision::Reason;
use crate::wire::outbound::encode;
use crate::wire::proto::outbound::{Category as WireCategory, OptOutPath, OutboundMessage};

/// A message, ready to be written, and its right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedMessage {
    /// The record's key: the recipient.
    pub key: Vec<u8>,
    /// The encoded message.
    pub value: Vec<u8>,
    /// Its right answer under the standard policy.
    pub expected: Expected,
}

/// What is wrong with the message itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// Its deadline is over.
    TooLate,
    /// It is marketing and offers no way to leave.
    NoWayOut,
    /// Its scope is none that the standard policy knows.
    UnknownScope,
    /// Its business has never asked anybody.
    UnknownBusiness,
    /// It is no message.
    Unreadable,
}

/// What a message is to be.
pub(super) struct Plan<'p> {
    pub(super) customer: &'p Customer<'p>,
    pub(super) scope: &'static str,
    pub(super) flaw: Flaw,
    pub(super) number: u64,
    pub(super) drawn: u64,
    pub(super) bytes: usize,
}

/// Long over: 2023-01-01.
const PAST_MS: i64 = 1_672_531_200_000;
/// Still to come: 2100-01-01.
const FUTURE_MS: i64 = 4_102_444_800_000;
/// What the tag and the length of the body take.
const BODY_OVERHEAD: usize = 3;

const WORDS: [&str; 32] = [
    "your", "order", "table", "coffee", "spring", "summer", "half", "price", "until", "Friday",
    "collect", "the", "new", "flight", "gate", "account", "card", "visit", "with", "doctor", "is",
    "ready", "today", "tomorrow", "at", "nine", "please", "bring", "thank", "you", "for", "us",
];

/// The number of the message with this id.
pub(in crate::commands) fn number_of(message_id: &str) -> Option<u64> {
    u64::from_str_radix(message_id.strip_prefix('m')?, 16).ok()
}

impl Plan<'_> {
    pub(super) fn build(&self) -> SimulatedMessage {
        let customer = self.customer;
        let marketing = is_marketing(self.scope);
        let category = match (self.scope, marketing) {
            (_, true) => WireCategory::Marketing,
            ("authentication", false) => WireCategory::Authentication,
            (_, false) => WireCategory::Utility,
        };
        let mut message = OutboundMessage {
            message_id: format!("m{:x}", self.number),
            campaign_id: format!("campaign-{:02}", self.drawn % 20),
            business_id: customer.business.id.clone(),
            to: customer.address.as_str().to_owned(),
            scope: self.scope.to_owned(),
            category: category.into(),
            template: format!("{}_v{}", self.scope, 1 + (self.drawn >> 8) % 3),
            template_language: "en".to_owned(),
            deadline_ms: (self.drawn >> 16).is_multiple_of(4).then_some(FUTURE_MS),
            opt_out_path: OptOutPath::Footer.into(),
            ..OutboundMessage::default()
        };
        let expected = self.flawed(&mut message, marketing);
        let room = self.bytes.saturating_sub(message.encoded_len() + BODY_OVERHEAD);
        message.body = text(self.drawn, room);
        let mut value = encode(&message);
        if self.flaw == Flaw::Unreadable {
            // A length that reaches past the end.
            value.extend([0x7a, 0x7f]);
        }
        SimulatedMessage { key: message.to.into_bytes(), value, expected }
    }

    /// Spoils the message as planned; the answer follows from both.
    fn flawed(&self, message: &mut OutboundMessage, marketing: bool) -> Expected {
        let sound = self.customer.answer(self.scope);
        let goes = !matches!(sound, Expected::Suppressed(_));
        match self.flaw {
            Flaw::None => sound,
            Flaw::TooLate => {
                message.deadline_ms = Some(PAST_MS);
                Expected::Suppressed(Reason::Expired)
            }
            Flaw::NoWayOut if marketing && goes => {
                message.opt_out_path = OptOutPath::Unspecified.into();
                Expected::Suppressed(Reason::NoOptOutPath)
            }
            // Only marketing needs a way out; any other message must not be for nobody's scope.
            Flaw::NoWayOut | Flaw::UnknownScope if goes => {
                message.scope = "horoscopes".to_owned();
                Expected::Suppressed(Reason::ScopeUnknown)
            }
            Flaw::NoWayOut | Flaw::UnknownScope => sound,
            Flaw::UnknownBusiness => {
                message.business_id = format!("nobody-{:03}", self.drawn % 1_000);
                Expected::Suppressed(Reason::BusinessUnknown)
            }
            Flaw::Unreadable => Expected::Suppressed(Reason::Malformed),
        }
    }
}

fn is_marketing(scope: &str) -> bool {
    matches!(scope, "offers" | "recommendations" | "surveys")
}

/// Words up to a length.
fn text(drawn: u64, len: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(len + 16);
    let mut word = drawn;
    while text.len() < len {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (word >> 59) as usize;
        text.extend_from_slice(WORDS.get(at).unwrap_or(&"you").as_bytes());
        text.push(b' ');
    }
    text.truncate(len);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Category;
    use crate::policy::{Policy, ScopeClass};

    #[test]
    fn the_campaign_calls_marketing_what_the_standard_policy_does() {
        for (name, rule) in Policy::standard().scopes() {
            let marketing = rule.class == ScopeClass::Marketing;
            assert_eq!(is_marketing(name.as_str()), marketing, "{name}");
            assert_eq!(rule.category(Category::Utility) == Category::Marketing, marketing);
        }
    }
}
