//! One HTML page that needs nothing else: no script, no outside resource, every text escaped.
//!
//! A page is a title and a body; the parts ([`Table`], [`Bars`], [`Series`], [`Figures`]) are written
//! into the body with `maud`, which escapes all text. It reads in light and dark, on a phone and on
//! paper, and each figure that is drawn is also written. It knows nothing of what it shows; a part
//! without rows says so, rather than being left out.

mod bars;
mod cell;
mod figures;
mod numbers;
mod series;
mod table;
#[cfg(test)]
mod tests;

pub use bars::{Bar, Bars};
pub use cell::Cell;
pub use figures::{Figure, Figures, Tone};
pub use numbers::{grouped, percent};
pub use series::{Point, Series};
pub use table::Table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Nothing may be fetched or run: what a page shows is in it.
const NOTHING_FROM_OUTSIDE: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

const STYLE: &str = include_str!("style.css");

/// A whole page.
pub struct Page<'a> {
    /// What it is about: the window's title and the first heading.
    pub title: &'a str,
    /// The language of its text, as in `en` or `pt-BR`.
    pub language: &'a str,
    /// One sentence under the title: of what, from when to when.
    pub lead: &'a str,
    /// The rest: headings from `h2` on.
    pub body: Markup,
}

impl Page<'_> {
    /// The page as text, to be written to a file or sent as `text/html; charset=utf-8`.
    pub fn html(&self) -> String {
        html! {
            (DOCTYPE)
            html lang=(self.language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta http-equiv="Content-Security-Policy" content=(NOTHING_FROM_OUTSIDE);
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        header {
                            h1 { (self.title) }
                            @if !self.lead.is_empty() { p class="lead" { (self.lead) } }
                        }
                        (self.body)
                    }
                }
            }
        }
        .into_string()
    }
}
