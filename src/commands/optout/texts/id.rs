//! Indonesian.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    tag: "id",
    title: "Berhenti menerima pesan WhatsApp",
    ask: "Berhenti menerima pesan WhatsApp dari {business}?",
    about: "Pesan yang membawa Anda ke sini adalah tentang:",
    stop_these: "Hentikan ini saja",
    stop_all: "Hentikan semua dari {business}",
    nothing_yet: "Tidak ada yang berubah sampai Anda menekan tombol. Anda tidak perlu memberi alasan.",
    old: "Tautan ini sudah lama. Tautan ini masih berlaku.",
    done: "Terima kasih. Sudah selesai.",
    done_these: "Mulai sekarang {business} tidak boleh mengirim pesan WhatsApp kepada Anda tentang:",
    done_all: "Mulai sekarang {business} tidak boleh mengirim pesan WhatsApp kepada Anda.",
    still: "Anda tetap mendapat jawaban jika Anda sendiri menulis kepada {business}, dan kode yang Anda minta. Pesan yang sudah dikirim mungkin masih tiba.",
    not_yet: "Belum selesai",
    not_yet_why: "Kami belum dapat mencatatnya, jadi belum ada yang dihentikan. Silakan coba lagi sebentar lagi. Anda juga dapat menulis BERHENTI kepada {business} di WhatsApp.",
    unreadable: "Tautan ini tidak dapat dibaca",
    unreadable_why: "Mungkin tautan ini terpotong. Tidak ada yang berubah.",
    other_ways: "Anda tetap dapat berhenti: tulis BERHENTI kepada bisnis itu di WhatsApp, atau gunakan tautan di pesan terbarunya. Di WhatsApp Anda juga dapat membuka obrolan dan memilih untuk menghentikan penawaran atau memblokirnya.",
    scopes: [
        ("delivery_updates", "kabar pengiriman"),
        ("appointment_reminders", "pengingat janji temu"),
        ("order_updates", "kabar pesanan"),
        ("recommendations", "rekomendasi"),
        ("alerts", "peringatan dan notifikasi akun"),
        ("offers", "penawaran dan diskon"),
        ("surveys", "survei"),
        ("customer_support", "layanan pelanggan"),
        ("authentication", "kode masuk"),
    ],
};
