//! Laws of a report.
