//! The characters that XML allows.

/// Whether XML 1.0 (2.2) allows a character.
fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The first character that XML 1.0 (2.2) does not allow, with its byte offset.
pub(crate) fn illegal_character(text: &str) -> Option<(usize, char)> {
    // One pass over the bytes decides nearly every text: control characters are single bytes, and
    // U+FFFE and U+FFFF begin with 0xEF.
    let is_control = |b: u8| b < 0x20 || b == 0xef;
    let is_wrong_control = |b: u8| is_control(b) && !matches!(b, b'\t' | b'\n' | b'\r');
    if !has_any(text, is_control, is_wrong_control) {
        return None;
    }
    text.char_indices().find(|&(_, c)| !is_legal(c))
}

/// Whether there is a byte that `wanted` takes; all of these `may_be` takes, which is looked at first.
/// A block is looked at to its end, so that the compiler makes vectors of it.
pub(crate) fn has_any(
    text: &str,
    may_be: impl Fn(u8) -> bool,
    wanted: impl Fn(u8) -> bool,
) -> bool {
    fn any(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> bool {
        bytes.iter().fold(0, |found, &b| found | u8::from(is_it(b))) != 0
    }
    let has = |bytes: &[u8]| any(bytes, &may_be) && any(bytes, &wanted);
    let (blocks, rest) = text.as_bytes().as_chunks::<64>();
    let (small_blocks, rest) = rest.as_chunks::<8>();
    blocks.iter().any(|block| has(block))
        || small_blocks.iter().any(|block| has(block))
        || has(rest)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn the_first_illegal_character_is_found_wherever_it_stands() {
        for c in ['\0', '\u{8}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            for before in 0..150 {
                for after in [0, 1, 7, 8, 63, 64, 100] {
                    let text = "\t".repeat(before) + &format!("{c}") + &"é".repeat(after) + "\0";
                    assert_eq!(illegal_character(&text), Some((before, c)));
                }
            }
        }
        for legal in [
            "",
            "\t\r\n",
            "\u{7f}\u{80}\u{fffd}",
            "\u{10000}",
            "ｱ\u{feff}",
        ] {
            assert_eq!(illegal_character(&legal.repeat(40)), None);
        }
    }
}
