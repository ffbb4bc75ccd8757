//! An answer as one page, to be kept with a case or handed on.

use maud::{Markup, html};

use super::Explanation;
use super::report::{Agreement, ExplainedMessage, MessageFate, RuleAnswer};
use super::shown::time;
use crate::commands::page::{Figure, Figures, Page, Tone};

/// The page as HTML.
pub(super) fn page(explanation: &Explanation) -> String {
    let title = match explanation.messages.as_slice() {
        [message] => format!("Why this message was {}", word(message.fate)),
        _ => "Why these messages went, or did not".to_owned(),
    };
    let lead = format!("{}. Answered {}.", explanation.asked, time(&explanation.taken_at));
    let body = html! {
        @if explanation.messages.is_empty() { p { "No message of that kind was found." } }
        @if explanation.messages.len() > 1 { (figures(explanation)) }
        @for message in &explanation.messages { (section(message)) }
        @if explanation.more > 0 {
            p class="quiet" { (explanation.more) " older messages are not shown." }
        }
        @if !explanation.notes.is_empty() {
            h2 { "Notes" }
            ul { @for note in &explanation.notes { li { (note) } } }
        }
    };
    Page { title: &title, language: "en", lead: &lead, body }.html()
}

fn word(fate: MessageFate) -> &'static str {
    match fate {
        MessageFate::Allowed => "allowed",
        MessageFate::AllowedByShadow => "allowed by a shadow",
        MessageFate::Suppressed => "suppressed",
        MessageFate::NotPassedOn => "not passed on",
        MessageFate::Skipped => "skipped",
        MessageFate::NoReceipt => "not decided, as far as is known",
    }
}

/// The word, to begin a heading with.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn figures(explanation: &Explanation) -> Figures {
    let count = |fate: MessageFate| {
        explanation.messages.iter().filter(|message| message.fate == fate).count()
    };
    let all = [
        MessageFate::Allowed,
        MessageFate::AllowedByShadow,
        MessageFate::Suppressed,
        MessageFate::NotPassedOn,
        MessageFate::Skipped,
        MessageFate::NoReceipt,
    ];
    let figure = |fate: MessageFate| Figure {
        value: count(fate).to_string(),
        label: fate.name().to_owned(),
        tone: Tone::Plain,
    };
    Figures(all.into_iter().filter(|fate| count(*fate) > 0).map(figure).collect())
}

fn section(message: &ExplainedMessage) -> Markup {
    let place = message.record.as_ref().or(message.copy.as_ref());
    let reason = message.reason.map(|reason| format!(", {reason}")).unwrap_or_default();
    html! {
        h2 { (capital(word(message.fate))) (reason) }
        @if let Some(place) = place { p class="quiet" { (place) } }
        @if let Some(sentence) = &message.sentence {
            p { "The person agreed to this:" }
            blockquote { p { (sentence) } }
        }
        @if let Some(agreement) = message.agreement {
            p class=[(agreement == Agreement::Different).then_some("notice")] { "Checked: " (agreement.name()) "." }
        }
        @if let Some(why) = &message.not_decided_again {
            p class="notice" { "Not decided again: " (why) "." }
        }
        (lines("The message", message.lines().into_iter().filter(|(what, _)| *what != "agreed to")))
        @if !message.rules.is_empty() { (rules(&message.rules)) }
        @if let Some(receipt) = &message.receipt { (lines("The receipt", receipt.lines().into_iter())) }
    }
}

/// A small table of names and values.
fn lines(caption: &str, lines: impl Iterator<Item = (&'static str, String)>) -> Markup {
    html! {
        figure {
            figcaption { (caption) }
            table {
                tbody {
                    @for (what, value) in lines {
                        tr { th scope="row" { (what) } td { code { (value) } } }
                    }
                }
            }
        }
    }
}

fn rules(rules: &[RuleAnswer]) -> Markup {
    html! {
        figure {
            figcaption { "The rules, in the order in which they are asked" }
            table {
                thead { tr { th scope="col" { "Rule" } th scope="col" { "Answer and what decided" } } }
                tbody {
                    @for rule in rules {
                        tr {
                            th scope="row" { (rule.rule) }
                            td {
                                @if rule.reasons.is_empty() { "ok" }
                                @else { strong { (rule.found()) } }
                                @for event in &rule.events {
                                    p { (event.says) " " span class="quiet" { (event.record) } }
                                    ul {
                                        @for (what, value) in event.lines() {
                                            li { span class="quiet" { (what) } " " (value) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
