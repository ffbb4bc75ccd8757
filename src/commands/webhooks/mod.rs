//! `webhooks`: Meta's webhooks from a topic, consent events to the consent topics.
//!
//! At least once: a body's offset is committed only when all its events are acknowledged by all
//! replicas. Ids are stable and what was published within 8 days is remembered, so a delivery that
//! Meta repeats is published once, also after a crash and after a change of hands. The one exception:
//! two instances that own a partition at the same moment, one of them wrongly, may publish a fact
//! twice; so may two partitions of which each has a delivery of it. Its id is the same, and joined
//! twice it is what it was. A body that cannot be read stops nothing: it is counted, logged by its
//! place, and copied to a topic of its own if there is one.

mod adapter;
mod counts;
mod seen;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use tokio::net::TcpListener;

pub use adapter::Adapter;
pub use counts::Counts;

use super::exit::{Exit, Failure};
use super::run::start_log;
use super::settings_args::SettingsArgs;
use super::told_to_end::ToldToEnd;
use crate::app::AppError;
use crate::config::Config;
use crate::telemetry::admin::serve_adapter;

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
    let listener = TcpListener::bind(config.webhooks.listen).await.map_err(|error| {
        let what = format!("cannot listen on {}: {error}", config.webhooks.listen);
        Failure::new(Exit::Io, what)
    })?;
    let address = listener.local_addr().map_err(AppError::Machine)?;
    let page = tokio::spawn(serve_adapter(listener, std::future::pending()));
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut working = tokio::task::spawn_blocking(move || {
        let mut adapter = Adapter::open(&config)?;
        tracing::info!(topic = %config.webhooks.topic, %address, "webhooks.started");
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
    page.abort();
    match ended {
        Ok(ended) => Ok(ended.map_err(AppError::Kafka)?),
        Err(_) => Err(AppError::Overrun.into()),
    }
}
