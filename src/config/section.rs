//! One declaration a section: its struct, its defaults and its page of the manual.
//!
//! The documentation of a field is the comment that `config default` prints, so the two cannot
//! drift apart. A key that stands in no declaration does not exist.

use super::value::Shape;

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// The key's name within its section.
    pub name: &'static str,
    /// What it means, one line each.
    pub about: &'static [&'static str],
    /// What its value looks like.
    pub shape: Shape,
    /// How it could be written, for keys that are not set by default.
    pub example: &'static str,
}

/// One section.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionInfo {
    /// The section's name.
    pub name: &'static str,
    /// What it is about, one line each.
    pub about: &'static [&'static str],
    /// Its keys, in the order of the manual.
    pub keys: &'static [Key],
}

/// Declares a section: struct, defaults, manual.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        [$section:literal] $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $key:ident: $kind:ty = $default:expr $(, example $example:literal)?;
            )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])* pub $key: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl $name {
            /// The section's page of the manual.
            pub(in $crate::config) const INFO: $crate::config::section::SectionInfo =
                $crate::config::section::SectionInfo {
                    name: $section,
                    about: &[$($about),*],
                    keys: &[$($crate::config::section::Key {
                        name: stringify!($key),
                        about: &[$($doc),*],
                        shape: <$kind as $crate::config::value::Setting>::SHAPE,
                        example: concat!("" $(, $example)?),
                    }),*],
                };
        }
    };
}

/// Declares a closed list of names.
macro_rules! choice {
    (
        $(#[doc = $about:literal])*
        $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $text:literal,)* }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// All names, in the order of the manual.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// The name in configuration.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl $crate::config::value::Setting for $name {
            const SHAPE: $crate::config::value::Shape =
                $crate::config::value::Shape::choice(Self::NAMES);
        }
    };
}

pub(super) use {choice, section};
