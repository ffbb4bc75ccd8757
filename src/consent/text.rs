//! Consent texts: which one a grant names, and what is published about it.
//!
//! Knows no sentence, only its hash, and no person. All of it is joined: two publications of one text
//! in one language whose sentences differ contradict each other, and then the text proves nothing. Of
//! scopes and channels only those count that every publication names. In doubt nothing is proven.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use super::ids::ScopeName;
use super::time::{CLOCK_TOLERANCE_S, Seconds};

/// SHA-256 of a sentence as UTF-8.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextHash(pub [u8; 32]);

impl fmt::Debug for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Which text a person agreed to, as far as the grant says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextRef {
    /// The text's id.
    pub id: Arc<str>,
    /// The text's version; empty if the event named none.
    pub version: Arc<str>,
    /// In which language the person read it; empty if the event named none.
    pub language: Language,
    /// The hash of the sentence that the person read; `None` if the event named none.
    pub sha256: Option<TextHash>,
}

impl TextRef {
    /// A text by id and version.
    pub fn new(id: &str, version: &str) -> Self {
        Self { id: id.into(), version: version.into(), language: Language::default(), sha256: None }
    }

    /// The same, read in this language.
    pub fn in_language(self, language: &str) -> Self {
        Self { language: Language::of(language), ..self }
    }

    /// The same with the hash of its sentence.
    pub fn hashed(self, sha256: TextHash) -> Self {
        Self { sha256: Some(sha256), ..self }
    }

    /// Whether an event about this id and version means this text. `None` means every id or version;
    /// a text that does not say its version may be any of them.
    pub fn is_named_by(&self, id: Option<&str>, version: Option<&str>) -> bool {
        id.is_none_or(|id| id == &*self.id)
            && version.is_none_or(|version| self.version.is_empty() || version == &*self.version)
    }
}

/// A language tag such as `pt-br`, in lower case (RFC 5646: case says nothing); empty = not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(SmolStr);

impl Language {
    /// The tag as events write it, `pt-BR` or `pt_BR`.
    pub fn of(tag: &str) -> Self {
        let is_plain = !tag.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_');
        Self(if is_plain { tag.into() } else { tag.to_ascii_lowercase().replace('_', "-").into() })
    }

    /// The tag in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text in `other` may be the one that was read.
    fn may_be(&self, other: &Self) -> bool {
        self.0.is_empty() || self == other
    }
}

/// Whether a text names WhatsApp as a way to reach the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamesWhatsapp {
    /// It does not.
    No,
    /// It does.
    Yes,
}

/// What a publication says of a text in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The hash of the sentence.
    pub sha256: TextHash,
    /// The scopes that the sentence names.
    pub scopes: BTreeSet<ScopeName>,
    /// Whether it names the channel.
    pub whatsapp: NamesWhatsapp,
}

/// What all publications of a text in one language say together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Joined {
    /// `None` = they contradict each other.
    sha256: Option<TextHash>,
    /// In order.
    scopes: Vec<ScopeName>,
    whatsapp: NamesWhatsapp,
}

impl Joined {
    fn join(&mut self, other: &Edition) {
        self.sha256 = self.sha256.filter(|sha256| *sha256 == other.sha256);
        self.scopes.retain(|scope| other.scopes.contains(scope));
        self.whatsapp = self.whatsapp.min(other.whatsapp);
    }

    /// Whether a grant that names this hash, or none, may be on it.
    fn may_be(&self, sha256: Option<TextHash>) -> bool {
        match (self.sha256, sha256) {
            (Some(published), Some(named)) => published == named,
            _ => true,
        }
    }

    /// The scopes that it proves.
    fn proves(&self) -> Option<&[ScopeName]> {
        let proves = self.sha256.is_some() && self.whatsapp == NamesWhatsapp::Yes;
        proves.then_some(&*self.scopes)
    }
}

/// What is published of one text, in the order of languages. Mostly there is one, for which a tree has too
/// much room.
type Languages = Vec<(Language, Joined)>;

/// The texts of one business: what is published, and from when on no new grant stands on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextRegistry {
    /// By id, in the order of versions.
    published: BTreeMap<Arc<str>, Vec<(Arc<str>, Languages)>>,
    /// By id and version, `None` matching everything: the earliest second.
    retired: BTreeMap<(Option<String>, Option<String>), Seconds>,
}

impl TextRegistry {
    /// Joins a publication. What `text` says of a hash does not matter here.
    pub fn publish(&mut self, text: &TextRef, edition: &Edition) {
        let versions = self.published.entry(text.id.clone()).or_default();
        let at = versions.binary_search_by(|(version, _)| version.cmp(&text.version));
        let at = at.unwrap_or_else(|at| {
            versions.reserve_exact(1);
            versions.insert(at, (text.version.clone(), Languages::new()));
            at
        });
        let Some((_, languages)) = versions.get_mut(at) else {
            return;
        };
        match languages.binary_search_by(|(known, _)| known.cmp(&text.language)) {
            Ok(at) => {
                if let Some((_, joined)) = languages.get_mut(at) {
                    joined.join(edition);
                }
            }
            Err(at) => {
                let Edition { sha256, scopes, whatsapp } = edition.clone();
                let scopes = scopes.into_iter().collect();
                let joined = Joined { sha256: Some(sha256), scopes, whatsapp };
                languages.reserve_exact(1);
                languages.insert(at, (text.language.clone(), joined));
            }
        }
    }

    /// Joins a retirement: the earliest counts, and no publication lifts it.
    pub fn retire(&mut self, id: Option<String>, version: Option<String>, at: Seconds) {
        let earliest = self.retired.entry((id, version)).or_insert(at);
        *earliest = at.min(*earliest);
    }

    /// The scopes for which a text proves what was agreed to; none if nothing is proven.
    ///
    /// Whether it was published before or after the grant does not matter: no one clock orders the
    /// two, and the sentence of a version is one. A grant that names the hash of what was read is
    /// proven by that sentence alone. One that does not say the language may be about any of the
    /// text's, so a scope must be named in all of them.
    pub fn proven_scopes(&self, text: &TextRef) -> BTreeSet<ScopeName> {
        let mut candidates = self.candidates(text);
        let Some(Some(first)) = candidates.next() else {
            return BTreeSet::new();
        };
        let mut proven: BTreeSet<_> = first.iter().cloned().collect();
        for scopes in candidates {
            proven.retain(|scope| scopes.is_some_and(|scopes| scopes.contains(scope)));
        }
        proven
    }

    /// Whether a text proves that the person agreed to a scope: whether it is among its proven scopes.
    pub fn proves(&self, text: &TextRef, scope: &str) -> bool {
        let names = |scopes: &[ScopeName]| scopes.iter().any(|named| named.as_str() == scope);
        let mut candidates = self.candidates(text).peekable();
        candidates.peek().is_some() && candidates.all(|scopes| scopes.is_some_and(names))
    }

    /// What each publication that a grant may be on proves; `None` for one that proves nothing.
    fn candidates(&self, text: &TextRef) -> impl Iterator<Item = Option<&[ScopeName]>> {
        let versions = self.published.get(&text.id).into_iter().flatten();
        let mut languages = versions.filter(|(version, _)| *version == text.version);
        let languages = languages.next().map(|(_, languages)| languages);
        let may_be = move |(language, joined): &&(Language, Joined)| {
            text.language.may_be(language) && joined.may_be(text.sha256)
        };
        languages.into_iter().flatten().filter(may_be).map(|(_, joined)| joined.proves())
    }

    /// The earliest second in which a text was retired.
    pub fn retired_at(&self, text: &TextRef) -> Option<Seconds> {
        let named = self
            .retired
            .iter()
            .filter(|((id, version), _)| text.is_named_by(id.as_deref(), version.as_deref()));
        named.map(|(_, at)| *at).min()
    }
}

/// Whether a grant is too late for a text that was retired. The retirement lies in another partition,
/// so a grant must be earlier by more than a minute.
pub fn is_too_late(retired_at: Option<Seconds>, granted_at: Seconds) -> bool {
    retired_at.is_some_and(|at| granted_at.plus(CLOCK_TOLERANCE_S) >= at)
}
