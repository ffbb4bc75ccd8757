//! French.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    tag: "fr",
    title: "Ne plus recevoir de messages WhatsApp",
    ask: "Ne plus recevoir de messages WhatsApp de {business} ?",
    about: "Le message qui vous a amené ici concernait :",
    stop_these: "Arrêter seulement cela",
    stop_all: "Tout arrêter de {business}",
    nothing_yet: "Rien ne change tant que vous n’appuyez pas sur un bouton. Vous n’avez pas à dire pourquoi.",
    old: "Ce lien est ancien. Il fonctionne encore.",
    done: "Merci. C’est fait.",
    done_these: "Désormais, {business} ne peut plus vous écrire sur WhatsApp au sujet de :",
    done_all: "Désormais, {business} ne peut plus vous envoyer de messages sur WhatsApp.",
    still: "Vous recevrez encore des réponses si vous écrivez vous-même à {business}, et les codes que vous demandez. Un message déjà parti peut encore arriver.",
    not_yet: "Ce n’est pas encore fait",
    not_yet_why: "Nous n’avons pas pu l’enregistrer : rien n’est encore arrêté. Veuillez réessayer dans un instant. Vous pouvez aussi écrire STOP à {business} sur WhatsApp.",
    unreadable: "Ce lien est illisible",
    unreadable_why: "Il a peut-être été coupé. Rien n’a changé.",
    other_ways: "Vous pouvez tout de même vous désinscrire : écrivez STOP à l’entreprise sur WhatsApp, ou utilisez le lien de son dernier message. Dans WhatsApp, vous pouvez aussi ouvrir la discussion et choisir de ne plus recevoir ses offres ou de la bloquer.",
    scopes: [
        ("delivery_updates", "le suivi des livraisons"),
        ("appointment_reminders", "les rappels de rendez-vous"),
        ("order_updates", "le suivi des commandes"),
        ("recommendations", "les recommandations"),
        ("alerts", "les avertissements et alertes de compte"),
        ("offers", "les offres et remises"),
        ("surveys", "les enquêtes"),
        ("customer_support", "le service client"),
        ("authentication", "les codes de connexion"),
    ],
};
