//! The words of the fields that are no free text: categories, ways out, deadlines, endpoints.
//!
//! A word that is not known is read as the strictest there is; a value of another type is refused.

use super::field::Field;
use super::refusal::{Fault, Refusal};
use super::sink::Value;
use crate::consent::{Category, Seconds};
use crate::decision::OptOutPath;

/// The category of this name, in any case; `None` if there is none.
pub(super) fn category_of(name: &str) -> Option<Category> {
    Category::ALL.into_iter().find(|category| category.name().eq_ignore_ascii_case(name))
}

/// A way out that this version knows.
pub(super) fn opt_out_path_of(name: &str) -> OptOutPath {
    let known = ["footer", "button", "link"].iter().any(|way| way.eq_ignore_ascii_case(name));
    if known { OptOutPath::Offered } else { OptOutPath::Missing }
}

/// A deadline: milliseconds since 1970, as a number or its digits, or a time such as
/// `2026-11-24T10:00:00Z`. One before 1970 has always been over; one after 2106 is none.
pub(super) fn deadline_of(value: Value<'_>) -> Result<Option<Seconds>, Refusal> {
    let refusal = Refusal::of(Field::Deadline, Fault::WrongType);
    let millis = match value {
        Value::Number(number) => number.parse().map_err(|_| refusal)?,
        Value::Text(text) => match text.parse() {
            Ok(millis) => millis,
            Err(_) => instant_ms(text).ok_or(refusal)?,
        },
        Value::Flag(_) | Value::List | Value::Other => return Err(refusal),
    };
    Ok(Seconds::from_millis(i64::max(millis, 0)))
}

/// Whether an endpoint promotes by its nature. Only `messages` does not.
pub(super) fn promotes(endpoint: &str) -> bool {
    path_of(endpoint).rsplit('/').next() != Some("messages")
}

/// The number whose endpoint it is: `/v24.0/106540352242922/messages`.
pub(super) fn sender_in(endpoint: &str) -> Option<&str> {
    let owner = path_of(endpoint).rsplit('/').nth(1)?;
    let is_id = !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then_some(owner)
}

fn path_of(endpoint: &str) -> &str {
    endpoint.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

/// A time in UTC such as `2026-11-24T10:00:00Z`, from 1970 on.
pub(super) fn instant_ms(text: &str) -> Option<i64> {
    let instant = humantime::parse_rfc3339(text).ok()?;
    // A time before 1970 is refused by the parser's result here: it has no distance from 1970.
    let since = instant.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_endpoint_for_messages_does_not_promote() {
        for endpoint in [
            "messages",
            "/106540352242922/messages",
            "https://graph.facebook.com/v24.0/106540352242922/messages?access=1",
            "/messages/",
        ] {
            assert!(!promotes(endpoint), "{endpoint}");
        }
        for endpoint in
            ["", "marketing_messages", "/1/marketing_messages", "/messages/x", "Messages"]
        {
            assert!(promotes(endpoint), "{endpoint}");
        }
    }

    #[test]
    fn an_endpoint_names_the_number_whose_it_is() {
        for (endpoint, sender) in [
            ("/106540352242922/messages", Some("106540352242922")),
            ("https://graph.facebook.com/v24.0/1065/marketing_messages?x=1", Some("1065")),
            ("messages", None),
            ("/messages", None),
            ("/v24.0/messages", None),
        ] {
            assert_eq!(sender_in(endpoint), sender, "{endpoint}");
        }
    }

    #[test]
    fn deadlines_are_milliseconds_or_a_time() {
        let of = |value| deadline_of(value);
        let second = Ok(Some(Seconds(1_790_000_600)));
        assert_eq!(of(Value::Number("1790000600999")), second);
        assert_eq!(of(Value::Text("1790000600999")), second);
        assert_eq!(of(Value::Text("2026-09-21T14:23:20.5Z")), second);
        assert_eq!(of(Value::Number("-5")), Ok(Some(Seconds(0))));
        assert_eq!(of(Value::Number("9223372036854775807")), Ok(None));
        for value in [Value::Other, Value::Text(""), Value::Text("soon"), Value::Text("1.5e12")] {
            assert!(of(value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn words_are_read_in_any_case_and_unknown_ones_strictly() {
        assert_eq!(category_of("UTILITY"), Some(Category::Utility));
        assert_eq!(category_of("promo"), None);
        assert_eq!(opt_out_path_of("Footer"), OptOutPath::Offered);
        assert_eq!(opt_out_path_of("qr"), OptOutPath::Missing);
    }
}
