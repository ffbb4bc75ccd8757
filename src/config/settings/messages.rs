//! `[messages]` as written: what the records of the outbound topic are, and where their fields stand.
//!
//! Knows names and texts; whether they fit together is [`crate::wire::formats::Format`]'s to say.

use crate::config::section::{choice, section};
use crate::config::value::Places;

choice! {
    /// What the records of the outbound topic are.
    MessageFormat {
        /// `OutboundMessage` of `proto/outbound.proto`.
        Protobuf = "protobuf",
        /// The body of a call to Meta's Cloud API.
        CloudApi = "cloud_api",
        /// Any JSON.
        Json = "json",
        /// Anything: only the headers are read.
        Headers = "headers",
    }
}

choice! {
    /// What stands in front of a record's value.
    MessageFraming {
        /// Nothing.
        Plain = "plain",
        /// The prefix of Confluent's serializers.
        Confluent = "confluent",
    }
}

section! {
    /// How the records of the outbound topic are read. They are forwarded as they are. A field stands
    /// at a JSON pointer (RFC 6901) or in a header; several places in a list must agree. A message
    /// that says two things about one field is suppressed as contradictory. See what a sample record
    /// comes to with `consentgate mapping try`.
    ["messages"] MessagesSettings {
        /// "protobuf" is OutboundMessage of proto/outbound.proto; its fields have their places.
        /// "cloud_api" is the JSON body of a call to Meta's Cloud API: recipient, type, template and
        /// Direct Send's category have their places, the rest is mapped below. "json" is any JSON,
        /// "headers" anything at all: the value is not read. Both need business and recipient.
        format: MessageFormat = MessageFormat::Protobuf;
        /// "confluent" takes off the prefix of Confluent's serializers: magic byte, schema id and,
        /// before protobuf, message indexes. No registry is asked.
        framing: MessageFraming = MessageFraming::Plain;
        /// The business that sends.
        business: Option<Places> = None, example "\"header:business\"";
        /// The number that sends, by Meta's phone_number_id. A full `endpoint` names it too. With
        /// `senders` in the policy it must be a number of the business; and it says whose message it is
        /// where the business is not mapped, or missing.
        sender: Option<Places> = None, example "\"header:phone_number_id\"";
        /// The address that the platform uses: E.164 or a business-scoped user id.
        recipient: Option<Places> = None, example "\"/to\"";
        /// Another identity of the same person; a suppression on it counts too.
        also_known_as: Option<Places> = None, example "\"/meta/user_id\"";
        /// What the message is about, such as offers.
        scope: Option<Places> = None, example "[\"header:scope\", \"/meta/scope\"]";
        /// Meta's class: marketing, utility, authentication, service, farewell. What is not known,
        /// or not said, is marketing; in "cloud_api" a message without a template is service.
        category: Option<Places> = None, example "\"header:category\"";
        /// The endpoint that the message is meant for. Any but .../messages makes it marketing.
        endpoint: Option<Places> = None, example "\"header:endpoint\"";
        /// The template's name.
        template: Option<Places> = None, example "\"/template/name\"";
        /// The template's language.
        template_language: Option<Places> = None, example "\"/template/language/code\"";
        /// When the message is too late: milliseconds since 1970, or a time in UTC such as
        /// 2026-01-31T12:00:00Z.
        deadline: Option<Places> = None, example "\"header:deadline\"";
        /// How the person can leave from this message: footer, button, link.
        opt_out_path: Option<Places> = None, example "\"header:opt_out_path\"";
        /// For a farewell: the objection that it answers.
        answers: Option<Places> = None, example "\"header:answers\"";
        /// The caller's id of the message, for the audit.
        message_id: Option<Places> = None, example "\"/biz_opaque_callback_data\"";
        /// The caller's campaign, for the audit.
        campaign_id: Option<Places> = None, example "\"header:campaign\"";
    }
}
