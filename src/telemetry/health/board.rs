//! The board itself: one state a part, and the last changes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::hold_cause::HoldCause;
use super::part::{Part, State};
use crate::consent::RouteName;

/// How many changes are kept.
const CHANGES_MAX: usize = 20;

/// The board. Shared by `Arc`; written per batch at most.
#[derive(Debug)]
pub struct Health {
    started: Instant,
    routes: Vec<RouteName>,
    board: Mutex<Board>,
}

#[derive(Debug)]
struct Board {
    parts: BTreeMap<Part, Entry>,
    changes: VecDeque<Change>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    state: State,
    since: Instant,
}

/// One change of a part's state.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// When, by the wall clock.
    pub at: SystemTime,
    /// Which part.
    pub part: Part,
    /// What it did before.
    pub from: State,
    /// What it does now.
    pub to: State,
}

/// One part as the admin page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartView {
    /// Which part.
    pub part: Part,
    /// What it does.
    pub state: State,
    /// For how long.
    pub lasts: Duration,
}

/// Whether messages are decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, because of these parts.
    NotReady(Vec<PartView>),
}

impl Health {
    /// A board on which every part is starting, with so many lanes a route.
    pub fn new(routes: impl IntoIterator<Item = (RouteName, u16)>) -> Self {
        let since = Instant::now();
        let entry = Entry { state: State::Starting, since };
        let mut parts = BTreeMap::from([(Part::Consent, entry), (Part::Fence, entry)]);
        let mut names = Vec::new();
        for (route, lanes) in routes {
            names.push(route);
            parts.extend((0..lanes).map(|lane| (Part::Lane(route, lane), entry)));
        }
        let board = Board { parts, changes: VecDeque::with_capacity(CHANGES_MAX) };
        Self { started: since, routes: names, board: Mutex::new(board) }
    }

    /// The routes, the first one first.
    pub fn routes(&self) -> impl Iterator<Item = RouteName> {
        self.routes.iter().copied()
    }

    /// Puts down what a part does. The same state again changes nothing.
    pub fn set(&self, part: Part, state: State) {
        let mut board = self.lock();
        let now = Instant::now();
        let entry = board.parts.entry(part).or_insert(Entry { state: State::Starting, since: now });
        if entry.state == state {
            return;
        }
        let from = entry.state;
        *entry = Entry { state, since: now };
        if board.changes.len() == CHANGES_MAX {
            board.changes.pop_front();
        }
        let at = SystemTime::now();
        let change = Change { at, part, from, to: state };
        board.changes.push_back(change);
        drop(board);
        log(change);
    }

    /// Whether the gate decides the messages of all routes: all parts are ready.
    pub fn readiness(&self) -> Readiness {
        of_parts(self.parts())
    }

    /// Whether the messages of one route are decided: its lanes and what all share are ready.
    pub fn readiness_of(&self, route: RouteName) -> Readiness {
        of_parts(self.parts_of(route))
    }

    fn parts_of(&self, route: RouteName) -> Vec<PartView> {
        let mut parts = self.parts();
        parts.retain(|view| view.part.route().is_none_or(|of| of == route));
        parts
    }

    /// All parts, in order.
    pub fn parts(&self) -> Vec<PartView> {
        let board = self.lock();
        let view = |(part, entry): (&Part, &Entry)| PartView {
            part: *part,
            state: entry.state,
            lasts: entry.since.elapsed(),
        };
        board.parts.iter().map(view).collect()
    }

    /// The last changes, oldest first.
    pub fn changes(&self) -> Vec<Change> {
        self.lock().changes.iter().copied().collect()
    }

    /// The causes for which some part holds.
    pub fn causes(&self) -> Vec<HoldCause> {
        causes_in(&self.parts())
    }

    /// The causes for which a route holds: one of its lanes, or what all share.
    pub fn causes_of(&self, route: RouteName) -> Vec<HoldCause> {
        causes_in(&self.parts_of(route))
    }

    /// Since when this board exists.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// A board on which a writer died is still the best we know.
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_parts(mut parts: Vec<PartView>) -> Readiness {
    parts.retain(|view| view.state != State::Ready);
    match parts.is_empty() {
        true => Readiness::Ready,
        false => Readiness::NotReady(parts),
    }
}

fn causes_in(parts: &[PartView]) -> Vec<HoldCause> {
    let mut causes: Vec<_> = parts.iter().filter_map(|view| view.state.cause()).collect();
    causes.sort_unstable();
    causes.dedup();
    causes
}

fn log(change: Change) {
    let (part, from, to) = (change.part, change.from.name(), change.to.name());
    match change.to {
        State::Holding(cause) => {
            tracing::warn!(%part, from, cause = cause.name(), advice = cause.advice(), "gate.holding");
        }
        _ => tracing::info!(%part, from, to, "gate.part_changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(health: &Health) -> Vec<Part> {
        match health.readiness() {
            Readiness::Ready => Vec::new(),
            Readiness::NotReady(parts) => parts.iter().map(|view| view.part).collect(),
        }
    }

    #[test]
    fn a_gate_is_ready_only_when_every_part_is() {
        let health = Health::new([(RouteName::MAIN, 2)]);
        let parts = [
            Part::Consent,
            Part::Fence,
            Part::Lane(RouteName::MAIN, 0),
            Part::Lane(RouteName::MAIN, 1),
        ];
        for (ready, part) in parts.into_iter().enumerate() {
            assert_eq!(waiting(&health), parts[ready..]);
            health.set(part, State::Ready);
        }
        assert_eq!(health.readiness(), Readiness::Ready);
    }

    #[test]
    fn one_holding_or_stopped_part_makes_the_gate_unready() {
        let health = Health::new([(RouteName::MAIN, 0)]);
        health.set(Part::Consent, State::Ready);
        health.set(Part::Fence, State::Holding(HoldCause::FenceStale));
        assert_eq!(waiting(&health), [Part::Fence]);
        assert_eq!(health.causes_of(RouteName::MAIN), [HoldCause::FenceStale]);
        health.set(Part::Fence, State::Stopped);
        assert_eq!(waiting(&health), [Part::Fence]);
        assert_eq!(health.causes_of(RouteName::MAIN), []);
    }

    #[test]
    fn a_route_waits_for_its_own_lanes_and_for_what_all_share() {
        let codes = RouteName::parse("codes").expect("a name");
        let health = Health::new([(RouteName::MAIN, 1), (codes, 1)]);
        for part in [Part::Consent, Part::Fence, Part::Lane(RouteName::MAIN, 0)] {
            assert_ne!(health.readiness_of(RouteName::MAIN), Readiness::Ready);
            health.set(part, State::Ready);
        }
        assert_eq!(health.readiness_of(RouteName::MAIN), Readiness::Ready);
        health.set(Part::Lane(codes, 0), State::Holding(HoldCause::TopicUnusable));
        assert_eq!(waiting(&health), [Part::Lane(codes, 0)]);
        assert_ne!(health.readiness_of(codes), Readiness::Ready);
        assert_eq!(health.causes_of(codes), [HoldCause::TopicUnusable]);
        assert_eq!(health.causes_of(RouteName::MAIN), []);
    }

    #[test]
    fn a_state_that_is_set_again_keeps_its_age_and_is_no_change() {
        let health = Health::new([(RouteName::MAIN, 1)]);
        health.set(Part::Lane(RouteName::MAIN, 0), State::Ready);
        let before = health.changes().len();
        health.set(Part::Lane(RouteName::MAIN, 0), State::Ready);
        assert_eq!(health.changes().len(), before);
    }

    #[test]
    fn only_the_last_changes_are_kept() {
        let health = Health::new([(RouteName::MAIN, 1)]);
        for _ in 0..CHANGES_MAX {
            health.set(Part::Lane(RouteName::MAIN, 0), State::Ready);
            health.set(Part::Lane(RouteName::MAIN, 0), State::Holding(HoldCause::ClockSkew));
        }
        let changes = health.changes();
        assert_eq!(changes.len(), CHANGES_MAX);
        assert_eq!(changes.last().map(|c| c.to), Some(State::Holding(HoldCause::ClockSkew)));
    }
}
