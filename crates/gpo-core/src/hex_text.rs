//! Bytes as Backup.xml spells them: `01 00 04 9c`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Quoted, Result};

/// Writes bytes in lower-case hexadecimal with a blank between them.
pub fn to_spaced_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 3);
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 {
            text.push(' ');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(
                *DIGITS.get(usize::from(nibble)).unwrap_or(&b'0'),
            ));
        }
    }
    text
}

/// Reads bytes in hexadecimal, in any case, with or without white space between the bytes.
///
/// # Errors
///
/// [`ErrorKind::Value`] where something else stands, with the offset in the text.
pub fn from_spaced_hex(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 3 + 1);
    let mut high = None;
    for (offset, c) in text.char_indices() {
        match (c.to_digit(16).and_then(|d| u8::try_from(d).ok()), high) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(first)) => {
                bytes.push(first << 4 | digit);
                high = None;
            }
            (None, None) if c.is_ascii_whitespace() => {}
            _ => return Err(bad(text, offset)),
        }
    }
    if high.is_some() {
        return Err(bad(text, text.len()));
    }
    Ok(bytes)
}

fn bad(text: &str, offset: usize) -> Error {
    let found = text.get(offset..).unwrap_or_default();
    Error::new(
        ErrorKind::Value,
        format!(
            "expected a hexadecimal digit at byte {offset}, found {}",
            Quoted::new(found)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_bytes_and_other_letters_are_refused() {
        for text in ["0", "01 0", "01 0 2", "0g", "01,02"] {
            assert!(from_spaced_hex(text).is_err(), "{text}");
        }
        assert_eq!(from_spaced_hex("0A0b\n 0c").unwrap(), [10, 11, 12]);
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes: Vec<u8>) {
            prop_assert_eq!(from_spaced_hex(&to_spaced_hex(&bytes)).unwrap(), bytes);
        }
    }
}
