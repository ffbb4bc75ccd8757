//! What the message is sent in, where it goes, and when.

use super::{Case, Relation};
use crate::model::fact::{Path, Turn};
use crate::model::verdict::Verdict;
use crate::model::words::Identity;
use crate::spec::audit::Reason;
use crate::spec::outbound::Category;

impl Case<'_> {
    /// The template, and whether it lets people leave.
    pub(super) fn template(&self, verdict: &mut Verdict) {
        let is_reply = matches!(self.declared, Category::Service | Category::Farewell);
        let unusable = self.template.usable == Some(Turn::Off);
        let unregistered =
            self.rules.registered_templates && !is_reply && self.template.usable != Some(Turn::On);
        verdict.must_if(unusable || unregistered, Reason::TemplateUnusable);
        let needs_path = self.category == Category::Marketing
            || self.rules.path_for_all && self.category == Category::Utility;
        let offered = match self.template.path {
            Some(Path::Missing) => false,
            Some(Path::Carried) => true,
            Some(Path::Unclear) | None => self.message.offers_path(),
        };
        verdict.must_if(needs_path && !offered, Reason::NoOptOutPath);
        if needs_path && self.template.pathless_elsewhere {
            let why = "the way out of a template in a language that nobody told of";
            verdict.may(Reason::NoOptOutPath, why);
        }
    }

    /// Where the person is, and when.
    pub(super) fn place_and_time(&self, verdict: &mut Verdict) {
        let marketing = self.category == Category::Marketing;
        let named = [&self.message.to, &self.message.also].into_iter().flatten();
        let named: Vec<_> = named.collect();
        let refused = |one: &&Identity| self.policy.countries.iter().any(|rule| rule.refuses(one));
        verdict.must_if(marketing && named.iter().any(refused), Reason::CountryRule);
        for other in &self.people {
            let cools = other.known.cools_until().is_some_and(|until| self.now < until);
            if !cools || !marketing {
                continue;
            }
            match other.relation {
                Relation::Own => verdict.must(Reason::Cooldown),
                Relation::Named if named.contains(&other.who) => verdict.must(Reason::Cooldown),
                Relation::Named => verdict.may(Reason::Cooldown, "a cool-down of the other form"),
                Relation::Linked => {}
            }
        }
        let informs = self.category == Category::Utility;
        let quiet = self.rules.quiet.iter().any(|quiet| {
            (marketing || informs && quiet.for_all)
                && named.iter().any(|one| quiet.is_quiet(one, self.now))
        });
        verdict.must_if(quiet, Reason::QuietHours);
    }
}
