//! Replies and farewells: the person wrote, so the business may answer.

use super::{Case, DAY, FAREWELL_WITHIN, MINUTE, REMEMBERED};
use crate::model::fact::Class;
use crate::model::person::Known;
use crate::model::verdict::Verdict;
use crate::model::words::Id;
use crate::spec::audit::Reason;

impl Case<'_> {
    /// When the person wrote last, within the window.
    fn window(&self) -> Vec<(i64, Id)> {
        let written = self.own().map(Known::written).unwrap_or_default();
        written.into_iter().filter(|(at, _)| self.now - at < DAY).collect()
    }

    pub(super) fn reply(&self, verdict: &mut Verdict) {
        let window = self.window();
        verdict.must_if(window.is_empty(), Reason::WindowClosed);
        let objections = self.objections();
        let counting = objections.iter().map(|(objection, _)| objection.inbound);
        let spoken = self.people.iter().flat_map(|other| &other.known.objections);
        // What an objection names speaks for nothing; of one that does not count here it is not said.
        let speaks = speaking(&window, &counting.flatten().collect::<Vec<_>>());
        let surely_speaks = speaking(
            &window,
            &spoken.filter_map(|objection| objection.inbound).collect::<Vec<_>>(),
        );
        let any = self.agreed_at();
        if self.rules.is_marketing(self.scope) {
            let why = "a reply of a marketing scope";
            verdict.may(Reason::NoGrant, why);
            verdict.may(Reason::NoOptOutPath, why);
            verdict.may(Reason::Withdrawn, why);
            verdict.may(Reason::PlatformStop, why);
        }
        for (objection, margin) in objections {
            let reason = objection.class.reason();
            let kept = matches!(objection.class, Class::Number | Class::Complaint | Class::Unknown);
            let waives = |speaks: Option<i64>| speaks.is_some_and(|at| at > objection.at + MINUTE);
            let waived = !kept && waives(surely_speaks);
            let may_be_waived = !kept && waives(speaks);
            let lifts = |at: i64| at > objection.at + margin;
            match objection.class {
                _ if waived => {}
                _ if may_be_waived => {
                    verdict.may(reason, "a message that an objection names which does not count");
                }
                Class::Stop => verdict.may(reason, "a platform's stop and a reply"),
                Class::Scopes(scopes) if scopes.iter().any(|scope| **scope == *self.scope) => {
                    verdict.may(reason, "an objection to the scope of a reply");
                }
                Class::Scopes(scopes) if scopes.iter().any(|scope| !self.policy.knows(scope)) => {
                    verdict.may(reason, "an objection to an unknown scope, and a reply");
                }
                Class::Scopes(_) => {}
                _ if any.is_some_and(lifts) => verdict.may(reason, "which grant lifts for a reply"),
                _ => verdict.must(reason),
            }
        }
    }

    /// When the person agreed last to any scope.
    fn agreed_at(&self) -> Option<i64> {
        let own = self.own()?;
        let scopes = own.agreed_scopes().into_iter();
        scopes.filter_map(|scope| own.winners(scope).first().map(|grant| grant.at)).max()
    }

    pub(super) fn farewell(&self, verdict: &mut Verdict) {
        verdict.must_if(self.window().is_empty(), Reason::WindowClosed);
        let objections = self.objections();
        let newest = objections.iter().map(|(objection, _)| objection.at).max();
        let Some(newest) = newest else { return verdict.must(Reason::FarewellUnfounded) };
        let last: Vec<_> =
            objections.iter().filter(|(objection, _)| objection.at == newest).collect();
        let answers = Id::of(&self.message.said.objection_event_id);
        let named = answers.is_some() && last.iter().any(|(objection, _)| objection.id == answers);
        let founded =
            named && self.now - newest <= FAREWELL_WITHIN && !self.rules.is_marketing(self.scope);
        // It counts as the newest objection of the person in its key, which this one does not answer.
        let unreadable = self.business.is_some_and(|business| self.waits(business));
        if !founded {
            verdict.may(Reason::FarewellUnfounded, "a farewell that is not founded");
        } else if unreadable {
            verdict.may(Reason::FarewellUnfounded, "a farewell beside an unreadable record");
        } else if last.len() > 1 {
            verdict.may(Reason::FarewellUnfounded, "a farewell to one of several objections");
        }
        let any = self.agreed_at();
        for (objection, margin) in &objections {
            let reason = objection.class.reason();
            let granted = any.is_some_and(|at| at > objection.at + margin);
            match objection.class {
                Class::Number | Class::Complaint | Class::Unknown if !granted => {
                    verdict.must(reason);
                }
                Class::Number | Class::Complaint | Class::Unknown => {
                    verdict.may(reason, "which grant lifts for a farewell");
                }
                _ if founded && last.len() == 1 && !unreadable => {}
                Class::All | Class::Erase if !founded && any.is_none() => {
                    verdict.must(reason);
                }
                _ => verdict.may(reason, "an objection and a farewell that does not answer it"),
            }
        }
    }
}

/// When the person last wrote something that is none of these, as far as it is remembered.
fn speaking(window: &[(i64, Id)], named: &[Id]) -> Option<i64> {
    let mut speaking = window.iter().take(REMEMBERED).filter(|(_, id)| !named.contains(id));
    speaking.next().map(|(at, _)| *at)
}
