//! All tables together, as text, CSV, JSON or a page.

use maud::html;

use super::FiguresArgs;
use super::audit::suppressed;
use super::events::Events;
use super::sent::sent;
use super::sheet::{Sheet, Small, Value};
use super::standing::standing;
use crate::app::AppError;
use crate::commands::consent_state::{StateLog, Watch};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::instant;
use crate::commands::page::{Bar, Bars, Figure, Figures, Page, Tone};
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::{BusinessId, ConsentRecord, Content, Folded, Seconds};
use crate::kafka::Clients;
use crate::stream::ports::RawConsent;
use crate::stream::{Fault, wall_ms};

/// The figures.
#[derive(Clone, Debug)]
pub struct Report {
    lead: String,
    /// What is told first: a number and what it counts.
    heads: Vec<(u64, &'static str)>,
    sheets: Vec<Sheet>,
    small: Small,
}

/// What small counts mean, for whoever reads them.
const HIDDEN: &str = "Counts are rounded down to fives, less than five people are told as < 5, and rates \
                      that rest on so few are left out: in a small cell a person can be recognised.";

/// Reads the topics and counts.
///
/// # Errors
/// Wrong arguments, a file that is none, Kafka that is not reached, a log that must not be relied on.
pub fn figures(config: &Config, args: &FiguresArgs) -> Result<Report, Failure> {
    let business = args.business()?;
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let now_ms = wall_ms();
    let now = Seconds::nearest_to_millis(now_ms);
    let soon = u32::try_from(args.soon.as_secs()).unwrap_or(u32::MAX);
    let progress = Progress::new();
    let unavailable = |fault: Fault| Failure::unavailable(&fault);
    let mut log = StateLog::new(config)?;
    let mut counting =
        Counting { config, args, business: business.as_ref(), events: Events::default() };
    log.catch_up(&progress, &mut counting).map_err(unavailable)?;
    let events = counting.events;
    let stand = standing(config, &mut log, business.as_ref(), (now, now.plus(soon)));
    let stand = stand.map_err(unavailable)?;
    let suppressed = suppressed(config, &clients, args, business.as_ref(), &progress);
    let (suppressed, held_back) = suppressed.map_err(AppError::Kafka)?;
    let sent = sent(config, &clients, args, business.as_ref(), &progress)?;
    progress.end();
    let heads = vec![
        (events.granted(), "agreements in this time"),
        (events.left(), "opt-outs in this time"),
        (held_back, "messages suppressed in this time"),
        (column(&stand, 1), "agreements that stand now"),
        (column(&stand, 2), "of these end soon"),
    ];
    let mut sheets = events.sheets();
    sheets.push(stand);
    sheets.push(suppressed);
    sheets.extend(sent);
    let small = if args.exact { Small::Told } else { Small::Hidden };
    Ok(Report { lead: lead(args, business.as_ref(), now), heads, sheets, small })
}

/// Counts what a log tells.
struct Counting<'a> {
    config: &'a Config,
    args: &'a FiguresArgs,
    business: Option<&'a BusinessId>,
    events: Events,
}

impl Watch for Counting<'_> {
    fn begin_anew(&mut self) {
        self.events = Events::default();
    }

    fn take(&mut self, raw: &RawConsent, record: &ConsentRecord, folded: &Folded) {
        let Content::Event(event) = &record.content else {
            return;
        };
        if self.business.is_some_and(|business| event.business.as_ref() != Some(business)) {
            return;
        }
        let contract = || self.config.consent.of(raw.topic).contract(raw.value()?);
        let is_objection = matches!(event.kind.known(), Some(kind) if kind.effect() == crate::consent::Effect::Objects);
        let reason = is_objection.then(contract).flatten().map(|event| event.reason);
        let counts = raw.broker_ms().is_some_and(|at_ms| self.args.counts(at_ms));
        let at = record.appended_at;
        self.events.take(&record.content, (folded, at), &reason.unwrap_or_default(), counts);
    }
}

fn column(sheet: &Sheet, at: usize) -> u64 {
    let counts = sheet.rows.iter().filter_map(|row| match row.get(at) {
        Some(Value::Count(count)) => Some(*count),
        _ => None,
    });
    counts.sum()
}

fn lead(args: &FiguresArgs, business: Option<&BusinessId>, now: Seconds) -> String {
    let of =
        business.map_or("All businesses".to_owned(), |business| format!("Business {business}"));
    let at = |ms: Option<i64>, other: &str| {
        ms.map_or(other.to_owned(), |ms| instant(Seconds::nearest_to_millis(ms)))
    };
    let (from, to) = (at(args.from, "the first record"), at(args.until, "now"));
    format!("{of}, from {from} to {to}. Taken at {}.", instant(now))
}

impl Report {
    /// Tables for people.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.lead);
        if self.small == Small::Hidden {
            text.push_str(&format!("{HIDDEN}\n"));
        }
        for sheet in &self.sheets {
            text.push('\n');
            text.push_str(&sheet.text(self.small));
        }
        text
    }

    /// One row a value.
    ///
    /// # Errors
    /// None is known; the writer's own is handed on.
    pub fn csv(&self) -> Result<String, Failure> {
        let failed = |what: String| Failure::new(Exit::Io, format!("cannot write csv: {what}"));
        let mut writer = csv::Writer::from_writer(Vec::new());
        let rows = self.sheets.iter().flat_map(|sheet| sheet.csv(self.small));
        let header = ["table", "row", "column", "value"].map(str::to_owned);
        for row in std::iter::once(header).chain(rows) {
            writer.write_record(row).map_err(|error| failed(error.to_string()))?;
        }
        let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
    }

    /// Tables as JSON.
    ///
    /// # Errors
    /// None is known; the encoder's own is handed on.
    pub fn json(&self) -> Result<String, Failure> {
        let tables: Vec<_> = self.sheets.iter().map(|sheet| sheet.json(self.small)).collect();
        let hidden = (self.small == Small::Hidden).then_some(HIDDEN);
        let all = serde_json::json!({"about": self.lead, "hidden": hidden, "tables": tables});
        let json = serde_json::to_string_pretty(&all).map_err(|error| {
            Failure::new(Exit::Io, format!("cannot write the figures as json: {error}"))
        })?;
        Ok(json + "\n")
    }

    /// One page that needs nothing else.
    pub fn html(&self) -> String {
        let figures = self.heads.iter().map(|(count, label)| Figure {
            value: Value::Count(*count).words(self.small),
            label: (*label).to_owned(),
            tone: Tone::Plain,
        });
        let body = html! {
            (Figures(figures.collect()))
            @if self.small == Small::Hidden { p class="quiet" { (HIDDEN) } }
            @for sheet in &self.sheets {
                h2 { (sheet.caption) }
                p { (sheet.about) }
                @if let Some(bars) = self.bars(sheet) { (bars) } @else { (sheet.table(self.small)) }
            }
        };
        Page { title: "Figures of consent", language: "en", lead: &self.lead, body }.html()
    }

    /// Bars for a table of one name and one count; what is hidden has none.
    fn bars(&self, sheet: &Sheet) -> Option<Bars> {
        let bar = |row: &Vec<Value>| match &row[..] {
            [Value::Text(name), Value::Count(count)] => {
                let written = Value::Count(*count).words(self.small);
                // As long as what is written; what is hidden has none.
                let value = match self.small {
                    Small::Hidden => count / 5 * 5,
                    Small::Told => *count,
                };
                Some(Bar { name: name.clone(), value, written: Some(written) })
            }
            _ => None,
        };
        let bars: Vec<_> = sheet.rows.iter().map(bar).collect::<Option<_>>()?;
        let caption = sheet.caption.to_owned();
        (!bars.is_empty()).then_some(Bars { caption, tone: Tone::Plain, bars })
    }
}
