//! Key figures: large numbers with what they count, side by side.

use maud::{Markup, Render, html};

/// Whether a figure is good news, bad news or neither. Colour alone never says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Somebody must look.
    Bad,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The number as it is written.
    pub value: String,
    /// What it counts, in a few words.
    pub label: String,
    /// Good, bad or neither.
    pub tone: Tone,
}

/// Figures, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures(pub Vec<Figure>);

impl Render for Figures {
    fn render(&self) -> Markup {
        html! {
            ul class="figures" {
                @for figure in &self.0 {
                    li class=(figure.tone.class()) {
                        strong { (figure.value) } " "
                        span { (figure.label) }
                    }
                }
            }
        }
    }
}
