//! A clock outside the calls that may never return.
//!
//! librdkafka's `send_offsets_to_transaction` can hang for ever despite its time limit: it asks for the
//! group's coordinator three times, `retry.backoff.ms` apart; if the brokers know none by then, nothing
//! asks again and nothing looks at the limit (2.12.1, `rdkafka_coord.c`). Whoever makes such a call says
//! so here; if it overruns, the process is ended and its supervisor starts it again. Start-up fences
//! what was open, and the committed offsets are the truth.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// A call that overran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun {
    /// Which call.
    pub call: &'static str,
    /// How long it has been running.
    pub after: Duration,
}

/// Watches calls of one lane.
#[derive(Clone, Debug, Default)]
pub struct Watchdog {
    current: Arc<Mutex<Option<(&'static str, Instant)>>>,
}

impl Watchdog {
    /// A watchdog with a thread that calls `bark` for the first call that runs longer than `limit`.
    /// The thread ends with the watchdog.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn start(
        limit: Duration,
        bark: impl Fn(Overrun) + Send + 'static,
    ) -> std::io::Result<Self> {
        let watchdog = Self::default();
        let watched = Arc::downgrade(&watchdog.current);
        std::thread::Builder::new()
            .name("watchdog".into())
            .spawn(move || watch(&watched, limit, &bark))?;
        Ok(watchdog)
    }

    /// Watches one call until the guard is dropped.
    pub(super) fn enter(&self, call: &'static str) -> Watched<'_> {
        *self.lock() = Some((call, Instant::now()));
        Watched { watchdog: self }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(&'static str, Instant)>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is being watched.
#[derive(Debug)]
pub(super) struct Watched<'w> {
    watchdog: &'w Watchdog,
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        *self.watchdog.lock() = None;
    }
}

fn watch(
    watched: &Weak<Mutex<Option<(&'static str, Instant)>>>,
    limit: Duration,
    bark: &impl Fn(Overrun),
) {
    let pause = (limit / 10).min(Duration::from_millis(500));
    while let Some(current) = watched.upgrade() {
        let seen = *current.lock().unwrap_or_else(PoisonError::into_inner);
        drop(current);
        if let Some((call, since)) = seen {
            let after = since.elapsed();
            if after > limit {
                bark(Overrun { call, after });
                return;
            }
        }
        std::thread::sleep(pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_call_that_overruns_is_barked_at_and_one_that_returns_is_not() {
        let (tell, told) = mpsc::channel();
        let limit = Duration::from_millis(50);
        let watchdog = Watchdog::start(limit, move |overrun| tell.send(overrun).unwrap()).unwrap();
        drop(watchdog.enter("quick"));
        let _slow = watchdog.enter("slow");
        let overrun = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(overrun.call, "slow");
    }
}
