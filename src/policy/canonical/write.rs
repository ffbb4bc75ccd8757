//! From a policy to its text.
//!
//! What is as it always was has no line, and a business has lines only where it differs from the
//! platform.

use super::{HEADER, HEADER_1, HEADER_2, strength_name};
use crate::consent::Category;
use crate::policy::{
    ConsentTexts, CountryRule, MaxAges, Policy, QuietHours, Reach, Region, Rules, ScopeRule,
    TemplateNeed, Unnamed,
};

impl Policy {
    /// The canonical text: a header, the ages, one line a scope in order of names, and what single
    /// businesses demand beyond that.
    pub fn to_canonical_text(&self) -> String {
        let platform = self.platform();
        let mut text = Text(String::new());
        let header = self.header();
        text.line(header);
        if header != HEADER_1 {
            for category in Category::ALL {
                text.line(&age_of(platform, category));
            }
        }
        if platform.messages().opt_out_path != Reach::Marketing {
            text.line(&opt_out_path_of(platform));
        }
        if platform.messages().templates != TemplateNeed::Any {
            text.line(&templates_of(platform));
        }
        if platform.messages().consent_texts != ConsentTexts::Any {
            text.line(&consent_texts_of(platform));
        }
        for hours in platform.messages().quiet_hours.each() {
            text.line(&quiet_hours_of(hours));
        }
        for rule in self.countries() {
            text.line(&country_of(rule));
        }
        for (name, rule) in platform.scopes() {
            text.line(&format!("scope {name} {}", words_of(rule)));
        }
        for name in self.retired() {
            text.line(&format!("retired {name}"));
        }
        for (business, rules) in self.businesses() {
            for line in differences(rules, platform) {
                text.line(&format!("business {business} {line}"));
            }
        }
        if self.senders().unnamed() == Unnamed::Refused {
            text.line("senders registered");
        }
        for (sender, business) in self.senders().numbers() {
            text.line(&format!("business {business} sender {sender}"));
        }
        text.0
    }

    /// The header of the first version that can say all of it.
    fn header(&self) -> &'static str {
        let mut all = std::iter::once(self.platform()).chain(self.businesses().map(|(_, own)| own));
        let is_newest = |rules: &Rules| {
            let messages = rules.messages();
            messages.consent_texts != ConsentTexts::Any || messages.templates != TemplateNeed::Any
        };
        if !self.senders().is_unused() || all.any(is_newest) {
            HEADER
        } else if self.platform().messages().max_ages != MaxAges::NONE {
            HEADER_2
        } else {
            HEADER_1
        }
    }
}

struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}

/// What a business demands that the platform does not.
fn differences(rules: &Rules, platform: &Rules) -> Vec<String> {
    let mut lines = Vec::new();
    let (own, general) = (rules.messages(), platform.messages());
    let differs =
        |category: &Category| own.max_ages.of(*category) != general.max_ages.of(*category);
    lines.extend(Category::ALL.into_iter().filter(differs).map(|category| age_of(rules, category)));
    if own.opt_out_path != general.opt_out_path {
        lines.push(opt_out_path_of(rules));
    }
    if own.templates != general.templates {
        lines.push(templates_of(rules));
    }
    if own.consent_texts != general.consent_texts {
        lines.push(consent_texts_of(rules));
    }
    let general = general.quiet_hours.each();
    let more = own.quiet_hours.each().iter().filter(|hours| !general.contains(hours));
    lines.extend(more.map(quiet_hours_of));
    for ((name, rule), (_, of_platform)) in rules.scopes().zip(platform.scopes()) {
        if rule != of_platform {
            lines.push(format!("scope {name} {}", words_of(rule)));
        }
    }
    lines
}

fn age_of(rules: &Rules, category: Category) -> String {
    format!("max_age {} {}", category.name(), rules.messages().max_ages.of(category))
}

fn opt_out_path_of(rules: &Rules) -> String {
    format!("opt_out_path {}", rules.messages().opt_out_path.name())
}

fn templates_of(rules: &Rules) -> String {
    format!("templates {}", rules.messages().templates.name())
}

fn consent_texts_of(rules: &Rules) -> String {
    format!("consent_texts {}", rules.messages().consent_texts.name())
}

fn quiet_hours_of(hours: &QuietHours) -> String {
    let QuietHours { region, from, to, utc_offset, reach } = hours;
    let region = region_of(*region);
    format!("quiet_hours {region} {from} {to} {utc_offset} {}", reach.name())
}

fn country_of(rule: &CountryRule) -> String {
    let region = region_of(rule.region());
    let except: String = rule.except().iter().map(|area| format!(" except {area}")).collect();
    format!("country {region} marketing refused{except}")
}

/// Prefix and country; `-` for what is not named.
fn region_of(region: Region) -> String {
    let prefix = region.prefix().map_or_else(|| "-".to_owned(), |prefix| prefix.to_string());
    let country = region.country().map_or_else(|| "-".to_owned(), |country| country.to_string());
    format!("{prefix} {country}")
}

fn words_of(rule: ScopeRule) -> String {
    let plain = format!("{} {}", rule.class.name(), strength_name(rule.strength));
    match rule.valid_for_s {
        Some(seconds) => format!("{plain} valid_for {seconds}"),
        None => plain,
    }
}
