//! What the platform says of a template.
//!
//! What speaks against sending counts from its append time, wherever it lies: that a template is no
//! good, that it is of a stricter category, that it has no way out. What speaks for it, or takes the
//! stricter back, needs its date and its language, in the registry's own topic, where its key belongs.
//! An enum value that cannot be read is the strictest.

use super::super::category::Category;
use super::super::event::{Coded, ConsentEvent, TemplateSaid};
use super::super::fact::{Fact, Folded, Note};
use super::super::position::Topic;
use super::super::record::{ConsentRecord, KeyParts, Placement};
use super::super::template::{TemplateRef, TemplateState, Usability, WayOut, Word};
use super::super::time::Seconds;
use super::imposes::latest_end;
use super::permits::permitted_at;
use super::{businesses, push, quarantine};

/// A state of a template, in every business that key or value names.
pub(super) fn template_state(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    let (key, value) = (record.key.business(), event.business.as_ref());
    let named = event.template.as_ref().and_then(|said| Some((said, said.template.as_ref()?)));
    // Of which template, or of whose, cannot be read: it may be any.
    let Some((said, template)) = named.filter(|_| key.or(value).is_some()) else {
        return quarantine::quarantine(record, value, out);
    };
    quarantine::where_torn(record, event, out);
    let is_of_key =
        matches!((&record.key, value), (KeyParts::Business(key), Some(value)) if key == value);
    let word = Word {
        at: record.appended_at,
        lifts_at: lifts_at(record, event, is_of_key, template, said, out),
    };
    let state = Box::new(state_of(record, said, word));
    for business in businesses(key, value) {
        let (business, template, said) = (business.clone(), template.clone(), state.clone());
        push(out, Fact::Template { business, template, said });
    }
}

/// From when it loosens, if it may.
fn lifts_at(
    record: &ConsentRecord,
    event: &ConsentEvent,
    is_of_key: bool,
    template: &TemplateRef,
    said: &TemplateSaid,
    out: &mut Folded,
) -> Option<Seconds> {
    if !is_of_key || record.placement != Placement::Right {
        return None;
    }
    let refused = if record.place.topic != Topic::TemplateStates {
        Note::WrongTopic
    } else if template.language().is_empty() {
        Note::ProofMissing
    } else {
        match permitted_at(record, event) {
            Some(at) => return Some(at),
            None => Note::Undated,
        }
    };
    if loosens(said) {
        out.notes.push(refused);
    }
    None
}

/// Whether it says anything that is not the strictest.
fn loosens(said: &TemplateSaid) -> bool {
    said.usability == Coded::Known(Usability::Usable)
        || said.category.known().is_some_and(|category| category != Category::Marketing)
        || said.way_out.known().is_some_and(|way_out| way_out != WayOut::Missing)
}

fn state_of(record: &ConsentRecord, said: &TemplateSaid, word: Word) -> TemplateState {
    let mut state = TemplateState::default();
    if let Some(usability) = or_strictest(said.usability, Usability::Unusable) {
        state.say_usability(usability, word);
    }
    if let Some(category) = or_strictest(said.category, Category::Marketing) {
        state.say_category(category, word);
    }
    if let Some(category) = or_strictest(said.announced, Category::Marketing) {
        let from = latest_end(record, said.announced_from_ms);
        state.announce_category(category, from.max(word.at));
    }
    if let Some(way_out) = or_strictest(said.way_out, WayOut::Missing) {
        state.say_way_out(way_out, word);
    }
    state
}

/// `None` if nothing was said.
fn or_strictest<T: Copy>(said: Coded<T>, strictest: T) -> Option<T> {
    match said {
        Coded::Unspecified => None,
        Coded::Known(value) => Some(value),
        Coded::Unknown(_) => Some(strictest),
    }
}
