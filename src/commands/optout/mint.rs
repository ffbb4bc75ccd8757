//! `optout mint`: people in, people with links out.
//!
//! A line that names nobody ends it: a campaign in which some messages lack their way out must not go.

use std::io::{BufRead, BufReader, Read, Write};

use clap::Args;

use super::keys;
use crate::commands::exit::{Exit, Failure};
use crate::commands::settings_args::SettingsArgs;
use crate::config::Config;
use crate::consent::{BusinessId, Identity, ScopeName, Seconds, Subject};
use crate::stream::wall_ms;
use crate::wire::WireError;
use crate::wire::optout::{LinkKeys, OptOutLink};

/// The columns in which a person may stand; the first of them that a row fills counts.
const PERSON_COLUMNS: [&str; 3] = ["identity", "phone", "user_id"];
/// A campaign's name may be so long, in bytes.
const CAMPAIGN_MAX: usize = 64;
/// How much of the input is looked at to see whether it has a header.
const FIRST_LINE_MAX: u64 = 64 * 1024;

/// Arguments of `optout mint`.
#[derive(Clone, Debug, Args)]
pub struct MintArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The business that people would leave.
    #[arg(long)]
    pub business: String,
    /// What the link offers to end, beside everything. Can be repeated; none means everything alone.
    #[arg(long)]
    pub scope: Vec<String>,
    /// After this time the page says that the link is old. It works all the same.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub valid_for: Option<std::time::Duration>,
    /// The campaign that the links are sent with; figures count opt-outs by it. No personal data.
    #[arg(long, default_value = "")]
    pub campaign: String,
    /// The column to add.
    #[arg(long, value_name = "NAME", default_value = "opt_out_url")]
    pub column: String,
}

/// What all links of a run have in common.
struct Mint {
    keys: LinkKeys,
    url: String,
    business: BusinessId,
    scopes: Vec<ScopeName>,
    expires_at: Option<Seconds>,
    campaign: String,
}

impl MintArgs {
    /// Reads people from standard input and writes them with their links.
    ///
    /// # Errors
    /// Wrong arguments (2), a line that names nobody (65), no key or no address of the page (78).
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        let mint = self.mint(&config)?;
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        mint.all(BufReader::new(std::io::stdin().lock()), &mut out, &self.column)?;
        out.flush().map_err(|error| unwritable(&error))
    }

    fn mint(&self, config: &Config) -> Result<Mint, Failure> {
        let usage = |message: &str| Failure::new(Exit::Usage, message);
        let business = BusinessId::parse(&self.business).ok_or_else(|| {
            usage("--business must be 1 to 128 bytes without white space, control characters or /")
        })?;
        let known = |scope: &String| {
            ScopeName::parse(scope).filter(|_| config.policy.has_known(scope)).ok_or_else(|| {
                usage(&format!(
                    "--scope {scope} is none of the policy's: leave it out for everything"
                ))
            })
        };
        let scopes = self.scope.iter().map(known).collect::<Result<_, _>>()?;
        if self.campaign.len() > CAMPAIGN_MAX || Identity::parse(&self.campaign).is_some() {
            return Err(usage("--campaign must be at most 64 bytes, and nobody's number"));
        }
        let Some(url) = config.optout.public_url.clone() else {
            let message = "optout.public_url is not set: say where people reach the page";
            return Err(Failure::new(Exit::Config, message));
        };
        let now = Seconds::nearest_to_millis(wall_ms());
        let seconds = |span: std::time::Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        let expires_at = self.valid_for.map(|span| now.plus(seconds(span)));
        let campaign = self.campaign.clone();
        Ok(Mint { keys: keys(config)?, url, business, scopes, expires_at, campaign })
    }
}

impl Mint {
    /// A file with a header that has a column for people, or one person a line.
    fn all(&self, input: impl BufRead, out: &mut impl Write, column: &str) -> Result<(), Failure> {
        let (first, input) = first_line(input)?;
        let names_column = |field: &str| PERSON_COLUMNS.contains(&field.trim());
        let has_header = first.split(',').any(|field| names_column(field.trim_matches('"')));
        let header = if has_header { "" } else { "identity\n" };
        let whole = header.as_bytes().chain(first.as_bytes()).chain(input);
        let mut reader = csv::ReaderBuilder::new().from_reader(whole);
        let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
        let places: Vec<usize> = PERSON_COLUMNS
            .iter()
            .filter_map(|name| header.iter().position(|h| h.trim() == *name))
            .collect();
        let mut writer = csv::Writer::from_writer(out);
        let write = |writer: &mut csv::Writer<_>, record: &csv::StringRecord| {
            writer.write_record(record).map_err(|error| unwritable(&std::io::Error::other(error)))
        };
        let mut titles = header;
        titles.push_field(column);
        write(&mut writer, &titles)?;
        for record in reader.records() {
            let mut record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(0, csv::Position::line) - u64::from(!has_header);
            let filled = places.iter().filter_map(|place| record.get(*place));
            let named = filled.map(str::trim).find(|text| !text.is_empty());
            let Some(identity) = named.and_then(Identity::parse) else {
                return Err(nobody(line));
            };
            let link = self.link(identity).map_err(|error| bad(&error))?;
            record.push_field(&link);
            write(&mut writer, &record)?;
        }
        writer.flush().map_err(|error| unwritable(&error))
    }

    fn link(&self, identity: Identity) -> Result<String, WireError> {
        let link = OptOutLink {
            subject: Subject { business: self.business.clone(), identity },
            scopes: self.scopes.clone(),
            expires_at: self.expires_at,
            campaign: self.campaign.clone(),
        };
        let token = self.keys.seal(&link, rand::random())?;
        Ok(format!("{}/o/{token}", self.url))
    }
}

/// The first line with its end, and what comes after it.
fn first_line<R: BufRead>(mut input: R) -> Result<(String, R), Failure> {
    let mut first = Vec::new();
    let read = (&mut input).take(FIRST_LINE_MAX).read_until(b'\n', &mut first);
    read.map_err(|error| Failure::new(Exit::Io, format!("cannot read standard input: {error}")))?;
    let first = String::from_utf8(first).map_err(|_| nobody(1))?;
    // A byte order mark is none of the first column's name.
    Ok((first.trim_start_matches('\u{feff}').to_owned(), input))
}

fn nobody(line: u64) -> Failure {
    let message = format!(
        "line {line} names nobody: expected a phone number with its country (+…) or a user id, alone or \
         in a column identity, phone or user_id; nothing after it was written"
    );
    Failure::new(Exit::Data, message)
}

/// The parser's errors may quote a line, so only its place is told.
fn unreadable(error: &csv::Error) -> Failure {
    let line = error.position().map_or(0, csv::Position::line);
    let message = format!("line {line} is no CSV in UTF-8 with as many fields as the header");
    Failure::new(Exit::Data, message)
}

fn bad(error: &WireError) -> Failure {
    Failure::new(Exit::Data, error.to_string())
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot write to standard output: {error}"))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretSlice;

    use super::*;

    fn minted(input: &str) -> Result<String, Failure> {
        let key = ("07".repeat(8), SecretSlice::from(vec![7; 32]));
        let mint = Mint {
            keys: LinkKeys::new([key]).unwrap(),
            url: "https://leave.example".to_owned(),
            business: BusinessId::parse("cafe").unwrap(),
            scopes: Vec::new(),
            expires_at: None,
            campaign: "spring".to_owned(),
        };
        let mut out = Vec::new();
        mint.all(input.as_bytes(), &mut out, "opt_out_url")?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_file_keeps_its_columns_and_gets_one_more() {
        let input = "name,phone,user_id\n\"A, B\",+999 1000 0001,\nC,,XX.anna1\n";
        let out = minted(input).unwrap();
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines[0], "name,phone,user_id,opt_out_url");
        assert!(
            lines[1].starts_with("\"A, B\",+999 1000 0001,,https://leave.example/o/AQ"),
            "{out}"
        );
        assert!(lines[2].starts_with("C,,XX.anna1,https://leave.example/o/AQ"), "{out}");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn people_one_a_line_need_no_header() {
        let out = minted("+99910000001\nXX.anna1\n").unwrap();
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines[0], "identity,opt_out_url");
        assert!(lines[1].starts_with("+99910000001,https://") && lines.len() == 3, "{out}");
    }

    #[test]
    fn a_line_that_names_nobody_ends_it_by_its_place_alone() {
        for (input, line) in [
            ("+99910000001\nAnna Person\n", 2),
            ("phone\n+99910000001\n\"\"\n", 3),
            ("Anna Person\n", 1),
        ] {
            let failure = minted(input).expect_err("refused");
            let told = failure.to_string();
            assert_eq!(failure.exit(), Exit::Data);
            assert!(told.starts_with(&format!("line {line} ")) && !told.contains("Anna"), "{told}");
        }
        assert_eq!(minted("").unwrap(), "identity,opt_out_url\n");
    }
}
