//! Where a field stands: at a JSON pointer, or in a header.
//!
//! `/meta/tenant` is a pointer as in RFC 6901 (`~1` stands for `/`, `~0` for `~`, a number for a place
//! in a list); `header:tenant` is the header of that name.

/// What a header's place begins with.
const HEADER: &str = "header:";

/// Where a field stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the value, at these keys.
    Pointer(Vec<String>),
    /// In the header of this name.
    Header(String),
}

/// Why a text is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Neither form.
    #[error("is no place, write a JSON pointer such as /to, or header:NAME")]
    NeitherForm,
    /// The pointer to the whole document.
    #[error("names the whole value, name a place in it")]
    WholeValue,
    /// A `~` that stands for nothing.
    #[error("has a ~ that is neither ~0 (for ~) nor ~1 (for /)")]
    Tilde,
    /// A header without a name, or with one that no header can have.
    #[error("names no header")]
    NoName,
}

impl Source {
    /// Reads a place as it is written in configuration.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        if let Some(name) = text.strip_prefix(HEADER) {
            let is_name = !name.is_empty() && !name.contains('\0');
            return match is_name {
                true => Ok(Self::Header(name.to_owned())),
                false => Err(SourceError::NoName),
            };
        }
        match text.strip_prefix('/') {
            Some(keys) => {
                keys.split('/').map(unescaped).collect::<Result<_, _>>().map(Self::Pointer)
            }
            None if text.is_empty() => Err(SourceError::WholeValue),
            None => Err(SourceError::NeitherForm),
        }
    }
}

fn unescaped(key: &str) -> Result<String, SourceError> {
    let mut text = String::with_capacity(key.len());
    let mut chars = key.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            '~' => match chars.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(SourceError::Tilde),
            },
            char => char,
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(keys: &[&str]) -> Result<Source, SourceError> {
        Ok(Source::Pointer(keys.iter().map(|key| (*key).to_owned()).collect()))
    }

    #[test]
    fn pointers_are_those_of_the_rfc() {
        assert_eq!(Source::parse("/to"), pointer(&["to"]));
        assert_eq!(Source::parse("/a~1b/m~0n/0"), pointer(&["a/b", "m~n", "0"]));
        assert_eq!(Source::parse("/~01"), pointer(&["~1"]));
        assert_eq!(Source::parse("/"), pointer(&[""]));
        assert_eq!(Source::parse("/a/"), pointer(&["a", ""]));
    }

    #[test]
    fn headers_have_any_name_but_none() {
        assert_eq!(Source::parse("header:x-tenant"), Ok(Source::Header("x-tenant".to_owned())));
        assert_eq!(Source::parse("header:/to"), Ok(Source::Header("/to".to_owned())));
        assert_eq!(Source::parse("header:"), Err(SourceError::NoName));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for (text, error) in [
            ("", SourceError::WholeValue),
            ("to", SourceError::NeitherForm),
            ("$.to", SourceError::NeitherForm),
            ("/a~2", SourceError::Tilde),
            ("/a~", SourceError::Tilde),
        ] {
            assert_eq!(Source::parse(text), Err(error), "{text}");
        }
    }
}
