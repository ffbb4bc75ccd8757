//! `[webhooks]` as written: where Meta's webhooks come from, whose they are, what is an opt-out.
//!
//! Only `consentgate webhooks` reads it; the gate itself runs without.

use serde::{Deserialize, Serialize};

use crate::config::section::{choice, section};
use crate::config::value::{PassThrough, Setting, Shape, Span};

choice! {
    /// What becomes of two identities that Meta names for one person.
    LinkSetting {
        /// They are counted.
        LeaveOut = "leave_out",
        /// They are published.
        Publish = "publish",
    }
}

/// What a button sends with which a person leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptOutPayloadSettings {
    /// The payload, or the id of a reply button or of a list's row.
    pub payload: String,
    /// The scopes that the person leaves; none means all.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl Setting for Vec<OptOutPayloadSettings> {
    const SHAPE: Shape = Shape::tables("tables with payload, and scopes (a list; none means all)");
}

section! {
    /// Meta's webhooks, for `consentgate webhooks`: it reads their bodies from a topic and publishes
    /// consent events. The gate itself does not need this section.
    ["webhooks"] WebhooksSettings {
        /// The topic of the bodies as Meta sent them, one a record. Check their signatures before
        /// they are written there.
        topic: String = "whatsapp-webhooks".to_owned();
        /// The consumer group that reads it.
        group: String = "consentgate-webhooks".to_owned();
        /// A topic to which bodies are copied that cannot be read or placed, for a person to look at.
        /// It holds personal data. If not set: they are only counted and logged by their place.
        rejects: Option<String> = None, example "\"whatsapp-webhooks-rejects\"";
        /// Address and port on which the adapter shows /metrics and /live.
        listen: String = "127.0.0.1:9465".to_owned();
        /// For how long a delivery that Meta repeats is published once only. Meta repeats for 7 days.
        remember: Span = Span::days(8);
        /// "publish" writes an identity_link where Meta names a phone number and a user id for one
        /// person: what that person says on one counts on the other. "leave_out" only counts them, for
        /// gates of rules version 3 or older, which read a link as an objection to everything.
        links: LinkSetting = LinkSetting::Publish;
        /// Words or phrases with which people leave, beside the built-in ones of 28 languages.
        stop_words: Vec<String> = Vec::new();
        /// Which business a phone number id belongs to.
        numbers: PassThrough = PassThrough::new(), example "\"106540352242922\" = \"cafe-luna\"";
        /// Which business a WhatsApp business account (WABA id) belongs to, for webhooks that name no
        /// phone number id of yours.
        accounts: PassThrough = PassThrough::new(), example "\"102290129340398\" = \"cafe-luna\"";
        /// What a button sends with which a person leaves: the payload of a template's button, or the
        /// id of a reply. Without scopes: all of them.
        opt_out_payloads: Option<Vec<OptOutPayloadSettings>> = None,
            example "payload = \"STOP_PROMO\"\nscopes = [\"offers\"]";
    }
}
