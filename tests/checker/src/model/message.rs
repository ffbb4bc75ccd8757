//! An outbound message, as its contract says.

use prost::Message as _;

use super::words::{Identity, seconds};
use crate::spec::outbound::{Category, OptOutPath, OutboundMessage};

/// What a message says that decides.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) said: OutboundMessage,
    /// When the record was written, milliseconds since 1970.
    pub(super) sent_ms: i64,
    /// Nothing if the address is nobody's.
    pub(crate) to: Option<Identity>,
    pub(crate) also: Option<Identity>,
}

impl Message {
    /// Reads a record's value; nothing if it is malformed.
    pub(crate) fn read(value: Option<&[u8]>, sent_ms: i64) -> Option<Self> {
        let said = OutboundMessage::decode(value?).ok()?;
        if said.business_id.is_empty() && said.sender.is_empty() {
            return None;
        }
        let also = match said.also_known_as.as_str() {
            "" => None,
            text => Some(Identity::read(text)?),
        };
        let to = Identity::read(&said.to);
        Some(Self { said, sent_ms, to, also })
    }

    /// What sort of message it is, without anybody's name.
    pub(crate) fn kind(&self) -> String {
        let named = if self.also.is_some() { "two identities" } else { "one identity" };
        let template = if self.said.template.is_empty() { "no template" } else { "a template" };
        format!("{} to {named} with {template}", self.declared().as_str_name().to_lowercase())
    }

    /// What it calls itself; whatever is unknown is marketing.
    pub(super) fn declared(&self) -> Category {
        match Category::try_from(self.said.category) {
            Ok(Category::Unspecified) | Err(_) => Category::Marketing,
            Ok(category) => category,
        }
    }

    pub(super) fn offers_path(&self) -> bool {
        matches!(
            OptOutPath::try_from(self.said.opt_out_path),
            Ok(OptOutPath::Footer | OptOutPath::Button | OptOutPath::Link)
        )
    }

    /// The second from which it is over; one that lies before 1970 has always been.
    pub(super) fn deadline(&self) -> Option<i64> {
        self.said.deadline_ms.map(|ms| seconds(ms.max(0)))
    }
}
