//! Opt-out links, as meant.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::check::Check;
use crate::config::settings::OptoutSettings;
use crate::config::value::PassThrough;

/// A name that people read is no longer than this, in characters.
const NAME_MAX: usize = 80;
/// A link must fit into a message beside its token.
const URL_MAX: usize = 200;

/// Opt-out links and their page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptoutConfig {
    /// How links begin, without a slash at the end; `None` if nobody said.
    pub public_url: Option<String>,
    /// Where the page listens.
    pub listen: SocketAddr,
    /// How many withdrawals a second are taken at most.
    pub posts_per_second: u32,
    /// What people call businesses, by their id.
    pub names: BTreeMap<String, String>,
    /// What people call scopes of the platform's own.
    pub scopes: BTreeMap<String, String>,
}

impl OptoutConfig {
    pub(super) fn check(settings: &OptoutSettings, check: &mut Check<'_>) -> Option<Self> {
        let listen = settings.listen.parse().ok();
        if listen.is_none() {
            let what = format!("\"{}\" is no address", settings.listen);
            check.refuse(
                "optout.listen",
                what,
                "an IP address and a port",
                "such as 127.0.0.1:9467",
            );
        }
        let posts = settings.posts_per_second;
        let posts_per_second = check.count("optout.posts_per_second", posts, 1..=100_000);
        let public_url = settings.public_url.as_deref().map(|url| url.trim_end_matches('/'));
        if let Some(url) = public_url.filter(|url| !is_url(url)) {
            let what = format!("\"{url}\" is no beginning of a link");
            let hint = "such as https://leave.example, without ? and #";
            check.refuse("optout.public_url", what, "https:// and a host", hint);
        }
        Some(Self {
            public_url: public_url.map(str::to_owned),
            listen: listen?,
            posts_per_second,
            names: names("names", &settings.names, check),
            scopes: names("scopes", &settings.scopes, check),
        })
    }
}

/// Plain HTTP is for trials on this machine alone: a token on an open line is an opt-out for whoever
/// reads it.
fn is_url(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| {
        let host = url.strip_prefix("http://")?;
        (host.starts_with("127.0.0.1") || host.starts_with("localhost")).then_some(host)
    });
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '"' | '<' | '>');
    host.is_some_and(|host| !host.is_empty() && url.len() <= URL_MAX && host.chars().all(plain))
}

fn names(key: &str, table: &PassThrough, check: &mut Check<'_>) -> BTreeMap<String, String> {
    for (id, name) in table {
        let name = name.0.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control)
        {
            let allowed = format!("1 to {NAME_MAX} characters on one line");
            let what = format!("the name of \"{id}\" cannot be shown");
            check.refuse(&format!("optout.{key}.{id}"), what, allowed, "");
        }
    }
    table.iter().map(|(id, name)| (id.clone(), name.0.trim().to_owned())).collect()
}
