//! Text and values as they stand in the file, with their references.

use alloc::borrow::Cow;
use alloc::string::String;
use core::ops::Range;

const SECTION: &str = "<![CDATA[";
const SECTION_END: &str = "]]>";

/// A piece of a text: a CDATA section, or what stands between two.
pub(super) struct Piece<'a> {
    /// Whether it is a section, in which there are no references.
    pub(super) is_section: bool,
    /// Where its content starts in the text.
    start: usize,
    raw: &'a str,
}

impl<'a> Piece<'a> {
    /// What it says.
    pub(super) fn resolved(&self) -> Cow<'a, str> {
        if self.is_section {
            Cow::Borrowed(self.raw)
        } else {
            resolved(self.raw)
        }
    }

    /// Where a part of what it says stands in the text.
    pub(super) fn place_of(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let place = if self.is_section {
            part.clone()
        } else {
            place_of(self.raw, part)?
        };
        Some(self.start + place.start..self.start + place.end)
    }
}

/// The pieces of a text, in their order.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    let mut is_section = false;
    core::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let (start, own) = (at, is_section);
        let mark = if own { SECTION_END } else { SECTION };
        let raw = if let Some((raw, _)) = rest.split_once(mark) {
            at += raw.len() + mark.len();
            is_section = !own;
            raw
        } else {
            at = text.len() + 1;
            rest
        };
        Some(Piece {
            is_section: own,
            start,
            raw,
        })
    })
}

/// Text with its references resolved; one that XML does not know stays as it is.
pub(super) fn resolved(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let (c, after) = reference(after).unwrap_or(('&', after));
        text.push(c);
        rest = after;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that a reference stands for, from behind its `&`, and what follows.
fn reference(text: &str) -> Option<(char, &str)> {
    let (name, after) = text.split_once(';')?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((c, after))
}

/// Where a part of the resolved text stands as it is; `None` where it ends within a reference.
pub(super) fn place_of(raw: &str, part: &Range<usize>) -> Option<Range<usize>> {
    let start = raw_length(raw, part.start)?;
    let length = raw_length(raw.get(start..)?, part.len())?;
    Some(start..start + length)
}

/// How much of a text resolves to so many bytes.
fn raw_length(raw: &str, resolved: usize) -> Option<usize> {
    let (mut rest, mut missing) = (raw, resolved);
    while missing > 0 {
        let plain = rest.find('&').unwrap_or(rest.len()).min(missing);
        rest = rest.get(plain..)?;
        missing -= plain;
        if missing > 0 {
            let (c, after) = match rest.strip_prefix('&') {
                Some(after) => reference(after).unwrap_or(('&', after)),
                None => return None,
            };
            rest = after;
            missing = missing.checked_sub(c.len_utf8())?;
        }
    }
    Some(raw.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn parts_are_found_where_they_stand() {
        for (raw, part, place) in [
            ("a\\b", 1..3, Some(1..3)),
            ("&amp;b", 0..1, Some(0..5)),
            ("x&#xE9;y", 1..3, Some(1..7)),
            ("x&#xE9;y", 1..2, None),
            ("&none;b", 1..6, Some(1..6)),
            ("ab", 1..3, None),
        ] {
            assert_eq!(place_of(raw, &part), place, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_part_resolves_to_itself(
            raw in "(&amp;|&#xE9;|&|;|[aé]|<!\\[CDATA\\[|\\]\\]>){0,9}", start in 0usize..9, length in 0usize..9,
        ) {
            for piece in pieces(&raw) {
                let text = piece.resolved();
                let part = start..start + length;
                if let Some(there) = text.get(part.clone()) {
                    let place = piece.place_of(&part).unwrap();
                    let own = &raw[place];
                    let own = if piece.is_section { own.to_string() } else { resolved(own).to_string() };
                    prop_assert_eq!(own, there);
                }
            }
            let all: String = pieces(&raw).map(|piece| piece.resolved().into_owned()).collect();
            prop_assert!(all.len() <= raw.len());
        }
    }
}
