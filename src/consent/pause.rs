//! Kill switches: what a business has paused, and whether everything is.
//!
//! Knows no message and no policy: whether a pause concerns a message is the decision's matter. Each
//! thing that can be named has a switch of its own, and only a resume that names the same thing and
//! is later than the pause lifts it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ids::ScopeName;
use super::position::Place;
use super::subject_state::Switch;
use super::time::Seconds;

/// What a pause stops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseTarget {
    /// Everything that the business sends.
    Business,
    /// Messages of this scope.
    Scope(ScopeName),
    /// Messages that name this campaign.
    Campaign(Arc<str>),
    /// Messages that name this template.
    Template(Arc<str>),
}

/// The switches of one business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    business: Switch,
    scopes: BTreeMap<ScopeName, Switch>,
    campaigns: BTreeMap<Arc<str>, Switch>,
    templates: BTreeMap<Arc<str>, Switch>,
}

impl Pauses {
    /// Joins a pause.
    pub fn pause(&mut self, target: PauseTarget, at: Seconds) {
        self.switch_mut(target).on(at);
    }

    /// Joins a resume.
    pub fn resume(&mut self, target: PauseTarget, at: Seconds) {
        self.switch_mut(target).off(at);
    }

    /// Whether anything is paused.
    pub fn is_any_on(&self) -> bool {
        let scopes = self.scopes.values();
        let texts = self.campaigns.values().chain(self.templates.values());
        self.business.is_on() || scopes.chain(texts).any(Switch::is_on)
    }

    /// Whether the whole business is paused.
    pub fn is_business_on(&self) -> bool {
        self.business.is_on()
    }

    /// The scopes that are paused.
    pub fn scopes_on(&self) -> impl Iterator<Item = &ScopeName> {
        self.scopes.iter().filter(|(_, switch)| switch.is_on()).map(|(scope, _)| scope)
    }

    /// Whether this campaign is paused.
    pub fn is_campaign_on(&self, campaign: &str) -> bool {
        self.campaigns.get(campaign).is_some_and(Switch::is_on)
    }

    /// Whether this template is paused.
    pub fn is_template_on(&self, template: &str) -> bool {
        self.templates.get(template).is_some_and(Switch::is_on)
    }

    /// The switch of what was named at least once.
    pub fn switch(&self, target: &PauseTarget) -> Option<Switch> {
        match target {
            PauseTarget::Business => Some(self.business),
            PauseTarget::Scope(scope) => self.scopes.get(scope).copied(),
            PauseTarget::Campaign(campaign) => self.campaigns.get(campaign).copied(),
            PauseTarget::Template(template) => self.templates.get(template).copied(),
        }
    }

    fn switch_mut(&mut self, target: PauseTarget) -> &mut Switch {
        match target {
            PauseTarget::Business => &mut self.business,
            PauseTarget::Scope(scope) => self.scopes.entry(scope).or_default(),
            PauseTarget::Campaign(campaign) => self.campaigns.entry(campaign).or_default(),
            PauseTarget::Template(template) => self.templates.entry(template).or_default(),
        }
    }
}

/// The switch of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlatformPause {
    /// The newest pause and the record that brought it.
    on: Option<(Seconds, Place)>,
    off_at: Option<Seconds>,
}

impl PlatformPause {
    /// Joins a pause of everything.
    pub fn pause(&mut self, at: Seconds, place: Place) {
        self.on = self.on.max(Some((at, place)));
    }

    /// Joins a resume of everything.
    pub fn resume(&mut self, at: Seconds) {
        self.off_at = self.off_at.max(Some(at));
    }

    /// The record that pauses everything, if it is not resumed; in the same second it is not.
    pub fn paused_by(&self) -> Option<Place> {
        let (at, place) = self.on?;
        (Some(at) >= self.off_at).then_some(place)
    }
}
