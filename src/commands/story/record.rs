//! One record of a story: what it says, what it contributes, and how to name it.
//!
//! Names a record by its number, kind and event id, never by the person.

use super::{StoryError, ToldRecord};
use crate::consent::{
    ConsentRecord, Content, Folded, Note, PauseTarget, ScopeName, TemplateSaid, fold,
};
use crate::wire::json::{JsonEvent, Named, StoryRecord};

/// A record, folded.
pub(in crate::commands) struct Told {
    /// Its number in the story, from 1.
    pub(super) number: usize,
    /// The record as the gate would read it.
    pub(super) record: ConsentRecord,
    /// What it contributes.
    pub(super) folded: Folded,
    /// The event in our JSON, if it may be shown.
    event: Option<Box<JsonEvent>>,
    appended_at: String,
    event_id: String,
    kind: String,
    /// How the record itself is called.
    label: String,
}

impl Told {
    /// Reads and folds one record.
    pub(super) fn read(number: usize, story: &StoryRecord) -> Result<Self, StoryError> {
        let record = story.to_record().map_err(|source| StoryError::Record { number, source })?;
        let folded = fold(&record);
        let event = story.event.as_ref();
        let mut told = Self::new(number, record, folded, event);
        told.label = format!("record {number}");
        told.appended_at.clone_from(&story.appended_at);
        Ok(told)
    }

    /// A record of a log, called by its place; `number` is its own among those that are told.
    pub(in crate::commands) fn new(
        number: usize,
        record: ConsentRecord,
        folded: Folded,
        event: Option<&JsonEvent>,
    ) -> Self {
        let kind = match event.map(|event| event.kind.as_ref()) {
            None => "undecodable".to_string(),
            Some(None) => "no kind".to_string(),
            Some(Some(Named::Name(name))) => name.clone(),
            Some(Some(Named::Number(number))) => format!("kind {number}"),
        };
        Self {
            number,
            folded,
            event: event.cloned().map(Box::new),
            appended_at: String::new(),
            event_id: event.map_or(String::new(), |event| event.event_id.clone()),
            kind,
            label: record.place.to_string(),
            record,
        }
    }

    /// The record as the gate would read it.
    pub(in crate::commands) fn record(&self) -> &ConsentRecord {
        &self.record
    }

    /// Its event, if it may be shown.
    pub(in crate::commands) fn event(&self) -> Option<&JsonEvent> {
        self.event.as_deref()
    }

    /// What it says, for example `grant offers`.
    pub(in crate::commands) fn says(&self) -> String {
        format!("{}{}", self.kind, self.about())
    }

    /// The record's name, for example `record 2, withdraw offers (e2)`.
    pub(super) fn name(&self) -> String {
        let id = match self.event_id.as_str() {
            "" => String::new(),
            id => format!(" ({id})"),
        };
        format!("{}, {}{id}", self.label, self.says())
    }

    /// The scopes, switches and templates that it names.
    fn about(&self) -> String {
        match &self.record.content {
            Content::Event(event) => {
                words(&event.scopes) + &paused(&event.pauses) + &told_of(event.template.as_ref())
            }
            Content::Ignored | Content::Undecodable => String::new(),
        }
    }

    /// The record as it is told.
    pub(super) fn told(&self) -> ToldRecord {
        ToldRecord {
            appended_at: self.appended_at.clone(),
            name: self.name(),
            notes: self.folded.notes.iter().copied().map(meaning).collect(),
        }
    }
}

fn words(scopes: &[ScopeName]) -> String {
    scopes.iter().map(|scope| format!(" {scope}")).collect()
}

fn told_of(said: Option<&TemplateSaid>) -> String {
    let template = said.and_then(|said| said.template.as_ref());
    template.map_or(String::new(), |of| format!(" {} {}", of.name(), of.language()))
}

fn paused(targets: &[PauseTarget]) -> String {
    let word = |target: &PauseTarget| match target {
        PauseTarget::Business => String::new(),
        PauseTarget::Scope(scope) => format!(" scope {scope}"),
        PauseTarget::Campaign(campaign) => format!(" campaign {campaign}"),
        PauseTarget::Template(template) => format!(" template {template}"),
    };
    targets.iter().map(word).collect()
}

/// What an operator hears.
pub(in crate::commands) fn meaning(note: Note) -> &'static str {
    match note {
        Note::Undated => "it has no date, so it permits nothing",
        Note::ProofMissing => "its proof is not complete, so it permits nothing",
        Note::TextRefused => {
            "it does not say all of a text, or the hash is not that of its sentence: it proves nothing"
        }
        Note::ImportGrants => "an import never grants by itself",
        Note::WrongPartition => "it lies in the wrong partition",
        Note::WrongTopic => "it lies outside the log of record, so it permits nothing",
        Note::UnknownKind => "of a later version, it counts by its effect alone",
        Note::Quarantined => {
            "it cannot be read, so its business (or everybody, if it names none) waits for a void"
        }
    }
}
