//! A message as the registry of templates knows it.
//!
//! The registry can make a message stricter, never looser, but for one thing: a template that is known
//! to offer a way to leave offers it for the message too.

use super::message::{Message, OptOutPath};
use crate::consent::{Category, TemplateStanding, Usability, WayOut};
use crate::policy::TemplateNeed;

impl<'a> Message<'a> {
    /// The message with what is known of its template: the stricter of both categories, and the
    /// template's way to leave, or that it has none, whatever the message says. A reply stays one, for
    /// its needs are others and not fewer: see [`is_no_reply`].
    #[must_use]
    pub fn known_by(self, template: TemplateStanding) -> Self {
        let is = template.category.filter(|_| !self.category.is_reply());
        let category = is.map_or(self.category, |is| self.category.stricter(is));
        let opt_out_path = match template.way_out {
            Some(WayOut::Carried) => OptOutPath::Offered,
            Some(WayOut::Missing) => OptOutPath::Missing,
            Some(WayOut::Unclear) | None => self.opt_out_path,
        };
        Self { category, opt_out_path, ..self }
    }
}

/// The same, without a copy where nothing is known of the template: that is the usual message.
pub(super) fn known<'m, 'a>(
    message: &'m Message<'a>,
    template: TemplateStanding,
    room: &'m mut Option<Message<'a>>,
) -> &'m Message<'a> {
    match template == TemplateStanding::default() {
        true => message,
        false => room.insert(message.known_by(template)),
    }
}

/// Whether it says that it is a reply, and its template is known to be none.
pub(super) fn is_no_reply(declared: Category, template: TemplateStanding) -> bool {
    declared.is_reply() && template.category.is_some()
}

/// Whether the template must not be sent: the platform says so, or it must say that it may be sent and
/// does not. A reply needs no template.
pub(super) fn is_unusable(
    need: TemplateNeed,
    category: Category,
    template: TemplateStanding,
) -> bool {
    match template.usability {
        Some(Usability::Unusable) => true,
        Some(Usability::Usable) => false,
        None => need == TemplateNeed::Registered && !category.is_reply(),
    }
}
