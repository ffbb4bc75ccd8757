//! Why a grant that is complete by itself is not taken: what the file or the log has against it.

/// Why a grant that is complete by itself is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Conflict {
    /// It is newer than a suppression in the file.
    LiftsInFile,
    /// It is newer than a suppression in the log.
    LiftsInLog,
    /// A suppression in the file is newer.
    OlderInFile,
    /// A suppression in the log is newer.
    OlderInLog,
    /// Its text was invalidated, or retired before it.
    TextInvalid,
    /// Its text is not published, or does not name what was agreed to.
    TextUnproven,
    /// A record of its business waits to be voided.
    Quarantined,
    /// A row of the file may be a suppression of its business, and cannot be read.
    Waits,
}

impl Conflict {
    /// The name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LiftsInFile => "would_lift_a_suppression_in_this_file",
            Self::LiftsInLog => "would_lift_a_suppression_in_the_log",
            Self::OlderInFile => "older_than_a_suppression_in_this_file",
            Self::OlderInLog => "older_than_a_suppression_in_the_log",
            Self::TextInvalid => "text_was_invalidated",
            Self::TextUnproven => "text_is_not_published",
            Self::Quarantined => "business_is_quarantined",
            Self::Waits => "waits_for_unreadable_rows",
        }
    }

    /// What to do about it.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::LiftsInFile | Self::LiftsInLog => {
                "an import never lifts a suppression: ask the person again, through the gate's own \
                 opt-in"
            }
            Self::OlderInFile | Self::OlderInLog => "the person said no after this: nothing to do",
            Self::TextUnproven => {
                "publish the text first, with its scopes and WhatsApp (consent publish-text), or see \
                 policy.consent_texts"
            }
            Self::TextInvalid => "no grant on this text stands: ask the person again",
            Self::Quarantined => "void the record that cannot be read first (consent void)",
            Self::Waits => {
                "a refused row of this business may be an opt-out: mend it or take it out of the \
                 file, or say --accept-unreadable COUNT"
            }
        }
    }
}
