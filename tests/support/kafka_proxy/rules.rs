//! Which fault strikes which request, and how many requests came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::raw::Api;
use super::held::HeldRequest;

/// What happens to a request.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    Hold(Arc<HeldRequest>),
    Delay(Duration),
    Double,
    DropConnection,
    DropResponse,
}

/// How often a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    Always,
}

#[derive(Debug, Default)]
pub(super) struct Rules {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<(Api, Times, Fault)>,
    requests: HashMap<Api, u64>,
}

impl Rules {
    pub(super) fn add(&self, api: Api, times: Times, fault: Fault) {
        self.inner().waiting.push((api, times, fault));
    }

    pub(super) fn clear(&self) {
        self.inner().waiting.clear();
    }

    /// Counts a request and says what becomes of it. The oldest rule strikes first.
    pub(super) fn strike(&self, api: Api) -> Option<Fault> {
        let mut inner = self.inner();
        *inner.requests.entry(api).or_default() += 1;
        inner
            .waiting
            .retain(|(_, _, fault)| !matches!(fault, Fault::Hold(held) if held.is_unwanted()));
        let nth = inner.waiting.iter().position(|(of, _, _)| *of == api)?;
        match inner.waiting[nth].1 {
            Times::Once => Some(inner.waiting.remove(nth).2),
            Times::Always => Some(inner.waiting[nth].2.clone()),
        }
    }

    pub(super) fn requests(&self, api: Api) -> u64 {
        self.inner().requests.get(&api).copied().unwrap_or(0)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
