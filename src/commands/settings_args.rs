//! The flags that every command with a configuration shares.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Failure};
use crate::config::{
    Config, ENVIRONMENT_PREFIX, FileText, Flag, Host, Loaded, Origin, Problem, Problems, Sources,
    load,
};
use crate::consent::RouteName;
use crate::wire::formats::EventFormats;

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingsArgs {
    /// The configuration file (TOML). Without it: defaults, environment and flags.
    #[arg(long, short = 'c', value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set one key; wins over file and environment. Can be repeated.
    #[arg(long, value_name = "SECTION.KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
    /// Brokers to ask first: host:port, separated by commas (kafka.bootstrap).
    #[arg(long, value_name = "HOST:PORT")]
    pub bootstrap: Option<String>,
}

impl SettingsArgs {
    /// Reads and checks the configuration; `more` are flags of the command itself, as
    /// (flag, key, value).
    ///
    /// # Errors
    /// All that is wrong with it (exit code 78).
    pub fn load(&self, more: &[(&str, &str, &str)]) -> Result<Loaded, Failure> {
        let file = self.config.as_deref().map(read).transpose()?;
        let bootstrap = self.bootstrap.as_deref();
        let own = bootstrap.map(|value| ("--bootstrap", "kafka.bootstrap", value));
        let set = self.set.iter().map(|(key, value)| ("--set", key.as_str(), value.as_str()));
        let flags = set.chain(own).chain(more.iter().copied());
        let sources = Sources {
            file,
            environment: environment(),
            flags: flags
                .map(|(flag, key, value)| Flag {
                    flag: flag.to_owned(),
                    key: key.to_owned(),
                    value: value.to_owned(),
                })
                .collect(),
        };
        Ok(load(&sources, &Host::detect())?)
    }
}

/// Where the configuration of one route comes from, for commands that work on its topics.
#[derive(Clone, Debug, Default, Args)]
pub struct RouteArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The route, where the configuration has several; main is that of `[topics]`.
    #[arg(long, value_name = "NAME", value_parser = route_name)]
    pub route: Option<RouteName>,
}

impl RouteArgs {
    /// Reads and checks the configuration, and takes the route's.
    ///
    /// # Errors
    /// All that is wrong with it (78); several routes and none named, or one that it does not have (2).
    pub fn load(&self, more: &[(&str, &str, &str)]) -> Result<Config, Failure> {
        self.choose(self.settings.load(more)?.config)
    }

    /// The route that is named, or the only one.
    pub(super) fn choose(&self, config: Config) -> Result<Config, Failure> {
        let names: Vec<String> = config.routes().map(|of| of.route.to_string()).collect();
        let names = names.join(", ");
        let Some(named) = self.route else {
            return match config.others.is_empty() {
                true => Ok(config),
                false => {
                    let what = format!(
                        "this configuration has the routes {names}: say which with --route"
                    );
                    Err(Failure::new(Exit::Usage, what))
                }
            };
        };
        let found = config.routes().find(|of| of.route == named).cloned();
        found.ok_or_else(|| {
            let what = format!("this configuration has no route {named}; it has {names}");
            Failure::new(Exit::Usage, what)
        })
    }
}

/// Refuses a configuration whose outbound topic holds other messages than a command writes.
///
/// # Errors
/// The format of the outbound topic is not plain protobuf (exit code 78).
pub(super) fn expect_own_format(config: &Config) -> Result<(), Failure> {
    if config.messages.is_plain_protobuf() {
        return Ok(());
    }
    let message = "this command writes plain protobuf, and [messages] says that the outbound topic \
                   holds something else; the gate would suppress all of it as malformed";
    Err(Failure::new(Exit::Config, message))
}

/// Refuses a configuration whose consent topics hold other events than a command writes.
///
/// # Errors
/// The format of a consent topic is not plain protobuf (exit code 78).
pub(super) fn expect_own_events(config: &Config) -> Result<(), Failure> {
    if config.consent == EventFormats::default() {
        return Ok(());
    }
    let message = "this command writes plain protobuf, and [consent_events] or [consent_activity] says \
                   that the topic holds something else; the gate would quarantine every business of it";
    Err(Failure::new(Exit::Config, message))
}

/// Only our own variables, and only those that are text.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX))
        .collect()
}

fn read(path: &Path) -> Result<FileText, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(FileText { path: path.to_owned(), text }),
        Err(error) => {
            let origin = Origin::Flag(format!("--config {}", path.display()));
            let problem = Problem::new(origin, "", format!("cannot be read: {error}"));
            let hint = "`consentgate config default` prints a file to begin with";
            Err(Problems(vec![problem.hint(hint)]).into())
        }
    }
}

fn route_name(word: &str) -> Result<RouteName, String> {
    RouteName::parse(word)
        .ok_or_else(|| format!("no name for a route; allowed: {}", RouteName::ALLOWED))
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let split = text.split_once('=').filter(|(key, _)| key.contains('.'));
    let (key, value) = split.ok_or("expected SECTION.KEY=VALUE, such as gate.lanes=4")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
