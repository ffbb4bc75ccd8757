//! Names that callers gave, as far as they may be told.

/// The longest name that is told, in bytes.
const LEN_MAX: usize = 64;
/// From so many digits on a name may hold somebody's number.
const DIGITS_MAX: usize = 6;
/// What is told in place of a name that may be somebody's.
pub(super) const WITHHELD: &str = "(not told)";

/// The name; `(none)` for an empty one, and `(not told)` for one that may hold a number, an address or a
/// text.
pub(super) fn label(name: &str) -> &str {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    match name {
        "" => "(none)",
        _ if name.len() > LEN_MAX || digits > DIGITS_MAX || name.contains('@') => WITHHELD,
        _ if name.chars().any(char::is_control) => WITHHELD,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_may_be_somebodys_is_not_told() {
        assert_eq!(label("spring-2026"), "spring-2026");
        assert_eq!(label(""), "(none)");
        for somebody in ["+99910000001", "call 999 1000 0001", "anna@example.org", "a\nb"] {
            assert_eq!(label(somebody), WITHHELD);
        }
        assert_eq!(label(&"x".repeat(65)), WITHHELD);
    }
}
