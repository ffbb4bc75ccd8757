//! Outbound messages: the fields that decide, borrowed from the record's bytes.
//!
//! Knows the contract and no rule. It reads to the end of the message, so that it sees the same
//! values as the sender will: a later duplicate of a field wins. Bytes that the sender could not
//! read either are malformed.

mod cursor;
mod scan;
#[cfg(test)]
mod tests;

use scan::{Fields, scan};

use crate::consent::{Category, EventId, IdentityRef, Seconds};
use crate::decision::{Message, OptOutPath, Reason};
use crate::wire::proto::outbound as proto;

/// The bytes of a message, for commands and simulations.
pub fn encode(message: &super::proto::outbound::OutboundMessage) -> Vec<u8> {
    prost::Message::encode_to_vec(message)
}

/// Reads the value of an outbound record without copying anything. When it was sent stands in the
/// record, not in its value.
///
/// # Errors
/// [`Reason::Malformed`] if there is no value, if it is no `OutboundMessage`, if it names neither
/// business nor sender, or if it names another identity that cannot be read (it may carry an
/// objection).
pub fn decode(value: Option<&[u8]>) -> Result<Message<'_>, Reason> {
    let fields = value.and_then(scan).ok_or(Reason::Malformed)?;
    if fields.business.is_empty() && fields.sender.is_empty() {
        return Err(Reason::Malformed);
    }
    let also = match fields.also_known_as {
        "" => None,
        text => Some(IdentityRef::parse(text).ok_or(Reason::Malformed)?),
    };
    Ok(message_of(&fields, also))
}

fn message_of<'a>(fields: &Fields<'a>, also: Option<IdentityRef<'a>>) -> Message<'a> {
    let answers = fields.objection_event_id;
    Message {
        business: fields.business,
        sender: fields.sender,
        to: IdentityRef::parse(fields.to),
        also: [also, None],
        scope: fields.scope,
        category: category_of(fields.category),
        sent_at: None,
        deadline: fields.deadline_ms.and_then(deadline_of),
        opt_out_path: opt_out_path_of(fields.opt_out_path),
        answers: (!answers.is_empty()).then(|| EventId::of(answers)),
        message_id: fields.message_id,
        campaign_id: fields.campaign_id,
        template: fields.template,
        template_language: fields.template_language,
    }
}

/// Whatever is not known is marketing, the strictest.
pub(super) fn category_of(number: i32) -> Category {
    match proto::Category::try_from(number) {
        Ok(proto::Category::Utility) => Category::Utility,
        Ok(proto::Category::Authentication) => Category::Authentication,
        Ok(proto::Category::Service) => Category::Service,
        Ok(proto::Category::Farewell) => Category::Farewell,
        Ok(proto::Category::Unspecified | proto::Category::Marketing) | Err(_) => {
            Category::Marketing
        }
    }
}

/// A way out of a later version is none that this version could vouch for.
fn opt_out_path_of(number: i32) -> OptOutPath {
    match proto::OptOutPath::try_from(number) {
        Ok(proto::OptOutPath::Footer | proto::OptOutPath::Button | proto::OptOutPath::Link) => {
            OptOutPath::Offered
        }
        Ok(proto::OptOutPath::Unspecified) | Err(_) => OptOutPath::Missing,
    }
}

/// A deadline before 1970 has always been over; one after 2106 is none.
fn deadline_of(deadline_ms: i64) -> Option<Seconds> {
    Seconds::from_millis(deadline_ms.max(0))
}
