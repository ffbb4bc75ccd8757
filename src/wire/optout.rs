//! Opt-out links: what one holds, sealed so that nobody can read it and nobody else can make it.
//!
//! A link travels through messages, logs and scanners, so the person's number must not be readable in it.
//! The same cipher vouches for it: who has no key makes no link. Knows no page and no clock; an end is
//! only carried, for a link that is old must still let a person leave. The newest key seals, all open.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use prost::Message as _;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use super::WireError;
use super::proto::consent::{Actor, ConsentEvent, Kind};
use super::proto::optout::OptOut;
use crate::consent::{BusinessId, Identity, Phone, ScopeName, Seconds, Subject, UserId};

const DOMAIN: &[u8] = b"consentgate/optout/v1\0";
const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
const NONCE_LEN: usize = 24;
const HEAD_LEN: usize = 1 + KEY_ID_LEN;
/// The longest token that is looked at, in characters: three times what any link needs that has a few
/// scopes.
pub const TOKEN_LEN_MAX: usize = 2_048;
/// The source of events that a page publishes.
pub const SOURCE: &str = "consentgate optout";
/// How the evidence of such an event begins that names a campaign.
pub const CAMPAIGN_PREFIX: &str = "campaign/";

/// What a link holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptOutLink {
    /// Who leaves whom.
    pub subject: Subject,
    /// What the link offers to end; none: everything.
    pub scopes: Vec<ScopeName>,
    /// From when on the page says that the link is old; `None` = never.
    pub expires_at: Option<Seconds>,
    /// The campaign that it was sent with; may be empty.
    pub campaign: String,
}

/// What the person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What the link names. A link that names nothing means everything.
    These,
    /// Everything from the business.
    Everything,
}

/// Why a token opens nothing. None of these says for whom it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// It is none, or cut off.
    Malformed,
    /// The key that it was made with is not held here.
    KeyMissing,
    /// It was changed.
    Broken,
}

/// The keys of links.
#[derive(Clone, Default)]
pub struct LinkKeys {
    newest: Option<[u8; KEY_ID_LEN]>,
    keys: BTreeMap<[u8; KEY_ID_LEN], XChaCha20Poly1305>,
}

impl LinkKeys {
    /// Keys by the digits of their ids, the newest first.
    ///
    /// # Errors
    /// An id that is not 16 hexadecimal digits.
    pub fn new(
        keys: impl IntoIterator<Item = (String, SecretSlice<u8>)>,
    ) -> Result<Self, WireError> {
        let mut held = Self::default();
        for (digits, secret) in keys {
            let mut id = [0; KEY_ID_LEN];
            let expected = "named by 16 hexadecimal digits";
            hex::decode_to_slice(&digits, &mut id)
                .map_err(|_| WireError::BadKey { what: "an opt-out key", expected })?;
            let derived = Sha256::new().chain_update(DOMAIN).chain_update(secret.expose_secret());
            held.newest.get_or_insert(id);
            held.keys.insert(id, XChaCha20Poly1305::new(&derived.finalize()));
        }
        Ok(held)
    }

    /// The token of a link, under the newest key. A nonce must never be used twice.
    ///
    /// # Errors
    /// No key is held, or the link is too long.
    pub fn seal(&self, link: &OptOutLink, nonce: [u8; NONCE_LEN]) -> Result<String, WireError> {
        let missing = || WireError::BadKey { what: "the opt-out key", expected: "given" };
        let id = self.newest.ok_or_else(missing)?;
        let cipher = self.keys.get(&id).ok_or_else(missing)?;
        let mut token = vec![VERSION];
        token.extend_from_slice(&id);
        let content = to_proto(link).encode_to_vec();
        let payload = Payload { msg: &content, aad: &[DOMAIN, &token].concat() };
        let too_long = |_| WireError::field("scopes", "are too many for a link");
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(too_long)?;
        token.extend_from_slice(&nonce);
        token.extend_from_slice(&sealed);
        let token = URL_SAFE_NO_PAD.encode(token);
        match token.len() {
            0..=TOKEN_LEN_MAX => Ok(token),
            _ => Err(WireError::field("scopes", "are too many for a link")),
        }
    }

    /// What a token holds.
    ///
    /// # Errors
    /// Why it opens nothing.
    pub fn open(&self, token: &str) -> Result<OptOutLink, Unopened> {
        if token.len() > TOKEN_LEN_MAX {
            return Err(Unopened::Malformed);
        }
        let token = URL_SAFE_NO_PAD.decode(token).map_err(|_| Unopened::Malformed)?;
        let (head, rest) = token.split_at_checked(HEAD_LEN).ok_or(Unopened::Malformed)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(Unopened::Malformed)?;
        let [VERSION, id @ ..] = head else {
            return Err(Unopened::Malformed);
        };
        let cipher = self.keys.get(id).ok_or(Unopened::KeyMissing)?;
        let payload = Payload { msg: sealed, aad: &[DOMAIN, head].concat() };
        let content =
            cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Unopened::Broken)?;
        OptOut::decode(content.as_slice()).ok().and_then(from_proto).ok_or(Unopened::Broken)
    }
}

impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.keys().map(hex::encode).collect();
        f.debug_struct("LinkKeys").field("keys", &ids).finish()
    }
}

/// The withdrawal that following a link comes to, at an instant in milliseconds since 1970.
///
/// The same token and choice give the same event id, so that following a link twice is one fact told
/// twice.
pub fn withdrawal(link: &OptOutLink, token: &str, choice: Choice, at_ms: i64) -> ConsentEvent {
    let (scopes, mark) = match choice {
        Choice::These => (link.scopes.iter().map(ToString::to_string).collect(), "these"),
        Choice::Everything => (Vec::new(), "everything"),
    };
    let digest = Sha256::digest(token.as_bytes());
    let evidence = match link.campaign.as_str() {
        "" => String::new(),
        campaign => format!("{CAMPAIGN_PREFIX}{campaign}"),
    };
    let mut event = ConsentEvent {
        event_id: format!("optout-{}-{mark}", hex::encode(&digest[..12])),
        business_id: link.subject.business.to_string(),
        kind: Kind::Withdraw.into(),
        scopes,
        occurred_at_ms: Some(at_ms),
        actor: Actor::Subject.into(),
        reason: "opt_out_link".to_owned(),
        evidence,
        source: SOURCE.to_owned(),
        ..ConsentEvent::default()
    };
    super::consent::name_person(&mut event, &link.subject.identity);
    event
}

fn to_proto(link: &OptOutLink) -> OptOut {
    let (phone, user_id) = match &link.subject.identity {
        Identity::Phone(phone) => (phone.digits(), String::new()),
        Identity::UserId(id) => (0, id.as_str().to_owned()),
    };
    OptOut {
        business_id: link.subject.business.to_string(),
        phone,
        user_id,
        scopes: link.scopes.iter().map(ToString::to_string).collect(),
        expires_at_s: link.expires_at.map_or(0, |at| at.0),
        campaign_id: link.campaign.clone(),
    }
}

/// A scope that this version cannot read widens the link to everything.
fn from_proto(link: OptOut) -> Option<OptOutLink> {
    let identity = match (link.phone, link.user_id.as_str()) {
        (0, id) => Identity::UserId(UserId::parse(id)?),
        (digits, "") => Identity::Phone(Phone::from_digits(digits)?),
        _ => return None,
    };
    let scopes: Option<Vec<_>> = link.scopes.iter().map(|scope| ScopeName::parse(scope)).collect();
    Some(OptOutLink {
        subject: Subject { business: BusinessId::parse(&link.business_id)?, identity },
        scopes: scopes.unwrap_or_default(),
        expires_at: (link.expires_at_s > 0).then_some(Seconds(link.expires_at_s)),
        campaign: link.campaign_id,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(seeds: &[u8]) -> LinkKeys {
        let key = |seed: &u8| (hex::encode([*seed; 8]), SecretSlice::from(vec![*seed; 32]));
        LinkKeys::new(seeds.iter().map(key)).unwrap()
    }

    fn link(identity: &str) -> OptOutLink {
        OptOutLink {
            subject: Subject {
                business: BusinessId::parse("cafe-luna").unwrap(),
                identity: Identity::parse(identity).unwrap(),
            },
            scopes: ["offers", "surveys"].map(|scope| ScopeName::parse(scope).unwrap()).into(),
            expires_at: Some(Seconds(2_000_000_000)),
            campaign: "spring".to_owned(),
        }
    }

    #[test]
    fn a_link_opens_to_what_was_sealed_and_shows_nothing_of_it() {
        for identity in ["+99910000001", "XX.anna1"] {
            let link = link(identity);
            let token = keys(&[7]).seal(&link, [3; 24]).unwrap();
            assert_eq!(keys(&[7]).open(&token), Ok(link));
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let digits = 99_910_000_001_u64.to_le_bytes();
            for shown in [&b"cafe"[..], b"999100", b"offers", b"spring", b"anna", &digits] {
                assert!(!bytes.windows(shown.len()).any(|window| window == shown));
            }
            assert!(token.len() < 200 && token.bytes().all(|b| b.is_ascii_graphic()), "{token}");
        }
    }

    #[test]
    fn a_rotated_key_still_opens_and_another_one_does_not() {
        let token = keys(&[7]).seal(&link("+99910000001"), [3; 24]).unwrap();
        assert!(keys(&[8, 7]).open(&token).is_ok());
        assert_eq!(keys(&[8]).open(&token), Err(Unopened::KeyMissing));
        let newer = keys(&[8, 7]).seal(&link("+99910000001"), [3; 24]).unwrap();
        assert!(keys(&[8]).open(&newer).is_ok(), "the newest seals");
        assert!(!format!("{:?}", keys(&[7])).contains("[7"), "no key is shown");
    }

    #[test]
    fn the_same_link_and_choice_give_the_same_event_and_each_names_its_scopes() {
        let (link, token) = (link("+99910000001"), "token");
        let these = withdrawal(&link, token, Choice::These, 5_000);
        assert_eq!(these.scopes, ["offers", "surveys"]);
        assert_eq!((these.kind(), these.actor()), (Kind::Withdraw, Actor::Subject));
        assert_eq!(these.phone, "+99910000001");
        assert_eq!(these.evidence, "campaign/spring");
        assert_eq!(withdrawal(&link, token, Choice::These, 9_000).event_id, these.event_id);
        let all = withdrawal(&link, token, Choice::Everything, 5_000);
        assert!(all.scopes.is_empty() && all.event_id != these.event_id);
        assert!(!these.event_id.contains("999"));
    }

    proptest! {
        #[test]
        fn a_changed_token_never_opens(at in 0_usize..400, flip in 1_u8..=255) {
            let token = keys(&[7]).seal(&link("+99910000001"), [3; 24]).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            prop_assert!(keys(&[7]).open(&URL_SAFE_NO_PAD.encode(&bytes)).is_err());
            bytes[at] ^= flip;
            bytes.truncate(at);
            prop_assert!(keys(&[7]).open(&URL_SAFE_NO_PAD.encode(&bytes)).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,300}") {
            prop_assert!(keys(&[7]).open(&text).is_err());
        }
    }
}
