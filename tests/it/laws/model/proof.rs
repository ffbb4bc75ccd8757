//! Whether an event has all that a grant must have, by the way in which consent was collected.

use consentgate::consent::{Coded, ConsentEvent, Expression, Method};

/// How it was asked, how it was answered, and what must be there beside the pointer to the proof.
pub(crate) fn is_collected(event: &ConsentEvent) -> bool {
    use Expression as E;
    use Method as M;
    let (Coded::Known(method), Coded::Known(expression)) = (event.method, event.expression) else {
        return false;
    };
    let is_blank = |sign: char| sign.is_whitespace() || sign.is_control();
    let is_there = |text: &Option<String>| text.iter().any(|text| !text.chars().all(is_blank));
    let fits = match (method, expression) {
        (M::Import, _) | (_, E::PreTicked | E::Bundled) => false,
        // Only who speaks with somebody is heard.
        (_, E::Voice) => matches!(method, M::CustomerSupport | M::AskedInPerson),
        // A scanned code ticks no box.
        (M::QrCode | M::ClickToWhatsappAd, E::BoxTicked) => false,
        (_, E::BoxTicked | E::ButtonTapped | E::WordsWritten) => true,
    };
    let is_asked_by_somebody = matches!(method, M::CustomerSupport | M::AskedInPerson);
    let is_answer_in_chat = matches!(method, M::QrCode | M::ClickToWhatsappAd);
    fits && is_there(&event.evidence)
        && (!is_asked_by_somebody || is_there(&event.recorder))
        && (!is_answer_in_chat || event.inbound.is_some())
}
