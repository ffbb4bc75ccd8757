//! What gives back the messages that a reason stops: one sentence a reason.
//!
//! For who runs a business on the platform. It never advises to go round the person's word.

use maud::{Markup, html};

use crate::decision::Reason;

/// The advice on a reason by its name; empty if there is no such reason.
pub(super) fn advice_on(name: &str) -> &'static str {
    Reason::ALL.into_iter().find(|reason| reason.name() == name).map_or("", advice)
}

/// The advice on each of these reasons, for a page.
pub(super) fn advice_list<'n>(names: impl Iterator<Item = &'n str>) -> Markup {
    html! {
        dl { @for name in names { dt { (name) } dd { (advice_on(name)) } } }
    }
}

/// What to do about the messages that this reason stops.
fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::Malformed => {
            "mend the sender or [messages]: `mapping try` shows which field is missing"
        }
        Reason::Contradictory => {
            "mend the sender: two of the message's fields say different things"
        }
        Reason::Unforwardable => {
            "write records with a timestamp, no larger than the allowed topic takes"
        }
        Reason::BusinessUnknown => {
            "write the business's consent to consent-events (`import` for what other systems hold), and \
             check that both topics name it alike"
        }
        Reason::BusinessQuarantined => {
            "a consent record of it cannot be read: mend the writer, then `consent void` the record"
        }
        Reason::BusinessObjection => {
            "an event of a later version objects: see the business's events"
        }
        Reason::Paused => "`consent resume` with the words of the pause, then send again",
        Reason::Expired => "send sooner, or set [policy.max_age] and deadlines to what is meant",
        Reason::IdentityUnreadable => "write numbers with their country, or the user id as it came",
        Reason::Blocked => "nothing, unless the block was a mistake: then `consent unblock`",
        Reason::Restricted => "nothing, until the restriction is lifted: `consent unrestrict`",
        Reason::ScopeUnknown => "name a scope of the policy, or add it under [[policy.scopes]]",
        Reason::Withdrawn => "nothing: the person said no. Only a later yes of theirs counts",
        Reason::PlatformStop => {
            "nothing: the person stopped marketing in WhatsApp. Only a later yes of theirs counts"
        }
        Reason::Complained => "nothing: the person complained. Only a later yes of theirs counts",
        Reason::WrongNumber => "ask the person for the right number, and for their yes on it",
        Reason::Erased => "nothing: the person is erased. Only a later yes of theirs counts",
        Reason::ObjectionUnknown => "a later version's event objects: upgrade the gate to read it",
        Reason::NoGrant => {
            "ask for consent to this scope, or import it with date, method, text and evidence if it was \
             given elsewhere"
        }
        Reason::GrantExpired => "ask again: the yes is older than it may be",
        Reason::GrantTooWeak => "ask for a confirmation (double opt-in)",
        Reason::TextInvalid => "ask again, with a text that is valid",
        Reason::WindowClosed => {
            "write to consent-activity what people write, or send a template with consent instead"
        }
        Reason::NoOptOutPath => {
            "offer a way to leave (footer, button or link), and say so in the message or the template"
        }
        Reason::Cooldown => "wait: the platform lets marketing to this person rest",
        Reason::IndexInconsistent => "report it: a defect of the gate",
        Reason::FarewellUnfounded => "send a farewell within five minutes and name the objection",
        Reason::QuietHours => "send again by day: the audit entry says from when",
        Reason::CountryRule => "nothing: no marketing goes to that country",
        Reason::ProofMissing => {
            "publish the text that people agreed to (`consent publish-text`), with the scope and WhatsApp \
             in it; for the time until then policy.consent_texts = \"any\""
        }
        Reason::TemplateUnusable => {
            "use a template that Meta has approved, or tell of its approval"
        }
        Reason::SenderUnregistered => "name the number under the business's `senders`",
        Reason::IdentityUnsuited => "send codes to the person's number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_advice_and_none_goes_round_the_persons_word() {
        for reason in Reason::ALL {
            assert!(!advice(reason).is_empty(), "{}", reason.name());
        }
        for name in ["withdrawn", "platform_stop", "complained", "erased"] {
            assert!(advice_on(name).starts_with("nothing: "), "{name}");
        }
        assert_eq!(advice_on("no such reason"), "");
    }
}
