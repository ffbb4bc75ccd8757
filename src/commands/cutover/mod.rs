//! `cutover`: a sender is moved behind the gate, or back, without a message lost or sent twice.
//!
//! It says where everybody stands and must go on, partition by partition, and what to do in which order;
//! and it looks whether anybody can go round the gate. It reads only: offsets are set by Kafka's own tools,
//! or with `--apply`, and then Kafka itself refuses a group in which anybody is. While anything moves, or
//! is not known, there are no offsets to be set.
//!
//! Read in this order: [`facts`], [`asking`] and [`pairing`] (what is found), [`decided`] (what the receipts tell),
//! [`cut`] and [`back`] (what follows from it, pure), [`rights`] and [`look`] (what else is looked at), [`mod@plan`],
//! [`steps`] and [`text`] (what is told).

mod asking;
mod back;
mod cut;
mod decided;
mod facts;
mod look;
mod pairing;
mod plan;
mod rights;
mod steps;
mod text;

use clap::{Args, Subcommand, ValueEnum};

pub use back::Way;

use self::asking::{Asking, Wanted};
use self::facts::Facts;
use self::plan::{Direction, Finding, Level, Move, Plan};
use self::steps::Names;
use super::exit::{Exit, Failure};
use super::output::{note, print};
use super::receipts::trusted;
use super::settings_args::RouteArgs;
use crate::config::Config;
use crate::kafka::{Clients, GroupPlace};
use crate::stream::{Fault, FaultKind};
use crate::wire::receipt::Mode;

const EXAMPLES: &str = "\
Examples:
  consentgate cutover plan --config gate.toml --sender-group whatsapp-sender
  consentgate cutover plan --config gate.toml --sender-group whatsapp-sender \\
      --sender-principal User:sender --engine-principal User:campaigns --output json
  consentgate cutover check --config gate.toml --sender-group whatsapp-sender --sender-principal User:sender
  consentgate cutover rollback --config gate.toml --sender-group whatsapp-sender
  consentgate cutover rollback --config gate.toml --sender-group whatsapp-sender --way at-once";

const EXIT_CODES: &str = "\
Exit codes: 0 exact, or set   69 Kafka not reached   75 not yet: somebody is in a group, or messages are not
sent; run it again   78 something must be mended first";

/// Arguments of `cutover`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct CutoverArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CutoverCommand,
}

/// Which way.
#[derive(Clone, Debug, Subcommand)]
pub enum CutoverCommand {
    /// Where gate and sender must start, so that the sender reads the allowed topic from here on.
    Plan(MoveArgs),
    /// Where the sender must start, so that it reads the outbound topic again.
    Rollback(RollbackArgs),
    /// Whether the cut is whole: who can go round the gate, and how far everybody is behind.
    Check(LookArgs),
}

/// What all of them need.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub struct LookArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The sender's consumer group, which it keeps. If not given: downstream.group.
    #[arg(long, value_name = "GROUP")]
    pub sender_group: Option<String>,
    /// Whom Kafka knows the sender as, such as User:sender: it must not read the outbound topic. Can be
    /// repeated.
    #[arg(long, value_name = "PRINCIPAL")]
    pub sender_principal: Vec<String>,
    /// Whom Kafka knows an engine as: it must not write the allowed topic. Can be repeated.
    #[arg(long, value_name = "PRINCIPAL")]
    pub engine_principal: Vec<String>,
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds them. Can
    /// be repeated. Without it: that of the configured signing key.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Arguments of what may set offsets.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub struct MoveArgs {
    /// What to look at.
    #[command(flatten)]
    pub look: LookArgs,
    /// Set the offsets, if they are exact. Kafka refuses it while anybody is in a group.
    #[arg(long)]
    pub apply: bool,
}

/// Arguments of `rollback`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub struct RollbackArgs {
    /// What to look at, and whether to do it.
    #[command(flatten)]
    pub move_it: MoveArgs,
    /// What becomes of messages that were allowed and are not sent yet.
    #[arg(long, value_enum, default_value_t = Way::Drain)]
    pub way: Way,
}

/// How a plan is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Those who could go round the gate.
pub(super) struct Principals {
    senders: Vec<String>,
    engines: Vec<String>,
}

impl CutoverArgs {
    /// Prints a plan or a check, and with `--apply` sets the offsets.
    ///
    /// # Errors
    /// Not yet (75), something to be mended (78), Kafka not reached (69).
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            CutoverCommand::Plan(args) => run(&args.look, Wanted::Cut, args.apply),
            CutoverCommand::Rollback(args) => {
                let MoveArgs { look, apply } = &args.move_it;
                run(look, Wanted::Back(args.way), *apply)
            }
            CutoverCommand::Check(args) => run(&args, Wanted::Standing, false),
        }
    }
}

fn run(args: &LookArgs, wanted: Wanted, apply: bool) -> Result<(), Failure> {
    let config = args.settings.load(&[])?;
    let names = names(args, &config)?;
    let keys = trusted(&config, &args.public_key)?;
    let asking = Asking::open(&config, &keys, &names.sender).map_err(failed)?;
    let who = Principals {
        senders: args.sender_principal.clone(),
        engines: args.engine_principal.clone(),
    };
    let make = || -> Result<Plan, Failure> {
        Ok(plan(&asking.facts(wanted)?, wanted, &names, &config, &who))
    };
    let plan = make()?;
    print(&told(&plan, args.output)?)?;
    match plan.level() {
        Level::Ok | Level::Warn => {}
        Level::Wait => {
            return Err(Failure::new(Exit::TryAgain, "not yet: see WAIT above, then run it again"));
        }
        Level::Fail => return Err(Failure::new(Exit::Config, "see FAIL above")),
    }
    if !apply || plan.moves.is_empty() {
        return Ok(());
    }
    // Whatever came between the look and now: the same again, or nothing.
    let again = make()?;
    if again.moves != plan.moves || !again.is_exact() {
        let what = "the plan is another one by now, and nothing was set; run it again";
        return Err(Failure::new(Exit::TryAgain, what));
    }
    set(&config, &plan.moves)
}

fn names(args: &LookArgs, config: &Config) -> Result<Names, Failure> {
    if config.gate.mode == Mode::Shadow {
        let what = "a shadow writes no allowed topic, so nobody is moved behind it; gate.mode must be \"gate\"";
        return Err(Failure::new(Exit::Config, what));
    }
    let downstream = config.downstream.as_ref().map(|downstream| downstream.group.clone());
    let sender = args.sender_group.clone().or(downstream).ok_or_else(|| {
        Failure::new(Exit::Usage, "name the sender's group: --sender-group, or downstream.group")
    })?;
    if sender == config.gate.group {
        let what = format!("\"{sender}\" is gate.group; name the sender's");
        return Err(Failure::new(Exit::Usage, what));
    }
    let path = args.settings.settings.config.as_ref().map(|path| path.display().to_string());
    let path = path.unwrap_or_else(|| "gate.toml".to_owned());
    Ok(Names {
        bootstrap: config.kafka.bootstrap.clone(),
        route: match args.settings.route {
            Some(route) => format!("--config {path} --route {route}"),
            None => format!("--config {path}"),
        },
        config: path,
        sender,
        gate: config.gate.group.clone(),
        outbound: config.topics.outbound.as_str().to_owned(),
        allowed: config.topics.allowed.as_str().to_owned(),
    })
}

fn plan(facts: &Facts, wanted: Wanted, names: &Names, config: &Config, who: &Principals) -> Plan {
    let groups = (names.sender.as_str(), names.gate.as_str());
    let (outbound, allowed) = (names.outbound.as_str(), names.allowed.as_str());
    let mut findings = Vec::new();
    let (direction, (partitions, more, moves)) = match wanted {
        Wanted::Cut => {
            findings.extend(look::members(facts, names));
            findings.extend(look::start(config.gate.start_from));
            (Direction::Cutover, cut::conclude(facts, groups, (outbound, allowed)))
        }
        Wanted::Back(way) => {
            findings.extend(look::members(facts, names));
            (Direction::Rollback, back::conclude(facts, way, groups, outbound))
        }
        Wanted::Standing => {
            let (rows, findings) = look::standing(facts, names);
            (Direction::Check, (rows, findings, Vec::new()))
        }
    };
    findings.extend(more);
    let rights = match wanted {
        Wanted::Back(_) => look::way_back(facts, names, who),
        Wanted::Cut | Wanted::Standing => {
            // Before the cut the way round is the way that there is.
            let open = if wanted == Wanted::Cut { Finding::warn } else { Finding::fail };
            let (found, commands) = look::ways_round(facts, names, who, open);
            findings.extend(found);
            commands
        }
    };
    let mut plan = Plan {
        direction,
        sender_group: names.sender.clone(),
        gate_group: names.gate.clone(),
        outbound: names.outbound.clone(),
        allowed: names.allowed.clone(),
        partitions,
        findings,
        moves,
        steps: Vec::new(),
    };
    if !plan.is_exact() {
        plan.moves.clear();
    }
    let exact = plan.is_exact().then_some(plan.moves.as_slice());
    plan.steps = match wanted {
        Wanted::Cut => steps::of_cut(names, exact, rights),
        Wanted::Back(way) => steps::of_way_back(names, way, exact, rights),
        Wanted::Standing => steps::of_check(rights),
    };
    plan
}

fn told(plan: &Plan, output: Output) -> Result<String, Failure> {
    match output {
        Output::Text => Ok(text::text(plan)),
        Output::Json => serde_json::to_string_pretty(plan)
            .map(|json| json + "\n")
            .map_err(|error| Failure::new(Exit::Io, format!("cannot write json: {error}"))),
    }
}

/// Sets the offsets and looks whether they are there.
fn set(config: &Config, moves: &[Move]) -> Result<(), Failure> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    for one in moves {
        let set = GroupPlace::open(&clients, &one.group, &one.topic)
            .and_then(|place| place.move_to(&one.places()));
        set.map_err(failed)?;
        note(&format!(
            "set  group {} in {}: {} partitions",
            one.group,
            one.topic,
            one.offsets.len()
        ));
    }
    Ok(())
}

fn failed(fault: Fault) -> Failure {
    match fault.kind {
        FaultKind::Fenced => Failure::new(Exit::TryAgain, fault.to_string()),
        FaultKind::Refused => Failure::new(Exit::Config, fault.to_string()),
        _ => Failure::unavailable(&fault),
    }
}
