//! What somebody should know about a body beside its events.
//!
//! A closed list with names for logs and counters. No note carries a text, a number or an id.

/// How much a note weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Nothing is lost; it is counted.
    Counted,
    /// Something was read with doubt, or not at all; many of them are a fault.
    Doubtful,
    /// A person should read this very body.
    ForPerson,
    /// An opt-out may be lost unless a person acts.
    Lost,
}

macro_rules! notes {
    ($($(#[doc = $about:literal])* $name:ident = $text:literal, $weight:ident;)*) => {
        /// Something about a body that is no event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Note { $($(#[doc = $about])* $name,)* }

        impl Note {
            /// All notes, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in logs and counters.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How much it weighs.
            pub fn weight(self) -> Weight {
                match self { $(Self::$name => Weight::$weight,)* }
            }
        }
    };
}

notes! {
    /// The body is no JSON, or nested too deep.
    Unreadable = "unreadable", ForPerson;
    /// The same, and it has words of an opt-out in it.
    UnreadableOptOut = "unreadable_opt_out", Lost;
    /// JSON, but no webhook of a WhatsApp business account.
    NotAWebhook = "not_a_webhook", Doubtful;
    /// Bytes that are no UTF-8 were replaced; nothing in the body counts as an inbound message.
    InvalidUtf8 = "invalid_utf8", Doubtful;
    /// A key stands twice in one object; nothing in the body counts as an inbound message.
    RepeatedKey = "repeated_key", Doubtful;
    /// A part has another type than Meta documents.
    WrongType = "wrong_type", Doubtful;
    /// A kind of webhook that this version has never heard of; its known parts are read all the same.
    UnknownField = "unknown_field", Counted;
    /// Neither phone number id nor account belongs to a business of ours.
    UnknownBusiness = "unknown_business", Doubtful;
    /// An opt-out whose business or person cannot be read.
    UnplacedOptOut = "unplaced_opt_out", Lost;
    /// A message from nobody who can be read.
    UnreadablePerson = "unreadable_person", Doubtful;
    /// A message whose words cannot be read: out of marketing, in case they were an opt-out.
    UnreadableMessage = "unreadable_message", Doubtful;
    /// A failure whose error codes cannot be read.
    UnreadableError = "unreadable_error", Doubtful;
    /// A preference that is neither stop nor resume: taken as the wider objection.
    UnknownPreference = "unknown_preference", Doubtful;
    /// A message without a time or an id that can be read: it opens no window.
    UndatedInbound = "undated_inbound", Doubtful;
    /// A message of a kind that opens no window: a reaction, a greeting request, an unknown kind.
    NoInbound = "no_inbound", Counted;
    /// A message in a group: it opens no window for the person.
    GroupMessage = "group_message", Counted;
    /// A word of leaving among other words: out of marketing at once, and a person should read it.
    FlaggedForPerson = "flagged_for_person", ForPerson;
    /// An identity changed, but from which is not said.
    ChangeWithoutOld = "change_without_old", Doubtful;
    /// Two identities of one person that were not published as a link, as configured.
    LinkLeftOut = "link_left_out", Counted;
    /// Undeliverable (131026): not on WhatsApp, or an old app. No opt-out.
    Unreachable = "unreachable", Counted;
    /// Something about a template, but topics.template_states is not set.
    TemplateState = "template_state", Counted;
    /// Something about a template that does not say which.
    UnplacedTemplate = "unplaced_template", ForPerson;
}

impl Note {
    /// Whether the body itself is needed to mend it: nothing of it, or not its opt-out, was published.
    pub fn is_rejection(self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::UnreadableOptOut
                | Self::NotAWebhook
                | Self::UnplacedOptOut
                | Self::UnplacedTemplate
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> =
            Note::ALL.iter().map(|note| note.name()).collect();
        assert_eq!(names.len(), Note::ALL.len());
        for name in names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
        }
    }
}
