//! A table of counts, what of it is hidden, and how it is written.
//!
//! Every output is made of the same cells, so nothing that one hides is told by another.

use serde::Serialize;

use crate::commands::page::{Cell, Table, grouped, percent};

/// Counts below this are not told.
const LEAST_TOLD: u64 = 5;

/// Whether small counts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Small {
    Hidden,
    Told,
}

/// One value of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// How many people, or what is one person's.
    Count(u64),
    /// A part of a whole.
    Rate(u64, u64),
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sheet {
    /// The name in CSV and JSON.
    pub(super) name: &'static str,
    pub(super) caption: &'static str,
    /// What the figures mean, and how they were counted.
    pub(super) about: &'static str,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Value>>,
}

/// A value as it is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Told<'v> {
    Text(&'v str),
    Count(u64),
    Rate(f64),
    Hidden(&'static str),
    Nothing,
}

impl Value {
    fn told(&self, small: Small) -> Told<'_> {
        let hides = |count: u64| small == Small::Hidden && (1..LEAST_TOLD).contains(&count);
        match self {
            Self::Text(text) => Told::Text(text),
            Self::Count(count) if hides(*count) => Told::Hidden("< 5"),
            Self::Count(count) => Told::Count(*count),
            // The rest of a whole is a count too: 97 of 100 tells of three.
            Self::Rate(part, whole)
                if hides(*part) || hides(*whole) || hides(whole.saturating_sub(*part)) =>
            {
                Told::Hidden("")
            }
            Self::Rate(_, 0) => Told::Nothing,
            #[allow(clippy::cast_precision_loss, reason = "a rate of people, told in few digits")]
            Self::Rate(part, whole) => {
                Told::Rate((*part as f64 / *whole as f64 * 1e4).round() / 1e4)
            }
        }
    }

    fn cell(&self, small: Small) -> Cell {
        match (self.told(small), self) {
            (Told::Text(text), _) => Cell::from(text),
            (Told::Count(count), _) => Cell::Count(count),
            (Told::Rate(_), Self::Rate(part, whole)) => Cell::Share { part: *part, whole: *whole },
            (Told::Hidden(text), _) => Cell::from(text),
            (Told::Rate(_) | Told::Nothing, _) => Cell::from(""),
        }
    }

    fn words(&self, small: Small) -> String {
        match (self.told(small), self) {
            (Told::Text(text), _) => text.to_owned(),
            (Told::Count(count), _) => grouped(count),
            (Told::Rate(_), Self::Rate(part, whole)) => percent(*part, *whole),
            (Told::Hidden(text), _) => text.to_owned(),
            (Told::Rate(_) | Told::Nothing, _) => "-".to_owned(),
        }
    }
}

impl Sheet {
    /// The table for a page.
    pub(super) fn table(&self, small: Small) -> Table {
        let mut table = Table::new(self.caption, &self.columns);
        for row in &self.rows {
            table.push(row.iter().map(|value| value.cell(small)));
        }
        table
    }

    /// The table for people at a terminal.
    pub(super) fn text(&self, small: Small) -> String {
        let head = self.columns.iter().map(ToString::to_string).collect();
        let rows = self.rows.iter();
        let mut lines: Vec<Vec<String>> = vec![head];
        lines.extend(rows.map(|row| row.iter().map(|value| value.words(small)).collect()));
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..self.columns.len()).map(width).collect();
        let mut text = format!("{}\n  {}\n", self.caption, self.about);
        if self.rows.is_empty() {
            return text + "  none\n";
        }
        for (nth, line) in lines.iter().enumerate() {
            let mut shown = String::from(" ");
            for ((column, cell), width) in line.iter().enumerate().zip(&widths) {
                let is_text = self.rows.first().and_then(|row| row.get(column));
                let is_text = matches!(is_text, Some(Value::Text(_)));
                match is_text {
                    true => shown.push_str(&format!(" {cell:<width$} ")),
                    false => shown.push_str(&format!(" {cell:>width$} ")),
                }
            }
            text.push_str(shown.trim_end());
            text.push('\n');
            if nth == 0 {
                let line: usize = widths.iter().map(|width| width + 2).sum();
                text.push_str(&format!("  {}\n", "-".repeat(line.saturating_sub(2))));
            }
        }
        text
    }

    /// One row a value: table, row, column, value. The row's name is all of its words.
    pub(super) fn csv(&self, small: Small) -> Vec<[String; 4]> {
        let mut rows = Vec::new();
        for row in &self.rows {
            let words = row.iter().filter_map(|value| match value {
                Value::Text(text) => Some(text.as_str()),
                Value::Count(_) | Value::Rate(..) => None,
            });
            let name = words.collect::<Vec<_>>().join(" / ");
            for (value, column) in row.iter().zip(&self.columns) {
                let told = match value.told(small) {
                    Told::Text(_) => continue,
                    Told::Count(count) => count.to_string(),
                    Told::Rate(rate) => rate.to_string(),
                    Told::Hidden(text) => text.to_owned(),
                    Told::Nothing => String::new(),
                };
                let column = (*column).to_owned();
                rows.push([self.name.to_owned(), name.clone(), column, told]);
            }
        }
        rows
    }

    /// The table as JSON: a row is a list in the order of the columns.
    pub(super) fn json(&self, small: Small) -> serde_json::Value {
        let rows: Vec<Vec<_>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(|value| value.told(small)).collect())
            .collect();
        serde_json::json!({
            "name": self.name,
            "about": self.about,
            "columns": self.columns,
            "rows": rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let row = |name: &str, part, whole| {
            vec![Value::Text(name.to_owned()), Value::Count(part), Value::Rate(part, whole)]
        };
        Sheet {
            name: "n",
            caption: "Caption",
            about: "about",
            columns: vec!["who", "people", "rate"],
            rows: vec![
                row("few", 4, 100),
                row("many", 50, 100),
                row("nearly all", 97, 100),
                row("none", 0, 0),
            ],
        }
    }

    #[test]
    fn less_than_five_people_are_told_in_no_output_and_no_rate_gives_them_away() {
        let hidden = sheet();
        let page = maud::html! { (hidden.table(Small::Hidden)) }.into_string();
        let csv = format!("{:?}", hidden.csv(Small::Hidden));
        let json = hidden.json(Small::Hidden).to_string();
        for output in [hidden.text(Small::Hidden), page, csv, json] {
            assert!(
                output.contains("50") && output.contains("< 5") || output.contains("&lt; 5"),
                "{output}"
            );
            for secret in ["4 %", "4.00", "0.04", "\"4\"", "97.00", "0.97", ",4,", ">4<"] {
                assert!(!output.contains(secret), "{secret} stands in {output}");
            }
        }
    }

    #[test]
    fn exact_figures_tell_all() {
        let rows = sheet().csv(Small::Told);
        assert_eq!(rows[0], ["n", "few", "people", "4"].map(str::to_owned));
        assert_eq!(rows[1][3], "0.04");
        assert_eq!(rows[7][3], "", "a rate of nothing is none");
    }
}
