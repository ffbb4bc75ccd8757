//! Which templates may be sent.
//!
//! What the platform has rejected, paused or taken away is never sent; this is about what it has said
//! nothing of.

/// What must be known of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateNeed {
    /// Nothing: what nobody knows may be sent.
    #[default]
    Any,
    /// That the platform has approved it. What is no reply must then name a template.
    Registered,
}

impl TemplateNeed {
    /// Both, the looser first.
    pub const ALL: [Self; 2] = [Self::Any, Self::Registered];

    /// The name in configuration and in the canonical text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Registered => "registered",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|need| need.name() == name)
    }
}
