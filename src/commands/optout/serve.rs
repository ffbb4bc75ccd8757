//! `optout serve`: the page, until told to end.

use clap::Args;
use tokio::net::TcpListener;

use super::site::Site;
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::run::start_log;
use crate::commands::settings_args::SettingsArgs;
use crate::commands::told_to_end::ToldToEnd;
use crate::config::Config;
use crate::kafka::{Clients, TopicReader};

/// Arguments of `optout serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl ServeArgs {
    /// Serves until it is told to end.
    ///
    /// # Errors
    /// A key or an address that cannot be used (78, 74), Kafka not reached (69).
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        start_log(&config)?;
        expect_topic(&config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(AppError::Machine)?;
        runtime.block_on(serve(&config))
    }
}

/// A page that could thank nobody had better not be shown.
fn expect_topic(config: &Config) -> Result<(), Failure> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let topic = config.topics.consent_events.as_str();
    TopicReader::open_committed(&clients, topic).map_err(|fault| Failure::unavailable(&fault))?;
    Ok(())
}

async fn serve(config: &Config) -> Result<(), Failure> {
    let mut told = ToldToEnd::listen().map_err(AppError::Machine)?;
    let site = Site::open(config)?;
    let listener = TcpListener::bind(site.address()).await.map_err(|error| {
        Failure::new(Exit::Io, format!("cannot listen on {}: {error}", site.address()))
    })?;
    let address = listener.local_addr().map_err(AppError::Machine)?;
    tracing::info!(%address, "optout.started");
    let ended = site.serve(listener, async move { told.wait().await }).await;
    tracing::info!("optout.ended");
    ended.map_err(|error| Failure::new(Exit::Io, format!("the page ended: {error}")))
}
