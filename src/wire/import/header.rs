//! Which column is which: the names are those of the consent contract's fields.
//!
//! A file whose columns are not all known is refused before its first row: a column that nobody reads
//! may be the one that says "no".

use std::fmt;

use super::rows::Fields;

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Column {
    /// The business.
    BusinessId,
    /// The person's number, `+` and digits.
    Phone,
    /// The person's business-scoped user id.
    UserId,
    /// What happened, such as `grant` or `withdraw`.
    Kind,
    /// Scopes, separated by `;` or a space.
    Scopes,
    /// When it happened, RFC 3339 with an offset.
    OccurredAt,
    /// Who agreed: `subject`, which is the default, or `guardian`.
    Actor,
    /// How consent was collected.
    Method,
    /// How the person expressed it.
    Expression,
    /// The text that they agreed to.
    TextId,
    /// Its version.
    TextVersion,
    /// Its language.
    Language,
    /// Where the proof lies.
    Evidence,
    /// Who asked, where somebody did.
    Recorder,
    /// The platform's id of the person's own message or tap.
    InboundId,
    /// `single`, which is the default, or `double`.
    Strength,
    /// Until when the grant is valid, RFC 3339 with an offset.
    ValidUntil,
    /// A note without personal data.
    Reason,
}

impl Column {
    /// All columns.
    pub const ALL: [Self; 18] = [
        Self::BusinessId,
        Self::Phone,
        Self::UserId,
        Self::Kind,
        Self::Scopes,
        Self::OccurredAt,
        Self::Actor,
        Self::Method,
        Self::Expression,
        Self::TextId,
        Self::TextVersion,
        Self::Language,
        Self::Evidence,
        Self::Recorder,
        Self::InboundId,
        Self::Strength,
        Self::ValidUntil,
        Self::Reason,
    ];

    /// The name in the file's first row.
    pub fn name(self) -> &'static str {
        match self {
            Self::BusinessId => "business_id",
            Self::Phone => "phone",
            Self::UserId => "user_id",
            Self::Kind => "kind",
            Self::Scopes => "scopes",
            Self::OccurredAt => "occurred_at",
            Self::Actor => "actor",
            Self::Method => "method",
            Self::Expression => "expression",
            Self::TextId => "text_id",
            Self::TextVersion => "text_version",
            Self::Language => "language",
            Self::Evidence => "evidence",
            Self::Recorder => "recorder",
            Self::InboundId => "inbound_id",
            Self::Strength => "strength",
            Self::ValidUntil => "valid_until",
            Self::Reason => "reason",
        }
    }
}

/// Why a file's first row is no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There is no row.
    #[error("the file is empty; its first row must name the columns")]
    Empty,
    /// The first row cannot be read.
    #[error("the first row cannot be read: {0}")]
    Unreadable(super::Refusal),
    /// A name is no text.
    #[error("the first row is not UTF-8, save the file as UTF-8")]
    NotUtf8,
    /// A column that nobody would read.
    #[error("column {number}{} is not known", shown(.name))]
    Unknown {
        /// Which column, from 1.
        number: usize,
        /// Its name, where it looks like one and not like somebody's data.
        name: Option<String>,
    },
    /// A column that is there twice.
    #[error("column {} is there twice", .0.name())]
    Twice(Column),
    /// A column that must be there.
    #[error("there is no column {0}")]
    Missing(&'static str),
}

fn shown(name: &Option<String>) -> String {
    name.as_ref().map_or_else(String::new, |name| format!(" ({name:?})"))
}

/// Where each column stands in this file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    places: [Option<usize>; Column::ALL.len()],
    width: usize,
}

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there = Column::ALL.into_iter().filter(|column| self.place(*column).is_some());
        f.debug_list().entries(there.map(Column::name)).finish()
    }
}

impl Columns {
    /// Reads the first row.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(names: &Fields<'_>) -> Result<Self, HeaderError> {
        let mut columns = Self { places: [None; Column::ALL.len()], width: names.len() };
        for place in 0..names.len() {
            let bytes = names.get(place).unwrap_or_default();
            let name = str::from_utf8(bytes).map_err(|_| HeaderError::NotUtf8)?;
            let found = Column::ALL.into_iter().find(|column| column.name() == name);
            let column = found.ok_or_else(|| unknown(place + 1, name))?;
            let slot = columns.places.get_mut(column as usize).ok_or(HeaderError::Empty)?;
            if slot.replace(place).is_some() {
                return Err(HeaderError::Twice(column));
            }
        }
        for column in [Column::BusinessId, Column::Kind] {
            columns.place(column).ok_or(HeaderError::Missing(column.name()))?;
        }
        let names_people = [Column::Phone, Column::UserId].map(|column| columns.place(column));
        match names_people {
            [None, None] => Err(HeaderError::Missing("phone, and none user_id")),
            _ => Ok(columns),
        }
    }

    /// How many fields each row must have.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What a row says in a column; empty if the file has no such column.
    pub fn field<'r>(&self, fields: &Fields<'r>, column: Column) -> &'r [u8] {
        self.place(column).and_then(|place| fields.get(place)).unwrap_or_default()
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.places.get(column as usize).copied().flatten()
    }
}

/// A file without a header has somebody's data in its first row, so only what looks like a column's
/// name is repeated.
fn unknown(number: usize, name: &str) -> HeaderError {
    let is_name = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b' ' | b'-'));
    HeaderError::Unknown { number, name: is_name.then(|| name.to_owned()) }
}
