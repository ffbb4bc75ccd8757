//! Whom a message, a status or a preference is about.
//!
//! `certain` are identities that Meta itself names for this person: in the part itself, or in a
//! contact that shares an identity with it. `possible` are those of the only contact of the change,
//! where nothing ties the two. An objection covers both, a permission only the certain.

use super::json::Json;
use crate::consent::Identity;

/// A person's identities, without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    /// Named for this person.
    pub(super) certain: Vec<Identity>,
    /// Perhaps this person's.
    pub(super) possible: Vec<Identity>,
}

/// Where the identities stand in a contact.
const CONTACT: [&str; 3] = ["wa_id", "user_id", "parent_user_id"];

impl Person {
    /// The person whom these fields of a part name, with what the contacts add.
    pub(super) fn of(part: &Json, fields: &[&str], contacts: &[&Json]) -> Self {
        let own = identities(part, fields);
        let mut person = Self { certain: own.clone(), possible: Vec::new() };
        for contact in contacts {
            let theirs = identities(contact, &CONTACT);
            if theirs.iter().any(|identity| own.contains(identity)) {
                add(&mut person.certain, theirs);
            } else if contacts.len() == 1 {
                add(&mut person.possible, theirs);
            }
        }
        person
    }

    /// All identities, the certain first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Identity> {
        self.certain.iter().chain(&self.possible)
    }

    /// Whether nobody can be read.
    pub(super) fn is_nobody(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty()
    }
}

/// What can be read in these fields.
pub(super) fn identities(part: &Json, fields: &[&str]) -> Vec<Identity> {
    let mut found = Vec::new();
    for field in fields {
        add(&mut found, part.each(field).filter_map(identity));
    }
    found
}

fn add(to: &mut Vec<Identity>, more: impl IntoIterator<Item = Identity>) {
    for identity in more {
        if !to.contains(&identity) {
            to.push(identity);
        }
    }
}

/// A number may come as text or as a JSON number.
fn identity(value: &Json) -> Option<Identity> {
    match value {
        Json::Text(text) => Identity::parse(text),
        other => Identity::parse(&other.whole()?.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(part: &str, contacts: &[&str]) -> (Vec<String>, Vec<String>) {
        let part = Json::parse(part).unwrap();
        let contacts: Vec<_> = contacts.iter().map(|text| Json::parse(text).unwrap()).collect();
        let contacts: Vec<_> = contacts.iter().collect();
        let person = Person::of(&part, &["from", "from_user_id"], &contacts);
        let texts = |of: Vec<Identity>| of.iter().map(|id| id.as_ref().canonical()).collect();
        (texts(person.certain), texts(person.possible))
    }

    #[test]
    fn a_contact_that_shares_an_identity_names_the_same_person() {
        let other = r#"{"wa_id": "12025550102"}"#;
        let own = r#"{"wa_id": "12025550101", "user_id": "US.anna5"}"#;
        let (certain, possible) = person(r#"{"from_user_id": "US.anna5"}"#, &[other, own]);
        assert_eq!((certain, possible.len()), (vec!["US.anna5".into(), "+12025550101".into()], 0));
    }

    #[test]
    fn the_only_contact_that_shares_nothing_is_possible_and_not_certain() {
        let (certain, possible) =
            person(r#"{"from": "447700900001"}"#, &[r#"{"wa_id": "447700900002"}"#]);
        assert_eq!(
            (certain, possible),
            (vec!["+447700900001".into()], vec!["+447700900002".into()])
        );
        let two = [r#"{"wa_id": "447700900002"}"#, r#"{"wa_id": "447700900003"}"#];
        assert_eq!(person(r#"{"from": "447700900001"}"#, &two).1, Vec::<String>::new());
    }

    #[test]
    fn what_is_no_identity_names_nobody() {
        let part = r#"{"from": "anna", "from_user_id": ["US.anna5"], "wa_id": "12025550101"}"#;
        assert_eq!(person(part, &[]), (vec![], vec![]));
    }
}
