//! Faults on purpose, by API key: errors, delays, lost requests, lost answers
//! and requests that are held.
//!
//! Knows no request's content. Only the next requests that are named are hit;
//! without a rule nothing is changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;

use super::shared::lock;

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is answered with this error and has no effect.
    Error(ResponseError),
    /// It is handled after this time.
    Delay(Duration),
    /// The connection closes before it is handled.
    LoseRequest,
    /// It is handled, and the connection closes before the answer.
    LoseAnswer,
}

#[derive(Clone, Debug)]
enum Action {
    Fault(Fault),
    Hold(Arc<Gate>),
}

#[derive(Debug)]
struct Rule {
    api: i16,
    left: u32,
    action: Action,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<Rule>,
    gates: Vec<Arc<Gate>>,
    seen: BTreeMap<i16, u64>,
}

/// The rules that are set on a broker.
#[derive(Debug, Default)]
pub struct Faults {
    inner: Mutex<Inner>,
}

impl Faults {
    /// Does this to the next `count` requests of an API, after the rules that
    /// were set before.
    pub fn next(&self, api: ApiKey, count: u32, fault: Fault) {
        self.add(api, count, Action::Fault(fault));
    }

    /// Holds the next request of an API until the returned handle lets it go
    /// or is dropped. It is then handled, even if its client has gone.
    pub fn hold(&self, api: ApiKey) -> Held {
        let gate = Arc::new(Gate::default());
        lock(&self.inner).gates.push(Arc::clone(&gate));
        self.add(api, 1, Action::Hold(Arc::clone(&gate)));
        Held { gate }
    }

    /// Drops the rules that have not been used, and lets go what is held.
    pub fn clear(&self) {
        let mut inner = lock(&self.inner);
        inner.rules.clear();
        inner.gates.drain(..).for_each(|gate| gate.open());
    }

    /// Requests of an API that have arrived so far.
    pub fn seen(&self, api: ApiKey) -> u64 {
        let seen = &lock(&self.inner).seen;
        seen.get(&(api as i16)).copied().unwrap_or(0)
    }

    fn add(&self, api: ApiKey, count: u32, action: Action) {
        if count == 0 {
            return;
        }
        lock(&self.inner).rules.push(Rule { api: api as i16, left: count, action });
    }

    /// What to do with a request that has just arrived. Waits while it is
    /// held.
    pub(super) fn strike(&self, api: i16) -> Option<Fault> {
        let action = {
            let mut inner = lock(&self.inner);
            *inner.seen.entry(api).or_default() += 1;
            inner.take(api)
        };
        match action? {
            Action::Fault(fault) => Some(fault),
            Action::Hold(gate) => {
                gate.pass();
                None
            }
        }
    }
}

impl Inner {
    fn take(&mut self, api: i16) -> Option<Action> {
        let at = self.rules.iter().position(|rule| rule.api == api)?;
        let rule = self.rules.get_mut(at)?;
        rule.left -= 1;
        let action = rule.action.clone();
        if rule.left == 0 {
            self.rules.remove(at);
        }
        Some(action)
    }
}

#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    is_open: bool,
    caught: bool,
}

impl Gate {
    fn pass(&self) {
        let mut state = lock(&self.state);
        state.caught = true;
        self.changed.notify_all();
        while !state.is_open {
            state = match self.changed.wait(state) {
                Ok(state) => state,
                Err(poisoned) => poisoned.into_inner(),
            };
        }
    }

    fn open(&self) {
        lock(&self.state).is_open = true;
        self.changed.notify_all();
    }
}

/// A request that is held, or will be when it comes.
#[derive(Debug)]
pub struct Held {
    gate: Arc<Gate>,
}

impl Held {
    /// Waits until the request has arrived. False: it did not in this time.
    pub fn wait_caught(&self, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut state = lock(&self.gate.state);
        while !state.caught {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = match self.gate.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        true
    }

    /// Lets the request go on.
    pub fn release(self) {}
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gate.open();
    }
}
