//! Which consent texts a grant may stand on.
//!
//! By default those alone that are published and name what was agreed to: a grant on a text that
//! nobody can read proves nothing.

/// Which consent texts a grant may stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsentTexts {
    /// Any: the event's word is taken for what the person read. What is retired or invalid falls all
    /// the same.
    Any,
    /// Those whose sentence is published, without contradiction, and names the scope and WhatsApp.
    #[default]
    Published,
}

impl ConsentTexts {
    /// Both, the looser first.
    pub const ALL: [Self; 2] = [Self::Any, Self::Published];

    /// The name in configuration and in the canonical text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Published => "published",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|texts| texts.name() == name)
    }
}
