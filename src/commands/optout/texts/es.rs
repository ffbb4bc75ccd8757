//! Spanish.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    tag: "es",
    title: "Dejar de recibir mensajes de WhatsApp",
    ask: "¿Dejar de recibir mensajes de WhatsApp de {business}?",
    about: "El mensaje que te trajo aquí trataba de:",
    stop_these: "Dejar de recibir solo esto",
    stop_all: "Dejar de recibir todo de {business}",
    nothing_yet: "Nada cambia hasta que pulses un botón. No hace falta que digas por qué.",
    old: "Este enlace es antiguo. Todavía funciona.",
    done: "Gracias. Ya está hecho.",
    done_these: "A partir de ahora {business} no puede escribirte por WhatsApp sobre:",
    done_all: "A partir de ahora {business} no puede enviarte mensajes por WhatsApp.",
    still: "Seguirás recibiendo respuestas cuando tú escribas a {business}, y los códigos que pidas. Un mensaje que ya está en camino todavía puede llegar.",
    not_yet: "Todavía no está hecho",
    not_yet_why: "No hemos podido registrarlo, así que nada ha cambiado todavía. Inténtalo de nuevo en un momento. También puedes escribir BAJA a {business} en WhatsApp.",
    unreadable: "Este enlace no se puede leer",
    unreadable_why: "Puede que esté cortado. Nada ha cambiado.",
    other_ways: "Puedes darte de baja de todos modos: escribe BAJA a la empresa en WhatsApp, o usa el enlace de su último mensaje. En WhatsApp también puedes abrir el chat y elegir no recibir sus ofertas o bloquearla.",
    scopes: [
        ("delivery_updates", "novedades de entregas"),
        ("appointment_reminders", "recordatorios de citas"),
        ("order_updates", "novedades de pedidos"),
        ("recommendations", "recomendaciones"),
        ("alerts", "avisos y alertas de la cuenta"),
        ("offers", "ofertas y descuentos"),
        ("surveys", "encuestas"),
        ("customer_support", "atención al cliente"),
        ("authentication", "códigos de acceso"),
    ],
};
