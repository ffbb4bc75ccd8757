//! Templates: what the platform says of them, and what that makes of a message.

use consentgate::consent::{
    Category, Coded, ConsentEvent, Content, EventKind, KeyParts, Placement, RULES_VERSION,
    TemplateRef, TemplateSaid, Topic, Usability, WayOut,
};
use consentgate::decision::{Message, OptOutPath, Reason};
use consentgate::policy::{Policy, Stricter, TemplateNeed};

use super::super::gate::{
    allows, decides, decides_at, is_held, offer, order_update, standard, suppresses,
};
use super::super::log::{ANNA, Log, business, event, grant, lift, millis, of, subject, withdraw};

fn agreed() -> Log {
    Log::default().then(100, grant(100, &["offers", "order_updates", "authentication"]))
}

/// Nothing said of the template `sale`.
fn sale() -> TemplateSaid {
    TemplateSaid {
        template: TemplateRef::new("sale", "en_US"),
        usability: Coded::Unspecified,
        category: Coded::Unspecified,
        announced: Coded::Unspecified,
        announced_from_ms: None,
        way_out: Coded::Unspecified,
    }
}

fn usable() -> TemplateSaid {
    TemplateSaid { usability: Coded::Known(Usability::Usable), ..sale() }
}

fn unusable() -> TemplateSaid {
    TemplateSaid { usability: Coded::Known(Usability::Unusable), ..sale() }
}

fn is(category: Category) -> TemplateSaid {
    TemplateSaid { category: Coded::Known(category), ..sale() }
}

fn with(way_out: WayOut) -> TemplateSaid {
    TemplateSaid { way_out: Coded::Known(way_out), ..sale() }
}

fn in_language(language: &str, said: TemplateSaid) -> TemplateSaid {
    TemplateSaid { template: TemplateRef::new("sale", language), ..said }
}

/// What the platform says in a second.
fn state(occurred: u32, said: TemplateSaid) -> ConsentEvent {
    ConsentEvent {
        identity: None,
        occurred_at_ms: millis(occurred),
        template: Some(said),
        ..event(EventKind::TemplateState)
    }
}

trait Tell {
    /// The platform says it, and it is appended in the same second.
    fn told(self, at: u32, said: TemplateSaid) -> Self;
    /// The same, where this event says more than what.
    fn told_as(self, at: u32, event: ConsentEvent) -> Self;
}

impl Tell for Log {
    fn told(self, at: u32, said: TemplateSaid) -> Self {
        self.told_as(at, state(at, said))
    }

    fn told_as(self, at: u32, event: ConsentEvent) -> Self {
        let mut log = self.then(at, event);
        log.0.last_mut().unwrap().place.topic = Topic::TemplateStates;
        log
    }
}

fn of_sale() -> Message<'static> {
    Message { template: "sale", template_language: "en_US", ..offer() }
}

/// News about an order in that template.
fn news() -> Message<'static> {
    Message { template: "sale", template_language: "en_US", ..order_update() }
}

fn registered() -> Policy {
    standard().with_templates(TemplateNeed::Registered)
}

#[test]
fn a_template_that_the_platform_took_away_is_not_sent_and_others_are() {
    let log = agreed().told(200, unusable());
    suppresses(&log, &of_sale(), Reason::TemplateUnusable);
    suppresses(&log, &news(), Reason::TemplateUnusable);
    allows(&log, &offer());
    allows(&log, &Message { template: "spring", ..of_sale() });
    let shop = ConsentEvent { business: Some(business("shop")), ..grant(100, &["offers"]) };
    allows(&log.then(200, shop), &Message { business: "shop", ..of_sale() });
}

#[test]
fn only_a_later_word_gives_a_template_back() {
    let taken = || agreed().told(200, unusable());
    allows(&taken().told(201, usable()), &of_sale());
    suppresses(&taken().told(200, usable()), &of_sale(), Reason::TemplateUnusable);
    // An old approval that is told again, and one of which nobody knows when.
    let again = taken().told_as(300, state(200, usable()));
    suppresses(&again, &of_sale(), Reason::TemplateUnusable);
    let undated = ConsentEvent { occurred_at_ms: None, ..state(300, usable()) };
    suppresses(&taken().told_as(300, undated), &of_sale(), Reason::TemplateUnusable);
    // A clock that runs ahead makes no word later than its append.
    let early = agreed().told_as(200, state(900, usable())).told(300, unusable());
    suppresses(&early, &of_sale(), Reason::TemplateUnusable);
    let back_and_forth = taken().told(300, usable()).told(400, unusable());
    suppresses(&back_and_forth, &of_sale(), Reason::TemplateUnusable);
}

#[test]
fn what_says_one_thing_of_a_template_leaves_the_rest_as_it_was() {
    let log = agreed().told(200, unusable()).told(300, is(Category::Utility));
    suppresses(&log, &news(), Reason::TemplateUnusable);
    let log = agreed().told(200, is(Category::Marketing)).told(300, usable());
    let bare = Message { opt_out_path: OptOutPath::Missing, ..news() };
    suppresses(&log, &bare, Reason::NoOptOutPath);
}

#[test]
fn the_strictest_category_counts_whoever_says_it() {
    let bare = Message { opt_out_path: OptOutPath::Missing, ..news() };
    allows(&agreed(), &bare);
    allows(&agreed().told(200, is(Category::Utility)), &bare);
    let promotes = agreed().told(200, is(Category::Marketing));
    suppresses(&promotes, &bare, Reason::NoOptOutPath);
    allows(&promotes, &news());
    // A platform's stop is about marketing, and a grant for news about an order does not lift it.
    let stopped = promotes.then(300, event(EventKind::PlatformStop));
    suppresses(&stopped, &news(), Reason::PlatformStop);
    // A template that is less than the message says it is makes it no less.
    let loose = agreed().told(200, is(Category::Authentication));
    let bare_offer = Message { opt_out_path: OptOutPath::Missing, ..of_sale() };
    suppresses(&loose, &bare_offer, Reason::NoOptOutPath);
}

#[test]
fn a_code_in_a_marketing_template_is_marketing() {
    let code = Message {
        category: Category::Authentication,
        scope: "authentication",
        opt_out_path: OptOutPath::Missing,
        ..of_sale()
    };
    allows(&agreed(), &code);
    let promotes = agreed().told(200, is(Category::Marketing));
    suppresses(&promotes, &code, Reason::NoOptOutPath);
    // What a code may not be about it may not be about as marketing either.
    let odd = Message { scope: "offers", ..code };
    suppresses(&promotes, &odd, Reason::Contradictory);
    suppresses(&promotes, &Message { scope: "", ..code }, Reason::ScopeUnknown);
}

#[test]
fn a_category_counts_until_a_later_word_takes_it_back() {
    let bare = Message { opt_out_path: OptOutPath::Missing, ..news() };
    let promotes = || agreed().told(200, is(Category::Marketing));
    allows(&promotes().told(201, is(Category::Utility)), &bare);
    suppresses(&promotes().told(200, is(Category::Utility)), &bare, Reason::NoOptOutPath);
    let again = promotes().told_as(300, state(200, is(Category::Utility)));
    suppresses(&again, &bare, Reason::NoOptOutPath);
    let unknown = TemplateSaid { category: Coded::Unknown(9), ..sale() };
    suppresses(&agreed().told(200, unknown), &bare, Reason::NoOptOutPath);
}

#[test]
fn a_stricter_category_counts_from_its_announcement_and_a_looser_one_when_it_is_done() {
    let bare = Message { opt_out_path: OptOutPath::Missing, ..news() };
    let announced = |category, from| TemplateSaid {
        announced: Coded::Known(category),
        announced_from_ms: millis(from),
        ..is(Category::Utility)
    };
    let stricter = || agreed().told(200, announced(Category::Marketing, 400));
    suppresses(&stricter(), &bare, Reason::NoOptOutPath);
    // Until then a list that is read says what it still is; that takes nothing back.
    suppresses(&stricter().told(300, is(Category::Utility)), &bare, Reason::NoOptOutPath);
    suppresses(&stricter().told(400, is(Category::Utility)), &bare, Reason::NoOptOutPath);
    allows(&stricter().told(401, is(Category::Utility)), &bare);
    let promotes = agreed().told(150, is(Category::Marketing));
    let looser = TemplateSaid { category: Coded::Unspecified, ..announced(Category::Utility, 300) };
    suppresses(&promotes.clone().told(200, looser), &bare, Reason::NoOptOutPath);
    allows(&promotes.told(300, is(Category::Utility)), &bare);
    // Without a date, or with one that is none, an announcement stands for thirty days.
    for from in [None, Some(0), Some(-1), Some(i64::MAX)] {
        let said = TemplateSaid { announced_from_ms: from, ..announced(Category::Marketing, 0) };
        let log = agreed().told(200, said);
        let month = 200 + 30 * 86_400;
        let still = log.clone().told(month, is(Category::Utility));
        decides_at(month, &still, &bare, Some(Reason::NoOptOutPath));
        decides_at(month + 1, &log.told(month + 1, is(Category::Utility)), &bare, None);
    }
}

#[test]
fn a_reply_that_names_a_template_of_a_known_category_contradicts_itself() {
    let inbound = lift(EventKind::Inbound, 900);
    let actor = Coded::Known(consentgate::consent::Actor::Subject);
    let id = consentgate::consent::EventId::of("i1");
    let inbound = ConsentEvent { actor, inbound: Some(id), ..inbound };
    let log = agreed().then_active(900, inbound);
    let reply = Message { scope: "", category: Category::Service, ..of_sale() };
    allows(&log, &reply);
    allows(&log.clone().told(910, usable()), &reply);
    let utility = log.clone().told(910, is(Category::Utility));
    suppresses(&utility, &reply, Reason::Contradictory);
    suppresses(&log.told(910, unusable()), &reply, Reason::TemplateUnusable);
}

#[test]
fn a_template_with_a_way_out_offers_it_for_its_messages() {
    let bare = Message { opt_out_path: OptOutPath::Missing, ..of_sale() };
    suppresses(&agreed(), &bare, Reason::NoOptOutPath);
    let carried = || agreed().told(200, with(WayOut::Carried));
    allows(&carried(), &bare);
    suppresses(&carried().told(200, with(WayOut::Unclear)), &bare, Reason::NoOptOutPath);
    suppresses(&carried().told(300, with(WayOut::Missing)), &bare, Reason::NoOptOutPath);
    let undated = ConsentEvent { occurred_at_ms: None, ..state(200, with(WayOut::Carried)) };
    suppresses(&agreed().told_as(200, undated), &bare, Reason::NoOptOutPath);
    suppresses(&carried(), &Message { template: "spring", ..bare }, Reason::NoOptOutPath);
}

#[test]
fn a_template_that_is_known_to_have_no_way_out_beats_what_the_message_says() {
    let none = agreed().told(200, with(WayOut::Missing));
    suppresses(&none, &of_sale(), Reason::NoOptOutPath);
    allows(&none, &news());
    allows(&none.clone().told(300, with(WayOut::Unclear)), &of_sale());
    allows(&none.told(300, with(WayOut::Carried)), &of_sale());
    let unknown = TemplateSaid { way_out: Coded::Unknown(9), ..sale() };
    suppresses(&agreed().told(200, unknown), &of_sale(), Reason::NoOptOutPath);
}

#[test]
fn each_language_of_a_template_is_a_template_of_its_own() {
    let log = agreed().told(200, unusable()).told(200, in_language("sv", usable()));
    suppresses(&log, &of_sale(), Reason::TemplateUnusable);
    allows(&log, &Message { template_language: "sv", ..of_sale() });
    for spelling in ["en_us", "EN-US", "en-US"] {
        let message = Message { template_language: spelling, ..of_sale() };
        suppresses(&log, &message, Reason::TemplateUnusable);
    }
    // Nobody said anything of a third, but what the template is may be true there too.
    let third = Message { template_language: "de", ..of_sale() };
    allows(&log, &third);
    let log = agreed().told(200, is(Category::Marketing)).told(200, with(WayOut::Carried));
    let bare = Message { opt_out_path: OptOutPath::Missing, template_language: "de", ..news() };
    suppresses(&log, &bare, Reason::NoOptOutPath);
}

#[test]
fn a_message_that_names_no_language_takes_the_strictest_of_all() {
    let of_any = Message { template_language: "", ..of_sale() };
    let log = agreed().told(200, usable()).told(200, in_language("sv", unusable()));
    suppresses(&log, &of_any, Reason::TemplateUnusable);
    let all = log.told(300, in_language("sv", usable()));
    decides(&all, &registered(), &of_any, None);
    // In one language nobody has approved it.
    let some = all.told(300, in_language("de", is(Category::Marketing)));
    decides(&some, &registered(), &of_any, Some(Reason::TemplateUnusable));
    let bare = Message { opt_out_path: OptOutPath::Missing, ..of_any };
    let ways = agreed().told(200, with(WayOut::Carried));
    allows(&ways, &bare);
    let ways = ways.told(200, in_language("sv", with(WayOut::Unclear)));
    suppresses(&ways, &bare, Reason::NoOptOutPath);
}

#[test]
fn what_is_said_of_no_language_speaks_against_all_and_for_none() {
    let all = |said| in_language("", said);
    let taken = agreed().told(200, all(unusable()));
    suppresses(&taken, &of_sale(), Reason::TemplateUnusable);
    let still = taken.clone().told(300, all(usable()));
    suppresses(&still, &of_sale(), Reason::TemplateUnusable);
    allows(&taken.told(300, usable()), &of_sale());
    decides(
        &agreed().told(200, all(usable())),
        &registered(),
        &of_sale(),
        Some(Reason::TemplateUnusable),
    );
}

#[test]
fn where_templates_must_be_registered_what_nobody_approved_is_not_sent() {
    let policy = registered();
    let unusable = Some(Reason::TemplateUnusable);
    decides(&agreed(), &policy, &of_sale(), unusable);
    decides(&agreed(), &policy, &offer(), unusable);
    decides(&agreed().told(200, is(Category::Marketing)), &policy, &of_sale(), unusable);
    decides(&agreed().told(200, usable()), &policy, &of_sale(), None);
    decides(&agreed().told(200, usable()), &policy, &news(), None);
    allows(&agreed(), &of_sale());
    // One business may demand it for itself.
    let mut policy = standard();
    let stricter = Stricter { templates: Some(TemplateNeed::Registered), ..Stricter::default() };
    policy.add_business(business("cafe"), &stricter).unwrap();
    decides(&agreed(), &policy, &of_sale(), unusable);
    let shop = ConsentEvent { business: Some(business("shop")), ..grant(100, &["offers"]) };
    let of_shop = Message { business: "shop", ..of_sale() };
    decides(&agreed().then(100, shop), &policy, &of_shop, None);
}

#[test]
fn a_word_that_lies_astray_speaks_against_a_template_and_never_for_it() {
    let key = || KeyParts::Business(business("cafe"));
    let content = |event| Content::Event(Box::new(event));
    for (said, now_unusable) in [(unusable(), true), (usable(), false)] {
        let event = state(300, said);
        let taken = || match now_unusable {
            true => agreed(),
            false => agreed().told(200, unusable()),
        };
        // In the log of record, in the wrong partition, under the key of a person.
        let logs = [
            taken().then(300, event.clone()),
            taken().then_as(300, key(), Placement::Wrong, content(event.clone())),
            taken().then_as(
                300,
                KeyParts::Subject(subject("cafe", ANNA)),
                Placement::Right,
                content(event),
            ),
        ];
        for log in logs {
            suppresses(&log, &of_sale(), Reason::TemplateUnusable);
        }
    }
}

#[test]
fn of_which_template_or_of_whose_must_be_said() {
    let nameless = TemplateSaid { template: None, ..unusable() };
    let log = agreed().told(200, nameless);
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
    let silent = ConsentEvent { template: None, ..state(200, sale()) };
    suppresses(&agreed().told_as(200, silent), &offer(), Reason::BusinessQuarantined);
    let nobodys = ConsentEvent { business: None, ..state(200, unusable()) };
    assert!(is_held(&agreed().told_as(200, nobodys)));
    // Where key and value disagree both wait, and what speaks against the template counts.
    let key = KeyParts::Business(business("shop"));
    let content = Content::Event(Box::new(state(200, unusable())));
    let torn = agreed().then_as(200, key, Placement::Right, content);
    suppresses(&torn, &offer(), Reason::BusinessQuarantined);
}

#[test]
fn a_word_of_a_later_version_waits_for_an_operator() {
    for event in [
        ConsentEvent { min_reader: RULES_VERSION + 1, ..state(200, usable()) },
        ConsentEvent { effect: Coded::Unknown(9), ..state(200, usable()) },
    ] {
        let log = agreed().told_as(200, event);
        suppresses(&log, &offer(), Reason::BusinessQuarantined);
        let place = log.last_place();
        let void = ConsentEvent {
            identity: None,
            voids: Some(place),
            remedy: consentgate::consent::VoidRemedy::Dropped("read elsewhere".to_owned()),
            ..lift(EventKind::Void, 300)
        };
        allows(&log.then(300, void), &offer());
    }
    let unknown = TemplateSaid { usability: Coded::Unknown(40), ..sale() };
    suppresses(&agreed().told(200, unknown), &of_sale(), Reason::TemplateUnusable);
}

#[test]
fn what_a_person_said_stands_before_what_the_platform_said() {
    let log = agreed().told(200, unusable()).then(300, of(ANNA, withdraw(&[])));
    suppresses(&log, &of_sale(), Reason::Withdrawn);
}
