//! What the model says of one message, rule by rule in the order of the design.

use consentgate::consent::{
    BusinessId, Category, ConsentRecord, EventKind, Identity, Seconds, Strength, Subject,
    Usability, WayOut,
};
use consentgate::decision::{Message, OptOutPath, Reason, ReasonMask};
use consentgate::policy::{
    ConsentTexts, CountryRule, Policy, QuietHours, Reach, Region, Rules, ScopeClass, ScopeRule,
    TemplateNeed, Unnamed,
};

use super::conversation::{is_asked_for, is_never_passed, is_newest, is_open, passes};
use super::links::{is_crowded, others, reaches, were_ever_one};
use super::pause::{What, is_paused};
use super::person::{
    Against, Agreed, Said, imposed, is_confirmed, is_invalid, is_known, is_on, newest_grants,
    said_by, waits, weakest,
};
use super::record::is_quarantined;
use super::template::{Known, known};
use super::text::{is_retired, proves};

/// How much later than an objection on another identity a grant must be, in seconds.
const OTHER_CLOCKS: u64 = 60;

/// All reasons in the order in which they were found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Verdict(pub Vec<Reason>);

impl Verdict {
    pub(crate) fn primary(&self) -> Option<Reason> {
        self.0.first().copied()
    }

    pub(crate) fn all(&self) -> ReasonMask {
        let mut mask = ReasonMask::default();
        self.0.iter().for_each(|reason| mask.insert(*reason));
        mask
    }
}

/// One message, put to the records.
struct Case<'a> {
    records: &'a [ConsentRecord],
    policy: &'a Policy,
    now: Seconds,
    /// As it counts: the template's category, if that is the stricter, and its way to leave.
    message: Message<'a>,
    /// What it says it is.
    declared: Category,
    /// What the platform said of its template.
    template: Known,
    scope: &'a str,
    business: Option<BusinessId>,
    to: Option<Subject>,
    others: Vec<Subject>,
    /// The same numbers, written in the other way of their country.
    forms: Vec<Subject>,
    /// Those whom the message does not name and links do.
    beside: Vec<Subject>,
    /// The newest grants of the address for the scope, all of one second.
    grants: Vec<Agreed<'a>>,
    found: Vec<Reason>,
}

/// Decides a message.
pub(crate) fn decide<'a>(
    records: &'a [ConsentRecord],
    policy: &'a Policy,
    now: Seconds,
    message: &'a Message<'a>,
) -> Verdict {
    let template = known(records, message);
    let declared = message.category;
    let mut message = *message;
    let is_reply = matches!(declared, Category::Service | Category::Farewell);
    if let Some(category) = template.category.filter(|_| !is_reply) {
        message.category = strictest(category, declared);
    }
    match template.way_out {
        Some(WayOut::Missing) => message.opt_out_path = OptOutPath::Missing,
        Some(WayOut::Carried) => message.opt_out_path = OptOutPath::Offered,
        Some(WayOut::Unclear) | None => {}
    }
    let business = BusinessId::parse(message.business);
    let person = |identity: Identity| {
        let business = business.clone()?;
        Some(Subject { business, identity })
    };
    let scope = match (message.category, message.scope) {
        (Category::Authentication, "") => "authentication",
        (_, scope) => scope,
    };
    let to = message.to.and_then(|id| person(id.to_owned()));
    let others = message.also.into_iter().flatten();
    let named = std::iter::once(message.to).chain(message.also).flatten();
    let named: Vec<_> = named.map(|id| id.to_owned()).collect();
    let forms = named.iter().filter_map(other_form).filter(|form| !named.contains(form));
    let mut case = Case {
        records,
        policy,
        now,
        message,
        declared,
        template,
        scope,
        others: others.filter_map(|id| person(id.to_owned())).collect(),
        forms: forms.filter_map(person).collect(),
        grants: match &to {
            Some(to) => newest_grants(records, to, scope),
            None => Vec::new(),
        },
        to,
        business,
        found: Vec::new(),
        beside: Vec::new(),
    };
    case.beside = case.linked();
    case.business();
    case.address();
    case.scope();
    if !case.is_asked_for() {
        case.objections();
        case.grant();
    }
    case.window();
    case.template();
    case.opt_out_path();
    case.country();
    case.cooldown();
    case.quiet_hours();
    Verdict(case.found)
}

impl Case<'_> {
    fn find(&mut self, holds: bool, reason: Reason) {
        if holds {
            self.found.push(reason);
        }
    }

    fn linked(&self) -> Vec<Subject> {
        let named = self.everybody();
        let mut linked: Vec<_> = named.iter().flat_map(|p| others(self.records, p)).collect();
        linked.retain(|other| !named.contains(other));
        linked.sort();
        linked.dedup();
        linked
    }

    /// The business's own rules, else the platform's.
    fn rules(&self) -> &Rules {
        let mut own = self.policy.businesses();
        let own = own.find(|(name, _)| Some(*name) == self.business.as_ref());
        own.map_or(self.policy.platform(), |(_, rules)| rules)
    }

    fn rule(&self) -> Option<ScopeRule> {
        let mut scopes = self.rules().scopes();
        scopes.find(|(name, _)| name.as_str() == self.scope).map(|(_, rule)| rule)
    }

    /// Those whom the message names.
    fn addressed(&self) -> Vec<Subject> {
        self.to.iter().chain(&self.others).cloned().collect()
    }

    /// Those whom the message names, in whatever form.
    fn everybody(&self) -> Vec<Subject> {
        self.addressed().into_iter().chain(self.forms.iter().cloned()).collect()
    }

    /// Whoever's words may count: those whom the message names, and those whom links name.
    fn all(&self) -> Vec<Subject> {
        self.everybody().into_iter().chain(self.beside.iter().cloned()).collect()
    }

    fn business(&mut self) {
        let is = |test: fn(&[ConsentRecord], &BusinessId) -> bool| {
            let business = self.business.as_ref();
            business.is_some_and(|business| test(self.records, business))
        };
        let [known, quarantined, crowded] = [is_known, is_quarantined, is_crowded].map(is);
        self.find(!self.is_sent_from_home(), Reason::SenderUnregistered);
        self.find(!known, Reason::BusinessUnknown);
        self.find(quarantined || crowded, Reason::BusinessQuarantined);
        let business = self.business.as_ref();
        let paused = business.is_some_and(|business| {
            is_paused(self.records, business, |what| self.is_stopped_by(what))
        });
        self.find(paused, Reason::Paused);
    }

    /// Whether the number that sends, if anybody says which, is one of the business's.
    fn is_sent_from_home(&self) -> bool {
        let senders = self.policy.senders();
        let mut numbers = senders.numbers();
        let is_own = |(number, business): (&str, &BusinessId)| {
            number == self.message.sender && business.as_str() == self.message.business
        };
        match (self.message.sender, senders.unnamed()) {
            ("", unnamed) => unnamed == Unnamed::Any,
            (_, Unnamed::Any) if senders.numbers().next().is_none() => true,
            _ => numbers.any(is_own),
        }
    }

    fn address(&mut self) {
        let late = self.message.deadline.is_some_and(|end| self.now >= end);
        self.find(late || self.is_old(), Reason::Expired);
        self.find(self.message.to.is_none(), Reason::IdentityUnreadable);
        let is_number = |to: &Subject| matches!(to.identity, Identity::Phone(_));
        let is_code = self.message.category == Category::Authentication;
        let suits = self.message.to.is_none() || self.to.as_ref().is_none_or(is_number);
        self.find(is_code && !suits, Reason::IdentityUnsuited);
        let everybody = self.everybody();
        for (on, off, reason) in [
            (EventKind::Block, EventKind::Unblock, Reason::Blocked),
            (EventKind::Restrict, EventKind::Unrestrict, Reason::Restricted),
        ] {
            let is_on = |person: &Subject| is_on(self.records, person, on, off);
            let over = |person: &Subject| {
                let begun = self.records.iter().filter_map(|r| imposed(r, person, on));
                is_on(person) && begun.max().is_some_and(|at| self.reaches(person, at))
            };
            let holds = everybody.iter().any(is_on) || self.beside.iter().any(over);
            self.find(holds, reason);
        }
    }

    /// Whether the message has been on its way for too long, or nobody knows for how long.
    fn is_old(&self) -> bool {
        let Some(sent_at) = self.message.sent_at else {
            return true;
        };
        let known = self.message.category;
        let counted = if self.promotes() { Category::Marketing } else { known };
        [self.declared, known, counted].into_iter().any(|category| {
            let limit = u64::from(self.rules().messages().max_ages.of(category));
            u64::from(self.now.0) > u64::from(sent_at.0) + limit
        })
    }

    fn scope(&mut self) {
        if self.is_reply() {
            // A template is no reply.
            return self.find(self.template.category.is_some(), Reason::Contradictory);
        }
        self.find(self.rule().is_none(), Reason::ScopeUnknown);
        let strays = !matches!(self.message.scope, "" | "authentication");
        self.find(self.declared == Category::Authentication && strays, Reason::Contradictory);
    }

    /// What anybody named has said that the grant is not later than.
    fn objections(&mut self) {
        // One after the other those whom the message names, then all others as one.
        let mut groups: Vec<_> = self.addressed().into_iter().map(|person| vec![person]).collect();
        groups.push(self.forms.iter().chain(&self.beside).cloned().collect());
        for people in groups {
            let other = people.first() != self.to.as_ref();
            let grace = if other { OTHER_CLOCKS } else { 0 };
            let granted = self.lifts_at();
            let stands = |said: &Said| {
                // To agree to news about an order is not to agree to marketing.
                let lifts = said.against != Against::PlatformStop || self.scope_promotes();
                !lifts || granted.is_none_or(|granted| granted <= u64::from(said.at.0) + grace)
            };
            let said = people.iter().flat_map(|person| self.meant_by(person));
            let said: Vec<_> = said.filter(|s| stands(s) && !self.passes_over(s)).collect();
            for (reason, test) in REASONS {
                self.find(said.iter().any(|said| test(&said.against)), reason);
            }
        }
    }

    fn meant_by(&self, person: &Subject) -> Vec<Said> {
        let mut said = self.counted_of(person);
        said.retain(|said| self.is_meant(&said.against));
        said
    }

    /// What was said on an identity and counts here: all, or over links what is about the person.
    fn counted_of(&self, person: &Subject) -> Vec<Said> {
        let mut said = said_by(self.records, person);
        let is_named = self.everybody().contains(person);
        let travels = |s: &Said| s.against != Against::Number && self.reaches(person, s.at);
        said.retain(|said| is_named || travels(said));
        said
    }

    /// Whether what was said on an identity at `at` counts on one that the message names.
    fn reaches(&self, person: &Subject, at: Seconds) -> bool {
        self.everybody().iter().any(|named| reaches(self.records, person, named, at))
    }

    fn is_reply(&self) -> bool {
        matches!(self.message.category, Category::Service | Category::Farewell)
    }

    /// Whoever's objections may have been a message of this person.
    fn ever_heard(&self) -> Vec<Subject> {
        let named = self.everybody();
        let was_one =
            |other: &&Subject| named.iter().any(|named| were_ever_one(self.records, named, other));
        let beside = self.beside.iter().filter(was_one).cloned();
        beside.chain(named.iter().cloned()).collect()
    }

    /// Whether a reply may go although this was said.
    fn passes_over(&self, said: &Said) -> bool {
        match self.message.category {
            Category::Service => {
                let heard = self.ever_heard();
                let passes = |to| passes(self.records, to, &heard, said, self.now);
                self.to.as_ref().is_some_and(passes)
            }
            Category::Farewell => self.answers_newest() && !is_never_passed(&said.against),
            _ => false,
        }
    }

    /// Whether a farewell answers what was said last, and sells nothing.
    fn answers_newest(&self) -> bool {
        let people = self.all().into_iter();
        let all: Vec<_> = people.flat_map(|person| self.counted_of(&person)).collect();
        !self.scope_promotes() && is_newest(&all, self.message.answers, self.now)
    }

    /// Whether the person has just asked for the code that this is.
    fn is_asked_for(&self) -> bool {
        let is_code = self.message.category == Category::Authentication && !self.scope_promotes();
        let people = self.all().into_iter();
        let meant: Vec<_> = people.flat_map(|person| self.meant_by(&person)).collect();
        let to = self.to.as_ref().filter(|_| is_code);
        to.is_some_and(|to| is_asked_for(self.records, to, &meant, self.now))
    }

    fn window(&mut self) {
        let to = self.to.as_ref();
        let open = to.is_some_and(|to| is_open(self.records, to, self.now));
        self.find(self.is_reply() && !open, Reason::WindowClosed);
        let is_farewell = self.message.category == Category::Farewell;
        self.find(is_farewell && !self.answers_newest(), Reason::FarewellUnfounded);
    }

    /// An objection to another scope is not meant, unless nobody knows what that scope is.
    fn is_meant(&self, against: &Against) -> bool {
        match against {
            Against::Scope(name) => {
                name.as_str() == self.scope || !self.policy.has_known(name.as_str())
            }
            // Only marketing is stopped, and a reply until the person writes again.
            Against::PlatformStop => self.is_reply() || self.promotes(),
            _ => true,
        }
    }

    /// Whether the message is among what was paused.
    fn is_stopped_by(&self, what: &What<'_>) -> bool {
        match *what {
            What::Business => true,
            // A scope that nobody knows may be any.
            What::Scope(name) => name == self.scope || !self.policy.has_known(name),
            What::Campaign(name) => name == self.message.campaign_id,
            What::Template(name) => name == self.message.template,
        }
    }

    fn scope_promotes(&self) -> bool {
        self.rule().is_some_and(|rule| rule.class == ScopeClass::Marketing)
    }

    fn promotes(&self) -> bool {
        let sells = self.message.category == Category::Marketing || self.scope_promotes();
        sells && !self.is_reply()
    }

    fn grant(&mut self) {
        if self.is_reply() {
            return;
        }
        let Some((to, grant)) = self.to.clone().zip(weakest(&self.grants)) else {
            self.find(true, Reason::NoGrant);
            return;
        };
        let strength = match is_confirmed(self.records, &to, &grant) {
            true => Strength::Double,
            false => grant.declared_strength(),
        };
        // Of a scope that is not known the strictest is assumed.
        let rule = self.rule();
        let lasts = rule.and_then(|rule| rule.valid_for_s).map(u64::from);
        let ends = [grant.over_at(), lasts.map(|seconds| u64::from(grant.at.0) + seconds)];
        let is_over = |end: u64| u64::from(self.now.0) >= end;
        self.find(ends.into_iter().flatten().any(is_over), Reason::GrantExpired);
        let wanted = rule.map_or(Strength::Double, |rule| rule.strength);
        self.find(strength < wanted, Reason::GrantTooWeak);
        let ended = self.grants.iter().any(|grant| self.is_text_over(&to, grant));
        self.find(ended, Reason::TextInvalid);
        self.find(!self.is_proven(&to), Reason::ProofMissing);
    }

    /// Whether the text of a grant may not carry it.
    fn is_text_over(&self, to: &Subject, grant: &Agreed<'_>) -> bool {
        is_invalid(self.records, to, grant.text) || is_retired(self.records, &to.business, grant)
    }

    /// Whether all grants of the newest second are proven by their texts, where they must be.
    fn is_proven(&self, to: &Subject) -> bool {
        let is_asked = self.rules().messages().consent_texts == ConsentTexts::Published;
        let prove = |grant: &Agreed<'_>| proves(self.records, &to.business, grant.text, self.scope);
        !is_asked || self.grants.iter().all(prove)
    }

    /// When the person agreed, as far as it counts against what was said: to a reply, which needs no
    /// grant, only one that would stand.
    fn lifts_at(&self) -> Option<u64> {
        let to = self.to.as_ref()?;
        let is_good =
            self.grants.iter().all(|grant| !self.is_text_over(to, grant)) && self.is_proven(to);
        let newest = self.grants.first().filter(|_| is_good || !self.is_reply());
        newest.map(|grant| u64::from(grant.at.0))
    }

    fn template(&mut self) {
        let must_be_known = self.rules().messages().templates == TemplateNeed::Registered;
        let unknown = self.template.usability.is_none() && must_be_known && !self.is_reply();
        let taken_away = self.template.usability == Some(Usability::Unusable);
        self.find(unknown || taken_away, Reason::TemplateUnusable);
    }

    fn opt_out_path(&mut self) {
        let missing = self.message.opt_out_path == OptOutPath::Missing;
        let of_all = self.rules().messages().opt_out_path == Reach::All;
        let is_asked = self.promotes() || of_all && self.message.category == Category::Utility;
        self.find(is_asked && missing, Reason::NoOptOutPath);
    }

    fn country(&mut self) {
        let is_there = |rule: &CountryRule| {
            let left_out = |id: &Identity| {
                rule.except()
                    .iter()
                    .any(|area| id.as_ref().canonical().starts_with(&area.to_string()))
            };
            self.named().iter().any(|id| lives_in(id, rule.region()) && !left_out(id))
        };
        let refused = self.policy.countries().iter().any(is_there);
        self.find(self.promotes() && refused, Reason::CountryRule);
    }

    /// Minute by minute, by the clock on the person's wall.
    fn quiet_hours(&mut self) {
        let is_quiet = |hours: &QuietHours| {
            let is_meant = match hours.reach {
                Reach::Marketing => self.promotes(),
                Reach::All => self.promotes() || self.message.category == Category::Utility,
            };
            let offset = hours.utc_offset.to_string();
            let (sign, offset) = (if offset.starts_with('-') { -1 } else { 1 }, &offset[1..]);
            let wall = i64::from(self.now.0) / 60 + sign * minutes(offset);
            let (from, to) = (minutes(&hours.from.to_string()), minutes(&hours.to.to_string()));
            let mut quiet = (from..).take_while(|minute| minute.rem_euclid(DAY) != to);
            is_meant
                && self.named().iter().any(|id| lives_in(id, hours.region))
                && quiet.any(|minute| minute.rem_euclid(DAY) == wall.rem_euclid(DAY))
        };
        let quiet = self.rules().messages().quiet_hours.each().iter().any(is_quiet);
        self.find(quiet, Reason::QuietHours);
    }

    fn named(&self) -> Vec<Identity> {
        let named = std::iter::once(self.message.to).chain(self.message.also);
        named.flatten().map(|id| id.to_owned()).collect()
    }

    fn cooldown(&mut self) {
        let waits = |person: &Subject| self.records.iter().any(|r| waits(r, person, self.now));
        let waits = self.promotes() && self.everybody().iter().any(waits);
        self.find(waits, Reason::Cooldown);
    }
}

/// The other way to write a number of Mexico (a 1), Argentina (a 9) or Brazil (a ninth digit).
fn other_form(id: &Identity) -> Option<Identity> {
    let written = id.as_ref().canonical();
    let plans = [("+52", 0, "1", 10), ("+54", 0, "9", 10), ("+55", 2, "9", 8)];
    let form = plans.into_iter().find_map(|(code, area, digit, rest)| {
        let national = written.strip_prefix(code)?;
        let (area, national) = national.split_at_checked(area)?;
        let national = match national.strip_prefix(digit) {
            Some(short) if short.len() == rest => short.to_string(),
            _ if national.len() == rest => format!("{digit}{national}"),
            _ => return None,
        };
        Some(format!("{code}{area}{national}"))
    });
    form.and_then(|form| Identity::parse(&form))
}

/// The stricter of two categories that a business sends of its own accord.
pub(super) fn strictest(one: Category, another: Category) -> Category {
    let order = [Category::Marketing, Category::Utility, Category::Authentication];
    let found = order.into_iter().find(|category| *category == one || *category == another);
    found.unwrap_or(one)
}

/// Minutes in a day.
const DAY: i64 = 1_440;

/// `HH:MM` in minutes.
fn minutes(clock: &str) -> i64 {
    let (hours, minutes) = clock.split_once(':').unwrap();
    hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
}

/// Whether an address, as it is written, is of a region.
fn lives_in(id: &Identity, region: Region) -> bool {
    let written = id.as_ref().canonical();
    let [prefix, country] = [
        region.prefix().map(|prefix| prefix.to_string()),
        region.country().map(|country| format!("{country}.")),
    ];
    [prefix, country].into_iter().flatten().any(|begin| written.starts_with(&begin))
}

type IsAgainst = fn(&Against) -> bool;

/// The reason for each way of objecting, in the order in which they are told.
const REASONS: [(Reason, IsAgainst); 6] = [
    (Reason::Withdrawn, |against| matches!(against, Against::Scope(_) | Against::AllScopes)),
    (Reason::PlatformStop, |against| *against == Against::PlatformStop),
    (Reason::Complained, |against| *against == Against::Complaint),
    (Reason::WrongNumber, |against| *against == Against::Number),
    (Reason::Erased, |against| *against == Against::Erase),
    (Reason::ObjectionUnknown, |against| *against == Against::Unknown),
];
