//! `[consent_events]` and `[consent_activity]` as written: what the records of the consent topics are.
//!
//! Knows names and texts; whether they fit together is
//! [`EventFormat`](crate::wire::formats::EventFormat)'s to say.

use super::messages::MessageFraming;
use crate::config::mapped::MappedPlaces;
use crate::config::section::{SectionInfo, choice, section};
use crate::config::value::Places;

choice! {
    /// What the records of a consent topic are.
    EventForm {
        /// `ConsentEvent` of `proto/consent.proto`.
        Protobuf = "protobuf",
        /// Our JSON, the one of stories.
        OwnJson = "own_json",
        /// Any JSON.
        Json = "json",
    }
}

choice! {
    /// The unit of times that are numbers.
    TimeUnit {
        /// Milliseconds since 1970.
        Millis = "ms",
        /// Seconds since 1970.
        Seconds = "s",
    }
}

section! {
    /// How the records of the log of record are read; [consent_activity] has the same keys for the
    /// other topic. The key of a record stays business/identity in every format. What objects needs
    /// business, person and kind; what else is missing or in doubt makes it wider. What permits is
    /// refused for any doubt. See what a sample record comes to with `consentgate mapping try
    /// --consent`. Change a format only together with the topic: what was written before is then
    /// read with it too.
    ["consent_events"] EventsSettings {
        /// "protobuf" is ConsentEvent of proto/consent.proto. "own_json" is our JSON, the one of
        /// stories. "json" is any JSON, with business, identity and kind mapped below at least. The
        /// commands of consentgate write into it {"consentgate": ...} with our JSON inside.
        format: EventForm = EventForm::Protobuf;
        /// "confluent" takes off the prefix of Confluent's serializers: magic byte, schema id and,
        /// before protobuf, message indexes. No registry is asked.
        framing: MessageFraming = MessageFraming::Plain;
        /// The unit of times that are numbers: "ms" or "s" since 1970. Times may also be texts such
        /// as 2026-01-31T12:00:00Z.
        time_unit: TimeUnit = TimeUnit::Millis;
        /// The business, as in the record's key.
        business: Option<Places> = None, example "\"/tenant\"";
        /// The person, E.164 or a business-scoped user id, as in the record's key.
        identity: Option<Places> = None, example "[\"/phone\", \"/user_id\"]";
        /// What happened, by our names (grant, withdraw, ...), or by a map to them. A word that the
        /// map does not have makes the record undecodable, unless it is mapped to "ignore".
        kind: Option<MappedPlaces> = None, example "{ pointer = \"/type\", map = { opted_in = \"grant\", opted_out = \"withdraw\", opened = \"ignore\" } }";
        /// The event's own id. A grant needs one.
        event_id: Option<Places> = None, example "\"/id\"";
        /// When it happened. What permits needs it.
        occurred_at: Option<Places> = None, example "\"/at\"";
        /// What it is about, one scope or a list of them, by our names or by a map to them.
        scopes: Option<MappedPlaces> = None, example "{ pointer = \"/topics\", map = { deals = \"offers\" } }";
        /// How consent was collected, such as website_form.
        method: Option<MappedPlaces> = None, example "{ pointer = \"/channel\", map = { web = \"website_form\" } }";
        /// How the person expressed it, such as box_ticked.
        expression: Option<MappedPlaces> = None, example "\"/expression\"";
        /// The text agreed to.
        text_id: Option<Places> = None, example "\"/text/id\"";
        /// Its version.
        text_version: Option<Places> = None, example "\"/text/version\"";
        /// In which language the person read it.
        language: Option<Places> = None, example "\"/text/language\"";
        /// SHA-256 of the sentence that the person read, in hex.
        text_sha256: Option<Places> = None, example "\"/text/sha256\"";
        /// Where the proof lies; never the proof.
        evidence: Option<Places> = None, example "\"/proof\"";
        /// Who acted: subject, guardian, business, authority, platform, importer.
        actor: Option<MappedPlaces> = None, example "{ pointer = \"/by\", map = { customer = \"subject\" } }";
        /// Who asked and wrote it down; needed where a person asked another.
        recorder: Option<Places> = None, example "\"/agent\"";
        /// single or double.
        strength: Option<MappedPlaces> = None, example "\"/strength\"";
        /// Until when a grant is valid.
        valid_until: Option<Places> = None, example "\"/valid_until\"";
        /// The id of the grant that a confirm names.
        confirms: Option<Places> = None, example "\"/confirms\"";
        /// The platform's id of the inbound message, or of the one by which the person objected.
        inbound_id: Option<Places> = None, example "\"/wamid\"";
        /// The other identity of a link; of an identity_changed the old one.
        linked: Option<Places> = None, example "\"/old_phone\"";
        /// Until when a cooldown lasts.
        until: Option<Places> = None, example "\"/until\"";
        /// The scope that a pause stops.
        pause_scope: Option<Places> = None, example "\"/pause/scope\"";
        /// The campaign that a pause stops.
        pause_campaign: Option<Places> = None, example "\"/pause/campaign\"";
        /// The template that a pause stops.
        pause_template: Option<Places> = None, example "\"/pause/template\"";
    }
}

impl EventsSettings {
    /// The same keys for the other consent topic.
    pub(in crate::config) const ACTIVITY: SectionInfo = SectionInfo {
        name: "consent_activity",
        about: &[
            " How the records of consent activity are read; the keys are those of [consent_events].",
        ],
        keys: Self::INFO.keys,
    };
}
