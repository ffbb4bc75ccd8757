//! English.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    tag: "en",
    title: "Stop WhatsApp messages",
    ask: "Stop WhatsApp messages from {business}?",
    about: "The message that brought you here was about:",
    stop_these: "Stop only this",
    stop_all: "Stop everything from {business}",
    nothing_yet: "Nothing changes until you press a button. You need not say why.",
    old: "This link is old. It still works.",
    done: "Thank you. It is done.",
    done_these: "From now on {business} may not write to you on WhatsApp about:",
    done_all: "From now on {business} may not send you messages on WhatsApp.",
    still: "You still get answers when you write to {business} yourself, and codes that you ask for. A message that is already on its way may still arrive.",
    not_yet: "Not done yet",
    not_yet_why: "We could not record it, so nothing has stopped yet. Please try again in a moment. You can also write STOP to {business} in WhatsApp.",
    unreadable: "This link cannot be read",
    unreadable_why: "It may have been cut off. Nothing has changed.",
    other_ways: "You can leave all the same: write STOP to the business in WhatsApp, or use the link in its newest message. In WhatsApp you can also open the chat and choose to stop its offers or to block it.",
    scopes: [
        ("delivery_updates", "news about deliveries"),
        ("appointment_reminders", "reminders of appointments"),
        ("order_updates", "news about orders"),
        ("recommendations", "recommendations"),
        ("alerts", "warnings and account alerts"),
        ("offers", "offers and discounts"),
        ("surveys", "surveys"),
        ("customer_support", "customer support"),
        ("authentication", "login codes"),
    ],
};
