//! `run`: the gate itself.
//!
//! Starts everything or nothing, serves the admin page, and ends on SIGTERM or SIGINT: what is
//! decided is committed, the partitions are given back. A call to Kafka that hangs ends the process
//! with 75, for its supervisor to start it again.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tracing::Level;

use super::exit::{Exit, Failure};
use super::settings_args::SettingsArgs;
use super::told_to_end::ToldToEnd;
use crate::app::api::{ApiError, OpenApi};
use crate::app::{AppError, Gate, prepare};
use crate::config::{Config, Loaded, LogFormat, LogLevel, Origin, show};
use crate::kafka::Overrun;
use crate::stream::FaultKind;
use crate::telemetry::admin::{AdminState, serve};
use crate::telemetry::{LogStyle, start_logging};
use crate::wire::receipt::Mode;

const EXAMPLES: &str = "\
Examples:
  consentgate run --config gate.toml
  consentgate run --config gate.toml --start-from beginning    the first start of a group
  consentgate run --config gate.toml --shadow --start-from end    beside a sender that reads the old topic";

/// Arguments of `run`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct RunArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Decide and audit, and write no allowed topic (gate.mode).
    #[arg(long)]
    pub shadow: bool,
    /// Where to start on partitions without a position of ours: beginning, end, committed, or a
    /// time (gate.start_from).
    #[arg(long, value_name = "WHERE")]
    pub start_from: Option<String>,
    /// This instance's own name, stable over restarts (gate.instance).
    #[arg(long, value_name = "NAME")]
    pub instance: Option<String>,
    /// Worker threads (gate.lanes).
    #[arg(long, value_name = "COUNT")]
    pub lanes: Option<String>,
    /// Address and port of the admin page (admin.listen).
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

impl RunArgs {
    /// Runs the gate until it is told to end.
    ///
    /// # Errors
    /// Why it could not start, or ended by itself.
    pub fn run(self) -> Result<(), Failure> {
        let loaded = self.settings.load(&self.flags())?;
        start_log(&loaded.config)?;
        for (key, origin) in starts_that_stay(&loaded) {
            tracing::warn!(
                %origin,
                "{key} stays for every later start; give it as --start-from or --set, once"
            );
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(AppError::Machine)?;
        let ended = runtime.block_on(serve_gate(&loaded));
        // A gate that was told to end while it was still being prepared waits for nothing.
        runtime.shutdown_background();
        ended
    }

    /// The flags as (flag, key, value).
    pub fn flags(&self) -> Vec<(&str, &str, &str)> {
        let flags = [
            ("--start-from", "gate.start_from", &self.start_from),
            ("--instance", "gate.instance", &self.instance),
            ("--lanes", "gate.lanes", &self.lanes),
            ("--listen", "admin.listen", &self.listen),
        ];
        let set =
            flags.into_iter().filter_map(|(flag, key, value)| Some((flag, key, value.as_deref()?)));
        let shadow = self.shadow.then_some(("--shadow", "gate.mode", Mode::Shadow.name()));
        set.chain(shadow).collect()
    }
}

/// Each `gate.start_from`, of all routes or of one, that is written down and so outlives this start. A
/// lost position would then be answered by it at once, where it should hold and wait for a person.
fn starts_that_stay(loaded: &Loaded) -> Vec<(String, Origin)> {
    let of_routes = loaded.routes.keys().map(|route| format!("routes.{route}.gate.start_from"));
    let keys = std::iter::once("gate.start_from".to_owned()).chain(of_routes);
    keys.map(|key| (loaded.origins.of(&key), key))
        .filter(|(origin, _)| matches!(origin, Origin::File { .. } | Origin::Environment(_)))
        .map(|(origin, key)| (key, origin))
        .collect()
}

/// How often the door looks whether a loop has ended by itself.
const LOOK_EVERY: Duration = Duration::from_millis(200);

async fn serve_gate(loaded: &Loaded) -> Result<(), Failure> {
    let config = &loaded.config;
    // From here on a signal is an orderly end, however early it comes.
    let mut told = ToldToEnd::listen().map_err(AppError::Machine)?;
    // The page's address is taken first: a gate that nobody can watch does not start.
    let listener = TcpListener::bind(config.admin.listen).await.map_err(|error| {
        let what = format!("cannot listen on {}: {error}", config.admin.listen);
        Failure::new(Exit::Io, what)
    })?;
    let api = match &config.api {
        Some(api) => Some(OpenApi::open(api).await?),
        None => None,
    };
    let address = listener.local_addr().map_err(AppError::Machine)?;
    let preparing = config.clone();
    let prepared = tokio::task::spawn_blocking(move || prepare(preparing));
    let prepared = tokio::select! {
        prepared = prepared => prepared.map_err(|_| AppError::Overrun)??,
        () = told.wait() => {
            tracing::info!("gate.ended before it was prepared");
            return Ok(());
        }
    };
    let gate = prepared.start(end_for_restart)?;
    let mode = config.gate.mode.name();
    tracing::info!(%address, mode, "gate.started");
    for route in &config.others {
        let (route, outbound) = (route.route, &route.topics.outbound);
        tracing::info!(%route, %outbound, "gate.route_started");
    }
    let (end_page, page_ended) = oneshot::channel::<()>();
    let about = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "instance": config.gate.instance,
        "settings": show(loaded),
    });
    let state = AdminState { health: gate.health.clone(), about: Arc::new(about) };
    let page = tokio::spawn(serve(listener, state, async {
        let _ = page_ended.await;
    }));
    let api = api.map(|open| tokio::spawn(open.serve(gate.doors.clone())));
    let why = wait_for_end(&gate, &mut told).await;
    tracing::info!("gate.draining");
    let limit = config.gate.shutdown_limit;
    let ended = tokio::task::spawn_blocking(move || gate.join(limit));
    let ended = ended.await.map_err(|_| AppError::Overrun)?;
    if let (WhyEnded::ByItself, Err(error)) = (why, &ended) {
        tracing::error!(%error, "gate.broken");
        // Nothing is decided any more; the page shows it for a while, or until a signal.
        let _ = tokio::time::timeout(STAY_VISIBLE, told.wait()).await;
    }
    ended?;
    let _ = end_page.send(());
    page.abort();
    api.inspect(|api| api.abort());
    tracing::info!("gate.ended");
    Ok(())
}

/// How long the admin page outlives a gate that ended by itself: a scraper must see why.
const STAY_VISIBLE: Duration = Duration::from_secs(30);

/// Why the gate ends.
enum WhyEnded {
    /// A signal said so.
    Told,
    /// A loop ended.
    ByItself,
}

/// Returns when a signal says so, or when a loop has ended by itself.
async fn wait_for_end(gate: &Gate, told: &mut ToldToEnd) -> WhyEnded {
    loop {
        tokio::select! {
            () = told.wait() => return WhyEnded::Told,
            () = tokio::time::sleep(LOOK_EVERY) => {
                if gate.has_ended() {
                    return WhyEnded::ByItself;
                }
            }
        }
    }
}

/// A transactional call hangs: its thread cannot be saved, so the process ends.
#[allow(clippy::exit, reason = "the hanging thread would keep an orderly end waiting for ever")]
fn end_for_restart(overrun: Overrun) {
    let (call, seconds) = (overrun.call, overrun.after.as_secs());
    tracing::error!(call, seconds, exit = Exit::TryAgain.code(), "gate.call_hangs");
    std::process::exit(Exit::TryAgain.code().into());
}

/// Starts the log as configured; `RUST_LOG` wins.
pub(super) fn start_log(config: &Config) -> Result<(), Failure> {
    let style = match config.log.format {
        LogFormat::Text => LogStyle::Text,
        LogFormat::Json => LogStyle::Json,
    };
    let filter = std::env::var("RUST_LOG").ok();
    let level = match config.log.level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    start_logging(style, level, filter.as_deref())
        .map_err(|error| Failure::new(Exit::Config, error.to_string()))
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let exit = match &error {
            ApiError::Address { .. } => Exit::Io,
            ApiError::Token(_) => Exit::Config,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let exit = match &error {
            AppError::Kafka(fault) if fault.kind != FaultKind::Refused => {
                return Self::unavailable(fault);
            }
            AppError::Kafka(_) => Exit::Config,
            AppError::Keys(_) | AppError::BadKey(_) | AppError::Topics(_) => Exit::Config,
            AppError::Machine(_) => Exit::Io,
            AppError::Invariant(_) => Exit::Invariant,
            AppError::Overrun | AppError::Stuck(_) => Exit::TryAgain,
        };
        Self::new(exit, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FileText, Flag, Host, Sources, Tls, load};

    fn loaded(sources: &Sources) -> Loaded {
        load(sources, &Host { name: Some("gate-7".to_owned()), cores: 2, tls: Tls::Missing })
            .expect("sound")
    }

    #[test]
    fn a_start_that_is_written_down_is_warned_of_and_a_flag_is_not() {
        let text = "[gate]\nstart_from = \"end\"\n".to_owned();
        let file = Some(FileText { path: "gate.toml".into(), text });
        let written = loaded(&Sources { file, ..Sources::default() });
        let stay = starts_that_stay(&written);
        assert!(matches!(stay.as_slice(), [(_, Origin::File { line: 2, .. })]), "{stay:?}");
        let topics =
            ["outbound", "allowed", "audit", "receipts"].map(|of| format!("{of} = \"c-{of}\"\n"));
        let text = format!(
            "[routes.codes.gate]\nstart_from = \"end\"\n[routes.codes.topics]\n{}",
            topics.concat()
        );
        let file = Some(FileText { path: "gate.toml".into(), text });
        let stay = starts_that_stay(&loaded(&Sources { file, ..Sources::default() }));
        assert_eq!(stay.first().map(|(key, _)| key.as_str()), Some("routes.codes.gate.start_from"));
        let (flag, key) = ("--start-from".to_owned(), "gate.start_from".to_owned());
        let flags = vec![Flag { flag, key, value: "end".to_owned() }];
        assert!(starts_that_stay(&loaded(&Sources { flags, ..Sources::default() })).is_empty());
    }
}
