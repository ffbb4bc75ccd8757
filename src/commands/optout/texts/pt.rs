//! Portuguese.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    tag: "pt",
    title: "Parar de receber mensagens do WhatsApp",
    ask: "Parar de receber mensagens do WhatsApp de {business}?",
    about: "A mensagem que trouxe você aqui era sobre:",
    stop_these: "Parar só com isto",
    stop_all: "Parar com tudo de {business}",
    nothing_yet: "Nada muda até você tocar em um botão. Não é preciso dizer o motivo.",
    old: "Este link é antigo. Ele ainda funciona.",
    done: "Obrigado. Está feito.",
    done_these: "A partir de agora, {business} não pode escrever para você no WhatsApp sobre:",
    done_all: "A partir de agora, {business} não pode enviar mensagens para você no WhatsApp.",
    still: "Você ainda recebe respostas quando escreve para {business}, e os códigos que pedir. Uma mensagem que já está a caminho ainda pode chegar.",
    not_yet: "Ainda não está feito",
    not_yet_why: "Não conseguimos registrar o pedido, então nada mudou ainda. Tente de novo em instantes. Você também pode escrever SAIR para {business} no WhatsApp.",
    unreadable: "Não é possível ler este link",
    unreadable_why: "Ele pode ter sido cortado. Nada mudou.",
    other_ways: "Você pode sair mesmo assim: escreva SAIR para a empresa no WhatsApp ou use o link da mensagem mais recente. No WhatsApp, você também pode abrir a conversa e escolher não receber ofertas ou bloquear a empresa.",
    scopes: [
        ("delivery_updates", "novidades sobre entregas"),
        ("appointment_reminders", "lembretes de horários marcados"),
        ("order_updates", "novidades sobre pedidos"),
        ("recommendations", "recomendações"),
        ("alerts", "avisos e alertas da conta"),
        ("offers", "ofertas e descontos"),
        ("surveys", "pesquisas"),
        ("customer_support", "atendimento ao cliente"),
        ("authentication", "códigos de acesso"),
    ],
};
