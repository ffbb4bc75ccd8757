//! What the person agreed to, and what was said against it.

use super::{CODE_SERVES_FOR, Case, MINUTE, Other, Relation};
use crate::model::fact::{Class, Grant};
use crate::model::person::{Known, Objection};
use crate::model::text;
use crate::model::verdict::Verdict;
use crate::spec::audit::Reason;
use crate::spec::outbound::Category;

impl<'c> Case<'c> {
    /// The objections that count against this message, each with what a grant must be later by.
    pub(super) fn objections(&self) -> Vec<(Objection<'c>, i64)> {
        let of = |other: &Other<'c>| {
            let margin = if other.relation == Relation::Own { 0 } else { MINUTE };
            let counting = other.known.objections.iter().filter(|objection| {
                other.relation != Relation::Linked
                    || objection.class.travels() && self.counts_here(other, objection.at)
            });
            counting.map(|objection| (*objection, margin)).collect::<Vec<_>>()
        };
        self.people.iter().flat_map(of).collect()
    }

    /// Whether an objection is about messages such as this.
    fn is_about(&self, class: &Class) -> bool {
        match class {
            Class::Scopes(scopes) => {
                scopes.iter().any(|scope| **scope == *self.scope || !self.policy.knows(scope))
            }
            Class::Stop => self.category == Category::Marketing,
            _ => true,
        }
    }

    /// Marketing, news and codes: what must have been agreed to.
    pub(super) fn agreed(&self, verdict: &mut Verdict) {
        let nobody = Known::default();
        let own = self.own().unwrap_or(&nobody);
        let mut objections = self.objections();
        objections.retain(|(objection, _)| self.is_about(objection.class));
        if self.is_asked_for(own, &objections) {
            return;
        }
        let winners = own.winners(self.scope);
        self.against(own, &winners, &objections, verdict);
        let Some(rule) = self.rules.scopes.get(self.scope).filter(|_| !winners.is_empty()) else {
            match winners.is_empty() && self.message.to.is_some() {
                true => verdict.must(Reason::NoGrant),
                false => verdict.may(Reason::NoGrant, "a grant of nobody, or of an unknown scope"),
            }
            return;
        };
        let is_over = |grant: &&Grant| {
            let aged = rule.valid_for.is_some_and(|valid_for| self.now - grant.at >= valid_for);
            aged || grant.until.is_some_and(|until| self.now >= until)
        };
        let is_weak = |grant: &&Grant| rule.confirmed && !own.is_double(grant);
        let why = "which of grants in one second is the weakest, where one was confirmed later";
        let weakest = own.weakest_of(&winners);
        verdict.hold_of(weakest, is_over, Reason::GrantExpired, why);
        verdict.hold_of(weakest, is_weak, Reason::GrantTooWeak, why);
        verdict.must_if(!winners.iter().all(|grant| self.is_valid(grant)), Reason::TextInvalid);
        verdict.must_if(!winners.iter().all(|grant| self.is_proven(grant)), Reason::ProofMissing);
    }

    /// Whether the person asked for this code just now, and later than all that was said against it.
    fn is_asked_for(&self, own: &Known<'_>, objections: &[(Objection<'_>, i64)]) -> bool {
        self.category == Category::Authentication
            && own.requested().is_some_and(|asked| {
                let later = |(objection, _): &(Objection<'_>, i64)| asked > objection.at + MINUTE;
                self.now - asked <= CODE_SERVES_FOR && objections.iter().all(later)
            })
    }

    /// The objections that no grant is later than.
    fn against(
        &self,
        own: &Known<'_>,
        winners: &[&Grant],
        objections: &[(Objection<'_>, i64)],
        verdict: &mut Verdict,
    ) {
        let granted = winners.first().map(|grant| grant.at);
        let agreed = own.agreed_scopes().into_iter();
        let marketing = agreed.filter(|scope| self.rules.is_marketing(scope));
        let marketing = marketing.filter_map(|scope| Some(own.winners(scope).first()?.at)).max();
        let promotes = self.rules.is_marketing(self.scope);
        let is_sound = |grant: &&Grant| self.is_valid(grant) && self.is_proven(grant);
        for (objection, margin) in objections {
            let reason = objection.class.reason();
            let is_stop = *objection.class == Class::Stop;
            let lifts = |at: i64| at > objection.at + margin;
            let lifted = granted.is_some_and(|at| lifts(at) && (!is_stop || promotes));
            if is_stop && !lifted && marketing.is_some_and(lifts) {
                let why = "whether agreeing to another marketing scope lifts a platform's stop";
                verdict.may(reason, why);
            } else if !lifted {
                verdict.must(reason);
            } else if !winners.iter().all(is_sound) {
                verdict.may(reason, "whether a grant on a text that proves nothing lifts");
            }
        }
    }

    /// Whether nobody said that the grant's text was no good.
    fn is_valid(&self, grant: &Grant) -> bool {
        self.business.is_some_and(|one| !text::is_invalid(self.log, one, grant, self.at))
    }

    /// Whether the grant's text is published and says it, if it must.
    fn is_proven(&self, grant: &Grant) -> bool {
        let proves = |one| text::is_proven(self.log, one, grant, self.scope, self.at);
        !self.rules.published_texts || self.business.is_some_and(proves)
    }
}
