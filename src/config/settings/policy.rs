//! `[policy]` as written: the scopes, the scopes that once were, how old messages may be.
//!
//! What a category needs is fixed in code: there is no key that takes a grant away from marketing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::section::{choice, section};
use crate::config::value::{Setting, Shape, Span};
use crate::consent::Category;
use crate::policy::MaxAges;

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSettings {
    /// What people agree to receive, for example `offers`.
    pub name: String,
    /// `marketing` or `informing`.
    pub class: String,
    /// How strong a grant must be: `single`, or `double` (confirmed by a second act).
    #[serde(default = "single")]
    pub strength: String,
    /// For how long a grant stands; until it is taken back if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Span>,
}

/// Hours of the day in which messages to a region wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursSettings {
    /// The digits with which phone numbers there begin, for example `+46`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The country of user ids, for example `SE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The first minute, for example `21:00`.
    pub from: String,
    /// The first minute that is not quiet any longer, for example `08:00`.
    pub to: String,
    /// How far clocks there are ahead of UTC, for example `+01:00`.
    pub utc_offset: String,
    /// Which messages wait: `marketing`, or `all`.
    #[serde(default = "marketing")]
    pub messages: String,
}

fn marketing() -> String {
    "marketing".to_owned()
}

impl Setting for Vec<QuietHoursSettings> {
    const SHAPE: Shape = Shape::tables(
        "tables with prefix or country or both, from, to, utc_offset and messages (\"marketing\", \"all\")",
    );
}

/// What goes to a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountrySettings {
    /// The digits with which phone numbers there begin, for example `+1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The country of user ids, for example `US`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// `refused`.
    pub marketing: String,
    /// Areas within the prefix for which this does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

impl Setting for Vec<CountrySettings> {
    const SHAPE: Shape = Shape::tables(
        "tables with prefix or country or both, marketing (\"refused\") and except (longer prefixes)",
    );
}

/// What a business demands beyond its platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusinessSettings {
    /// The numbers that it sends from, by Meta's phone_number_id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// More messages that must offer a way to leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_out_path: Option<Reach>,
    /// Grants on published texts alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_texts: Option<ConsentTexts>,
    /// Shorter ages, by category.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_age: BTreeMap<String, Span>,
    /// That templates must be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<Templates>,
    /// More quiet hours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quiet_hours: Vec<QuietHoursSettings>,
    /// Scopes that need more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<BusinessScopeSettings>,
}

/// What a business demands of one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessScopeSettings {
    /// The platform's name of it.
    pub name: String,
    /// `marketing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// `double`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<String>,
    /// For how long a grant stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Span>,
}

impl Setting for BTreeMap<String, BusinessSettings> {
    const SHAPE: Shape = Shape::named(
        "a table a business, with senders, opt_out_path, templates, consent_texts, max_age, quiet_hours and scopes (name, class, strength, valid_for)",
    );
}

fn single() -> String {
    "single".to_owned()
}

impl Setting for Vec<ScopeSettings> {
    const SHAPE: Shape = Shape::tables(
        "tables with name, class (\"marketing\", \"informing\"), strength (\"single\", \"double\") and valid_for",
    );
}

choice! {
    /// Which numbers may send.
    SendersSetting {
        /// Those that a message names must be registered; it need not name one.
        Any = "any",
        /// A message must name one that is registered.
        Registered = "registered",
    }
}

choice! {
    /// Which consent texts a grant may stand on.
    ConsentTexts {
        /// Those that are published and name what was agreed to.
        Published = "published",
        /// Any.
        Any = "any",
    }
}

choice! {
    /// Which messages must offer a way to leave.
    Reach {
        /// Marketing.
        Marketing = "marketing",
        /// Marketing and utility.
        All = "all",
    }
}

choice! {
    /// Which templates may be sent.
    Templates {
        /// All that the platform has not taken away.
        Any = "any",
        /// Those that the platform has approved.
        Registered = "registered",
    }
}

/// The greatest age of a message of each category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaxAgeSettings {
    /// Offers, recommendations, anything that promotes.
    pub marketing: Span,
    /// About what the person asked for.
    pub utility: Span,
    /// One-time codes.
    pub authentication: Span,
    /// Replies.
    pub service: Span,
    /// The last word to somebody who leaves.
    pub farewell: Span,
}

impl Default for MaxAgeSettings {
    fn default() -> Self {
        let of = |category| Span::secs(MaxAges::STANDARD.of(category).into());
        Self {
            marketing: of(Category::Marketing),
            utility: of(Category::Utility),
            authentication: of(Category::Authentication),
            service: of(Category::Service),
            farewell: of(Category::Farewell),
        }
    }
}

impl MaxAgeSettings {
    /// The limit of a category.
    pub fn of(&self, category: Category) -> Span {
        match category {
            Category::Marketing => self.marketing,
            Category::Utility => self.utility,
            Category::Authentication => self.authentication,
            Category::Service => self.service,
            Category::Farewell => self.farewell,
        }
    }
}

impl Setting for MaxAgeSettings {
    const SHAPE: Shape = Shape::table(
        "marketing, utility, authentication, service or farewell, each a duration from \"1s\" to \"30d\"",
    );
}

section! {
    /// What scopes there are and what they need. Without any: the nine standard scopes.
    ["policy"] PolicySettings {
        /// Scopes that messages are no longer sent for. An objection to a name that stands nowhere
        /// counts against every scope, so keep the old names here.
        retired: Vec<String> = Vec::new();
        /// Which messages must offer a way to leave: "marketing", or "all", that is marketing and
        /// utility. Codes have a fixed text and replies are a conversation, so they need none.
        opt_out_path: Reach = Reach::Marketing;
        /// Which templates may be sent. What the platform has rejected, paused, disabled or deleted never
        /// may: `template_unusable`. "any" lets those go that nothing is known of; "registered" does not,
        /// and then whatever is no reply must name a template. It needs topics.template_states.
        templates: Templates = Templates::Any;
        /// A message that names the number from which it is sent must come from one of its business's
        /// `senders` (below), as soon as any are named. "registered": a message that names none must not
        /// go either; "any": it may.
        senders: SendersSetting = SendersSetting::Any;
        /// Which consent texts a grant may stand on: "published" (a text_published event has their
        /// sentence, and it names the scope and WhatsApp; all others are suppressed as
        /// `proof_missing`), or "any" (what people read is nobody's knowledge: for the time until the
        /// texts are published). Grants on texts that are not published are answered more slowly.
        consent_texts: ConsentTexts = ConsentTexts::Published;
        /// How old a message may be when it is decided, by its category, counted from its record's
        /// timestamp in whole seconds; older ones are suppressed as `expired`. From "1s" to "30d".
        max_age: MaxAgeSettings = MaxAgeSettings::default(),
            example "marketing = \"24h\"\nutility = \"24h\"\nauthentication = \"10m\"\nservice = \"24h\"\nfarewell = \"24h\"";
        /// Hours of the day in which messages to a region wait: they are suppressed as `quiet_hours`, and
        /// the audit entry says from when they may go. `messages` is "marketing", or "all" that the
        /// business sends of its own accord (marketing and utility). A region is the beginning of phone
        /// numbers, or the country of user ids, or both. The offset from UTC is fixed, so that a decision
        /// can be made again; where clocks change, write one entry for each of the two offsets.
        quiet_hours: Vec<QuietHoursSettings> = Vec::new(),
            example "prefix = \"+46\"\ncountry = \"SE\"\nfrom = \"21:00\"\nto = \"08:00\"\nutc_offset = \"+01:00\"\nmessages = \"marketing\"";
        /// Regions to which no marketing goes: suppressed as `country_rule`. `except` leaves out areas
        /// within the prefix, such as Canada's within "+1".
        countries: Vec<CountrySettings> = Vec::new(),
            example "prefix = \"+1\"\ncountry = \"US\"\nmarketing = \"refused\"\nexcept = [\"+1416\", \"+1604\"]";
        /// What single businesses demand beyond this, and the numbers they send from. A business may only
        /// be stricter: shorter ages, a way to leave in all messages, published texts, scopes that are
        /// marketing, confirmed or shorter grants, more quiet hours, registered templates.
        businesses: BTreeMap<String, BusinessSettings> = BTreeMap::new(),
            example "cafe.senders = [\"106540352242922\"]\ncafe.opt_out_path = \"all\"\ncafe.max_age.marketing = \"2h\"\ncafe.scopes = [{ name = \"offers\", strength = \"double\", valid_for = \"365d\" }]";
        /// The scopes; they replace the standard ones. `class` is "marketing" or "informing",
        /// `strength` is "single" or "double" (the person must have confirmed). A grant that is older
        /// than `valid_for` ("1h" to "7300d") no longer stands; without it a grant stands until the
        /// person takes it back, or until an end of its own.
        scopes: Option<Vec<ScopeSettings>> = None,
            example "name = \"offers\"\nclass = \"marketing\"\nstrength = \"single\"\nvalid_for = \"730d\"";
    }
}
