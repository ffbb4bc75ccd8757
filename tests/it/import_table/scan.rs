//! Reads which rooms and which crates a source text names.
//!
//! It works on words, so an import is seen wherever it stands: in a `use`, in a group, or as a path
//! in the middle of a line. Comments, texts and characters are skipped.

use std::collections::BTreeSet;

/// What a source text names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// A room of the crate; `*` where a path opens all of them.
    Room(String),
    /// A dependency.
    Crate(String),
}

/// A word or a sign, and its line.
type Token = (usize, String);

/// All rooms and dependencies that a text names, with their lines.
pub(super) fn names_in(file: &str, text: &str, crates: &BTreeSet<String>) -> Vec<(usize, Named)> {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |(_, word)| word.as_str());
    let mut found = Vec::new();
    for (at, (line, token)) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", word);
        let inside = before == "::" && is_word(at.checked_sub(2).map_or("", word));
        if inside {
            continue;
        }
        match token.as_str() {
            "crate" | "consentgate" => {
                rooms_after(&tokens, at + 1, &mut found);
            }
            "super" => {
                let steps = steps_up(&tokens, at);
                if steps >= depth(file) {
                    rooms_after(&tokens, at + 2 * steps - 1, &mut found);
                }
            }
            name if crates.contains(name) && names_crate(before, word(at + 1)) => {
                found.push((*line, Named::Crate(name.to_string())));
            }
            _ => {}
        }
    }
    found
}

/// Whether a word between these two can be the name of a crate: the head of a path, or the whole of
/// a `use`.
fn names_crate(before: &str, after: &str) -> bool {
    let imported = matches!(before, "use" | "crate" | "{" | "," | "::");
    after == "::" || imported && matches!(after, ";" | "as" | "," | "}") && before != ","
}

/// The rooms that stand behind a path to the root, alone or in a group.
fn rooms_after(tokens: &[Token], at: usize, found: &mut Vec<(usize, Named)>) {
    let word = |at: usize| tokens.get(at).map_or("", |(_, word)| word.as_str());
    let line = |at: usize| tokens.get(at).map_or(0, |(line, _)| *line);
    if word(at) == "as" {
        found.push((line(at), Named::Room("*".into())));
    }
    if word(at) != "::" {
        return;
    }
    if word(at + 1) != "{" {
        found.push((line(at + 1), Named::Room(word(at + 1).into())));
        return;
    }
    let (mut open, mut next) = (1, at + 2);
    let mut is_head = true;
    while open > 0 && next < tokens.len() {
        match word(next) {
            "{" => open += 1,
            "}" => open -= 1,
            "," if open == 1 => is_head = true,
            name => {
                if is_head && open == 1 {
                    found.push((line(next), Named::Room(name.into())));
                }
                is_head = false;
            }
        }
        next += 1;
    }
}

/// How many `super`s stand in a row from `at` on.
fn steps_up(tokens: &[Token], at: usize) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |(_, word)| word.as_str());
    let mut steps = 1;
    while word(at + 2 * steps - 1) == "::" && word(at + 2 * steps) == "super" {
        steps += 1;
    }
    steps
}

/// How many steps up lead from a file's module to the root.
fn depth(file: &str) -> usize {
    let parts = file.split('/').count();
    if file.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// Whether a path can go on behind this word, so that what follows is no head.
fn is_word(token: &str) -> bool {
    const KEYWORDS: [&str; 8] = ["use", "as", "in", "return", "mut", "dyn", "impl", "for"];
    if KEYWORDS.contains(&token) {
        return false;
    }
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_') || token == ">"
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut line) = (0, 1);
    let mut tokens = Vec::new();
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let end = match c {
            '/' if next == Some('/') => end_of_line(&chars, at),
            '/' if next == Some('*') => end_of_comment(&chars, at),
            '"' => end_of_text(&chars, at),
            '\'' => end_of_quote(&chars, at),
            ':' if next == Some(':') => at + 2,
            _ if c.is_alphanumeric() || c == '_' => end_of_word(&chars, at),
            _ => at + 1,
        };
        let piece: String = chars[at..end.min(chars.len())].iter().collect();
        let end = match raw_text_after(&chars, &piece, end) {
            Some(end) => end,
            None => {
                if !piece.starts_with(['/', '"', '\'']) && !piece.trim().is_empty() {
                    tokens.push((line, piece));
                }
                end
            }
        };
        line += chars[at..end.min(chars.len())].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    tokens
}

fn end_of_line(chars: &[char], at: usize) -> usize {
    let more = chars[at..].iter().position(|c| *c == '\n');
    more.map_or(chars.len(), |more| at + more)
}

fn end_of_comment(chars: &[char], at: usize) -> usize {
    let (mut depth, mut at) = (0, at);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_text(chars: &[char], at: usize) -> usize {
    let mut at = at + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The end of a character; a lifetime is one sign alone.
fn end_of_quote(chars: &[char], at: usize) -> usize {
    if chars.get(at + 1) == Some(&'\\') {
        let close = chars[at + 3..].iter().position(|c| *c == '\'');
        return close.map_or(chars.len(), |close| at + 3 + close + 1);
    }
    if chars.get(at + 2) == Some(&'\'') { at + 3 } else { at + 1 }
}

fn end_of_word(chars: &[char], at: usize) -> usize {
    let more = chars[at..].iter().position(|c| !c.is_alphanumeric() && *c != '_');
    more.map_or(chars.len(), |more| at + more)
}

/// The end of a raw text whose prefix was just read.
fn raw_text_after(chars: &[char], prefix: &str, at: usize) -> Option<usize> {
    if prefix != "r" && prefix != "br" {
        return None;
    }
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(vec!['#'; hashes]).collect();
    let from = at + hashes + 1;
    let more = chars[from..].windows(close.len()).position(|w| w == close);
    more.map(|more| from + more + close.len())
}
