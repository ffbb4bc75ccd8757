//! The steps of a roll, one after the other; the last one makes it count.

use std::collections::BTreeMap;
use std::time::Duration;

use super::RollArgs;
use super::copy::{Copied, Copier};
use super::folding::{Folding, fold_log};
use super::plan::Plan;
use crate::app::{AppError, vault};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::{note, print};
use crate::commands::rolled::{refuse_trouble, rolled_for};
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::config::keys::KeyKind;
use crate::consent::{Offset, Partition, Topic};
use crate::kafka::topics::{Role, TopicAdmin, apply, plan};
use crate::kafka::{Clients, EventWriter, Span, TopicReader};
use crate::stream::ports::TopicWidth;
use crate::stream::{Fault, RolledLog, wall_ms};
use crate::wire::receipt::{SigningKey, VerifyingKeys};
use crate::wire::roll::{RollId, RollSeal, STAND_IN_KEY, Vault};

/// How long a new topic may take until all brokers know it.
const NEW_TOPIC_ASKS: usize = 20;
const NEW_TOPIC_PAUSE: Duration = Duration::from_millis(250);
/// How many records are queued between two looks at the delivery reports.
const SERVE_EVERY: u64 = 512;

/// Everything that the steps need.
struct Roll {
    config: Config,
    /// The same, with the new topic in the place of the old one.
    after: Config,
    clients: Clients,
    signing: SigningKey,
    vault: Vault,
    rolled: RolledLog,
    progress: Progress,
}

/// Rolls, or says what would be done.
pub(super) fn run(args: &RollArgs) -> Result<(), Failure> {
    let config = args.settings.load(&[])?.config;
    let new_name = [("--new-topic", "topics.consent_events", args.new_topic.as_str())];
    let after = args.settings.load(&new_name)?.config;
    if after.topics.consent_events == config.topics.consent_events {
        return Err(Failure::new(Exit::Usage, "--new-topic names the topic that is to be rolled"));
    }
    if !config.consent.events.is_plain_protobuf() {
        let message = "only a log of plain protobuf can be rolled: other forms hold what stands in for a \
                       record to be unreadable";
        return Err(Failure::new(Exit::Config, message));
    }
    let roll = Roll::new(config, after)?;
    let done = roll.steps(args.write);
    roll.progress.end();
    done
}

impl Roll {
    fn new(config: Config, after: Config) -> Result<Self, Failure> {
        let mut warnings = Vec::new();
        let tombstones = config.keys.load_tombstones(&mut warnings)?;
        let seed = config.keys.load_one(KeyKind::Signing, &mut warnings)?;
        warnings.iter().for_each(|warning| note(&warning.to_string()));
        let seed = secrecy::SecretSlice::from(seed.expose().to_vec());
        Ok(Self {
            clients: Clients::new(config.kafka.clone(), config.gate.clone()),
            rolled: rolled_for(&config, VerifyingKeys::default())?,
            vault: vault(&tombstones),
            signing: SigningKey::from_seed(&seed).map_err(AppError::from)?,
            progress: Progress::new(),
            config,
            after,
        })
    }

    fn steps(&self, write: bool) -> Result<(), Failure> {
        let from = self.open(self.config.topics.consent_events.as_str())?;
        if from.extents().iter().any(|extent| extent.begin.0 > 0) {
            let message = "the log does not begin at its first record, so nobody knows what was said \
                           before: it cannot be rolled";
            return Err(Failure::new(Exit::Data, message));
        }
        let old = self.fold(&from, self.rolled.clone())?;
        let plan = Plan::of(&old.state);
        if !write {
            let partitions = self.copy(&from, &plan, &old, None)?;
            print(&self.summary(&from, &plan, &partitions))?;
            note("nothing was written: stop all writers of consent events, then give --write");
            return Ok(());
        }
        self.make_topic(&from)?;
        let writer = EventWriter::open(&self.clients).map_err(AppError::Kafka)?;
        let partitions = self.copy(&from, &plan, &old, Some(&writer))?;
        writer.flush().map_err(AppError::Kafka)?;
        let rolled = self.read_back(&from, &old)?;
        self.expect_still(&from)?;
        self.sign(&from, &partitions, &writer)?;
        self.expect_sealed(&from, rolled)?;
        print(&self.summary(&from, &plan, &partitions))?;
        let to = &self.after.topics.consent_events;
        note(&format!(
            "done: both logs fold to the same state. Set topics.consent_events = \"{to}\" for all gates \
             and writers, start the gates, then the writers. Delete the old topic when verify has passed."
        ));
        Ok(())
    }

    /// The state that a log comes to.
    fn fold(&self, reader: &TopicReader, mut rolled: RolledLog) -> Result<Folding, Failure> {
        let folded = self.fold_whole(reader, &mut rolled)?;
        refuse(&rolled, reader)?;
        if folded.is_undated {
            let message =
                "a record has not the broker's append time; see `consentgate topics plan`";
            return Err(Failure::new(Exit::Data, message));
        }
        Ok(folded)
    }

    /// What all records of a log come to, whatever they are worth.
    fn fold_whole(&self, reader: &TopicReader, rolled: &mut RolledLog) -> Result<Folding, Failure> {
        fold_log(width(reader), |folding| {
            rolled.restart();
            self.read(reader, &reader.whole(), |raw| {
                folding.take(&rolled.take(raw));
                Ok(())
            })
        })
    }

    /// Makes the new records and, given a writer, writes them.
    fn copy(
        &self,
        from: &TopicReader,
        plan: &Plan,
        old: &Folding,
        writer: Option<&EventWriter>,
    ) -> Result<BTreeMap<Partition, Copied>, Failure> {
        let topic = self.after.topics.consent_events.as_str();
        let mut rolled = self.rolled.clone();
        let mut copier = Copier::new(plan, &self.vault, old.again());
        let mut written = 0_u64;
        let mut write = |records: Vec<super::copy::NewRecord>| -> Result<(), Failure> {
            let Some(writer) = writer else { return Ok(()) };
            for new in &records {
                let content = (new.key.as_deref(), new.value.as_deref());
                writer
                    .write_rolled(topic, new.partition, content, new.original_ms)
                    .map_err(AppError::Kafka)?;
                written += 1;
                if written.is_multiple_of(SERVE_EVERY) {
                    writer.serve();
                }
            }
            Ok(())
        };
        self.read(from, &from.whole(), |raw| {
            let records = copier.take(&rolled.take(raw));
            write(records.map_err(|error| Failure::new(Exit::Data, error.to_string()))?)
        })?;
        for extent in from.extents() {
            write(copier.fill(extent.partition, extent.end))?;
        }
        Ok(copier.partitions)
    }

    /// Makes the new topic as the old one is.
    fn make_topic(&self, from: &TopicReader) -> Result<(), Failure> {
        let admin = TopicAdmin::open(&self.clients).map_err(AppError::Kafka)?;
        let old = admin.roles(&self.config.topics).map_err(AppError::Kafka)?;
        let facts = old.get(&Role::ConsentEvents).and_then(|(_, facts)| facts.as_ref());
        let replicas = facts.map_or(1, |facts| facts.replicas);
        let roles = admin.roles(&self.after.topics).map_err(AppError::Kafka)?;
        let mut planned =
            plan(&roles, width(from).partitions, i32::try_from(replicas).unwrap_or(1));
        planned.retain(|topic| topic.role == Role::ConsentEvents);
        apply(&admin, &planned).map_err(AppError::Kafka)?;
        let to = self.await_topic()?;
        if to.extents().len() != from.extents().len()
            || to.extents().iter().any(|extent| extent.end.0 > 0)
        {
            let topic = to.topic();
            let message = format!(
                "topic {topic} is not empty or has another number of partitions: delete it if it is \
                 what a stopped roll left, or name another one"
            );
            return Err(Failure::new(Exit::Data, message));
        }
        Ok(())
    }

    fn await_topic(&self) -> Result<TopicReader, Failure> {
        let topic = self.after.topics.consent_events.as_str();
        for _ in 0..NEW_TOPIC_ASKS {
            if let Ok(reader) = TopicReader::open(&self.clients, topic) {
                return Ok(reader);
            }
            std::thread::sleep(NEW_TOPIC_PAUSE);
        }
        self.open(topic)
    }

    /// Reads the new topic and folds it, with nothing but its records and the keys; it must come to the
    /// same state, and end where the old one ends.
    fn read_back(&self, from: &TopicReader, old: &Folding) -> Result<RolledLog, Failure> {
        let to = self.open(self.after.topics.consent_events.as_str())?;
        if !same_ends(from, &to) {
            return Err(broken("the new log does not end where the old one does"));
        }
        let mut rolled = self.rolled.clone();
        let new = self.fold_whole(&to, &mut rolled)?;
        if new.state != old.state {
            return Err(broken("the new log comes to another state than the old one"));
        }
        Ok(rolled)
    }

    /// Nobody may have written to the old topic meanwhile.
    fn expect_still(&self, from: &TopicReader) -> Result<(), Failure> {
        let now = self.open(from.topic())?;
        if same_ends(from, &now) {
            return Ok(());
        }
        let message = format!(
            "somebody still writes to {}: nothing was signed, and gates hold on the new topic. Stop all \
             writers, delete the new topic or name another one, and roll again",
            from.topic()
        );
        Err(Failure::new(Exit::TryAgain, message))
    }

    /// Signs the end of every partition.
    fn sign(
        &self,
        from: &TopicReader,
        partitions: &BTreeMap<Partition, Copied>,
        writer: &EventWriter,
    ) -> Result<(), Failure> {
        let admin = TopicAdmin::open(&self.clients).map_err(AppError::Kafka)?;
        let cluster_id = admin.cluster().map_err(AppError::Kafka)?.id;
        let to = self.after.topics.consent_events.to_string();
        let (roll, rolled_at_ms) = (RollId(rand::random()), wall_ms());
        for (partition, copied) in partitions {
            let seal = RollSeal {
                roll,
                cluster_id: cluster_id.clone(),
                from_topic: from.topic().to_owned(),
                to_topic: to.clone(),
                partition: *partition,
                partitions: width(from).partitions,
                end: copied.next,
                digest: copied.digest.finish(),
                left_out: copied.left_out,
                sealed: copied.sealed,
                rolled_at_ms,
            };
            writer
                .write(&to, Some(*partition), STAND_IN_KEY, &seal.sign(&self.signing))
                .map_err(AppError::Kafka)?;
        }
        writer.flush().map_err(AppError::Kafka)?;
        Ok(())
    }

    /// Reads the signed ends as a gate will; each vouches for the very records that were read back.
    fn expect_sealed(&self, from: &TopicReader, mut rolled: RolledLog) -> Result<(), Failure> {
        let to = self.open(self.after.topics.consent_events.as_str())?;
        let ends = from.extents().iter().map(|extent| {
            let next = Offset(extent.end.0 + 1);
            (extent.partition, Span { first: extent.end, next })
        });
        self.read(&to, &ends.collect(), |raw| {
            rolled.take(raw);
            Ok(())
        })?;
        refuse(&rolled, &to)
    }

    fn summary(
        &self,
        from: &TopicReader,
        plan: &Plan,
        partitions: &BTreeMap<Partition, Copied>,
    ) -> String {
        let sum = |part: fn(&Copied) -> u64| partitions.values().map(part).sum::<u64>();
        let records: i64 = partitions.values().map(|copied| copied.next.0).sum();
        let mut text = format!(
            "{} -> {}\n\
             records          {records}\n\
             erased people    {} (and {} who came back)\n\
             left out         {}\n\
             encrypted        {}\n",
            from.topic(),
            self.after.topics.consent_events,
            plan.gone_count(),
            plan.back_count(),
            sum(|copied| copied.left_out),
            sum(|copied| copied.sealed),
        );
        for (partition, copied) in partitions {
            let end = copied.next;
            text.push_str(&format!("partition {partition}: the same up to before offset {end}\n"));
        }
        text
    }

    fn open(&self, topic: &str) -> Result<TopicReader, Failure> {
        TopicReader::open(&self.clients, topic).map_err(|fault| Failure::unavailable(&fault))
    }

    /// Reads a topic; the first failure of `each` is that of the whole.
    fn read(
        &self,
        reader: &TopicReader,
        spans: &BTreeMap<Partition, Span>,
        mut each: impl FnMut(&crate::stream::ports::RawConsent) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut failed = None;
        self.progress.begin(reader.topic(), spans);
        let read: Result<(), Fault> = reader.read_while(spans, |record| {
            self.progress.step(record.partition(), record.offset());
            match each(&record.to_consent(Topic::ConsentEvents)) {
                Ok(()) => std::ops::ControlFlow::Continue(()),
                Err(failure) => {
                    failed = Some(failure);
                    std::ops::ControlFlow::Break(())
                }
            }
        });
        read.map_err(|fault| Failure::unavailable(&fault))?;
        failed.map_or(Ok(()), Err)
    }
}

fn refuse(rolled: &RolledLog, reader: &TopicReader) -> Result<(), Failure> {
    let refused = refuse_trouble(rolled, reader);
    refused.map_err(|fault| Failure::new(Exit::Data, fault.to_string()))
}

fn broken(what: &str) -> Failure {
    let message = format!(
        "{what}: nothing was signed, and gates hold on the new topic. Delete it; this is a defect, \
         please report it"
    );
    Failure::new(Exit::Invariant, message)
}

fn width(reader: &TopicReader) -> TopicWidth {
    reader.width(Topic::ConsentEvents)
}

fn same_ends(one: &TopicReader, other: &TopicReader) -> bool {
    let ends = |reader: &TopicReader| -> Vec<_> {
        reader.extents().iter().map(|extent| (extent.partition, extent.end)).collect()
    };
    ends(one) == ends(other)
}
