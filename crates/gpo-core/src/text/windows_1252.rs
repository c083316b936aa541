//! Windows-1252 as browsers define it: all 256 bytes are characters, so nothing is lost.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// The characters of bytes 0x80 to 0x9F; the other bytes are those of Latin-1. The five bytes that
/// Microsoft left open stand for the control characters of the same number.
const C1: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.is_ascii()
        && let Ok(text) = str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    text.extend(bytes.iter().map(|&byte| {
        match byte {
            0x80..=0x9f => C1
                .get(usize::from(byte - 0x80))
                .copied()
                .unwrap_or(char::REPLACEMENT_CHARACTER),
            _ => char::from(byte),
        }
    }));
    Cow::Owned(text)
}

/// Appends the text, or gives the first character that has no byte.
pub(super) fn encode(text: &str, bytes: &mut Vec<u8>) -> Result<(), char> {
    if text.is_ascii() {
        bytes.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    for c in text.chars() {
        let byte = match u8::try_from(c) {
            Ok(byte @ (..0x80 | 0xa0..)) => byte,
            _ => C1
                .iter()
                .zip(0x80..)
                .find_map(|(&own, byte)| (own == c).then_some(byte))
                .ok_or(c)?,
        };
        bytes.push(byte);
    }
    Ok(())
}
