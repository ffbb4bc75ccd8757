//! Bars: one row a thing, with its name, its figure, and a bar as long as the figure is large.

use maud::{Markup, Render, html};

use super::figures::Tone;
use super::numbers::grouped;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Whose.
    pub name: String,
    /// How much; the bars of one chart have one unit.
    pub value: u64,
    /// What is written of it, where it is more than the number.
    pub written: Option<String>,
}

/// A chart of bars. The longest is the greatest value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// What the bars measure.
    pub caption: String,
    /// Whether they are good or bad news.
    pub tone: Tone,
    /// The bars, in the order in which they are shown.
    pub bars: Vec<Bar>,
}

impl Bars {
    /// Thousandths of the longest bar; what is there at all is seen.
    fn length(&self, value: u64) -> u64 {
        let longest = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
        let thousandths = u128::from(value) * 1000 / u128::from(longest);
        let thousandths = u64::try_from(thousandths).unwrap_or(1000);
        if value == 0 { 0 } else { thousandths.max(4) }
    }
}

impl Render for Bars {
    fn render(&self) -> Markup {
        html! {
            table class="bars" {
                caption { (self.caption) }
                tbody {
                    @for bar in &self.bars {
                        tr {
                            th scope="row" { (bar.name) }
                            td class="number" {
                                @if let Some(written) = &bar.written { (written) }
                                @else { (grouped(bar.value)) }
                            }
                            td class="bar" aria-hidden="true" {
                                svg viewBox="0 0 1000 10" preserveAspectRatio="none" class=(self.tone.class()) {
                                    rect width=(self.length(bar.value)) height="10" {}
                                }
                            }
                        }
                    }
                    @if self.bars.is_empty() { tr { td { "None." } } }
                }
            }
        }
    }
}
