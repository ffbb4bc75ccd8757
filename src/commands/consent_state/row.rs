//! A list for other systems: a row for each person and scope as CSV, or a line for each person as JSON.

use serde::Serialize;

use crate::commands::output::instant;
use crate::consent::{Strength, Subject};
use crate::wire::consent_state::Reachable;

/// The columns.
pub(super) const HEADER: &str = "business,identity,scope,category,agreed_at,until,confirmed\n";

#[derive(Serialize)]
struct Line<'a> {
    business: &'a str,
    identity: String,
    scopes: Vec<LineScope<'a>>,
}

#[derive(Serialize)]
struct LineScope<'a> {
    scope: &'a str,
    category: &'static str,
    agreed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    confirmed: bool,
}

/// The rows of one person; none if nothing stands.
pub(super) fn csv(subject: &Subject, reachable: &[Reachable]) -> String {
    let business = quoted(subject.business.as_str());
    let identity = subject.identity.as_ref().canonical();
    let row = |one: &Reachable| {
        let (scope, category) = (quoted(one.scope.as_str()), one.category.name());
        let until = one.until.map(instant).unwrap_or_default();
        let confirmed = one.strength == Strength::Double;
        let since = instant(one.agreed_at);
        format!("{business},{identity},{scope},{category},{since},{until},{confirmed}\n")
    };
    reachable.iter().map(row).collect()
}

/// The line of one person; empty if nothing stands.
///
/// # Errors
/// None is known; the encoder's own is handed on.
pub(super) fn json(subject: &Subject, reachable: &[Reachable]) -> serde_json::Result<String> {
    if reachable.is_empty() {
        return Ok(String::new());
    }
    let scopes = reachable.iter().map(|one| LineScope {
        scope: one.scope.as_str(),
        category: one.category.name(),
        agreed_at: instant(one.agreed_at),
        until: one.until.map(instant),
        confirmed: one.strength == Strength::Double,
    });
    let line = Line {
        business: subject.business.as_str(),
        identity: subject.identity.as_ref().canonical(),
        scopes: scopes.collect(),
    };
    serde_json::to_string(&line).map(|line| line + "\n")
}

/// A field as RFC 4180 writes it. Names have no line breaks.
fn quoted(text: &str) -> String {
    if text.contains([',', '"']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}
