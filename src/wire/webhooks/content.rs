//! What a message says about leaving.
//!
//! A payload that is configured decides for its button, for the button's title is the business's own
//! words. Everything else goes through the stop words: text, titles, payloads, captions.

use super::WebhookReader;
use super::json::Json;
use super::stop_words::Found;
use crate::consent::ScopeName;

/// What a message says about leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// Out of these scopes; none means all.
    Out { scopes: Vec<ScopeName>, reason: String },
    /// Out of marketing, and a person should read it.
    Perhaps { reason: String },
    /// It cannot be read: out of marketing, in case it said so.
    Unreadable,
}

/// Where a tap says what it means, and what the person saw on it.
const TAPS: [(&str, &str, &str, &str); 3] = [
    ("", "button", "payload", "text"),
    ("interactive", "button_reply", "id", "title"),
    ("interactive", "list_reply", "id", "title"),
];
/// What has a caption.
const MEDIA: [&str; 3] = ["image", "video", "document"];

pub(super) fn said(reader: &WebhookReader, message: &Json) -> Said {
    let (mut tapped, mut widest, mut unreadable) = (Vec::new(), Said::Nothing, false);
    for (outer, tap, payload, title) in TAPS {
        for tap in taps(message, outer, tap) {
            unreadable |= tap.texts(payload).next().is_none();
            match tap.texts(payload).find_map(|text| configured(reader, text)) {
                Some(scopes) => {
                    let reason = "opt-out button".to_owned();
                    widest = wider(widest, Said::Out { scopes: scopes.to_vec(), reason });
                }
                None => tapped.extend(tap.texts(payload).chain(tap.texts(title))),
            }
        }
    }
    let mut texts: Vec<_> = message.each_in("text", "body").filter_map(Json::text).collect();
    for media in MEDIA {
        texts.extend(message.each_in(media, "caption").filter_map(Json::text));
    }
    unreadable |= texts.is_empty() && tapped.is_empty() && should_speak(message);
    if unreadable {
        widest = wider(widest, Said::Unreadable);
    }
    let words = &reader.stop_words;
    let written = texts.into_iter().map(|text| words.find(text));
    let tapped = tapped.into_iter().map(|text| words.find_on_button(text));
    written.chain(tapped).map(of_words).fold(widest, wider)
}

fn taps<'m>(message: &'m Json, outer: &'m str, tap: &'m str) -> Vec<&'m Json> {
    match outer {
        "" => message.each(tap).collect(),
        outer => message.each_in(outer, tap).collect(),
    }
}

fn configured<'r>(reader: &'r WebhookReader, payload: &str) -> Option<&'r [ScopeName]> {
    reader.opt_out_payloads.get(payload.trim()).map(Vec::as_slice)
}

/// Whether a message of this kind has words that should have been found.
fn should_speak(message: &Json) -> bool {
    message.texts("type").any(|kind| kind == "text") || message.has("text")
}

fn of_words(found: Found) -> Said {
    match found {
        Found::Nothing => Said::Nothing,
        Found::Whole(language) => {
            Said::Out { scopes: Vec::new(), reason: format!("stop word ({language})") }
        }
        Found::Among(language) => {
            Said::Perhaps { reason: format!("stop word among others ({language})") }
        }
    }
}

/// The one that objects to more.
fn wider(a: Said, b: Said) -> Said {
    let rank = |said: &Said| match said {
        Said::Nothing => 0,
        Said::Unreadable => 1,
        Said::Perhaps { .. } => 2,
        Said::Out { scopes, .. } if !scopes.is_empty() => 3,
        Said::Out { .. } => 4,
    };
    if rank(&b) > rank(&a) { b } else { a }
}
