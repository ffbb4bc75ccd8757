//! `[webhooks]` as meant: a [`WebhookReader`], and where its bodies and events lie.
//!
//! A scope or a business that is none stops the start: an opt-out would be lost with it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::admin::listen_address;
use super::check::Check;
use super::topics::{TopicName, TopicNames};
use crate::config::settings::{LinkSetting, WebhooksSettings};
use crate::config::value::{PassThrough, Span};
use crate::consent::{BusinessId, ScopeName};
use crate::policy::{Policy, ScopeClass};
use crate::wire::webhooks::{Links, Owners, StopWords, WebhookReader};

const NAME: &str = "1 to 128 bytes without white space, control characters or /";

/// How Meta's webhooks are read.
#[derive(Clone, Debug)]
pub struct WebhooksConfig {
    /// The topic of the bodies.
    pub topic: TopicName,
    /// The group that reads it.
    pub group: String,
    /// Where bodies go that cannot be read or placed.
    pub rejects: Option<TopicName>,
    /// For how long a repeated delivery is published once only.
    pub remember: Duration,
    /// Where the adapter shows its metrics.
    pub listen: SocketAddr,
    /// What a body says.
    pub reader: WebhookReader,
}

impl WebhooksConfig {
    pub(super) fn check(
        settings: &WebhooksSettings,
        policy: Option<&Policy>,
        check: &mut Check<'_>,
    ) -> Option<Self> {
        let topic = TopicName::check("webhooks.topic", &settings.topic, check);
        let group = check.kafka_name("webhooks.group", &settings.group, 100);
        let rejects = settings.rejects.as_deref();
        let rejects = rejects.map(|name| TopicName::check("webhooks.rejects", name, check));
        let listen = listen_address("webhooks.listen", &settings.listen, check);
        let remember =
            check.span("webhooks.remember", settings.remember, Span::days(1)..=Span::days(30));
        let reader = reader(settings, policy?, check);
        Some(Self {
            topic: topic?,
            group: group?,
            rejects: match rejects {
                Some(rejects) => Some(rejects?),
                None => None,
            },
            remember,
            listen: listen?,
            reader: reader?,
        })
    }

    /// Refuses a topic that plays another role already.
    pub(super) fn check_distinct(&self, topics: &TopicNames, check: &mut Check<'_>) {
        let own = [("topic", Some(&self.topic)), ("rejects", self.rejects.as_ref())];
        for (key, name) in own.into_iter().filter_map(|(key, name)| Some((key, name?))) {
            let roles = topics.by_role();
            let role = roles.iter().find(|(_, other)| *other == name).map(|(role, _)| *role);
            let other = match role {
                Some(role) => format!("topics.{role}"),
                None if key == "rejects" && *name == self.topic => "webhooks.topic".to_owned(),
                None => continue,
            };
            let what = format!("\"{name}\" is also {other}");
            check.refuse(&format!("webhooks.{key}"), what, "", "give it a topic of its own");
        }
    }
}

fn reader(
    settings: &WebhooksSettings,
    policy: &Policy,
    check: &mut Check<'_>,
) -> Option<WebhookReader> {
    let numbers = businesses("numbers", &settings.numbers, check);
    let accounts = businesses("accounts", &settings.accounts, check);
    let opt_out_payloads = payloads(settings, policy, check);
    for word in settings.stop_words.iter().filter(|word| !StopWords::is_phrase(word)) {
        let what = format!("\"{word}\" has no letter that could be looked for");
        check.refuse("webhooks.stop_words", what, "", "");
    }
    let marketing = policy.scopes().filter(|(_, rule)| rule.class == ScopeClass::Marketing);
    Some(WebhookReader {
        owners: Owners { numbers: numbers?, accounts: accounts? },
        stop_words: StopWords::with(&settings.stop_words),
        opt_out_payloads: opt_out_payloads?,
        marketing_scopes: marketing.map(|(name, _)| name.clone()).collect(),
        links: match settings.links {
            LinkSetting::LeaveOut => Links::LeaveOut,
            LinkSetting::Publish => Links::Publish,
        },
    })
}

fn businesses(
    key: &str,
    table: &PassThrough,
    check: &mut Check<'_>,
) -> Option<BTreeMap<String, BusinessId>> {
    let mut found = BTreeMap::new();
    for (id, name) in table {
        match BusinessId::parse(&name.0) {
            Some(business) => {
                found.insert(id.clone(), business);
            }
            None => {
                let what = format!("\"{}\" is no business id", name.0);
                check.refuse(&format!("webhooks.{key}.{id}"), what, NAME, "");
            }
        }
    }
    (found.len() == table.len()).then_some(found)
}

fn payloads(
    settings: &WebhooksSettings,
    policy: &Policy,
    check: &mut Check<'_>,
) -> Option<BTreeMap<String, Vec<ScopeName>>> {
    const KEY: &str = "webhooks.opt_out_payloads";
    let mut found = BTreeMap::new();
    let mut complete = true;
    for (nth, written) in settings.opt_out_payloads.iter().flatten().enumerate() {
        let payload = written.payload.trim();
        let mut refuse = |what: String, hint: &str| {
            check.refuse(KEY, format!("entry {}: {what}", nth + 1), "", hint);
            complete = false;
        };
        let known = |name: &&String| policy.has_known(name);
        for name in written.scopes.iter().filter(|name| !known(name)) {
            refuse(
                format!("scope \"{name}\" is not one of the policy's"),
                "leave scopes out for all",
            );
        }
        if payload.is_empty() {
            refuse("payload is empty".to_owned(), "write what the button sends");
        }
        let scopes = written.scopes.iter().filter_map(|name| ScopeName::parse(name)).collect();
        if found.insert(payload.to_owned(), scopes).is_some() {
            refuse(format!("payload \"{payload}\" stands here twice"), "keep one of the two");
        }
    }
    complete.then_some(found)
}
