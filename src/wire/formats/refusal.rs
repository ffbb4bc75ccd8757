//! Why a record is no message that could be decided: the reason, and what to tell an operator.
//!
//! Names fields and faults, never a value: values are people.

use std::fmt;

use super::field::Field;
use crate::decision::Reason;

/// Why there is no message, and which field is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field, if it is one field's fault.
    pub field: Option<Field>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no value.
    NoValue,
    /// The value is no message of the contract.
    NotProtobuf,
    /// The value is no JSON, nests too deep, or goes on after its end.
    NotJson,
    /// The value does not begin with magic byte 0 and a schema id.
    NoPrefix,
    /// The prefix names another message of the schema than the first.
    OtherMessage,
    /// The field is missing.
    Missing,
    /// The field is of another type, or a header that is no text.
    WrongType,
    /// The field is no identity, though it may be one that somebody objected on.
    NoIdentity,
    /// A key, or a header, stands there twice.
    Twice,
    /// A key differs from a mapped one in upper and lower case only: some readers take it for it.
    AlmostTwice,
    /// Two places give different values.
    Differs,
    /// The message's type, its category and its content do not fit together.
    Unfitting,
}

impl Refusal {
    /// A fault of one field.
    pub(super) fn of(field: Field, fault: Fault) -> Self {
        Self { field: Some(field), fault }
    }

    /// A fault of the whole record.
    pub(super) fn whole(fault: Fault) -> Self {
        Self { field: None, fault }
    }

    /// The reason for which the message is suppressed.
    pub fn reason(self) -> Reason {
        match self.fault {
            Fault::NoValue
            | Fault::NotProtobuf
            | Fault::NotJson
            | Fault::NoPrefix
            | Fault::OtherMessage
            | Fault::Missing
            | Fault::WrongType
            | Fault::NoIdentity => Reason::Malformed,
            Fault::Twice | Fault::AlmostTwice | Fault::Differs | Fault::Unfitting => {
                Reason::Contradictory
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            write!(f, "{}: ", field.name())?;
        }
        f.write_str(match self.fault {
            Fault::NoValue => "the record has no value",
            Fault::NotProtobuf => {
                "the value is no message of the contract, or says neither business nor sender"
            }
            Fault::NotJson => "the value is no JSON, nests too deep, or goes on after its end",
            Fault::NoPrefix => "the value does not begin with magic byte 0 and a schema id",
            Fault::OtherMessage => "the prefix names another message than the schema's first",
            Fault::Missing => "is missing",
            Fault::WrongType => "is of the wrong type",
            Fault::NoIdentity => "is no phone number and no user id",
            Fault::Twice => "stands in its place twice",
            Fault::AlmostTwice => "a key differs from a mapped one in upper and lower case only",
            Fault::Differs => "two places give different values",
            Fault::Unfitting => "type, category and content do not fit together",
        })
    }
}
