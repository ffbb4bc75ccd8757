//! A row: what it says, or why it is not taken.
//!
//! A row that is refused may have been somebody's "no", unless it can be read to be something else.
//! It then leaves a doubt, and whoever writes grants must settle it first.

use super::grant::{ImportedGrant, grant};
use super::header::{Column, Columns};
use super::refusal::Refusal;
use super::rows::{Fields, Row};
use super::suppression::{ImportedSuppression, suppression};
use crate::consent::{BusinessId, Identity, Phone, Subject, UserId};
use crate::policy::Policy;
use crate::wire::consent::{effect_of, name_person};
use crate::wire::proto::consent::{ConsentEvent, Effect, Kind};

/// What a row is read with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// Which column is which.
    pub columns: &'c Columns,
    /// Which scopes there are.
    pub policy: &'c Policy,
    /// The current time in milliseconds since 1970: nobody agreed after it.
    pub now_ms: i64,
    /// Who imports.
    pub recorder: &'c str,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// It speaks against sending.
    Suppression(Box<ImportedSuppression>),
    /// It permits, with all of its evidence.
    Grant(Box<ImportedGrant>),
}

/// A row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Whose suppression it may have been.
    pub doubt: Doubt,
}

/// Whose suppression a refused row may have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody's: it is no suppression.
    Nobodys,
    /// That of a person of this business.
    OfBusiness(BusinessId),
    /// That of anybody.
    Anybodys,
}

impl Refused {
    /// A row that would have permitted or lifted: without it there is only less permission.
    pub(super) fn permission(refusal: Refusal) -> Self {
        Self { refusal, doubt: Doubt::Nobodys }
    }
}

/// What a row says.
///
/// # Errors
/// Why it is not taken.
pub fn read_row(context: &Context<'_>, row: &Row<'_>) -> Result<Imported, Refused> {
    let fields = row.fields.map_err(anybodys)?;
    if fields.len() != context.columns.width() {
        return Err(anybodys(Refusal::ColumnCount));
    }
    let cells = Cells { context, fields };
    let business = cells.business();
    let doubt = |refusal| Refused {
        refusal,
        doubt: business.clone().map_or(Doubt::Anybodys, Doubt::OfBusiness),
    };
    let kind = cells.kind().map_err(doubt)?;
    match (kind, effect_of(kind)) {
        (Kind::Grant, _) => {
            let base = cells.base(kind, business).map_err(Refused::permission)?;
            grant(&cells, base).map(Box::new).map(Imported::Grant).map_err(Refused::permission)
        }
        (_, Effect::Objects) if is_taken(kind) => {
            let base = cells.base(kind, business.clone()).map_err(doubt)?;
            Ok(Imported::Suppression(Box::new(suppression(&cells, base))))
        }
        (_, Effect::Permits | Effect::Neutral) => Err(Refused::permission(Refusal::KindNotTaken)),
        _ => Err(doubt(Refusal::KindNotTaken)),
    }
}

fn anybodys(refusal: Refusal) -> Refused {
    Refused { refusal, doubt: Doubt::Anybodys }
}

/// The objections of one person that an import takes.
fn is_taken(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Withdraw
            | Kind::Refuse
            | Kind::PlatformStop
            | Kind::Complaint
            | Kind::WrongNumber
            | Kind::Reassigned
            | Kind::Erase
            | Kind::Block
            | Kind::Restrict
    )
}

/// What every event of an import has: whom it is about, and the event so far.
pub(super) struct Base {
    pub(super) subject: Subject,
    pub(super) event: ConsentEvent,
}

/// The fields of one row by their columns.
pub(super) struct Cells<'c> {
    pub(super) context: &'c Context<'c>,
    fields: Fields<'c>,
}

impl<'c> Cells<'c> {
    /// What stands in a column, if it is text.
    pub(super) fn text(&self, column: Column) -> Result<&'c str, Refusal> {
        let bytes = self.context.columns.field(&self.fields, column);
        str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)
    }

    fn business(&self) -> Option<BusinessId> {
        self.text(Column::BusinessId).ok().and_then(BusinessId::parse)
    }

    fn kind(&self) -> Result<Kind, Refusal> {
        let name = self.text(Column::Kind)?;
        let known = Kind::from_str_name(&format!("KIND_{}", name.to_ascii_uppercase()));
        known.filter(|kind| *kind != Kind::Unspecified).ok_or(Refusal::KindUnknown)
    }

    fn identity(&self) -> Result<Identity, Refusal> {
        match (self.text(Column::Phone)?, self.text(Column::UserId)?) {
            ("", "") => Err(Refusal::PersonMissing),
            // Without + it may be a national number, and then it is somebody else's.
            (phone, "") => (phone.starts_with('+').then(|| Phone::parse(phone)).flatten())
                .map(Identity::Phone)
                .ok_or(Refusal::PhoneInvalid),
            ("", id) => UserId::parse(id).map(Identity::UserId).ok_or(Refusal::UserIdInvalid),
            _ => Err(Refusal::PersonTwice),
        }
    }

    fn base(&self, kind: Kind, business: Option<BusinessId>) -> Result<Base, Refusal> {
        let business = business.ok_or(Refusal::BusinessInvalid)?;
        let identity = self.identity()?;
        let mut event = ConsentEvent {
            business_id: business.to_string(),
            kind: kind.into(),
            effect: effect_of(kind).into(),
            recorder: self.context.recorder.to_owned(),
            source: super::SOURCE.to_owned(),
            ..ConsentEvent::default()
        };
        name_person(&mut event, &identity);
        Ok(Base { subject: Subject { business, identity }, event })
    }
}

/// The names in a list of scopes.
pub(super) fn names(list: &str) -> impl Iterator<Item = &str> {
    let is_between = |letter: char| matches!(letter, ';' | ',') || letter.is_whitespace();
    list.split(is_between).filter(|name| !name.is_empty())
}
