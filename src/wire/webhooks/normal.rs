//! A text as words that can be compared: small letters without accents, nothing else.
//!
//! Marks that nobody sees are dropped, all else that is no letter or digit parts words. Both sides of
//! every comparison go through here, so a fold that is rough can only find more.

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for written in text.chars().map(narrow) {
        for c in written.to_lowercase().map(without_accent) {
            if c.is_alphanumeric() {
                word.push(c);
            } else if !is_unseen(c) && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a word is of a script that does not part words.
pub(super) fn is_unparted(word: &str) -> bool {
    word.chars().any(|c| {
        matches!(c,
            '\u{0E00}'..='\u{0E7F}'      // Thai
            | '\u{3040}'..='\u{30FF}'    // Hiragana, Katakana
            | '\u{3400}'..='\u{9FFF}'    // Han
            | '\u{AC00}'..='\u{D7AF}') // Hangul: particles follow without a gap
    })
}

/// Full-width letters and digits as plain ones.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(c) - 0xFF01 + u32::from('!')).unwrap_or(c)
        }
        _ => c,
    }
}

/// Marks within a word that a reader does not see, combining accents, and apostrophes.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\'' | '\u{2018}' | '\u{2019}')
}

/// A small letter without its accent.
fn without_accent(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        'ё' => 'е',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_hide_a_word() {
        for written in [
            "STOP",
            " stop! ",
            "\u{FF33}\u{FF34}\u{FF2F}\u{FF30}",
            "s\u{200B}top",
            "«Stop»",
            "🛑 STOP",
        ] {
            assert_eq!(words(written), ["stop"], "{written:?}");
        }
        assert_eq!(words("Désabonner-moi"), ["desabonner", "moi"]);
        assert_eq!(words("De\u{301}sabonner"), ["desabonner"]);
        assert_eq!(words("İPTAL"), ["iptal"]);
        assert_eq!(words("don’t"), ["dont"]);
        assert_eq!(words("… 👍"), Vec::<String>::new());
    }
}
