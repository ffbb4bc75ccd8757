//! `[webhooks]`: whose they are and what is an opt-out.

use super::*;

fn webhooks(text: &str) -> Sources {
    from_file(&format!("[webhooks]\n{text}"))
}

#[test]
fn webhooks_load_with_their_businesses_and_payloads() {
    let text = "rejects = \"rejects\"\nstop_words = [\"genug\"]\nremember = \"9d\"\n\
                [webhooks.numbers]\n\"1001\" = \"cafe\"\n[webhooks.accounts]\n2001 = \"bakery\"\n\
                [[webhooks.opt_out_payloads]]\npayload = \" STOP_PROMO \"\nscopes = [\"offers\"]\n\
                [[webhooks.opt_out_payloads]]\npayload = \"LEAVE\"\n";
    let config = loaded(&webhooks(text)).config.webhooks;
    assert_eq!(config.reader.owners.numbers["1001"].as_str(), "cafe");
    assert_eq!(config.reader.owners.accounts["2001"].as_str(), "bakery");
    assert_eq!(config.reader.opt_out_payloads["STOP_PROMO"][0].as_str(), "offers");
    assert!(config.reader.opt_out_payloads["LEAVE"].is_empty());
    let marketing = config.reader.marketing_scopes.iter().map(|scope| scope.as_str());
    assert_eq!(marketing.collect::<Vec<_>>(), ["offers", "recommendations", "surveys"]);
    assert_eq!(config.remember.as_secs(), 9 * 24 * 3_600);
}

#[test]
fn the_environment_names_a_business() {
    let variable = "CONSENTGATE__WEBHOOKS__NUMBERS__1001";
    let config = loaded(&environment(variable, "cafe")).config.webhooks;
    assert_eq!(config.reader.owners.numbers["1001"].as_str(), "cafe");
}

#[test]
fn what_would_lose_an_opt_out_is_refused() {
    for (text, key, what) in [
        ("[webhooks.numbers]\n1001 = \"a b\"\n", "webhooks.numbers.1001", "no business id"),
        ("[[webhooks.opt_out_payloads]]\npayload = \"\"\n", "webhooks.opt_out_payloads", "empty"),
        (
            "[[webhooks.opt_out_payloads]]\npayload = \"A\"\nscopes = [\"offer\"]\n",
            "webhooks.opt_out_payloads",
            "entry 1: scope \"offer\" is not one of the policy's",
        ),
        (
            "[[webhooks.opt_out_payloads]]\npayload = \"A\"\n[[webhooks.opt_out_payloads]]\npayload = \"A \"\n",
            "webhooks.opt_out_payloads",
            "entry 2: payload \"A\" stands here twice",
        ),
        ("stop_words = [\"…\"]\n", "webhooks.stop_words", "no letter"),
        ("remember = \"1h\"\n", "webhooks.remember", "out of range"),
        ("topic = \"consent-events\"\n", "webhooks.topic", "is also topics.consent_events"),
        ("rejects = \"whatsapp-webhooks\"\n", "webhooks.rejects", "is also webhooks.topic"),
    ] {
        let problem = problem_of(&format!("[webhooks]\n{text}"));
        assert_eq!(problem.key, key);
        assert!(problem.what.contains(what), "{problem}");
    }
}
