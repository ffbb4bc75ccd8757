//! The thread that reads the consent topics into the index.
//!
//! A new reader begins with an empty index, and nothing is decided until it has caught up.

use std::io;
use std::sync::atomic::Ordering;
use std::thread::Builder;
use std::time::Duration;

use super::Thread;
use crate::app::route::Common;
use crate::app::supervise::supervise;
use crate::config::{GateConfig, OnUndecodable as OnUndecodableSetting};
use crate::index::ConsentIndex;
use crate::kafka::{Clients, ConsentSource, ConsentTopic};
use crate::stream::{ConsentLoop, ConsentSettings, Fault, Holder, OnUndecodable};
use crate::telemetry::{HoldCause, Part, State};
use crate::wire::formats::EventFormats;

/// What the consent thread needs.
pub(in crate::app) struct ConsentParts {
    pub(in crate::app) clients: Clients,
    pub(in crate::app) topics: Vec<ConsentTopic>,
    pub(in crate::app) settings: GateConfig,
    pub(in crate::app) formats: EventFormats,
    pub(in crate::app) common: Common,
}

pub(in crate::app) fn spawn_consent(parts: ConsentParts) -> io::Result<Thread> {
    Builder::new().name("consent".into()).spawn(move || {
        let Common { board, health, stop, .. } = &parts.common;
        supervise(stop, health, Part::Consent, || {
            let outcome = run_consent(&parts);
            if outcome.is_err() {
                board.hold(Holder::Consent, HoldCause::KafkaUnreachable);
            }
            outcome
        })
    })
}

fn run_consent(parts: &ConsentParts) -> Result<(), Fault> {
    let Common { keys, index, board, health, clock, stop, .. } = &parts.common;
    let port = ConsentSource::open(&parts.clients, parts.topics.clone())?;
    // A new reader starts from the beginning, and so must the index: what the old one learnt may be
    // from topics that are no longer there.
    let index_keys = keys.index.clone();
    let new_index = move || ConsentIndex::new(index_keys.clone());
    board.reset();
    index.write(|index| *index = new_index())?;
    let mut consent = ConsentLoop::new(
        port,
        clock.clone(),
        index.clone(),
        board.clone(),
        Box::new(new_index),
        consent_settings(&parts.settings, parts.formats.clone()),
    )
    .with_rolled(keys.rolled.clone());
    while !stop.load(Ordering::Relaxed) {
        consent.step()?;
        health.set(Part::Consent, State::Ready);
    }
    Ok(())
}

fn consent_settings(gate: &GateConfig, formats: EventFormats) -> ConsentSettings {
    let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
    ConsentSettings {
        poll_records: 2_000,
        poll_wait: Duration::from_millis(100),
        recheck_every: Duration::from_secs(10),
        clock_skew_limit_s: seconds(gate.clock_skew_limit),
        append_ahead_limit_s: seconds(gate.append_ahead_limit),
        on_undecodable: match gate.on_undecodable {
            OnUndecodableSetting::Quarantine => OnUndecodable::Quarantine,
            OnUndecodableSetting::Hold => OnUndecodable::Hold,
        },
        formats,
    }
}
