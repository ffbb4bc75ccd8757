//! A report as text, to be handed to the person.

use std::fmt;

use super::SubjectReport;
use super::decisions::{
    AllowedMessage, Decided, ListedMessage, MessageFields, OutboundMessage, Suppressed,
};
use super::held::{About, HeldRecord};
use super::standing::Standing;
use crate::wire::json::{JsonEvent, JsonTime, Named};

impl fmt::Display for SubjectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = time(&self.taken_at);
        writeln!(f, "All that is held about {} for {}, {taken}", self.person, self.business)?;
        heading(f, "Consent records", self.events.len())?;
        self.events.iter().try_for_each(|event| write!(f, "{event}"))?;
        write!(f, "{}", self.state)?;
        heading(f, "Suppressed messages", self.suppressed.len())?;
        self.suppressed.iter().try_for_each(|entry| write!(f, "{entry}"))?;
        heading(f, "Messages in the outbound topic", self.outbound.len())?;
        self.outbound.iter().try_for_each(|message| write!(f, "{message}"))?;
        heading(f, "Messages passed on", self.allowed.len())?;
        self.allowed.iter().try_for_each(|message| write!(f, "{message}"))?;
        heading(f, "Messages passed on that receipts list", self.listed.len())?;
        self.listed.iter().try_for_each(|listed| write!(f, "{listed}"))?;
        heading(f, "Notes", self.notes.len())?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))?;
        heading(f, "Read", self.read_to.len())?;
        for read in &self.read_to {
            let (topic, partition) = (&read.topic, read.partition);
            let (first, end) = (read.first, read.end);
            writeln!(f, "  {topic} partition {partition}, offsets {first} to before {end}")?;
        }
        writeln!(f, "  pseudonym keys {}", self.pseudonym_keys.join(", "))
    }
}

fn heading(f: &mut fmt::Formatter<'_>, what: &str, count: usize) -> fmt::Result {
    writeln!(f, "\n{what}: {count}")
}

impl fmt::Display for HeldRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let appended = self.appended_at.as_ref().map_or_else(String::new, time);
        writeln!(f, "  {}  {appended}", self.record)?;
        match (self.about, &self.event) {
            (About::Unreadable, _) => {
                writeln!(f, "    its key names the person; it cannot be read")?
            }
            (About::KeyOnly, _) => {
                writeln!(f, "    its key names the person, its value somebody else or nobody")?;
            }
            (_, None) => {}
            (about, Some(event)) => {
                let link = if about == About::Link { " (told of another identity)" } else { "" };
                writeln!(f, "    {}{link}", kind(event))?;
                fields(f, event)?;
            }
        }
        if let Some(sentence) = &self.sentence {
            writeln!(f, "    the text says     {sentence}")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "    note              {note}"))
    }
}

fn kind(event: &JsonEvent) -> String {
    let kind = event.kind.as_ref().map_or_else(|| "no kind".to_owned(), name);
    let scopes: String = event.scopes.iter().map(|scope| format!(" {scope}")).collect();
    kind + &scopes
}

/// What the record says beside its kind, a line each; what it does not say is left out.
fn fields(f: &mut fmt::Formatter<'_>, event: &JsonEvent) -> fmt::Result {
    let named = |value: &Option<Named>| value.as_ref().map_or_else(String::new, name);
    let millis = |text: &Option<String>, ms: Option<i64>| {
        text.clone().or(ms.map(|ms| ms.to_string())).unwrap_or_default()
    };
    let text = [event.text_id.as_str(), &event.text_version, &event.language];
    let text: Vec<_> = text.into_iter().filter(|part| !part.is_empty()).collect();
    let lines = [
        ("event id", event.event_id.clone()),
        ("happened", millis(&event.occurred_at, event.occurred_at_ms)),
        ("method", named(&event.method)),
        ("expression", named(&event.expression)),
        ("text", text.join(" ")),
        ("evidence", event.evidence.clone()),
        ("actor", named(&event.actor)),
        ("typed in by", event.recorder.clone()),
        ("strength", named(&event.strength)),
        ("valid until", millis(&event.valid_until, event.valid_until_ms)),
        ("waits until", millis(&event.until, event.until_ms)),
        ("confirms", event.confirms_event_id.clone()),
        ("message", event.inbound_id.clone()),
        ("other identity", format!("{}{}", event.linked_phone, event.linked_user_id)),
        ("reason", event.reason.clone()),
        ("source", event.source.clone()),
    ];
    let mut said = lines.into_iter().filter(|(_, value)| !value.is_empty());
    said.try_for_each(|(what, value)| writeln!(f, "    {what:17} {value}"))
}

fn name(named: &Named) -> String {
    match named {
        Named::Name(name) => name.clone(),
        Named::Number(number) => number.to_string(),
    }
}

fn time(time: &JsonTime) -> String {
    match time {
        JsonTime::Text(text) => text.clone(),
        JsonTime::Millis(ms) => ms.to_string(),
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "Agreements now", self.grants.len())?;
        for grant in &self.grants {
            let (scope, since) = (&grant.scope, time(&grant.since));
            let texts = grant.texts.join(", ");
            write!(f, "  {scope} since {since}, text {texts}")?;
            if let Some(until) = &grant.valid_until {
                write!(f, ", until {}", time(until))?;
            }
            writeln!(f, "{}", if grant.confirmed { ", confirmed" } else { "" })?;
        }
        heading(f, "Objections now", self.objections.len())?;
        for objection in &self.objections {
            writeln!(f, "  {} {}", objection.what, time(&objection.at))?;
        }
        for (what, at) in [("last wrote", &self.wrote_at), ("last asked", &self.asked_at)] {
            if let Some(at) = at {
                writeln!(f, "  {what} {}", time(at))?;
            }
        }
        heading(f, "Linked identities", self.linked.len())?;
        for linked in &self.linked {
            write!(f, "  {}", linked.identity)?;
            match &linked.counts_from {
                Some(from) => {
                    writeln!(f, ", unlinked: what is said there counts from {}", time(from))?
                }
                None => writeln!(f)?,
            }
        }
        heading(f, "What would be decided now", self.answers.len())?;
        for answer in &self.answers {
            let separator = if answer.scope.is_empty() { "" } else { " for " };
            writeln!(f, " {}{separator}{}", answer.category, answer.scope)?;
            write!(f, "{}", answer.fate)?;
        }
        Ok(())
    }
}

impl fmt::Display for Suppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = &self.entry;
        let reasons: Vec<_> = entry.reasons.iter().map(name).collect();
        writeln!(f, "  {}  {}", self.record, time(&entry.decided_at))?;
        let source = &entry.source;
        writeln!(
            f,
            "    {} {} {} {} of {} partition {} offset {}",
            entry.category.unwrap_or_default(),
            entry.scope,
            entry.template,
            entry.message_id,
            source.topic,
            source.partition,
            source.offset
        )?;
        writeln!(f, "    {} ({})", entry.reason, reasons.join(", "))
    }
}

impl fmt::Display for OutboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decided = match self.decided {
            Decided::Allowed => "passed on",
            Decided::Suppressed => "suppressed",
            Decided::Skipped => "skipped, nobody decided it",
            Decided::NoReceipt => "no receipt tells of it: not decided yet, or its receipt is gone",
        };
        writeln!(f, "  {}  {}", self.record, self.message)?;
        writeln!(f, "    {decided}")
    }
}

impl fmt::Display for AllowedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}  {}", self.record, self.message)
    }
}

impl fmt::Display for ListedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = &self.row;
        let words = [row.category, &row.scope, &row.template, &row.campaign_id, &row.message_id];
        let said: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        writeln!(f, "  {}  {}", self.record, said.join(" "))?;
        writeln!(f, "    of outbound partition {} offset {}", row.partition, row.offset)
    }
}

impl fmt::Display for MessageFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.sent_at.as_ref().map_or_else(String::new, time);
        let words = [
            sent.as_str(),
            self.category,
            &self.scope,
            &self.template,
            &self.campaign_id,
            &self.message_id,
        ];
        let said: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        f.write_str(&said.join(" "))
    }
}
