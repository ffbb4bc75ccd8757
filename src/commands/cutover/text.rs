//! A plan for people.

use super::plan::{Direction, Level, Plan, Row};

/// The plan as text.
pub(super) fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let Plan { sender_group, gate_group, outbound, allowed, .. } = plan;
    let title = match plan.direction {
        Direction::Cutover => {
            format!("cutover of group {sender_group} from {outbound} to {allowed}")
        }
        Direction::Rollback => {
            format!("rollback of group {sender_group} from {allowed} to {outbound}")
        }
        Direction::Check => format!("group {sender_group} behind the gate, group {gate_group}"),
    };
    out.push_str(&format!("{title}\n\n"));
    let columns = columns(plan.direction);
    out.push_str(&line(&columns, |(name, _)| (*name).to_owned()));
    for row in &plan.partitions {
        out.push_str(&line(&columns, |(_, cell)| cell(row)));
    }
    out.push('\n');
    for finding in &plan.findings {
        let mark = match finding.level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Wait => "WAIT",
            Level::Fail => "FAIL",
        };
        out.push_str(&format!("{mark}  {}\n", finding.what));
    }
    for (number, step) in (1..).zip(&plan.steps) {
        out.push_str(&format!("\n{number}. {}\n", step.what));
        // Not indented: a shell takes the end of a file only at the start of a line.
        for command in &step.commands {
            out.push_str(&format!("{command}\n"));
        }
    }
    out
}

/// A column's name, and what stands in it.
type Column = (&'static str, fn(&Row) -> String);

fn columns(direction: Direction) -> Vec<Column> {
    fn cell(value: Option<impl ToString>) -> String {
        value.map_or_else(|| "-".to_owned(), |value| value.to_string())
    }
    let partition: Column = ("partition", |row| row.partition.to_string());
    let outbound: Column = ("sender on outbound", |row| cell(row.sender_outbound));
    let allowed: Column = ("sender on allowed", |row| cell(row.sender_allowed));
    let gate: Column = ("gate", |row| cell(row.gate));
    let waiting: Column = ("waiting", |row| row.waiting.to_string());
    let unread: Column = ("unread", |row| cell(row.unread));
    match direction {
        Direction::Cutover => vec![
            partition,
            outbound,
            gate,
            ("gate starts at", |row| cell(row.gate_starts)),
            ("sender starts on allowed at", |row| cell(row.sender_starts)),
            waiting,
        ],
        Direction::Rollback => vec![
            partition,
            allowed,
            unread,
            gate,
            ("sender starts on outbound at", |row| cell(row.sender_starts)),
            waiting,
        ],
        Direction::Check => {
            vec![partition, gate, waiting, allowed, ("behind on allowed", unread.1)]
        }
    }
}

/// Cells to the right, as wide as their names.
fn line(columns: &[Column], cell: impl Fn(&Column) -> String) -> String {
    let cells = columns.iter().map(|column| format!("{:>1$}", cell(column), column.0.len().max(9)));
    format!("{}\n", cells.collect::<Vec<_>>().join("  "))
}
