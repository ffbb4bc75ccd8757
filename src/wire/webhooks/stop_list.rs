//! The words with which people leave, by language.
//!
//! Too many rather than too few: a word here costs a message, a word that is missing costs a person's
//! trust. A word that means something else in most sentences, or is a usual title of a button (cancel an
//! appointment), counts only where a person wrote nothing else: [`Reach::Alone`].

/// Where a phrase counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// As the whole message, and among other words.
    Anywhere,
    /// As the whole of what a person wrote, and nowhere else.
    Alone,
}

/// A language with its phrases.
pub(super) struct Listed {
    /// Its code.
    pub(super) language: &'static str,
    /// Its phrases, and where they count.
    pub(super) phrases: &'static [(&'static str, Reach)],
}

use Reach::{Alone, Anywhere};

/// All languages.
pub(super) const LISTED: &[Listed] = &[
    Listed {
        language: "en",
        phrases: &[
            ("stop", Anywhere),
            ("stop all", Anywhere),
            ("unsubscribe", Anywhere),
            ("unsub", Anywhere),
            ("opt out", Anywhere),
            ("opt me out", Anywhere),
            ("revoke", Anywhere),
            ("quit", Anywhere),
            ("cancel", Alone),
            ("cancel subscription", Anywhere),
            ("cancel my subscription", Anywhere),
            ("end", Alone),
            ("remove", Alone),
            ("remove me", Anywhere),
            ("take me off", Anywhere),
            ("leave me alone", Anywhere),
            ("no more messages", Anywhere),
            ("do not contact me", Anywhere),
            ("dont contact me", Anywhere),
            ("do not message me", Anywhere),
            ("dont message me", Anywhere),
            ("do not text me", Anywhere),
            ("dont text me", Anywhere),
        ],
    },
    Listed {
        language: "de",
        phrases: &[
            ("stopp", Anywhere),
            ("abmelden", Anywhere),
            ("abmeldung", Anywhere),
            ("abbestellen", Anywhere),
            ("austragen", Anywhere),
            ("keine werbung", Anywhere),
            ("keine nachrichten", Anywhere),
            ("widerruf", Anywhere),
            ("aufhören", Anywhere),
            ("ende", Alone),
        ],
    },
    Listed {
        language: "sv",
        phrases: &[
            ("stopp", Anywhere),
            ("stoppa", Anywhere),
            ("avsluta", Anywhere),
            ("sluta", Anywhere),
            ("avregistrera", Anywhere),
            ("avprenumerera", Anywhere),
            ("avanmäl", Anywhere),
            ("nej tack", Anywhere),
        ],
    },
    Listed {
        language: "no",
        phrases: &[
            ("stopp", Anywhere),
            ("avslutt", Anywhere),
            ("avmeld", Anywhere),
            ("meld av", Anywhere),
        ],
    },
    Listed {
        language: "da",
        phrases: &[("afmeld", Anywhere), ("frameld", Anywhere), ("nej tak", Anywhere)],
    },
    Listed {
        language: "fi",
        phrases: &[
            ("lopeta", Anywhere),
            ("peruuta", Alone),
            ("peru tilaus", Anywhere),
            ("ei kiitos", Anywhere),
        ],
    },
    Listed {
        language: "es",
        phrases: &[
            ("baja", Anywhere),
            ("darme de baja", Anywhere),
            ("desuscribir", Anywhere),
            ("desuscribirme", Anywhere),
            ("cancelar", Alone),
            ("cancelar suscripción", Anywhere),
            ("parar", Anywhere),
            ("detener", Anywhere),
            ("no más mensajes", Anywhere),
            ("no quiero mensajes", Anywhere),
            ("alto", Alone),
            ("basta", Alone),
            ("fin", Alone),
        ],
    },
    Listed {
        language: "pt",
        phrases: &[
            ("sair", Anywhere),
            ("parar", Anywhere),
            ("pare", Anywhere),
            ("cancelar", Alone),
            ("cancelar inscrição", Anywhere),
            ("descadastrar", Anywhere),
            ("não quero receber", Anywhere),
            ("não quero mais", Anywhere),
            ("remover", Alone),
        ],
    },
    Listed {
        language: "fr",
        phrases: &[
            ("arrêt", Anywhere),
            ("arrêter", Anywhere),
            ("arrêtez", Anywhere),
            ("désabonner", Anywhere),
            ("désabonnement", Anywhere),
            ("désinscrire", Anywhere),
            ("désinscription", Anywhere),
            ("stopper", Anywhere),
            ("plus de messages", Anywhere),
            ("fin", Alone),
        ],
    },
    Listed {
        language: "it",
        phrases: &[
            ("disiscrivimi", Anywhere),
            ("disiscrizione", Anywhere),
            ("cancellami", Anywhere),
            ("rimuovimi", Anywhere),
            ("annulla iscrizione", Anywhere),
            ("ferma", Alone),
            ("basta", Alone),
            ("cancella", Alone),
        ],
    },
    Listed {
        language: "nl",
        phrases: &[
            ("afmelden", Anywhere),
            ("uitschrijven", Anywhere),
            ("stoppen", Anywhere),
            ("geen berichten", Anywhere),
            ("einde", Alone),
        ],
    },
    Listed {
        language: "pl",
        phrases: &[("wypisz", Anywhere), ("rezygnuję", Anywhere), ("anuluj", Alone)],
    },
    Listed { language: "cs", phrases: &[("odhlásit", Anywhere), ("zrušit", Alone)] },
    Listed { language: "ro", phrases: &[("dezabonare", Anywhere), ("dezabonați", Anywhere)] },
    Listed { language: "hu", phrases: &[("leiratkozás", Anywhere), ("leiratkozom", Anywhere)] },
    Listed { language: "tr", phrases: &[("iptal", Alone), ("ret", Alone), ("dur", Alone)] },
    Listed { language: "el", phrases: &[("στοπ", Anywhere), ("διαγραφή", Anywhere)] },
    Listed {
        language: "ru",
        phrases: &[
            ("стоп", Anywhere),
            ("отписаться", Anywhere),
            ("отписка", Anywhere),
            ("отпишите", Anywhere),
        ],
    },
    Listed {
        language: "uk", phrases: &[("відписатися", Anywhere), ("відпишіть", Anywhere)]
    },
    Listed { language: "id", phrases: &[("berhenti", Anywhere)] },
    Listed { language: "vi", phrases: &[("từ chối", Anywhere), ("hủy", Anywhere)] },
    Listed {
        language: "ar",
        phrases: &[
            ("إيقاف", Anywhere),
            ("توقف", Anywhere),
            ("إلغاء الاشتراك", Anywhere),
            ("قف", Alone),
        ],
    },
    Listed { language: "he", phrases: &[("הסר", Anywhere), ("הסרה", Anywhere)] },
    Listed {
        language: "hi",
        phrases: &[("बंद करें", Anywhere), ("बंद करो", Anywhere), ("स्टॉप", Anywhere)],
    },
    Listed {
        language: "zh",
        phrases: &[("退订", Anywhere), ("退訂", Anywhere), ("取消订阅", Anywhere), ("停止", Alone)],
    },
    Listed {
        language: "ja",
        phrases: &[("配信停止", Anywhere), ("停止", Anywhere), ("解除", Alone)],
    },
    Listed { language: "ko", phrases: &[("수신거부", Anywhere), ("중지", Anywhere)] },
    Listed {
        language: "th",
        phrases: &[("ยกเลิก", Alone), ("หยุด", Anywhere), ("ยกเลิกรับข่าวสาร", Anywhere)],
    },
];
