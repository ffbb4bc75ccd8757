//! A telling as text, to be read by people.

use std::fmt;

use super::{Answer, Fate, Telling, ToldMessage, ToldRecord, Until};

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.title.is_empty() {
            writeln!(f, "{}\n", self.title)?;
        }
        writeln!(f, "Records")?;
        for record in &self.records {
            write!(f, "{record}")?;
        }
        for (number, message) in (1..).zip(&self.messages) {
            write!(f, "\nMessage {number}{message}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ToldRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}  {}", self.appended_at, self.name)?;
        if !self.notes.is_empty() {
            write!(f, ": {}", self.notes.join("; "))?;
        }
        writeln!(f)
    }
}

impl fmt::Display for ToldMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.message_id.is_empty() {
            write!(f, " ({})", self.message_id)?;
        }
        write!(f, " at {}", self.now)?;
        if let Some(sent_at) = &self.sent_at {
            write!(f, ", sent {sent_at}")?;
        }
        writeln!(f)?;
        write!(f, "{}", self.fate)
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Held { record, until: Until::Resumed } => {
                writeln!(
                    f,
                    "  HELD: {record} stops everybody; nothing is decided until all is resumed"
                )
            }
            Fate::Held { record, until: Until::Voided } => writeln!(
                f,
                "  HELD: {record} may be anybody's opt-out; nothing is decided until it is voided"
            ),
            Fate::Allowed { rules } => {
                list(f, rules)?;
                writeln!(f, "  ALLOWED")
            }
            Fate::Suppressed { primary, not_before, rules } => {
                list(f, rules)?;
                write!(f, "  SUPPRESSED: {primary}")?;
                if let Some(not_before) = not_before {
                    write!(f, ", not before {not_before}")?;
                }
                writeln!(f)
            }
        }
    }
}

/// One line a rule, and one below it for each record that decided.
fn list(f: &mut fmt::Formatter<'_>, rules: &[Answer]) -> fmt::Result {
    for answer in rules {
        let found = match answer.reasons.as_slice() {
            [] => "ok".to_string(),
            reasons => reasons.join(", "),
        };
        writeln!(f, "  {:15} {found}", answer.rule)?;
        for record in &answer.records {
            writeln!(f, "{:18}{record}", "")?;
        }
    }
    Ok(())
}
