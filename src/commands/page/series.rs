//! A figure over time: one column a step, with its span and its greatest value in words, and all
//! values as a table that opens.

use maud::{Markup, Render, html};

use super::figures::Tone;
use super::numbers::grouped;
use super::table::Table;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The step's beginning, as it is written.
    pub at: String,
    /// How many in it.
    pub value: u64,
}

/// A chart of columns, one a step of equal length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What is counted, and how long a step is.
    pub caption: String,
    /// The heading of the steps' column, such as `hour`.
    pub step: String,
    /// The heading of the values' column, such as `messages`.
    pub unit: String,
    /// Good news, bad news or neither.
    pub tone: Tone,
    /// The steps, oldest first, without a gap.
    pub points: Vec<Point>,
}

/// The drawing's height, in its own units.
const HEIGHT: u64 = 120;

impl Series {
    /// The values as a table, which also writes them as CSV.
    pub fn table(&self) -> Table {
        let mut table = Table::new(self.caption.clone(), &[self.step.as_str(), self.unit.as_str()]);
        for point in &self.points {
            table.push([point.at.clone().into(), point.value.into()]);
        }
        table
    }

    fn greatest(&self) -> Option<&Point> {
        // Of equal ones the first, as a reader sees them.
        self.points.iter().rev().max_by_key(|point| point.value)
    }

    fn drawing(&self, greatest: u64) -> Markup {
        let width = self.points.len() * 10;
        let height = |value: u64| {
            let scaled = u128::from(value) * u128::from(HEIGHT) / u128::from(greatest.max(1));
            let scaled = u64::try_from(scaled).unwrap_or(HEIGHT);
            if value == 0 { 0 } else { scaled.max(1) }
        };
        html! {
            svg class={ "series " (self.tone.class()) } viewBox=(format!("0 0 {width} {HEIGHT}"))
                preserveAspectRatio="none" aria-hidden="true" {
                @for (at, point) in self.points.iter().enumerate() {
                    @let high = height(point.value);
                    rect x=(at * 10 + 1) y=(HEIGHT - high) width="8" height=(high) {}
                }
            }
        }
    }
}

impl Render for Series {
    fn render(&self) -> Markup {
        let (Some(first), Some(last), Some(greatest)) =
            (self.points.first(), self.points.last(), self.greatest())
        else {
            return html! { p { (self.caption) ": none." } };
        };
        html! {
            figure {
                figcaption {
                    (self.caption) ". At most " (grouped(greatest.value)) " " (self.unit)
                    " (" (greatest.at) ")."
                }
                (self.drawing(greatest.value))
                div class="span" { span { (first.at) } span { (last.at) } }
                details { summary { "The figures" } (self.table()) }
            }
        }
    }
}
