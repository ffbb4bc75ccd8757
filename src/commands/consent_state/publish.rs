//! `consent-state publish`: keeps the compacted topic as it should be, by writing differences.
//!
//! It belongs to no group: its memory is the topic itself, so it catches up after any stop. What holds a
//! gate stops it too, and it waits. Run one: two write the same in the end, but one that lags may undo
//! for a moment what the other wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use super::export::AT_ONCE;
use super::log::StateLog;
use super::reach::reach;
use super::table::{fingerprint, remember};
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::run::start_log;
use crate::commands::settings_args::SettingsArgs;
use crate::commands::told_to_end::ToldToEnd;
use crate::commands::verify::Progress;
use crate::config::{Config, TopicName};
use crate::consent::{Seconds, Subject};
use crate::kafka::{Clients, EventWriter};
use crate::policy::Policy;
use crate::stream::{Fault, FaultKind, wall_ms};
use crate::wire::consent_state::encode;

/// How often to look whether it is told to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Arguments of `consent-state publish`.
#[derive(Clone, Debug, Args)]
pub struct PublishArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// How long to wait between two looks at the consent topics.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = humantime::parse_duration)]
    pub every: Duration,
    /// Bring the topic up to date once, and end.
    #[arg(long)]
    pub once: bool,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// People of whom something new was told.
    pub written: u64,
    /// People of whom nothing stands any longer.
    pub removed: u64,
}

/// Keeps the topic up to date.
pub struct Publisher {
    log: StateLog,
    policy: Policy,
    topic: TopicName,
    writer: EventWriter,
    /// Keys in the topic that name nobody; they are removed first.
    strays: Vec<Vec<u8>>,
}

impl PublishArgs {
    /// Publishes until it is told to end, or once.
    ///
    /// # Errors
    /// No topic is named (78), Kafka is not reached or a log must not be relied on (69).
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        if self.once {
            let written = Publisher::open(&config)?.publish();
            let Published { written, removed } = written.map_err(|f| Failure::unavailable(&f))?;
            return print(&format!("written: {written}, removed: {removed}\n"));
        }
        start_log(&config)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(AppError::Machine)?;
        let ended = runtime.block_on(follow(config, self.every));
        runtime.shutdown_background();
        ended
    }
}

async fn follow(config: Config, every: Duration) -> Result<(), Failure> {
    let mut told = ToldToEnd::listen().map_err(AppError::Machine)?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut working = tokio::task::spawn_blocking(move || {
        let mut publisher = Publisher::open(&config)?;
        tracing::info!(topic = %publisher.topic, "consent_state.started");
        publisher.follow(every, &stopped).map_err(|fault| Failure::unavailable(&fault))
    });
    let ended = tokio::select! {
        ended = &mut working => ended,
        () = told.wait() => {
            stop.store(true, Ordering::SeqCst);
            working.await
        }
    };
    ended.unwrap_or_else(|_| Err(AppError::Overrun.into()))
}

impl Publisher {
    /// Reads what the topic says.
    ///
    /// # Errors
    /// No topic is named, Kafka is not reached, or the topic is not there.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        let Some(topic) = config.topics.consent_state.clone() else {
            let message = "topics.consent_state is not set: name the topic in the configuration, and \
                           let `consentgate topics apply` make it";
            return Err(Failure::new(Exit::Config, message));
        };
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let mut log = StateLog::new(config)?;
        let progress = Progress::new();
        let strays = remember(&clients, topic.as_str(), &mut log.roster, &progress);
        progress.end();
        let strays = strays.map_err(|fault| Failure::unavailable(&fault))?;
        let writer = EventWriter::open(&clients).map_err(AppError::Kafka)?;
        Ok(Self { log, policy: config.policy.clone(), topic, writer, strays })
    }

    /// Publishes whenever something changed, until it is stopped. What passes by itself is waited out.
    ///
    /// # Errors
    /// Something was not written: a restart finds out what.
    pub fn follow(&mut self, every: Duration, stop: &AtomicBool) -> Result<(), Fault> {
        let mut waits = false;
        while !stop.load(Ordering::SeqCst) {
            match self.read() {
                Ok(()) => waits = false,
                Err(fault) if matches!(fault.kind, FaultKind::Retriable | FaultKind::Refused) => {
                    if !waits {
                        tracing::warn!(%fault, "consent_state.waits");
                    }
                    waits = true;
                }
                Err(fault) => return Err(fault),
            }
            if !waits {
                let Published { written, removed } = self.write()?;
                if written + removed > 0 {
                    tracing::info!(written, removed, "consent_state.published");
                }
            }
            let began = Instant::now();
            while began.elapsed() < every && !stop.load(Ordering::SeqCst) {
                std::thread::sleep(LOOK_EVERY.min(every));
            }
        }
        Ok(())
    }

    /// Brings the topic up to date.
    ///
    /// # Errors
    /// A log that must not be relied on, or something that was not written.
    pub fn publish(&mut self) -> Result<Published, Fault> {
        self.read()?;
        self.write()
    }

    fn read(&mut self) -> Result<(), Fault> {
        let progress = Progress::new();
        let read = self.log.catch_up(&progress, &mut ());
        progress.end();
        read?;
        self.log.view().map(drop)
    }

    fn write(&mut self) -> Result<Published, Fault> {
        let now = Seconds::nearest_to_millis(wall_ms());
        let mut published = Published::default();
        for key in self.strays.drain(..) {
            self.writer.remove(self.topic.as_str(), &key)?;
            published.removed += 1;
        }
        let (view, roster) = self.log.parts()?;
        for (business, customers) in roster.businesses() {
            for people in customers.take_due(now).chunks(AT_ONCE) {
                let reached = reach(&self.policy, &view, now, business, people);
                for (identity, reach) in people.iter().zip(reached) {
                    let subject =
                        Subject { business: business.clone(), identity: identity.clone() };
                    let value = encode(&subject, &reach.reachable);
                    let print = value.as_deref().map(fingerprint);
                    if print != customers.told(identity) {
                        let (topic, key) = (self.topic.as_str(), subject.key());
                        match value {
                            Some(value) => {
                                self.writer.write(topic, None, key.as_bytes(), &value)?;
                                published.written += 1;
                            }
                            None => {
                                self.writer.remove(topic, key.as_bytes())?;
                                published.removed += 1;
                            }
                        }
                    }
                    customers.tell(identity.clone(), print, reach.changes_at);
                }
                self.writer.serve();
            }
        }
        self.writer.flush()?;
        Ok(published)
    }
}
