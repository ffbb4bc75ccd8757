//! `[routes.NAME.SECTION]` as written: what a route says for itself, in the words of the first route.
//!
//! Knows which keys may differ between routes. All others are the process's, and there is one of each.

/// The section in which further routes stand.
pub(in crate::config) const ROUTES: &str = "routes";

/// What a route may say for itself, by section; no key: all of the section.
const OWN: [(&str, &[&str]); 6] = [
    ("topics", &TOPICS),
    (
        "gate",
        &[
            "lanes",
            "commit_interval",
            "commit_messages",
            "batch_messages",
            "fence_limit",
            "start_from",
        ],
    ),
    ("messages", &[]),
    ("receipts", &[]),
    ("breaker", &[]),
    ("downstream", &[]),
];

/// The topics that each route has for itself.
pub(in crate::config) const TOPICS: [&str; 4] = ["outbound", "allowed", "audit", "receipts"];

/// The section that says how a route's topic is read: a route that says anything of it says all.
pub(in crate::config) const WHOLE: &str = "messages";

/// Whether a route may say this for itself.
pub(in crate::config) fn may_differ(section: &str, key: &str) -> bool {
    let keys = OWN.iter().find(|(own, _)| *own == section).map(|(_, keys)| *keys);
    keys.is_some_and(|keys| keys.is_empty() || keys.contains(&key))
}

/// Whether this names something of the first route's that another route cannot have too.
pub(in crate::config) fn is_the_firsts(section: &str, key: &str) -> bool {
    match section {
        "topics" => TOPICS.contains(&key),
        "downstream" => key == "group",
        _ => false,
    }
}

/// The page of the manual.
pub(in crate::config) const MANUAL: &str = "
# Further routes: outbound topics beside the one of [topics], for instance login codes apart from offers.
# A route has lanes, a consumer group and transactional ids of its own (gate.group, a dot, its name), and
# shares index, fence and policy with the others. What it does not say is as above, but for the names of
# its topics and of its sender's group. It may say topics.outbound, allowed, audit and receipts (all four);
# gate.lanes, commit_interval, commit_messages, batch_messages, fence_limit and start_from; all of
# [breaker], [downstream] and [receipts]; and [messages], which then counts whole. A name is 1 to 24 of
# a-z 0-9 -, beginning with a letter; the route of [topics] is called main. In the environment:
# CONSENTGATE__ROUTES__CODES__GATE__LANES=1.
#[routes.codes.topics]
#outbound = \"login-codes\"
#allowed = \"allowed-login-codes\"
#audit = \"login-codes-audit\"
#receipts = \"login-codes-receipts\"
#[routes.codes.gate]
#lanes = 1
#commit_interval = \"20ms\"
#fence_limit = \"500ms\"
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Settings;

    #[test]
    fn every_key_that_may_differ_is_a_key() {
        for (section, keys) in OWN {
            let info = Settings::SECTIONS.iter().find(|info| info.name == section);
            let known = info.expect("a section").keys;
            for key in keys {
                assert!(known.iter().any(|one| one.name == *key), "{section}.{key}");
            }
        }
    }

    #[test]
    fn what_all_routes_share_may_not_differ() {
        for (section, key) in [
            ("topics", "consent_events"),
            ("gate", "fence"),
            ("gate", "group"),
            ("gate", "mode"),
            ("policy", "senders"),
            ("kafka", "bootstrap"),
            ("keys", "signing_key"),
        ] {
            assert!(!may_differ(section, key), "{section}.{key}");
        }
    }
}
