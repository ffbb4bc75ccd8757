//! Messages as they lie in the topic: about 300 bytes each.

use consentgate::consent::Seconds;
use consentgate::decision::{Message, Reason};
use consentgate::wire::outbound::{decode, encode};
use consentgate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};

use super::Ask;
use super::draw::draw;
use super::people::BEGINNING;

/// When the messages are decided: so late that the first grants with an end are over.
pub(crate) const NOW: Seconds = Seconds(BEGINNING + 101_000_000);

/// The text itself, which the gate never reads.
const BODY_BYTES: usize = 150;

impl Ask {
    /// The bytes of a message that asks this. One in a hundred is too late, one in a hundred offers
    /// no way to leave, and one in a hundred promotes under whatever scope it has.
    pub(crate) fn record(&self, number: usize) -> Vec<u8> {
        let drawn = draw(70, number as u64);
        let is_late = drawn.is_multiple_of(100);
        let way_out = match (drawn >> 8).is_multiple_of(100) {
            true => OptOutPath::Unspecified,
            false => OptOutPath::Footer,
        };
        let category = match self.scope.as_str() {
            _ if (drawn >> 16).is_multiple_of(100) => Category::Marketing,
            "offers" | "recommendations" | "surveys" => Category::Marketing,
            _ => Category::Utility,
        };
        let now_ms = i64::from(NOW.0) * 1_000;
        encode(&OutboundMessage {
            message_id: format!("2f1c7f0e-8a41-4f9e-9d35-{number:012x}"),
            campaign_id: format!("camp-{:08x}", number % 7),
            business_id: self.business.as_str().to_string(),
            to: self.to.as_ref().canonical(),
            scope: self.scope.as_str().to_string(),
            category: category.into(),
            template: "spring_offer_v3".to_string(),
            template_language: "pt_BR".to_string(),
            deadline_ms: Some(if is_late { now_ms - 1_000 } else { now_ms + 3_600_000 }),
            opt_out_path: way_out.into(),
            body: vec![b'x'; BODY_BYTES],
            ..Default::default()
        })
    }
}

/// The bytes of all these messages.
pub(crate) fn records(asks: &[Ask]) -> Vec<Vec<u8>> {
    asks.iter().enumerate().map(|(number, ask)| ask.record(number)).collect()
}

/// A record's message, sent just now.
pub(crate) fn read(record: &[u8]) -> Result<Message<'_>, Reason> {
    decode(Some(record)).map(|message| message.sent_at_ms(Some(i64::from(NOW.0) * 1_000)))
}
