//! The passes over the file.
//!
//! First all suppressions and doubts of the file are counted, then the log is read. Written are the
//! suppressions, and once they are acknowledged and what came meanwhile is read, the grants.

use super::ImportArgs;
use super::conflict::Conflict;
use super::consent_topics::ConsentTopics;
use super::input::{FileDigest, Input};
use super::known::Known;
use super::line_file::{LineFile, Rows};
use super::publish::Publisher;
use super::report::{Mode, Report, add};
use super::verdict::{Noted, Verdict, verdict};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::rolled::rolled_for;
use crate::consent::Seconds;
use crate::kafka::Clients;
use crate::policy::Policy;
use crate::stream::{RolledLog, wall_ms};
use crate::wire::consent::kind_name;
use crate::wire::import::{Columns, Context, Imported, read_row};
use crate::wire::proto::consent::Kind;
use crate::wire::receipt::VerifyingKeys;

/// Runs the command.
pub(super) fn run(args: &ImportArgs) -> Result<(), Failure> {
    if args.rejects.is_some() && args.rejects == args.notes {
        return Err(Failure::new(Exit::Usage, "--rejects and --notes name the same file"));
    }
    let input = Input::open(&args.file, args.delimiter)?;
    let config = args.settings.load(&[])?.config;
    let policy = &config.policy;
    let job = Job { args, input: &input, policy, now_ms: wall_ms() };
    let now = Seconds::from_millis(job.now_ms).unwrap_or_default();
    let mut known = Known::new(policy, config.consent.clone(), now);
    let digest = job.collect(&mut known)?;
    job.accept(&mut known)?;
    let mut files = Files {
        rejects: job.file(args.rejects.as_deref(), args.rejects_with_rows)?,
        notes: job.file(args.notes.as_deref(), false)?,
    };
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let rolled = match args.offline {
        true => RolledLog::default(),
        false => rolled_for(&config, VerifyingKeys::default())?,
    };
    let mut topics = ConsentTopics::new(&clients, &config.topics, &config.consent, rolled);
    if !args.offline {
        topics.read(&mut known)?;
    }
    let mut publisher = None;
    if args.write {
        let events = config.topics.consent_events.as_str();
        let format = &config.consent.events;
        let publisher = publisher.insert(Publisher::open(&clients, events, format, args.rate)?);
        job.write_suppressions(&known, publisher, digest, Which::All)?;
        let answered = known.answered_by_import();
        topics.read_rest(&mut known)?;
        if known.answered_by_import() > answered {
            job.write_suppressions(&known, publisher, digest, Which::OverImportedGrants)?;
        }
    }
    let mut report = job.judge(&known, &mut files, publisher.as_mut(), digest)?;
    if args.write {
        known.begin_late();
        topics.read_rest(&mut known)?;
        report.overtaken = job.overtaken(&known)?;
    }
    files.rejects.finish()?;
    files.notes.finish()?;
    let mode = match (args.write, args.offline) {
        (true, _) => Mode::Write,
        (false, true) => Mode::Offline,
        (false, false) => Mode::DryRun,
    };
    print(&report.to_text(&args.file, &digest, mode))?;
    job.judged(&report)
}

/// Which suppressions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    All,
    /// Those that stand below a grant which another import has brought.
    OverImportedGrants,
}

struct Files {
    rejects: LineFile,
    notes: LineFile,
}

struct Job<'j> {
    args: &'j ImportArgs,
    input: &'j Input,
    policy: &'j Policy,
    now_ms: i64,
}

impl Job<'_> {
    fn context<'c>(&'c self, columns: &'c Columns) -> Context<'c> {
        let recorder = &self.args.recorder;
        Context { columns, policy: self.policy, now_ms: self.now_ms, recorder }
    }

    fn file(&self, path: Option<&std::path::Path>, with_rows: bool) -> Result<LineFile, Failure> {
        let rows = if with_rows { Rows::Whole } else { Rows::LinesOnly };
        LineFile::create(path, self.input.path(), rows)
    }

    /// The first pass: what the file says against sending, and what it may say.
    fn collect(&self, known: &mut Known<'_>) -> Result<FileDigest, Failure> {
        self.input.each_row("reading", |columns, row| {
            match read_row(&self.context(columns), row) {
                Ok(Imported::Suppression(suppression)) => known.suppression(row.line, &suppression),
                Ok(Imported::Grant(_)) => {}
                Err(refused) => known.doubt(&refused.doubt),
            }
            Ok(())
        })
    }

    /// Somebody has looked at the rows that cannot be read, if they know how many there are.
    fn accept(&self, known: &mut Known<'_>) -> Result<(), Failure> {
        match self.args.accept_unreadable {
            Some(count) if count == known.doubt_count() => known.accept_doubts(),
            Some(count) => {
                let message = format!(
                    "--accept-unreadable {count}: {} refused rows may be opt-outs; look at them \
                     first (--rejects FILE)",
                    known.doubt_count()
                );
                return Err(Failure::new(Exit::Usage, message));
            }
            None => {}
        }
        Ok(())
    }

    /// Writes what speaks against sending; all of it is acknowledged when this returns.
    fn write_suppressions(
        &self,
        known: &Known<'_>,
        publisher: &mut Publisher<'_>,
        digest: FileDigest,
        which: Which,
    ) -> Result<(), Failure> {
        let read = self.input.each_row("suppressions", |columns, row| {
            match verdict(known, read_row(&self.context(columns), row)) {
                Verdict::Suppress(suppression, noted)
                    if which == Which::All || noted == Some(Noted::OverImportedGrant) =>
                {
                    publisher.write(&suppression.produced())
                }
                _ => Ok(()),
            }
        })?;
        publisher.flush()?;
        self.unchanged(read, digest)
    }

    /// Says what becomes of each row, and writes the grants.
    fn judge(
        &self,
        known: &Known<'_>,
        files: &mut Files,
        mut publisher: Option<&mut Publisher<'_>>,
        digest: FileDigest,
    ) -> Result<Report, Failure> {
        let what = if publisher.is_some() { "grants" } else { "judging" };
        let mut report = Report { doubts: known.doubt_count(), ..Report::default() };
        let read = self.input.each_row(what, |columns, row| {
            report.rows += 1;
            let line = row.line;
            match verdict(known, read_row(&self.context(columns), row)) {
                Verdict::Suppress(suppression, noted) => {
                    *report.taken.entry(kind_name(suppression.event().kind())).or_default() += 1;
                    let Some(noted) = noted else { return Ok(()) };
                    add(&mut report.noted, noted.name(), line, "");
                    files.notes.add(line, noted.name(), 0, b"")
                }
                Verdict::Grant(grant) => {
                    *report.taken.entry(kind_name(Kind::Grant)).or_default() += 1;
                    match publisher.as_deref_mut() {
                        Some(publisher) => publisher.write(&grant.produced()),
                        None => Ok(()),
                    }
                }
                Verdict::Already => {
                    report.already += 1;
                    Ok(())
                }
                Verdict::Refused(refusal) => {
                    add(&mut report.refused, refusal.name(), line, refusal.advice());
                    files.rejects.add(line, refusal.name(), 0, row.raw)
                }
                Verdict::Conflict(conflict, against) => {
                    add(&mut report.conflicts, conflict.name(), line, conflict.advice());
                    files.rejects.add(line, conflict.name(), against, row.raw)
                }
            }
        })?;
        if let Some(publisher) = publisher {
            publisher.flush()?;
        }
        self.unchanged(read, digest)?;
        Ok(report)
    }

    /// How many grants stand above a suppression that another import wrote meanwhile.
    fn overtaken(&self, known: &Known<'_>) -> Result<u64, Failure> {
        let mut overtaken = 0;
        if known.has_late() {
            self.input.each_row("looking back", |columns, row| {
                if let Ok(Imported::Grant(grant)) = read_row(&self.context(columns), row) {
                    overtaken += u64::from(known.is_overtaken(&grant));
                }
                Ok(())
            })?;
        }
        Ok(overtaken)
    }

    fn unchanged(&self, read: FileDigest, digest: FileDigest) -> Result<(), Failure> {
        if read == digest {
            return Ok(());
        }
        let message = format!(
            "{} changed while it was read; run the import again on a file that stays as it is",
            self.input.path().display()
        );
        Err(Failure::new(Exit::Data, message))
    }

    /// How the process ends.
    fn judged(&self, report: &Report) -> Result<(), Failure> {
        if report.overtaken > 0 {
            let message = format!(
                "another import ran at the same time, and {} grants of this file are later than \
                 suppressions that it wrote; run that other import again, its suppressions then \
                 count from now",
                report.overtaken
            );
            return Err(Failure::new(Exit::Data, message));
        }
        let waiting = report.conflicts.get(Conflict::Waits.name()).map_or(0, |rows| rows.count);
        if waiting > 0 && self.args.write {
            let message = format!(
                "{waiting} grants wait: {} refused rows may be opt-outs. Mend those or take them out \
                 of the file and run it again, or say --accept-unreadable {}",
                report.doubts, report.doubts
            );
            return Err(Failure::new(Exit::Data, message));
        }
        match report.refused_count() {
            count if count > 0 && self.args.strict => {
                Err(Failure::new(Exit::Data, format!("{count} rows are not taken")))
            }
            _ => Ok(()),
        }
    }
}
