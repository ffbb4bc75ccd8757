//! A record's headers, one by one.
//!
//! The client panics at a name that is no UTF-8. The panic is caught and kept quiet; such a header
//! counts as one that cannot be shown.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Headers, Message, Timestamp};

use crate::stream::ports::{AppendTime, Header, ROLLED_HEADER};

/// One header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderView<'h> {
    /// One whose name is text.
    Text {
        /// Its name.
        name: &'h str,
        /// Its value; `None` for null.
        value: Option<&'h [u8]>,
    },
    /// One whose name is no text: it is there, and nothing more can be said.
    Unreadable,
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Shows every header in order whose name is text.
pub(super) fn each_text_header<'h>(headers: &'h BorrowedHeaders, show: &mut dyn FnMut(Header<'h>)) {
    each_header(headers, |header| match header {
        HeaderView::Text { name, value } => show(Header { name, value }),
        HeaderView::Unreadable => {}
    });
}

/// When the broker appended a consent record, and what it says of its first append.
pub(super) fn appended(message: &BorrowedMessage<'_>) -> AppendTime {
    let Timestamp::LogAppendTime(at_ms) = message.timestamp() else {
        return AppendTime::NotBroker;
    };
    let Some(headers) = message.headers() else {
        return AppendTime::Broker(at_ms);
    };
    let mut original = None;
    each_header(headers, |header| match header {
        HeaderView::Text { name: ROLLED_HEADER, value } => original = value,
        HeaderView::Text { .. } | HeaderView::Unreadable => {}
    });
    AppendTime::of_broker(at_ms, original)
}

/// Shows every header in order.
pub(super) fn each_header<'h>(headers: &'h BorrowedHeaders, mut show: impl FnMut(HeaderView<'h>)) {
    for at in 0..headers.count() {
        let header = caught(|| headers.try_get(at)).flatten();
        show(header.map_or(HeaderView::Unreadable, |header| HeaderView::Text {
            name: header.key,
            value: header.value,
        }));
    }
}

/// What `work` returns, or none if it panics. Panics elsewhere are reported as ever.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                report(panic);
            }
        }));
    });
    QUIET.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::message::{Header, OwnedHeaders};

    #[test]
    fn headers_are_shown_in_order_with_null_values() {
        let headers = OwnedHeaders::new()
            .insert(Header { key: "a", value: Some("1") })
            .insert(Header::<&str> { key: "b", value: None });
        let mut shown = Vec::new();
        each_header(headers.as_borrowed(), |header| {
            if let HeaderView::Text { name, value } = header {
                shown.push((name.to_string(), value.map(<[u8]>::to_vec)));
            }
        });
        assert_eq!(shown, [("a".into(), Some(b"1".to_vec())), ("b".into(), None)]);
    }

    #[test]
    fn a_panic_inside_is_no_panic_outside() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| -> u8 { panic!("a name that is no text") }), None);
    }
}
