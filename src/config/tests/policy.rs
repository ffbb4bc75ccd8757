//! The policy: every way in which somebody might open the gate by mistake is refused.

use super::*;
use crate::policy::{Reach, TemplateNeed};

/// Keys and problems of a refused business.
fn problems(text: &str) -> Vec<String> {
    let problems = refused(&from_file(text));
    assert!(problems.iter().all(|problem| problem.key == "policy.businesses.cafe"), "{problems:?}");
    problems.into_iter().map(|problem| problem.what).collect()
}

#[test]
fn a_business_may_be_stricter_and_is_shown_as_it_was_written() {
    let text = "[policy.businesses.\"cafe\"]\nopt_out_path = \"all\"\n\
        [policy.businesses.\"cafe\".max_age]\nmarketing = \"2h\"\n\
        [[policy.businesses.\"cafe\".scopes]]\nname = \"offers\"\nstrength = \"double\"\n\
        [policy.businesses.\"a.b\"]\nmax_age.utility = \"1m\"\n";
    let from_text = |text: &str| loaded(&from_file(text));
    let policy = from_text(text).config.policy;
    let names: Vec<_> = policy.businesses().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.b", "cafe"]);
    let terms = policy.terms("cafe", "offers");
    assert_eq!(policy.messages(terms).opt_out_path, Reach::All);
    let again = show(&from_text(text));
    let part = again.split("[policy]").nth(1).unwrap();
    let part = format!("[policy]{}", part.split("\n[admin]").next().unwrap());
    assert_eq!(from_text(&part).config.policy, policy, "{part}");
    assert!(part.contains("# gate.toml:1\n[policy.businesses.cafe]"), "{part}");
}

#[test]
fn a_business_that_would_loosen_a_rule_is_refused_with_all_of_them() {
    let platform = "[policy]\nopt_out_path = \"all\"\n\
        [[policy.scopes]]\nname = \"offers\"\nclass = \"marketing\"\nstrength = \"double\"\nvalid_for = \"10d\"\n";
    let cafe = "[policy.businesses.cafe]\nopt_out_path = \"marketing\"\nmax_age.authentication = \"11m\"\n\
        scopes = [{ name = \"offers\", class = \"informing\", strength = \"single\", valid_for = \"11d\" }, { name = \"raffles\" }]\n";
    let expected = [
        "max_age.authentication: must not be longer than the platform's 600 seconds",
        "opt_out_path: the platform demands one of all messages, leave it out",
        "scopes: scope offers is marketing on the platform, leave class out",
        "scopes: scope offers needs a confirmed grant on the platform, leave strength out",
        "scopes: grants for scope offers must not be valid for longer than on the platform, 864000 seconds",
        "scopes: the platform has no scope raffles, add it there",
    ];
    assert_eq!(problems(&format!("{platform}{cafe}")), expected);
}

#[test]
fn what_a_business_demands_must_make_sense() {
    let cafe = "[policy.businesses.cafe]\nmax_age = { sms = \"1h\", marketing = \"0s\" }\n\
        scopes = [{ name = \"a b\", class = \"promo\", strength = \"triple\", valid_for = \"1s\" }]\n";
    let expected = [
        "max_age.marketing: \"0s\" is out of range",
        "max_age: \"sms\" is no category",
        "scopes: \"a b\" is no scope name",
        "scopes: class \"promo\" is not known",
        "scopes: strength \"triple\" is not known",
        "scopes: valid_for \"1s\" is out of range",
    ];
    assert_eq!(problems(cafe), expected);
    let twice =
        "[policy.businesses.cafe]\nscopes = [{ name = \"offers\" }, { name = \"offers\" }]\n";
    assert_eq!(problems(twice), ["scopes: scope \"offers\" stands here twice"]);
    let unknown = problem_of("[policy.businesses.cafe]\nallow_all = true\n");
    assert!(unknown.what.contains("unknown field `allow_all`"), "{unknown}");
    assert_eq!(problem_of("[policy.businesses.\"a/b\"]\n").what, "is no business id");
    assert_eq!(problem_of("[policy.businesses]\ncafe = 3\n").key, "policy.businesses.cafe");
}

fn night(more: &str) -> String {
    format!(
        "[[policy.quiet_hours]]\nfrom = \"21:00\"\nto = \"08:00\"\nutc_offset = \"+01:00\"\n{more}\n"
    )
}

#[test]
fn quiet_hours_and_countries_are_read_and_shown_as_they_were_written() {
    let text = night("prefix = \"+46\"\ncountry = \"SE\"")
        + &night("country = \"DE\"\nmessages = \"all\"")
        + "[[policy.countries]]\nprefix = \"+1\"\nmarketing = \"refused\"\nexcept = [\"+1416\"]\n\
           [policy.businesses.cafe]\nquiet_hours = [{ prefix = \"+46\", from = \"12:00\", to = \"13:00\", utc_offset = \"+01:00\" }]\n";
    let read = loaded(&from_file(&text));
    let policy = &read.config.policy;
    assert_eq!(policy.platform().messages().quiet_hours.each().len(), 2);
    assert_eq!(policy.messages(policy.terms("cafe", "offers")).quiet_hours.each().len(), 3);
    assert_eq!(policy.countries().len(), 1);
    let shown = show(&read);
    let part = shown.split("[policy]").nth(1).unwrap();
    let part = format!("[policy]{}", part.split("\n[admin]").next().unwrap());
    assert_eq!(loaded(&from_file(&part)).config.policy, *policy, "{part}");
}

#[test]
fn quiet_hours_that_make_no_sense_are_refused() {
    for (bad, what) in [
        (night(""), "entry 1: names no region"),
        (night("prefix = \"+999\""), "entry 1: prefix \"+999\" is none"),
        (night("prefix = \"46\""), "entry 1: prefix \"46\" is none"),
        (night("country = \"se\""), "entry 1: country \"se\" is none"),
        (night("prefix = \"+46\"\nmessages = \"none\""), "entry 1: messages \"none\" is none"),
        (night("prefix = \"+46\"").replace("08:00", "24:00"), "entry 1: to \"24:00\" is none"),
        (night("prefix = \"+46\"").replace("+01:00", "CET"), "entry 1: utc_offset \"CET\" is none"),
    ] {
        let problem = problem_of(&bad);
        assert_eq!((problem.key.as_str(), problem.what.as_str()), ("policy.quiet_hours", what));
    }
    let day = night("prefix = \"+46\"").replace("08:00", "21:00");
    let pause = "the quiet hours from 21:00 leave no time of the day, alone or together; pause what should never go";
    assert_eq!(problem_of(&day).what, pause);
    let rest = night("prefix = \"+46\"").replace("08:00", "09:00").replace("21:00", "08:00");
    let both = night("prefix = \"+46\"") + &rest.replace("\"09:00\"", "\"21:00\"");
    assert!(problem_of(&both).what.starts_with("the quiet hours from"));
    let cafe = rest.replace("\"09:00\"", "\"21:00\"");
    let cafe = cafe.replace("[[policy.quiet_hours]]", "[[policy.businesses.cafe.quiet_hours]]");
    assert_eq!(problems(&(night("prefix = \"+46\"") + &cafe)).len(), 1);
}

#[test]
fn a_country_only_ever_refuses_and_leaves_out_what_lies_within() {
    let rule = |marketing: &str, except: &str| {
        format!(
            "[[policy.countries]]\nprefix = \"+1\"\nmarketing = \"{marketing}\"\nexcept = [\"{except}\"]\n"
        )
    };
    loaded(&from_file(&rule("refused", "+1416")));
    for (bad, what) in [
        (rule("allowed", "+1416"), "entry 1: marketing \"allowed\" is none"),
        (
            rule("refused", "+44"),
            "entry 1: the exception +44 does not lie within the prefix, or is all of it",
        ),
        (
            rule("refused", "+1"),
            "entry 1: the exception +1 does not lie within the prefix, or is all of it",
        ),
        (rule("refused", "1416"), "entry 1: except \"1416\" is none"),
    ] {
        let problem = problem_of(&bad);
        assert_eq!((problem.key.as_str(), problem.what.as_str()), ("policy.countries", what));
    }
}

#[test]
fn templates_can_be_demanded_only_where_there_is_a_registry() {
    let demands = [
        "[policy]\ntemplates = \"registered\"\n",
        "[policy.businesses.cafe]\ntemplates = \"registered\"\n",
    ];
    for text in demands {
        let problems = refused(&from_file(text));
        let told: Vec<_> = problems.iter().map(|p| (p.key.as_str(), p.hint.as_str())).collect();
        assert_eq!(told, [("policy.templates", "set topics.template_states")]);
        let with_topic = format!("{text}[topics]\ntemplate_states = \"template-states\"\n");
        let policy = loaded(&from_file(&with_topic)).config.policy;
        let of_cafe = policy.messages(policy.terms("cafe", "offers")).templates;
        assert_eq!(of_cafe, TemplateNeed::Registered);
    }
    let platform =
        "[topics]\ntemplate_states = \"template-states\"\n[policy]\ntemplates = \"registered\"\n";
    let looser = "[policy.businesses.cafe]\ntemplates = \"any\"\n";
    let expected = ["templates: the platform demands registered ones, leave it out"];
    assert_eq!(problems(&format!("{platform}{looser}")), expected);
}

#[test]
fn the_topic_of_templates_is_a_role_of_its_own_where_there_is_one() {
    let topics = loaded(&from_file("")).config.topics;
    assert_eq!((topics.template_states.clone(), topics.by_role().len()), (None, 6));
    let text = "[topics]\ntemplate_states = \"template-states\"\n";
    let topics = loaded(&from_file(text)).config.topics;
    assert_eq!(topics.by_role().len(), 7);
    let text = "[topics]\ntemplate_states = \"consent-events\"\n";
    let problems = refused(&from_file(text));
    assert_eq!(problems[0].key, "topics.template_states");
}

#[test]
fn a_number_sends_for_one_business() {
    let text =
        "[policy]\nsenders = \"registered\"\n[policy.businesses.cafe]\nsenders = [\"1\", \"2\"]\n";
    let policy = loaded(&from_file(text)).config.policy;
    assert!(policy.senders().allow("cafe", "2") && !policy.senders().allow("cafe", ""));
    let shared = format!("{text}[policy.businesses.bar]\nsenders = [\"2\"]\n");
    let problem = problem_of(&shared);
    assert_eq!(problem.key, "policy.businesses.cafe");
    assert_eq!(
        problem.what,
        "sender 2 belongs to bar and to cafe, a number sends for one business"
    );
}
