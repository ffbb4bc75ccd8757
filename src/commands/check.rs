//! `check`: the configuration, then Kafka.

use std::time::Duration;

use clap::Args;

use super::exit::{Exit, Failure};
use super::output::print;
use super::settings_args::SettingsArgs;
use crate::app::{AppError, Keyring, broken_conditions};
use crate::config::{Config, FenceKind, GroupProtocol};
use crate::consent::RouteName;
use crate::kafka::topics::{Finding, Role, Roles, TopicAdmin, consent_topics};
use crate::kafka::{Clients, LogEnds, QuorumEnds, broker_sharing};
use crate::stream::ports::EndsPort;

const EXAMPLES: &str = "\
Examples:
  consentgate check --config gate.toml                   configuration, keys, Kafka, topics
  consentgate check --config gate.toml --no-environment  configuration and keys only";

/// Arguments of `check`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct CheckArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Do not ask Kafka.
    #[arg(long)]
    pub no_environment: bool,
}

impl CheckArgs {
    /// Checks in the order in which a gate would fail: configuration, keys, Kafka, topics.
    ///
    /// # Errors
    /// What is not as it should be.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        print("ok    configuration\n")?;
        let (keys, warnings) = config.keys.load().map_err(AppError::Keys)?;
        Keyring::new(&keys)?;
        print("ok    keys\n")?;
        for warning in warnings {
            let path = warning.path.display();
            print(&format!("warn  {path} can be read by others; chmod 600 it\n"))?;
        }
        if self.no_environment {
            return Ok(());
        }
        check_kafka(&config)
    }
}

fn check_kafka(config: &Config) -> Result<(), Failure> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let admin = TopicAdmin::open(&clients).map_err(AppError::Kafka)?;
    let cluster = admin.cluster().map_err(AppError::Kafka)?;
    print(&format!("ok    kafka: cluster {}, brokers: {}\n", cluster.id, cluster.brokers))?;
    check_group(config, &clients, &admin)?;
    let mut routes = Vec::new();
    for route in config.routes() {
        let roles = admin.roles(&route.topics).map_err(AppError::Kafka)?;
        let findings = broken_conditions(route.gate.mode, &roles);
        routes.push((route.route, roles, findings));
    }
    let broken = print_routes(&routes)?;
    let Some((_, roles, _)) = routes.first().filter(|_| broken == 0) else {
        let what = if routes.len() == 1 {
            "the gate would not start"
        } else {
            "not every route would start"
        };
        let conditions = match broken {
            1 => "one condition is not kept".to_owned(),
            n => format!("{n} conditions are not kept"),
        };
        return Err(Failure::new(Exit::Config, format!("{conditions}; {what}")));
    };
    check_fence(config, &clients, roles)
}

/// What one route's topics are, and what is wrong with them.
type OfRoute = (RouteName, Roles, Vec<Finding>);

/// Prints each topic once, those of a further route under its name. Says how many conditions of the gate's
/// are not kept.
fn print_routes(routes: &[OfRoute]) -> Result<usize, Failure> {
    let mut told: Vec<&Finding> = Vec::new();
    for (route, roles, findings) in routes {
        let mut own = roles.clone();
        if *route != RouteName::MAIN {
            print(&format!("route {route}\n"))?;
            // The shared ones are only told again where they do not fit this route.
            own.retain(|role, _| {
                role.is_a_routes() || findings.iter().any(|found| found.role == *role)
            });
        }
        print(&report(&own, findings))?;
        for finding in findings.iter().filter(|finding| finding.role.is_the_gates()) {
            if !told.contains(&finding) {
                told.push(finding);
            }
        }
    }
    Ok(told.len())
}

/// Whether the brokers can do what the gate's group asks of them.
fn check_group(config: &Config, clients: &Clients, admin: &TopicAdmin) -> Result<(), Failure> {
    let name = config.gate.group_protocol.name();
    if config.gate.group_protocol != GroupProtocol::Consumer {
        let session = config.gate.session_timeout.as_millis();
        return print(&format!("ok    group: {name}, session {session} ms\n"));
    }
    let sharing = broker_sharing(clients, admin).map_err(AppError::Kafka)?;
    let shown = |limit: Option<Duration>| {
        limit.map_or("unreadable".to_owned(), |limit| format!("{} ms", limit.as_millis()))
    };
    let (session, beat) = (shown(sharing.session_timeout), shown(sharing.heartbeat_interval));
    print(&format!("ok    group: {name}, the brokers' session {session}, heartbeat {beat}\n"))
}

/// Asks the question that the gate will ask all the time. A fence that writes is not tried.
fn check_fence(config: &Config, clients: &Clients, roles: &Roles) -> Result<(), Failure> {
    let name = config.gate.fence.name();
    let topics = consent_topics(roles);
    let told = match config.gate.fence {
        FenceKind::Leader => LogEnds::open(clients, topics).and_then(|mut ends| ends.ends()),
        FenceKind::Quorum => QuorumEnds::open(clients, topics).and_then(|mut ends| ends.ends()),
        FenceKind::Beat => {
            return print("warn  fence: beat, not tried, for it writes to the consent topics\n");
        }
    };
    let told = told.map_err(AppError::Kafka)?;
    for answer in &told.answers {
        if let Err(error) = &answer.end {
            let place = format!("{} partition {}", answer.topic.name(), answer.partition);
            let hint = match config.gate.fence {
                FenceKind::Quorum => {
                    "; if these brokers never answer for replicas, take gate.fence \"beat\""
                }
                FenceKind::Leader | FenceKind::Beat => "",
            };
            let what = format!("the fence \"{name}\" has no end for {place}: {error}{hint}");
            return Err(Failure::new(Exit::Unavailable, what));
        }
    }
    print(&format!("ok    fence: {name}, answered for {} partitions\n", told.answers.len()))
}

/// One line a topic, and under it what is wrong and what to do.
pub(super) fn report(roles: &Roles, findings: &[Finding]) -> String {
    let mut text = String::new();
    for role in Role::ALL {
        let Some((name, facts)) = roles.get(&role) else {
            continue;
        };
        let mine: Vec<_> = findings.iter().filter(|finding| finding.role == role).collect();
        let mark = if mine.is_empty() { "ok   " } else { "FAIL " };
        let size = facts.as_ref().map_or(String::new(), |facts| {
            format!(", partitions: {}, replicas: {}", facts.partitions, facts.replicas)
        });
        text.push_str(&format!("{mark} {}: {name}{size}\n", role.name()));
        for finding in mine {
            text.push_str(&format!("        {}; {}\n", finding.what, finding.advice));
        }
    }
    text
}
