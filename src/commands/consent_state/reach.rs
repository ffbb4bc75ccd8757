//! For what a person may be reached: the gate's own rules, asked about one made-up message a purpose.
//!
//! What is about the person counts; what is about a single message, or a moment, does not: quiet hours,
//! a kill switch, a template, the number that sends. A code that somebody asked for is no agreement, so
//! conversations are left out. No permit is made: nothing can be sent with this.

use crate::commands::purposes::purposes;
use crate::consent::{BusinessId, Category, Identity, ScopeName, Seconds, TemplateStanding};
use crate::decision::{Message, OptOutPath, Reason, ReasonMask, judge, query, stands_until};
use crate::index::{AnswerFacts, ConsentView, Detail, FullFacts, StandingGrant};
use crate::policy::Policy;
use crate::wire::consent_state::Reachable;

/// What may speak against a message and says nothing about whether the person wants such messages.
const OF_A_MESSAGE: [Reason; 4] =
    [Reason::Paused, Reason::QuietHours, Reason::SenderUnregistered, Reason::TemplateUnusable];

/// What stands for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// For what they may be reached, in the order of the scopes' names.
    pub(super) reachable: Vec<Reachable>,
    /// When this changes by itself, if it does: an agreement ends, or a wait is over.
    pub(super) changes_at: Option<Seconds>,
}

/// What stands for each of these people of a business, in their order.
pub(super) fn reach(
    policy: &Policy,
    view: &ConsentView<'_>,
    now: Seconds,
    business: &BusinessId,
    people: &[Identity],
) -> Vec<Reach> {
    let mut reached = vec![Reach::default(); people.len()];
    ask(policy, view, now, (business, people), |nth, asked| {
        if let Some(reach) = reached.get_mut(nth) {
            reach.take(&asked, now);
        }
    });
    reached
}

/// What the rules find against each agreement of these people, with its scope and its end: nothing, if
/// they may be reached.
pub(in crate::commands) fn why_not(
    policy: &Policy,
    view: &ConsentView<'_>,
    now: Seconds,
    business: &BusinessId,
    people: &[Identity],
    mut each: impl FnMut(&str, ReasonMask, Option<Seconds>),
) {
    ask(policy, view, now, (business, people), |_, asked| {
        each(asked.scope.as_str(), asked.found, asked.until);
    });
}

/// One agreement, and what the rules say of it.
struct Asked<'a> {
    scope: &'a ScopeName,
    category: Category,
    grant: StandingGrant,
    until: Option<Seconds>,
    waits_until: Option<Seconds>,
    /// What speaks against it and is about the person.
    found: ReasonMask,
}

/// Asks the rules about every agreement of these people; each comes with the place of its person.
fn ask(
    policy: &Policy,
    view: &ConsentView<'_>,
    now: Seconds,
    (business, people): (&BusinessId, &[Identity]),
    mut each: impl FnMut(usize, Asked<'_>),
) {
    let purposes: Vec<_> = purposes(policy, business.as_str()).collect();
    let of_person = |(nth, person)| purposes.iter().map(move |purpose| (nth, person, *purpose));
    let asked: Vec<_> = people.iter().enumerate().flat_map(of_person).collect();
    let messages: Vec<_> =
        asked.iter().map(|(_, person, purpose)| message(business, person, *purpose, now)).collect();
    let full = |message| {
        let query = query(policy, message, TemplateStanding::default());
        crate::index::Query { detail: Detail::Full, ..query }
    };
    let queries: Vec<_> = messages.iter().map(full).collect();
    let mut answers = Vec::with_capacity(queries.len());
    view.answer_batch(&queries, &mut answers);
    for ((message, (nth, _, (scope, category))), answer) in messages.iter().zip(asked).zip(&answers)
    {
        let AnswerFacts::Full(full) = answer.facts() else {
            continue;
        };
        let mut full = full.clone();
        full.to.conversation = None;
        let Some(grant) = full.to.grant else { continue };
        let waits_until = waits_until(&full);
        let facts = AnswerFacts::Full(full);
        let judged = judge(policy, now, message, TemplateStanding::default(), &facts);
        let mut found = ReasonMask::default();
        let of_person = judged.mask().iter().filter(|reason| !OF_A_MESSAGE.contains(reason));
        of_person.for_each(|reason| found.insert(reason));
        let rule = policy.terms(message.business, scope.as_str()).rule();
        let until = stands_until(&grant, rule);
        each(nth, Asked { scope, category, grant, until, waits_until, found });
    }
}

impl Reach {
    fn take(&mut self, asked: &Asked<'_>, now: Seconds) {
        self.change_at(asked.waits_until.filter(|until| *until > now));
        if !asked.found.is_empty() {
            return;
        }
        self.change_at(asked.until);
        self.reachable.push(Reachable {
            scope: asked.scope.clone(),
            category: asked.category,
            agreed_at: asked.grant.at,
            until: asked.until,
            strength: asked.grant.strength,
        });
    }

    fn change_at(&mut self, at: Option<Seconds>) {
        self.changes_at = self.changes_at.into_iter().chain(at).min();
    }
}

fn message<'m>(
    business: &'m BusinessId,
    person: &'m Identity,
    (scope, category): (&'m ScopeName, Category),
    now: Seconds,
) -> Message<'m> {
    Message {
        business: business.as_str(),
        sender: "",
        to: Some(person.as_ref()),
        also: [None, None],
        scope: scope.as_str(),
        category,
        sent_at: Some(now),
        deadline: None,
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "",
        campaign_id: "",
        template: "",
        template_language: "",
    }
}

/// When the last of the waits ends that the platform told of.
fn waits_until(full: &FullFacts<'_>) -> Option<Seconds> {
    let of_others = full.also.iter().flatten().filter_map(|other| other.against.as_deref());
    let all = full.to.against.as_deref().into_iter().chain(of_others);
    all.chain(full.elsewhere.as_deref()).filter_map(|against| against.cooldown).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{
        Class, EventId, Fact, Grant, Mark, Offset, Partition, PauseTarget, Positions, Strength,
        Subject, TextRef, Topic,
    };
    use crate::index::{CaughtUp, ConsentIndex, Fence, IndexKeys, Tick};
    use crate::policy::{ConsentTexts, ScopeClass, ScopeRule};

    const NOW: Seconds = Seconds(10_000);

    fn business() -> BusinessId {
        BusinessId::parse("cafe").unwrap()
    }

    fn anna() -> Subject {
        Subject { business: business(), identity: Identity::parse("+99910000001").unwrap() }
    }

    fn scope(name: &str) -> ScopeName {
        ScopeName::parse(name).unwrap()
    }

    fn granted(name: &str, at: u32, valid_until: Option<u32>) -> Fact {
        let text = TextRef::new("t", "1");
        let grant = Grant {
            at: Seconds(at),
            strength: Strength::Single,
            valid_until: valid_until.map(Seconds),
            text,
            event: EventId::of("g"),
            other_texts: Default::default(),
        };
        Fact::Grant { subject: anna(), scope: scope(name), grant }
    }

    fn policy(valid_for_s: Option<u32>) -> Policy {
        let marketing = ScopeRule::new(ScopeClass::Marketing, Strength::Single);
        let offers = valid_for_s.map_or(marketing, |seconds| marketing.valid_for(seconds));
        let orders = ScopeRule::new(ScopeClass::Informing, Strength::Single);
        let scopes = [(scope("offers"), offers), (scope("order_updates"), orders)];
        Policy::new(scopes, []).unwrap().with_consent_texts(ConsentTexts::Any)
    }

    /// The scopes for which Anna may be reached, each with its end, and when that changes.
    fn asked(
        policy: &Policy,
        now: Seconds,
        facts: Vec<Fact>,
    ) -> (Vec<(String, Option<u32>)>, Option<u32>) {
        let keys = IndexKeys { mixing: 7, user_ids: [1; 16], tombstones: [2; 16] };
        let mut index = ConsentIndex::new(keys);
        facts.into_iter().for_each(|fact| index.apply(fact));
        let at = (Topic::ConsentEvents, Partition(0), Offset(9));
        index.advance(at.0, at.1, at.2);
        let fence = Fence { asked_at: Tick(0), ends: Positions::from_iter([at]) };
        let view = CaughtUp::prove(&index, &fence, Tick(0)).unwrap().view();
        let [reach] = &reach(policy, &view, now, &business(), &[anna().identity])[..] else {
            panic!("one person, one answer");
        };
        let named = |one: &Reachable| (one.scope.to_string(), one.until.map(|until| until.0));
        (reach.reachable.iter().map(named).collect(), reach.changes_at.map(|at| at.0))
    }

    fn offers(until: Option<u32>) -> Vec<(String, Option<u32>)> {
        vec![("offers".to_owned(), until)]
    }

    #[test]
    fn an_agreement_ends_where_it_or_the_policy_says_whichever_is_first() {
        let grant = |valid_until| vec![granted("offers", 5_000, valid_until)];
        assert_eq!(asked(&policy(None), NOW, grant(None)), (offers(None), None));
        for (own, by_policy, until) in [
            (Some(20_000), None, 20_000),
            (Some(20_000), Some(7_200), 12_200),
            (None, Some(9_000), 14_000),
        ] {
            let policy = policy(by_policy);
            let expected = (offers(Some(until)), Some(until));
            assert_eq!(asked(&policy, NOW, grant(own)), expected);
            let last = Seconds(until - 1);
            assert_eq!(asked(&policy, last, grant(own)).0, offers(Some(until)));
            assert_eq!(asked(&policy, Seconds(until), grant(own)).0, []);
        }
    }

    #[test]
    fn who_left_is_not_reached_and_a_wait_ends_by_itself() {
        let policy = policy(None);
        let mark = Mark { at: Seconds(6_000), event: EventId::of("w") };
        let left = Fact::ScopeObjection { subject: anna(), scope: scope("offers"), mark };
        let both =
            vec![granted("offers", 5_000, None), granted("order_updates", 5_000, None), left];
        let orders = vec![("order_updates".to_owned(), None)];
        assert_eq!(asked(&policy, NOW, both), (orders, None));
        let wait = Fact::Cooldown(anna(), Seconds(11_000));
        let waits = || vec![granted("offers", 5_000, None), wait.clone()];
        assert_eq!(asked(&policy, NOW, waits()), (vec![], Some(11_000)));
        assert_eq!(asked(&policy, Seconds(11_000), waits()), (offers(None), None));
        let (subject, class) = (anna(), Class::Complaint);
        let gone = vec![granted("offers", 5_000, None), Fact::Objection { subject, class, mark }];
        assert_eq!(asked(&policy, NOW, gone).0, []);
    }

    #[test]
    fn a_kill_switch_and_a_code_that_was_asked_for_say_nothing_about_the_person() {
        let policy = Policy::standard().with_consent_texts(ConsentTexts::Any);
        let target = PauseTarget::Business;
        let paused = Fact::Pause { business: business(), target, at: Seconds(9_000) };
        let facts = vec![granted("offers", 5_000, None), paused, Fact::Requested(anna(), NOW)];
        assert_eq!(asked(&policy, NOW, facts), (offers(None), None));
        let over = granted("authentication", 5_000, Some(6_000));
        assert_eq!(asked(&policy, NOW, vec![over, Fact::Requested(anna(), NOW)]).0, []);
    }
}
