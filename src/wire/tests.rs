//! What the tests of this room share.

use crate::consent::{Category, IdentityRef};
use crate::decision::{Message, OptOutPath};

/// A marketing message to a person with two identities.
pub(crate) fn sample_message() -> Message<'static> {
    Message {
        business: "acme",
        to: IdentityRef::parse("+12025550101"),
        also: [IdentityRef::parse("IN.Abc123"), None],
        scope: "offers",
        category: Category::Marketing,
        deadline: None,
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "m-1",
        campaign_id: "autumn",
        template: "autumn_offer",
    }
}
