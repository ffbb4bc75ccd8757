//! The thread of the watch over the sender.
//!
//! It holds no lane itself: what it does not put on the board grows old there, and then they hold.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

use super::loops::route_span;
use crate::config::Downstream;
use crate::consent::RouteName;
use crate::kafka::{Clients, SenderOffsets};
use crate::stream::{Fault, SenderBoard, SenderLimits, SenderWatch, SystemClock};
use crate::telemetry::metrics::SenderMeters;

/// The watch looks no more often than this, however many lanes there are.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The pause after a fault.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What the thread needs.
pub(super) struct SenderParts {
    pub(super) clients: Clients,
    pub(super) downstream: Downstream,
    pub(super) route: RouteName,
    pub(super) allowed: String,
    pub(super) board: Arc<SenderBoard>,
    pub(super) clock: Arc<SystemClock>,
    pub(super) stop: Arc<AtomicBool>,
}

pub(super) fn spawn_sender(parts: SenderParts) -> io::Result<JoinHandle<Result<(), Fault>>> {
    Builder::new().name("sender".into()).spawn(move || {
        let _told = route_span(parts.route).entered();
        while !parts.stop.load(Ordering::Relaxed) {
            if let Err(fault) = watch(&parts) {
                tracing::warn!(%fault, "sender.unanswered");
                sleep(AGAIN_AFTER);
            }
        }
        Ok(())
    })
}

/// Looks until told to stop, or until a fault.
fn watch(parts: &SenderParts) -> Result<(), Fault> {
    let downstream = &parts.downstream;
    let port = SenderOffsets::open(&parts.clients, &downstream.group, &parts.allowed)?;
    let limits =
        SenderLimits { max_ahead: downstream.max_ahead.into(), max_age: downstream.max_age };
    let (clock, board) = (parts.clock.clone(), parts.board.clone());
    let mut watch = SenderWatch::new(port, clock, board, limits, SenderMeters::begin(parts.route));
    let mut silent = false;
    while !parts.stop.load(Ordering::Relaxed) {
        match watch.look() {
            Ok(()) => silent = false,
            // The ages of decisions are worth keeping: only a broken client is made again.
            Err(fault) if fault.kind == crate::stream::FaultKind::Retriable => {
                if !silent {
                    tracing::warn!(%fault, "sender.unanswered");
                }
                silent = true;
            }
            Err(fault) => return Err(fault),
        }
        sleep(LOOK_EVERY);
    }
    Ok(())
}
