//! Scopes: what the policy knows, has known, and never knew.

use consentgate::consent::{Category, ScopeName};
use consentgate::decision::{Message, OptOutPath, Reason};
use consentgate::policy::{ConsentTexts, Policy, Reach};

use super::super::gate::{allows, decides, offer, order_update, standard, suppresses};
use super::super::log::{Log, grant, withdraw};

fn agreed() -> Log {
    let scopes = ["offers", "order_updates", "authentication"];
    Log::default().then(100, grant(100, &scopes))
}

#[test]
fn an_objection_to_an_unknown_scope_counts_against_every_scope() {
    let log = agreed().then(101, withdraw(&["raffles"]));
    suppresses(&log, &offer(), Reason::Withdrawn);
    suppresses(&log, &order_update(), Reason::Withdrawn);
    let later = log.then(102, grant(102, &["offers"]));
    allows(&later, &offer());
    suppresses(&later, &order_update(), Reason::Withdrawn);
}

#[test]
fn an_objection_to_a_retired_scope_counts_against_that_scope_alone() {
    let standard = standard();
    let scopes = standard.scopes().map(|(name, rule)| (name.clone(), rule));
    let retired = Policy::new(scopes, ScopeName::parse("raffles")).unwrap();
    let retired = retired.with_consent_texts(ConsentTexts::Any);
    let log = agreed().then(101, withdraw(&["raffles"]));
    decides(&log, &retired, &offer(), None);
    decides(&log, &standard, &offer(), Some(Reason::Withdrawn));
}

#[test]
fn a_grant_for_an_unknown_scope_sends_nothing() {
    let raffle = Message { scope: "raffles", ..offer() };
    let log = Log::default().then(100, grant(100, &["raffles"]));
    suppresses(&log, &raffle, Reason::ScopeUnknown);
}

#[test]
fn a_code_needs_a_grant_for_authentication() {
    let code = Message { scope: "", category: Category::Authentication, ..offer() };
    allows(&agreed(), &code);
    suppresses(&Log::default().then(100, grant(100, &["offers"])), &code, Reason::NoGrant);
    let odd = Message { scope: "offers", ..code };
    suppresses(&agreed(), &odd, Reason::Contradictory);
}

#[test]
fn an_offer_without_a_way_out_is_suppressed_whatever_it_calls_itself() {
    for category in [Category::Marketing, Category::Utility] {
        let offer = Message { category, ..offer() };
        allows(&agreed(), &offer);
        let trap = Message { opt_out_path: OptOutPath::Missing, ..offer };
        suppresses(&agreed(), &trap, Reason::NoOptOutPath);
    }
}

#[test]
fn where_all_need_a_way_out_utility_does_too_but_no_code_and_no_reply() {
    let all = standard().with_opt_out_path(Reach::All);
    let trap = |message| Message { opt_out_path: OptOutPath::Missing, ..message };
    let none = Some(Reason::NoOptOutPath);
    decides(&agreed(), &all, &order_update(), None);
    decides(&agreed(), &all, &trap(order_update()), none);
    decides(&agreed(), &standard(), &trap(order_update()), None);
    decides(&agreed(), &all, &trap(offer()), none);
    let code = Message { scope: "", category: Category::Authentication, ..offer() };
    decides(&agreed(), &all, &trap(code), None);
    let reply = Message { scope: "", category: Category::Service, ..offer() };
    decides(&agreed(), &all, &trap(reply), Some(Reason::WindowClosed));
}
