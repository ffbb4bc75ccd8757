//! Policies, and every message that can be written.

use consentgate::consent::{
    BusinessId, Category, EventId, IdentityRef, ScopeName, Seconds, Strength,
};
use consentgate::decision::{Message, OptOutPath};
use consentgate::policy::{
    CallingPrefix, ConsentTexts, CountryCode, CountryRule, MaxAges, Policy, QuietHours, QuietTimes,
    Reach, Region, ScopeClass, ScopeRule, Senders, Stricter, StricterScope, TemplateNeed,
    TimeOfDay, UtcOffset,
};

use super::{BUSINESSES, CAMPAIGNS, LANGUAGES, PEOPLE, SCOPES, TEMPLATES};

/// The standard policy, one that wants confirmed offers and those at once and a way out of nearly all,
/// and knows nights and countries,
/// and one that once had raffles, in which who agrees to offers does so for a day and the shop wants
/// more of everything; it registers a number of each business.
pub(crate) fn policies() -> [Policy; 3] {
    let standard = Policy::standard().with_consent_texts(ConsentTexts::Any);
    let scopes = || standard.scopes().map(|(name, rule)| (name.clone(), rule));
    let raffles = ScopeName::parse(SCOPES[3]).unwrap();
    let offers = ScopeName::parse(SCOPES[0]).unwrap();
    let strict = ScopeRule::new(ScopeClass::Marketing, Strength::Double);
    let double = scopes().chain([(offers.clone(), strict)]);
    let fleeting = ScopeRule::new(ScopeClass::Marketing, Strength::Single).valid_for(86_400);
    let fleeting = scopes().chain([(offers, fleeting)]);
    let fleeting = Policy::new(fleeting, [raffles]).unwrap();
    let mut fleeting = fleeting.with_consent_texts(ConsentTexts::Any);
    fleeting.add_business(BusinessId::parse(BUSINESSES[1]).unwrap(), &careful()).unwrap();
    let strict = Policy::new(double, []).unwrap().with_consent_texts(ConsentTexts::Any);
    let prefix = |text| CallingPrefix::parse(text).unwrap();
    let britain = Region::new(Some(prefix("+44")), None).unwrap();
    let america = Region::new(Some(prefix("+52")), CountryCode::parse("DE")).unwrap();
    let rules = [
        CountryRule::new(britain, []).unwrap(),
        CountryRule::new(america, [prefix("+521")]).unwrap(),
    ];
    let strict = strict.with_countries(rules).unwrap();
    let strict = strict.with_quiet_hours(QuietTimes::new(nights()).unwrap());
    let hasty = MaxAges::STANDARD.with(Category::Marketing, 1).unwrap();
    let strict = strict.with_max_ages(hasty).with_opt_out_path(Reach::All);
    let mut senders = Senders::default();
    for (number, business) in ["n0", "n1"].into_iter().zip(BUSINESSES) {
        senders.register(number, &BusinessId::parse(business).unwrap()).unwrap();
    }
    let fleeting = fleeting.with_senders(senders);
    [standard.clone(), strict, fleeting]
}

/// Mostly nobody says who sends.
const SENDERS: [&str; 5] = ["", "n0", "", "n1", ""];

/// When messages are sent: never too long ago, or so that one second more or less makes a difference
/// at some of the seconds that are asked about, or nobody knows when.
const SENT: [Option<Seconds>; 6] = [
    Some(Seconds(2_592_161)),
    Some(Seconds(161)),
    Some(Seconds(162)),
    Some(Seconds(160)),
    Some(Seconds(2_592_161)),
    None,
];

/// Hours that begin or end at some of the seconds that are asked about: one with the three minutes
/// after 01:00 in Berlin, one in America until the three minutes before 20:00 of the day before.
pub(super) fn nights() -> [QuietHours; 2] {
    let hours = |prefix, country, [from, to, utc_offset]: [&str; 3], reach| QuietHours {
        region: Region::new(CallingPrefix::parse(prefix), CountryCode::parse(country)).unwrap(),
        from: TimeOfDay::parse(from).unwrap(),
        to: TimeOfDay::parse(to).unwrap(),
        utc_offset: UtcOffset::parse(utc_offset).unwrap(),
        reach,
    };
    [
        hours("+49", "DE", ["01:00", "01:03", "+01:00"], Reach::Marketing),
        hours("+52", "US", ["18:00", "19:03", "-05:00"], Reach::All),
    ]
}

/// What the shop demands beyond its platform.
fn careful() -> Stricter {
    let scope = |name| ScopeName::parse(name).unwrap();
    let promotes = StricterScope { class: Some(ScopeClass::Marketing), ..<_>::default() };
    let (strength, valid_for_s) = (Some(Strength::Double), Some(3_600));
    let confirmed = StricterScope { strength, valid_for_s, class: None };
    Stricter {
        max_ages_s: [(Category::Marketing, 1), (Category::Authentication, 1)].into(),
        opt_out_path: Some(Reach::All),
        templates: Some(TemplateNeed::Registered),
        consent_texts: Some(ConsentTexts::Published),
        quiet_hours: nights().into(),
        scopes: [(scope(SCOPES[1]), promotes), (scope(SCOPES[0]), confirmed)].into(),
    }
}

/// Every message that can be written in such a world.
pub(crate) fn messages() -> Vec<Message<'static>> {
    let people: Vec<_> = PEOPLE.map(IdentityRef::parse).into_iter().chain([None]).collect();
    let mut all = Vec::new();
    for business in BUSINESSES.into_iter().chain(["bank"]) {
        for &to in &people {
            for &other in &people {
                for scope in SCOPES.into_iter().chain([""]) {
                    for category in categories_of(scope) {
                        all.push(Message {
                            business,
                            sender: SENDERS[all.len() % 19 % 5],
                            to,
                            also: [other, None],
                            scope,
                            category,
                            sent_at: SENT[all.len() % 17 % 6],
                            deadline: (all.len() % 5 == 4).then_some(Seconds(162)),
                            opt_out_path: match all.len() % 7 {
                                6 => OptOutPath::Missing,
                                _ => OptOutPath::Offered,
                            },
                            answers: (all.len() % 4 != 0).then_some(EventId(all.len() as u64 % 4)),
                            message_id: "m",
                            campaign_id: CAMPAIGNS[all.len() % 11 % 3],
                            template: TEMPLATES[all.len() % 13 % 2],
                            template_language: LANGUAGES[all.len() % 19 % 4],
                        });
                    }
                }
            }
        }
    }
    all
}

/// A reply is about nothing that was agreed to, but somebody may say that it is.
fn categories_of(scope: &str) -> Vec<Category> {
    let replies = matches!(scope, "" | "offers");
    let is_reply = |category: &Category| matches!(category, Category::Service | Category::Farewell);
    Category::ALL.into_iter().filter(|category| replies || !is_reply(category)).collect()
}
