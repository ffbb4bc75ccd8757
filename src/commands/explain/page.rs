//! stub

/// stub
pub(super) fn page(_: &super::Explanation) -> String {
    String::new()
}
