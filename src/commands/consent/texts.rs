//! `consent publish-text`, `retire-text` and `text`: what people are asked to agree to.
//!
//! A sentence is published as it stands in the file, but for the line's end. What is published cannot
//! be taken back, so another sentence under the same id, version and language is refused here: in the
//! log the two would contradict each other, and every grant on them would prove nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::EventArgs;
use super::grant::known;
use super::text_log::{Published, Reach, TextLog};
use super::write::{bad_data, event_of, write, write_to};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::{instant, print};
use crate::commands::settings_args::SettingsArgs;
use crate::consent::{BusinessId, TextRef};
use crate::kafka::Clients;
use crate::wire::consent::{Publication, produce};
use crate::wire::proto::consent::{Actor, Channel, ConsentEvent, Kind};

/// The longest sentence, in bytes.
const SENTENCE_LEN_MAX: u64 = 16 * 1_024;

const CHANNELS: [&str; 4] = ["whatsapp", "sms", "email", "voice"];

/// Which text of which business.
#[derive(Clone, Debug, Args)]
pub struct TextArgs {
    /// The business.
    #[arg(long)]
    pub business: String,
    /// The text's id, such as welcome.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub text_id: String,
    /// Its version, such as 3. Another sentence needs another version.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub text_version: String,
}

/// Arguments of `consent publish-text`.
#[derive(Clone, Debug, Args)]
pub struct PublishTextArgs {
    /// Which text.
    #[command(flatten)]
    pub text: TextArgs,
    /// The language of the sentence, such as en.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub language: String,
    /// A scope that the sentence names, such as offers. Can be repeated.
    #[arg(long, required = true)]
    pub scope: Vec<String>,
    /// A channel that the sentence names. Can be repeated. Without whatsapp it proves nothing here.
    #[arg(long, required = true, value_parser = CHANNELS)]
    pub channel: Vec<String>,
    /// The file with the sentence, in UTF-8; standard input, if not given.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The rest of the event.
    #[command(flatten)]
    pub event: EventArgs,
}

/// Arguments of `consent retire-text`.
#[derive(Clone, Debug, Args)]
pub struct RetireTextArgs {
    /// Which text, in all its languages.
    #[command(flatten)]
    pub text: TextArgs,
    /// The rest of the event.
    #[command(flatten)]
    pub event: EventArgs,
}

/// Arguments of `consent text`.
#[derive(Clone, Debug, Args)]
pub struct ShowTextArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The business.
    #[arg(long)]
    pub business: String,
    /// The text's id; all of them, if not given.
    #[arg(long)]
    pub text_id: Option<String>,
    /// Its version; all of them, if not given.
    #[arg(long)]
    pub text_version: Option<String>,
    /// Its language; all of them, if not given.
    #[arg(long)]
    pub language: Option<String>,
}

impl PublishTextArgs {
    /// Writes the publication, and says how the text is known.
    pub(super) fn run(self) -> Result<(), Failure> {
        let business = business(&self.text.business)?;
        let sentence = self.sentence()?;
        let event = self.publication(&sentence)?;
        let (id, sha256) = (event.event_id.clone(), hex::encode(&event.text_sha256));
        let produced = produce(event.clone()).map_err(|error| bad_data(&error))?;
        let config = self.event.settings.load(&[])?.config;
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let log = TextLog::read(&clients, &config, &business, Reach::Publications)?;
        refuse_contradiction(&log, &event)?;
        let produced = config.consent.events.write(produced);
        write_to(&clients, &config.topics.consent_events, None, &produced, &id)?;
        let TextArgs { text_id, text_version, .. } = &self.text;
        print(&format!("text {text_id} version {text_version} sha256 {sha256}\n"))
    }

    fn publication(&self, sentence: &str) -> Result<ConsentEvent, Failure> {
        let channels = self.channel.iter();
        let channels: Vec<_> = channels
            .map(|name| known(name, "CHANNEL", Channel::from_str_name))
            .collect::<Result<_, _>>()?;
        let scopes: Vec<_> = self.scope.iter().map(String::as_str).collect();
        let publication = Publication {
            business: &self.text.business,
            id: &self.text.text_id,
            version: &self.text.text_version,
            language: &self.language,
            sentence,
            scopes: &scopes,
            channels: &channels,
        };
        let ConsentEvent { event_id, occurred_at_ms, recorder, reason, source, .. } =
            event_of(&self.event, Kind::TextPublished);
        let said = publication.event();
        Ok(ConsentEvent { event_id, occurred_at_ms, recorder, reason, source, ..said })
    }

    /// The sentence without the end of its last line.
    fn sentence(&self) -> Result<String, Failure> {
        let mut text = String::new();
        let limit = SENTENCE_LEN_MAX + 1;
        let read = match &self.file {
            Some(path) => std::fs::File::open(path)
                .and_then(|file| file.take(limit).read_to_string(&mut text)),
            None => std::io::stdin().lock().take(limit).read_to_string(&mut text),
        };
        read.map_err(|error| Failure::new(Exit::Io, format!("cannot read the sentence: {error}")))?;
        let sentence = text.trim_end_matches(['\n', '\r']);
        if sentence.len() as u64 > SENTENCE_LEN_MAX {
            let message = format!("a sentence has at most {SENTENCE_LEN_MAX} bytes");
            return Err(Failure::new(Exit::Data, message));
        }
        if sentence.trim().is_empty() {
            return Err(Failure::new(Exit::Data, "there is no sentence, write what people read"));
        }
        Ok(sentence.to_owned())
    }
}

/// Refuses what would make a published text prove less than it does.
fn refuse_contradiction(log: &TextLog, event: &ConsentEvent) -> Result<(), Failure> {
    let text = TextRef::new(&event.text_id, &event.text_version).in_language(&event.language);
    let is_same = |published: &&Published| {
        published.text.as_ref().is_some_and(|known| {
            (&known.id, &known.version, &known.language)
                == (&text.id, &text.version, &text.language)
        })
    };
    let names = |event: &ConsentEvent| {
        let scopes: BTreeSet<_> = event.scopes.iter().cloned().collect();
        (scopes, event.channels.contains(&Channel::Whatsapp.into()))
    };
    for Published { place, event: known, .. } in log.published.iter().filter(is_same) {
        let what = if known.text_sha256 != event.text_sha256 {
            "another sentence"
        } else if names(known) != names(event) {
            "other scopes or channels"
        } else {
            continue;
        };
        let message = format!(
            "this text is published with {what} at {place}; what is published stays, so write a \
             new version"
        );
        return Err(Failure::new(Exit::Data, message));
    }
    Ok(())
}

impl RetireTextArgs {
    /// Writes the retirement.
    pub(super) fn run(self) -> Result<(), Failure> {
        business(&self.text.business)?;
        let settings = self.event.settings.clone();
        write(&settings, self.event())
    }

    fn event(self) -> ConsentEvent {
        ConsentEvent {
            business_id: self.text.business,
            text_id: self.text.text_id,
            text_version: self.text.text_version,
            actor: Actor::Business.into(),
            ..event_of(&self.event, Kind::TextRetired)
        }
    }
}

impl ShowTextArgs {
    /// Prints what the texts say, word for word.
    pub(super) fn run(self) -> Result<(), Failure> {
        let business = business(&self.business)?;
        let config = self.settings.load(&[])?.config;
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let log = TextLog::read(&clients, &config, &business, Reach::Whole)?;
        let told = self.tell(&log);
        if told.is_empty() {
            return Err(Failure::new(Exit::Data, "no such text is published"));
        }
        print(&told)
    }

    fn tell(&self, log: &TextLog) -> String {
        let is_wanted = |wanted: &Option<String>, is: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(is))
        };
        let wanted = log.published.iter().filter(|Published { event, .. }| {
            self.text_id.as_ref().is_none_or(|id| *id == event.text_id)
                && self.text_version.as_ref().is_none_or(|version| *version == event.text_version)
                && is_wanted(&self.language, &event.language)
        });
        let told: Vec<_> = wanted.map(|published| one(log, published)).collect();
        told.join("\n")
    }
}

/// One publication: what it is about, what it is good for, and the sentence.
fn one(log: &TextLog, published: &Published) -> String {
    let Published { place, at, event, .. } = published;
    let channels: Vec<_> =
        event.channels().map(|channel| channel.as_str_name().to_ascii_lowercase()).collect();
    let channels = channels.join(", ").replace("channel_", "");
    let mut told = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        told,
        "text       {} version {} ({})\npublished  {} at {place}\nsha256     {}\nscopes     {}\n\
         channels   {channels}\nstate      {}\n\n{}\n",
        event.text_id,
        event.text_version,
        event.language,
        instant(*at),
        hex::encode(&event.text_sha256),
        event.scopes.join(", "),
        state_of(log, published),
        event.text,
    );
    told
}

fn state_of(log: &TextLog, published: &Published) -> String {
    let Some(text) = &published.text else {
        return "refused: it does not say all of a text, or its hash is not that of its sentence"
            .to_owned();
    };
    if log.state.is_invalid(text) {
        return "invalid: no grant stands on it".to_owned();
    }
    let proven = log.state.texts.proven_scopes(text);
    let proves = match proven.is_empty() {
        true => "proves nothing: contradicted, or WhatsApp is not named".to_owned(),
        false => {
            let names: Vec<_> = proven.iter().map(ToString::to_string).collect();
            format!("proves {}", names.join(", "))
        }
    };
    match log.state.texts.retired_at(text) {
        Some(at) => format!("{proves}; retired at {}", instant(at)),
        None => proves,
    }
}

fn business(name: &str) -> Result<BusinessId, Failure> {
    let wrong = "--business must be 1 to 128 bytes without white space, control characters or /";
    BusinessId::parse(name).ok_or_else(|| Failure::new(Exit::Usage, wrong))
}

#[cfg(test)]
#[path = "tests/texts.rs"]
mod tests;
