//! 32 secret bytes.
//!
//! Wiped from memory when dropped; `Debug` shows nothing of them.

use std::fmt::Write;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox};

/// The bytes of a key.
#[derive(Debug)]
pub struct SecretKey(SecretBox<[u8; 32]>);

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self::new(*self.expose())
    }
}

impl SecretKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The bytes, for the one who signs or hashes with them.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self::new(*bytes))
    }

    /// The key as 64 hexadecimal digits, wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.expose() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Whether all bytes are the same, as in `0000...`.
    pub fn is_placeholder(&self) -> bool {
        let [first, rest @ ..] = self.expose();
        rest.iter().all(|byte| byte == first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_from_its_hexadecimal_form() {
        let key = SecretKey::new(std::array::from_fn(|i| i as u8 * 7));
        let read = SecretKey::from_hex(&key.to_hex()).expect("64 digits");
        assert_eq!(read.expose(), key.expose());
    }

    #[test]
    fn what_is_not_64_digits_is_no_key() {
        for text in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &"é".repeat(32)]
        {
            assert!(SecretKey::from_hex(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_debug_form_shows_no_byte() {
        let shown = format!("{:?}", SecretKey::new([0xAB; 32]));
        assert!(!shown.to_lowercase().contains("ab") && !shown.contains("171"), "{shown}");
    }
}
