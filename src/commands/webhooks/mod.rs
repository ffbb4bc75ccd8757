//! `webhooks`: Meta's webhooks from a topic, consent events to the consent topics.
//!
//! At least once: a body's offset is committed only when all its events are acknowledged by all
//! replicas. Ids are stable and what was published within 8 days is remembered, so a delivery that
//! Meta repeats is published once. A body that cannot be read stops nothing: it is counted, logged by
//! its place, and copied to a topic of its own if there is one.

mod adapter;
mod counts;
mod seen;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

pub use adapter::Adapter;
pub use counts::Counts;

use super::exit::{Exit, Failure};
use super::run::start_log;
use super::settings_args::SettingsArgs;
use super::told_to_end::ToldToEnd;
use crate::app::AppError;
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  consentgate webhooks --config gate.toml
  consentgate webhooks --bootstrap kafka:9092 --set webhooks.numbers.106540352242922=cafe-luna";

/// Arguments of `webhooks`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct WebhooksArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl WebhooksArgs {
    /// Reads webhooks until it is told to end.
    ///
    /// # Errors
    /// The configuration names no business, or Kafka was not reached or refused something.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        expect_owners(&config)?;
        start_log(&config)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(AppError::Machine)?;
        let ended = runtime.block_on(serve(config));
        runtime.shutdown_background();
        ended
    }
}

/// Refuses a configuration by which every webhook would be nobody's.
fn expect_owners(config: &Config) -> Result<(), Failure> {
    if !config.webhooks.reader.owners.is_empty() {
        return Ok(());
    }
    let message = "webhooks.numbers and webhooks.accounts name no business; write \
                   \"PHONE_NUMBER_ID\" = \"BUSINESS\" under [webhooks.numbers]";
    Err(Failure::new(Exit::Config, message))
}

async fn serve(config: Config) -> Result<(), Failure> {
    let mut told = ToldToEnd::listen().map_err(AppError::Machine)?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut working = tokio::task::spawn_blocking(move || {
        let mut adapter = Adapter::open(&config)?;
        tracing::info!(topic = %config.webhooks.topic, "webhooks.started");
        let ended = adapter.run(&stopped);
        tracing::info!(counts = %adapter.counts(), "webhooks.ended");
        ended
    });
    let ended = tokio::select! {
        ended = &mut working => ended,
        () = told.wait() => {
            stop.store(true, Ordering::SeqCst);
            working.await
        }
    };
    match ended {
        Ok(ended) => Ok(ended.map_err(AppError::Kafka)?),
        Err(_) => Err(AppError::Overrun.into()),
    }
}
