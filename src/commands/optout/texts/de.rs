//! German.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    tag: "de",
    title: "WhatsApp-Nachrichten beenden",
    ask: "Keine WhatsApp-Nachrichten mehr von {business}?",
    about: "In der Nachricht, die Sie hierher geführt hat, ging es um:",
    stop_these: "Nur das beenden",
    stop_all: "Alles von {business} beenden",
    nothing_yet: "Es ändert sich nichts, bis Sie auf eine Schaltfläche drücken. Einen Grund müssen Sie nicht nennen.",
    old: "Dieser Link ist alt. Er gilt trotzdem noch.",
    done: "Danke. Es ist erledigt.",
    done_these: "Von jetzt an darf {business} Ihnen auf WhatsApp nicht mehr schreiben über:",
    done_all: "Von jetzt an darf {business} Ihnen auf WhatsApp keine Nachrichten mehr schicken.",
    still: "Sie bekommen weiterhin Antworten, wenn Sie selbst an {business} schreiben, und Codes, die Sie anfordern. Eine Nachricht, die schon unterwegs ist, kann noch ankommen.",
    not_yet: "Noch nicht erledigt",
    not_yet_why: "Wir konnten es nicht festhalten, deshalb ist noch nichts beendet. Bitte versuchen Sie es gleich noch einmal. Sie können auch STOPP an {business} auf WhatsApp schreiben.",
    unreadable: "Dieser Link ist nicht lesbar",
    unreadable_why: "Vielleicht wurde er abgeschnitten. Es hat sich nichts geändert.",
    other_ways: "Sie können sich trotzdem abmelden: Schreiben Sie STOPP an das Unternehmen auf WhatsApp, oder nutzen Sie den Link in seiner neuesten Nachricht. In WhatsApp können Sie auch den Chat öffnen und Angebote abbestellen oder das Unternehmen blockieren.",
    scopes: [
        ("delivery_updates", "Lieferungen"),
        ("appointment_reminders", "Erinnerungen an Termine"),
        ("order_updates", "Bestellungen"),
        ("recommendations", "Empfehlungen"),
        ("alerts", "Warnungen und Hinweise zum Konto"),
        ("offers", "Angebote und Rabatte"),
        ("surveys", "Umfragen"),
        ("customer_support", "Kundendienst"),
        ("authentication", "Anmeldecodes"),
    ],
};
