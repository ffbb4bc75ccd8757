//! What people see: a question with one or two buttons, thanks, or why not yet.
//!
//! Works without script, on a phone, in light and dark, and with a screen reader. It never shows whom it
//! is for: a link may be forwarded, and whoever holds it knows.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::texts::Texts;
use crate::config::OptoutConfig;
use crate::consent::Seconds;
use crate::wire::optout::{Choice, OptOutLink};

const STYLE: &str = include_str!("style.css");

static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// Only this style, and forms to this page: nothing else may be fetched, run or framed.
pub(super) fn content_security_policy() -> &'static str {
    &CONTENT_SECURITY_POLICY
}

/// What stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// What would the person end?
    Question,
    /// It is ended.
    Thanks(Choice),
    /// It is not, yet.
    NotYet,
}

/// The page of one link.
pub(super) struct Page<'p> {
    texts: &'static Texts,
    business: &'p str,
    /// What the link names, in people's words.
    scopes: Vec<String>,
    is_old: bool,
}

impl<'p> Page<'p> {
    /// What a link comes to, in a language.
    pub(super) fn of(
        config: &'p OptoutConfig,
        texts: &'static Texts,
        link: &'p OptOutLink,
        now: Seconds,
    ) -> Self {
        let business = link.subject.business.as_str();
        let named = |scope: &str| {
            let own = config.scopes.get(scope).cloned();
            own.unwrap_or_else(|| texts.scope(scope).to_owned())
        };
        Self {
            texts,
            business: config.names.get(business).map_or(business, String::as_str),
            scopes: link.scopes.iter().map(|scope| named(scope.as_str())).collect(),
            is_old: link.expires_at.is_some_and(|at| now >= at),
        }
    }

    /// The page as text.
    pub(super) fn html(&self, shown: Shown) -> String {
        let texts = self.texts;
        match shown {
            Shown::Question => frame(texts, &self.named(texts.ask), self.question()),
            Shown::Thanks(choice) => frame(texts, texts.done, self.thanks(choice)),
            Shown::NotYet => frame(
                texts,
                texts.not_yet,
                html! {
                    p role="alert" { (self.named(texts.not_yet_why)) }
                    (self.form())
                },
            ),
        }
    }

    /// The page of a link that opens nothing.
    pub(super) fn unreadable(texts: &'static Texts) -> String {
        frame(
            texts,
            texts.unreadable,
            html! {
                p { (texts.unreadable_why) }
                p { (texts.other_ways) }
            },
        )
    }

    fn question(&self) -> Markup {
        let texts = self.texts;
        html! {
            @if self.is_old { p.quiet { (texts.old) } }
            @if !self.scopes.is_empty() {
                p { (texts.about) }
                (self.list())
            }
            (self.form())
            p.quiet { (texts.nothing_yet) }
        }
    }

    fn thanks(&self, choice: Choice) -> Markup {
        let texts = self.texts;
        html! {
            div role="status" {
                @match choice {
                    Choice::These => {
                        p { (self.named(texts.done_these)) }
                        (self.list())
                    }
                    Choice::Everything => p { (self.named(texts.done_all)) }
                }
            }
            p.quiet { (self.named(texts.still)) }
        }
    }

    fn list(&self) -> Markup {
        html! { ul { @for scope in &self.scopes { li { (scope) } } } }
    }

    /// The address of the form is that of the page, so the token stands nowhere in it.
    fn form(&self) -> Markup {
        html! {
            form method="post" {
                @if !self.scopes.is_empty() {
                    button type="submit" name="choice" value="these" { (self.texts.stop_these) }
                }
                button type="submit" name="choice" value="everything" class="all" {
                    (self.named(self.texts.stop_all))
                }
            }
        }
    }

    fn named(&self, text: &str) -> String {
        text.replace("{business}", self.business)
    }
}

fn frame(texts: &'static Texts, heading: &str, body: Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(texts.tag) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                meta name="referrer" content="no-referrer";
                title { (texts.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (heading) }
                    (body)
                }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::optout::texts::ALL;
    use crate::config::OptoutConfig;
    use crate::consent::{BusinessId, Identity, ScopeName, Subject};

    fn config() -> OptoutConfig {
        OptoutConfig {
            public_url: None,
            listen: "127.0.0.1:0".parse().unwrap(),
            posts_per_second: 1,
            names: [("cafe".to_owned(), "<b>Café</b> & Luna".to_owned())].into(),
            scopes: [("loyalty".to_owned(), "the \"club\"".to_owned())].into(),
        }
    }

    fn link() -> OptOutLink {
        let business = BusinessId::parse("cafe").unwrap();
        let identity = Identity::parse("+99910000001").unwrap();
        let scopes = ["offers", "loyalty"].map(|scope| ScopeName::parse(scope).unwrap());
        OptOutLink {
            subject: Subject { business, identity },
            scopes: scopes.into(),
            expires_at: Some(Seconds(1_000)),
            campaign: String::new(),
        }
    }

    #[test]
    fn every_page_escapes_names_says_its_language_and_never_whom_it_is_for() {
        let (config, link) = (config(), link());
        let shown = [
            Shown::Question,
            Shown::Thanks(Choice::These),
            Shown::Thanks(Choice::Everything),
            Shown::NotYet,
        ];
        for texts in ALL {
            for shown in shown {
                let html = Page::of(&config, texts, &link, Seconds(0)).html(shown);
                assert!(html.contains(&format!("<html lang=\"{}\">", texts.tag)), "{html}");
                assert!(!html.contains("<b>") && !html.contains("{business}"), "{html}");
                assert!(!html.contains("9991") && !html.contains("script"), "{html}");
                assert!(html.contains("Café"), "{html}");
            }
        }
    }

    #[test]
    fn a_link_without_scopes_has_one_button_and_an_old_one_says_so_and_still_works() {
        let (config, link) = (config(), link());
        let english = ALL[0];
        let html = Page::of(&config, english, &link, Seconds(999)).html(Shown::Question);
        assert_eq!((html.matches("<button").count(), html.contains(english.old)), (2, false));
        assert!(html.contains("the &quot;club&quot;"), "{html}");
        let link = OptOutLink { scopes: Vec::new(), ..link };
        let html = Page::of(&config, english, &link, Seconds(1_000)).html(Shown::Question);
        assert_eq!((html.matches("<button").count(), html.contains(english.old)), (1, true));
    }
}
