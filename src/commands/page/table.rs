//! A table with a caption and named columns: on the page, and the same rows as CSV.

use std::io::Write;

use maud::{Markup, Render, html};

use super::cell::Cell;

/// A table. The first column names each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    caption: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new(caption: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        Self { caption: caption.into(), columns, rows: Vec::new() }
    }

    /// Adds a row: one cell a column.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes the columns' names and the rows as CSV (RFC 4180), with numbers as plain digits.
    ///
    /// # Errors
    /// The sink cannot be written.
    pub fn write_csv(&self, sink: impl Write) -> std::io::Result<()> {
        let mut writer = csv::Writer::from_writer(sink);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::plain))?;
        }
        writer.flush()
    }

    /// How the column's cells are aligned: as those of its first row.
    fn class(&self, column: usize) -> &'static str {
        let first = self.rows.first().and_then(|row| row.get(column));
        first.map_or("text", Cell::class)
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        html! {
            figure {
                figcaption { (self.caption) }
                div class="scroll" tabindex="0" role="region" aria-label=(self.caption) {
                    table {
                        thead {
                            tr {
                                @for (at, name) in self.columns.iter().enumerate() {
                                    th scope="col" class=(self.class(at)) { (name) }
                                }
                            }
                        }
                        tbody {
                            @for row in &self.rows {
                                tr {
                                    @for (at, cell) in row.iter().enumerate() {
                                        @if at == 0 {
                                            th scope="row" class=(cell.class()) { (cell.shown()) }
                                        } @else {
                                            td class=(cell.class()) { (cell.shown()) }
                                        }
                                    }
                                }
                            }
                            @if self.rows.is_empty() {
                                tr { td colspan=(self.columns.len()) { "None." } }
                            }
                        }
                    }
                }
            }
        }
    }
}
