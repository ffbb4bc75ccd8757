//! A policy's canonical text: one form for one policy, so that its hash names it.
//!
//! The text is published beside the receipts; `verify` reads it back. A line that this version
//! would not have written makes the whole text unreadable. A policy is written in the first version that
//! can say it: texts of version 1 said nothing of ages, those of version 2 nothing of published texts,
//! templates or senders, and both mean what they meant and are written as they were.

mod read;
mod write;

use crate::consent::Strength;

const HEADER: &str = "consentgate policy 3";
/// Of the second version, which knew nothing of published texts, templates and senders.
const HEADER_2: &str = "consentgate policy 2";
/// Of the first version, which knew no maximum age.
const HEADER_1: &str = "consentgate policy 1";

fn strength_name(strength: Strength) -> &'static str {
    match strength {
        Strength::Single => "single",
        Strength::Double => "double",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{BusinessId, Category, ScopeName};
    use crate::policy::{
        CallingPrefix, ConsentTexts, CountryCode, CountryRule, QuietHours, QuietTimes, Region,
        TimeOfDay, UtcOffset,
    };
    use crate::policy::{MaxAges, Policy, PolicyError, Reach, ScopeClass, ScopeRule};
    use crate::policy::{Senders, Stricter, StricterScope, TemplateNeed, Unnamed};

    fn reads_back(policy: &Policy) {
        let text = policy.to_canonical_text();
        assert_eq!(Policy::from_canonical_text(&text).as_ref(), Ok(policy), "{text}");
    }

    fn refused_at(text: &str, line: usize) {
        let refused = Policy::from_canonical_text(text);
        assert_eq!(refused, Err(PolicyError::Unreadable { line }), "{text}");
    }

    #[test]
    fn the_canonical_text_reads_back_as_the_same_policy() {
        reads_back(&Policy::standard());
        let ages = MaxAges::STANDARD.with(Category::Marketing, 3_600).unwrap();
        reads_back(&Policy::standard().with_max_ages(ages));
        reads_back(&Policy::standard().with_opt_out_path(Reach::All));
        reads_back(&Policy::standard().with_templates(TemplateNeed::Registered));
        let rule = ScopeRule::new(ScopeClass::Marketing, Strength::Double).valid_for(86_400);
        reads_back(&Policy::new([(ScopeName::parse("offers").unwrap(), rule)], []).unwrap());
    }

    fn night(prefix: &str, country: &str, reach: Reach) -> QuietHours {
        let region = Region::new(CallingPrefix::parse(prefix), CountryCode::parse(country));
        QuietHours {
            region: region.unwrap(),
            from: TimeOfDay::parse("21:00").unwrap(),
            to: TimeOfDay::parse("08:00").unwrap(),
            utc_offset: UtcOffset::parse("+05:30").unwrap(),
            reach,
        }
    }

    #[test]
    fn quiet_hours_and_countries_read_back() {
        let hours = [night("+91", "IN", Reach::Marketing), night("+46", "-", Reach::All)];
        let prefix = |text| CallingPrefix::parse(text).unwrap();
        let america = Region::new(Some(prefix("+1")), CountryCode::parse("US")).unwrap();
        let rule = CountryRule::new(america, ["+1416", "+1204"].map(prefix)).unwrap();
        let policy = Policy::standard().with_quiet_hours(QuietTimes::new(hours).unwrap());
        let policy = policy.with_countries([rule]).unwrap();
        reads_back(&policy);
        let text = policy.to_canonical_text();
        assert!(text.contains("\nquiet_hours +91 IN 21:00 08:00 +05:30 marketing\n"), "{text}");
        assert!(text.contains("\nquiet_hours +46 - 21:00 08:00 +05:30 all\n"), "{text}");
        assert!(text.contains("\ncountry +1 US marketing refused except +1204 except +1416\n"));
        let lines = text.lines().count() + 1;
        for line in [
            "quiet_hours - - 21:00 08:00 +05:30 all",
            "quiet_hours +999 - 21:00 08:00 +05:30 all",
            "quiet_hours +46 - 21:00 08:00 Sweden all",
            "quiet_hours +46 - 21:00 08:00 +05:30 none",
            "country +1 US marketing allowed",
            "country +1 US marketing refused except",
            "country +1 US marketing refused but +1204",
        ] {
            refused_at(&format!("{text}{line}\n"), lines);
        }
        let pause = Policy::from_canonical_text(&format!(
            "{text}quiet_hours +46 - 08:00 21:00 +05:30 all\n"
        ));
        assert!(matches!(pause, Err(PolicyError::EndlessQuietHours(_))), "{pause:?}");
    }

    #[test]
    fn what_a_business_demands_reads_back_and_what_would_loosen_does_not() {
        let scope = |name| ScopeName::parse(name).unwrap();
        let marketing = StricterScope { class: Some(ScopeClass::Marketing), ..<_>::default() };
        let brief = StricterScope { valid_for_s: Some(7_200), ..<_>::default() };
        let stricter = Stricter {
            max_ages_s: [(Category::Marketing, 3_600)].into(),
            opt_out_path: Some(Reach::All),
            consent_texts: None,
            quiet_hours: vec![night("-", "IN", Reach::All)],
            templates: Some(TemplateNeed::Registered),
            scopes: [(scope("alerts"), marketing), (scope("offers"), brief)].into(),
        };
        let mut policy = Policy::standard();
        for name in ["shop", "cafe"] {
            policy.add_business(BusinessId::parse(name).unwrap(), &stricter).unwrap();
        }
        reads_back(&policy);
        let text = policy.to_canonical_text();
        assert!(text.contains("\nbusiness cafe scope alerts marketing single\n"), "{text}");
        assert!(text.contains("\nbusiness cafe max_age marketing 3600\n"), "{text}");
        assert!(text.contains("\nbusiness cafe templates registered\n"), "{text}");
        let loose = text.replace("cafe max_age marketing 3600", "cafe max_age marketing 86401");
        let refused = Policy::from_canonical_text(&loose);
        assert!(matches!(refused, Err(PolicyError::Looser { .. })), "{refused:?}");
        for line in
            ["business cafe", "business cafe retired offers", "business a/b opt_out_path all"]
        {
            let number = text.lines().count() + 1;
            refused_at(&format!("{text}{line}\n"), number);
        }
    }

    #[test]
    fn senders_read_back_and_a_number_of_two_businesses_does_not() {
        let cafe = BusinessId::parse("cafe").unwrap();
        let mut senders = Senders::new(Unnamed::Refused);
        senders.register("106540352242922", &cafe).unwrap();
        let policy = Policy::standard().with_senders(senders);
        reads_back(&policy);
        reads_back(&Policy::standard().with_senders(Senders::new(Unnamed::Refused)));
        let text = policy.to_canonical_text();
        let end = "\nsenders registered\nbusiness cafe sender 106540352242922\n";
        assert!(text.starts_with(HEADER) && text.ends_with(end), "{text}");
        let shared =
            Policy::from_canonical_text(&format!("{text}business bar sender 106540352242922\n"));
        assert!(matches!(shared, Err(PolicyError::SharedSender { .. })), "{shared:?}");
        refused_at(&format!("{HEADER}\nsenders any\n"), 2);
        refused_at(&format!("{HEADER_2}\nbusiness cafe sender 1\n"), 2);
        // A policy that says nothing of senders has the text, and the hash, that it had.
        let any = Policy::standard().with_consent_texts(ConsentTexts::Any);
        assert!(any.to_canonical_text().starts_with(HEADER_2));
    }

    #[test]
    fn a_text_of_version_2_takes_grants_on_any_text_and_is_written_as_it_was() {
        let any = Policy::standard().with_consent_texts(ConsentTexts::Any);
        let text = any.to_canonical_text();
        assert!(text.starts_with("consentgate policy 2\n"), "{text}");
        let read = Policy::from_canonical_text(&text).unwrap();
        assert_eq!(read.platform().messages().consent_texts, ConsentTexts::Any);
        assert_eq!(read.to_canonical_text(), text);
        let lines = text.lines().count() + 1;
        refused_at(&format!("{text}consent_texts published\n"), lines);
        refused_at(&format!("{text}business cafe consent_texts published\n"), lines);
    }

    #[test]
    fn published_texts_read_back_for_the_platform_and_for_one_business() {
        let text = Policy::standard().to_canonical_text();
        assert!(text.starts_with("consentgate policy 3\n"), "{text}");
        assert!(text.contains("\nconsent_texts published\n"), "{text}");
        reads_back(&Policy::standard());
        let published = Some(ConsentTexts::Published);
        let stricter = Stricter { consent_texts: published, ..Stricter::default() };
        let mut policy = Policy::standard().with_consent_texts(ConsentTexts::Any);
        policy.add_business(BusinessId::parse("cafe").unwrap(), &stricter).unwrap();
        reads_back(&policy);
        let text = policy.to_canonical_text();
        assert!(text.contains("\nbusiness cafe consent_texts published\n"), "{text}");
        refused_at("consentgate policy 3\nconsent_texts some\n", 2);
    }

    #[test]
    fn a_text_of_version_1_knows_no_age_and_is_written_as_it_was() {
        let text = format!("{HEADER_1}\nscope offers marketing single\n");
        let policy = Policy::from_canonical_text(&text).unwrap();
        assert_eq!(policy.to_canonical_text(), text);
        assert_eq!(policy.platform().messages().max_ages.of(Category::Authentication), u32::MAX);
        refused_at(&format!("{HEADER_1}\nmax_age marketing 60\n"), 2);
    }

    #[test]
    fn a_text_of_version_2_knows_no_templates_and_means_what_it_meant() {
        let any = Policy::standard().with_consent_texts(ConsentTexts::Any);
        let text = any.to_canonical_text();
        assert!(text.starts_with(HEADER_2), "{text}");
        assert_eq!(Policy::from_canonical_text(&text), Ok(any));
        let lines = text.lines().count() + 1;
        for line in ["templates registered", "business cafe templates registered"] {
            refused_at(&format!("{text}{line}\n"), lines);
            assert!(
                Policy::from_canonical_text(&format!(
                    "{HEADER}\n{}{line}\n",
                    &text[HEADER_2.len() + 1..]
                ))
                .is_ok()
            );
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_makes_the_policy_unreadable() {
        refused_at(&format!("{HEADER}\nscope offers marketing triple\n"), 2);
        refused_at(&format!("{HEADER}\nmax_age marketing soon\n"), 2);
        refused_at(&format!("{HEADER}\nmax_age sms 60\n"), 2);
        refused_at(&format!("{HEADER}\nopt_out_path none\n"), 2);
        refused_at(&format!("{HEADER}\ntemplates some\n"), 2);
        refused_at(&format!("{HEADER}\nscope offers marketing single valid_for ever\n"), 2);
        refused_at(&format!("{HEADER}\nscope offers marketing\n"), 2);
        let text = format!("{HEADER}\nmax_age marketing 0\nscope offers marketing single\n");
        let refused = Policy::from_canonical_text(&text);
        assert_eq!(refused, Err(PolicyError::MaxAge(Category::Marketing)));
    }
}
