//! `[gate]` as meant: limits as durations, and limits that fit together.

use std::time::Duration;

use super::check::Check;
use super::start::StartFrom;
use super::topics::SHADOW;
use crate::config::settings::{FenceKind, GateSettings, GroupProtocol, ModeKind, OnUndecodable};
use crate::config::value::Span;
use crate::wire::receipt::Mode;

/// How the gate works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateConfig {
    /// The consumer group that shares the outbound topic.
    pub group: String,
    /// This instance's own name.
    pub instance: String,
    /// Whether what is allowed also goes on.
    pub mode: Mode,
    /// Worker threads.
    pub lanes: u16,
    /// The longest time between commits.
    pub commit_interval: Duration,
    /// The most messages between commits.
    pub commit_messages: u32,
    /// The most messages decided on one view.
    pub batch_messages: u32,
    /// How the fence is kept.
    pub fence: FenceKind,
    /// The oldest fence that decides.
    pub fence_limit: Duration,
    /// The most that the clock may be off fresh append times.
    pub clock_skew_limit: Duration,
    /// The furthest that an append time may lie in the future.
    pub append_ahead_limit: Duration,
    /// What an undecodable consent record does.
    pub on_undecodable: OnUndecodable,
    /// How long the end may take.
    pub shutdown_limit: Duration,
    /// Kafka's limit for an open transaction.
    pub transaction_timeout: Duration,
    /// How instances share the partitions.
    pub group_protocol: GroupProtocol,
    /// Kafka's limit for a silent member.
    pub session_timeout: Duration,
    /// How long a call to Kafka may hang.
    pub watchdog_limit: Duration,
    /// Where to start without a position of ours; `None` = hold.
    pub start_from: Option<StartFrom>,
}

impl GateConfig {
    /// The transactional id of a lane. It also is the lane's `group.instance.id`: both must name
    /// the same worker over restarts.
    pub fn transactional_id(&self, lane: u16) -> String {
        format!("{}.{}.{lane}", self.group, self.instance)
    }

    pub(super) fn check(settings: &GateSettings, check: &mut Check<'_>) -> Option<Self> {
        let (millis, secs) = (Span::millis, Span::secs);
        let mut span =
            |key: &str, value, from, to| check.span(&format!("gate.{key}"), value, from..=to);
        let commit_interval =
            span("commit_interval", settings.commit_interval, millis(1), secs(10));
        let fence_limit = span("fence_limit", settings.fence_limit, millis(100), secs(60));
        let clock_skew_limit =
            span("clock_skew_limit", settings.clock_skew_limit, secs(1), secs(300));
        let append_ahead_limit =
            span("append_ahead_limit", settings.append_ahead_limit, secs(1), secs(3_600));
        let shutdown_limit = span("shutdown_limit", settings.shutdown_limit, secs(1), secs(600));
        let transaction_timeout =
            span("transaction_timeout", settings.transaction_timeout, secs(1), secs(900));
        let session_timeout =
            span("session_timeout", settings.session_timeout, secs(6), secs(1_800));
        let watchdog_limit = span("watchdog_limit", settings.watchdog_limit, secs(2), secs(1_800));
        check_relations(settings, check);
        let start_from = start_from(settings.start_from.as_deref(), check);
        let lanes = check.count("gate.lanes", settings.lanes.unwrap_or(1), 1..=256);
        let mode = match settings.mode {
            ModeKind::Gate => Mode::Gate,
            ModeKind::Shadow => Mode::Shadow,
        };
        let group = check.kafka_name("gate.group", &settings.group, 100);
        let group = group.map(|group| match mode {
            Mode::Gate => group,
            Mode::Shadow => format!("{group}{SHADOW}"),
        });
        let instance = instance(settings, check);
        Some(Self {
            group: group?,
            instance: instance?,
            mode,
            lanes: u16::try_from(lanes).ok()?,
            commit_interval,
            commit_messages: check.count(
                "gate.commit_messages",
                settings.commit_messages,
                1..=1_000_000,
            ),
            batch_messages: check.count("gate.batch_messages", settings.batch_messages, 1..=10_000),
            fence: settings.fence,
            fence_limit,
            clock_skew_limit,
            append_ahead_limit,
            on_undecodable: settings.on_undecodable,
            shutdown_limit,
            transaction_timeout,
            group_protocol: settings.group_protocol,
            session_timeout,
            watchdog_limit,
            start_from: start_from?,
        })
    }
}

fn instance(settings: &GateSettings, check: &mut Check<'_>) -> Option<String> {
    let Some(instance) = &settings.instance else {
        let what = "not set, and this host has no name";
        check.refuse("gate.instance", what, "", "name this instance; keep the name over restarts");
        return None;
    };
    check.kafka_name("gate.instance", instance, 100)
}

/// The outer `None` is a problem, the inner one "not set".
fn start_from(written: Option<&str>, check: &mut Check<'_>) -> Option<Option<StartFrom>> {
    let Some(text) = written else {
        return Some(None);
    };
    let start = StartFrom::parse(text);
    if start.is_none() {
        let what = format!("\"{text}\" is no place to start from");
        check.refuse("gate.start_from", what, StartFrom::ALLOWED, "");
    }
    start.map(Some)
}

fn check_relations(settings: &GateSettings, check: &mut Check<'_>) {
    let is_ours = settings.group_protocol != GroupProtocol::Consumer;
    if is_ours && settings.transaction_timeout >= settings.session_timeout {
        let what = format!(
            "\"{}\" is not below gate.session_timeout (\"{}\")",
            settings.transaction_timeout, settings.session_timeout
        );
        let hint = "else a transaction outlives the ownership of its partitions";
        check.refuse("gate.transaction_timeout", what, "", hint);
    }
    if settings.commit_interval.0 * 2 > settings.transaction_timeout.0 {
        let what = format!(
            "\"{}\" is more than half of gate.transaction_timeout (\"{}\")",
            settings.commit_interval, settings.transaction_timeout
        );
        check.refuse("gate.commit_interval", what, "", "commit more often");
    }
    if settings.watchdog_limit < settings.transaction_timeout {
        let what = format!(
            "\"{}\" is below gate.transaction_timeout (\"{}\")",
            settings.watchdog_limit, settings.transaction_timeout
        );
        let hint = "else the watchdog ends the process in mid-transaction";
        check.refuse("gate.watchdog_limit", what, "", hint);
    }
    if settings.batch_messages > settings.commit_messages {
        let what = format!(
            "{} is more than gate.commit_messages ({})",
            settings.batch_messages, settings.commit_messages
        );
        check.refuse("gate.batch_messages", what, "", "a batch lies within one transaction");
    }
}
