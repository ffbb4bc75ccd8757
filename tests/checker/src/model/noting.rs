//! What a record adds to the log: whom it is about, and what waits for a void.

use super::consent::{
    Key, Sense, Told, business_of, id_of, imposed_at, kind_of, permitted_at, person_of, sense_of,
};
use super::fact::{Class, Cond, Fact, Noted, Switch, Target, Turn, Wait};
use super::log::Log;
use super::{Place, Topic, pause, template, text};
use crate::spec::consent::{ConsentEvent, Effect, Kind};

impl Log {
    /// Notes what a record says.
    pub(super) fn note(&mut self, told: &Told) {
        let Some(event) = &told.event else {
            return self.unreadable(told, None);
        };
        if event.sealed.is_some() {
            self.sealed.push(told.place);
            return;
        }
        let Some(kind) = kind_of(event) else {
            return self.by_effect(told, event);
        };
        let sense = sense_of(event, kind);
        if sense == Sense::Contrary {
            return self.unreadable(told, Some(event));
        }
        match kind {
            Kind::Heartbeat | Kind::Request | Kind::PlatformResume => {}
            Kind::Void => self.void(told, event, sense),
            Kind::Pause | Kind::Resume => self.switch(told, event, kind, sense),
            Kind::Invalidate | Kind::TextRetired | Kind::TextPublished => {
                self.text(told, event, kind, sense);
            }
            Kind::TemplateState => self.template(told, event, sense),
            _ => self.personal(told, event, kind, sense),
        }
    }

    /// A record that waits for a void: whoever it names has withdrawn, once it is voided.
    pub(super) fn unreadable(&mut self, told: &Told, event: Option<&ConsentEvent>) {
        let place = told.place;
        let value_business = event.and_then(business_of);
        let value_person = event.and_then(person_of);
        let key_business = told.key.business();
        let mut named: Vec<&str> = key_business.into_iter().chain(value_business).collect();
        named.dedup();
        if named.is_empty() {
            self.waits.push(Wait { place, needs_remedy: true });
            return;
        }
        for business in named {
            let own_key = told.key.person().filter(|_| key_business == Some(business));
            let own_value = value_person.as_ref().filter(|_| value_business == Some(business));
            let people: Vec<_> = own_key.into_iter().chain(own_value).cloned().collect();
            let needs_remedy = people.is_empty();
            let known = self.name(business, place);
            known.waits.push(Wait { place, needs_remedy });
            for person in people {
                let class = Class::All;
                let fact = Fact::Objection { class, at: told.at, id: None, inbound: None };
                let noted = Noted { place, cond: Cond::Voided, fact };
                known.people.entry(person).or_default().push(noted);
            }
        }
    }

    /// A kind that this version does not know.
    fn by_effect(&mut self, told: &Told, event: &ConsentEvent) {
        match Effect::try_from(event.effect) {
            Ok(Effect::Permits | Effect::Neutral) => {
                let template = Kind::try_from(event.kind) == Ok(Kind::TemplateState);
                if template {
                    self.unreadable(told, Some(event));
                }
            }
            Ok(Effect::Objects) => {
                let business = business_of(event).or(told.key.business()).map(str::to_owned);
                match (business, person_of(event)) {
                    (Some(business), Some(person)) if !disagrees(&told.key, event) => {
                        let id = id_of(&event.event_id);
                        let inbound = id_of(&event.inbound_id);
                        // What else such an event says is not known either.
                        let (class, at) = (Class::Unknown, told.at);
                        let fact = Fact::Objection { class, at, id, inbound };
                        self.say(&business, &person, told.place, fact);
                    }
                    _ => self.unreadable(told, Some(event)),
                }
            }
            Ok(Effect::Unspecified) | Err(_) => self.unreadable(told, Some(event)),
        }
    }

    fn void(&mut self, told: &Told, event: &ConsentEvent, sense: Sense) {
        if told.place.topic != Topic::Events || sense != Sense::Plain {
            return;
        }
        let Some(void) = &event.void else { return };
        let Some(place) = &void.place else { return };
        let Some(topic) = Topic::of_number(place.topic.into()) else { return };
        let about = Place { topic, partition: place.partition, offset: place.offset };
        let replaced = void.replaced_by_event_ids.iter().any(|id| !id.is_empty());
        let remedy = replaced || !void.drop_reason.trim().is_empty();
        self.voids.entry(about).or_default().push((told.place, remedy));
    }

    fn switch(&mut self, told: &Told, event: &ConsentEvent, kind: Kind, sense: Sense) {
        let (targets, whole) = pause::targets(event);
        let (place, cond) = (told.place, Cond::Always);
        let value = business_of(event).map(str::to_owned);
        let key = told.key.business().map(str::to_owned);
        if kind == Kind::Pause {
            let at = imposed_at(event, told.at);
            let mut paused: Vec<String> = value.clone().into_iter().chain(key.clone()).collect();
            paused.dedup();
            if paused.is_empty() {
                let fact = Switch { target: Target::Business, turn: Turn::On, at };
                return self.platform.push(Noted { place, cond, fact });
            }
            if paused.len() > 1 {
                self.unreadable(told, Some(event));
            }
            for business in paused {
                let targets = if whole { targets.clone() } else { vec![Target::Business] };
                let known = self.know(&business, place);
                for target in targets {
                    let fact = Switch { target, turn: Turn::On, at };
                    known.switches.push(Noted { place, cond, fact });
                }
            }
            return;
        }
        if value != key && value.is_some() && key.is_some() {
            return self.unreadable(told, Some(event));
        }
        let doubt = sense != Sense::Plain
            || !whole
            || targets.len() != 1
            || !event.scopes.is_empty()
            || !told.in_its_partition
            || place.topic != Topic::Events
            || !(event.phone.is_empty() && event.user_id.is_empty())
            || value != key
            || matches!(told.key, Key::Person(..));
        let (false, Some(at), [target]) = (doubt, permitted_at(event, told.at), &targets[..])
        else {
            return;
        };
        let fact = Switch { target: target.clone(), turn: Turn::Off, at };
        let noted = Noted { place, cond, fact };
        match value {
            Some(business) => self.know(&business, place).switches.push(noted),
            None if *target == Target::Business => self.platform.push(noted),
            None => {}
        }
    }

    fn text(&mut self, told: &Told, event: &ConsentEvent, kind: Kind, sense: Sense) {
        let place = told.place;
        let value = business_of(event);
        let key = told.key.business();
        let Some(business) = value else {
            // Whose text is no good must be said; what publishes for nobody publishes nothing.
            if kind != Kind::TextPublished {
                self.unreadable_for_all(told);
            }
            return;
        };
        let business = business.to_owned();
        if key.is_some_and(|key| key != business) {
            self.unreadable(told, Some(event));
        }
        let Some(fact) = text::fact_of(told, event, kind, sense) else { return };
        let known = self.name(&business, place);
        let noted = Noted { place, cond: Cond::Always, fact };
        match text::id_of(&noted.fact) {
            Some(id) => known.texts.entry(id.into()).or_default().push(noted),
            None => known.all_texts.push(noted),
        }
    }

    fn unreadable_for_all(&mut self, told: &Told) {
        self.waits.push(Wait { place: told.place, needs_remedy: true });
    }

    fn template(&mut self, told: &Told, event: &ConsentEvent, sense: Sense) {
        let Some(business) = business_of(event).map(str::to_owned) else {
            return self.unreadable_for_all(told);
        };
        let named = event.template_state.as_ref().filter(|said| !said.template.is_empty());
        let Some(said) = named.filter(|_| sense == Sense::Plain) else {
            return self.unreadable(told, Some(event));
        };
        if told.key.business().is_some_and(|key| key != business) {
            self.unreadable(told, Some(event));
        }
        let fact = template::fact_of(told, event, said);
        let known = self.name(&business, told.place);
        let noted = Noted { place: told.place, cond: Cond::Always, fact };
        known.templates.entry(said.template.as_str().into()).or_default().push(noted);
    }
}

/// Whether key and value name different businesses or people.
pub(super) fn disagrees(key: &Key, event: &ConsentEvent) -> bool {
    let business = business_of(event).zip(key.business()).is_some_and(|(a, b)| a != b);
    let person = person_of(event);
    let person = person.as_ref().zip(key.person()).is_some_and(|(a, b)| a != b);
    business || person
}
