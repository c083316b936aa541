//! Text and values as they stand in the file, with their references.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

const SECTION: &str = "<![CDATA[";
const SECTION_END: &str = "]]>";

/// A piece of a text: a CDATA section, or what stands between two.
pub(super) struct Piece<'a> {
    /// Whether it is a section, in which there are no references.
    pub(super) is_section: bool,
    /// Whether the end of the section is there.
    is_closed: bool,
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
}

/// The pieces of a text, in their order.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    let mut is_section = false;
    core::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let own = is_section;
        let mark = if own { SECTION_END } else { SECTION };
        let (raw, is_closed) = if let Some((raw, _)) = rest.split_once(mark) {
            at += raw.len() + mark.len();
            is_section = !own;
            (raw, true)
        } else {
            at = text.len() + 1;
            (rest, false)
        };
        Some(Piece {
            is_section: own,
            is_closed,
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

/// A value with other parts, each by its place in the resolved text, from left to right, and what
/// stands there from now on, raw; `None` where a part ends within a reference.
pub(super) fn replaced(raw: &str, parts: &[(Range<usize>, String)]) -> Option<String> {
    let mut new = String::with_capacity(raw.len());
    let (mut rest, mut at) = (raw, 0);
    for (part, text) in parts {
        let (before, after) = split(rest, part.start.checked_sub(at)?)?;
        new.push_str(before);
        new.push_str(text);
        (_, rest) = split(after, part.len())?;
        at = part.end;
    }
    new.push_str(rest);
    Some(new)
}

/// A text with other parts likewise, of which `new` makes what stands in a section or outside one.
pub(super) fn replaced_in_pieces(
    text: &str,
    parts: &[(Range<usize>, &str)],
    new: impl Fn(&str, bool) -> Option<String>,
) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut parts = parts.iter().peekable();
    let mut start = 0;
    for piece in pieces(text) {
        let length = piece.resolved().len();
        let mut own = Vec::new();
        while let Some((part, text)) = parts.next_if(|(part, _)| part.end <= start + length) {
            let part = part.start.checked_sub(start)?..part.end - start;
            own.push((part, new(text, piece.is_section)?));
        }
        start += length;
        if piece.is_section {
            result.push_str(SECTION);
            result.push_str(&plain_replaced(piece.raw, &own)?);
            result.push_str(if piece.is_closed { SECTION_END } else { "" });
        } else {
            result.push_str(&replaced(piece.raw, &own)?);
        }
    }
    parts.next().is_none().then_some(result)
}

/// A text without references with other parts.
fn plain_replaced(raw: &str, parts: &[(Range<usize>, String)]) -> Option<String> {
    let mut new = String::with_capacity(raw.len());
    let mut at = 0;
    for (part, text) in parts {
        new.push_str(raw.get(at..part.start)?);
        new.push_str(text);
        at = part.end;
    }
    new.push_str(raw.get(at..)?);
    Some(new)
}

/// A text in two, the first of which resolves to so many bytes.
fn split(raw: &str, resolved: usize) -> Option<(&str, &str)> {
    raw.split_at_checked(raw_length(raw, resolved)?)
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
    use alloc::borrow::ToOwned;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn parts_are_replaced_where_they_stand() {
        for (raw, part, new) in [
            ("ab", 1..3, None),
            ("a\\b", 1..3, Some("aN")),
            ("a\\b", 1..2, Some("aNb")),
            ("&amp;b", 0..1, Some("Nb")),
            ("x&#xE9;y&apos;", 1..3, Some("xNy&apos;")),
            ("x&#xE9;y", 1..2, None),
            ("&none;b", 1..6, Some("&Nb")),
        ] {
            let parts = [(part, "N".to_owned())];
            assert_eq!(replaced(raw, &parts).as_deref(), new, "{raw}");
        }
        let text = "a&lt;b<![CDATA[c&amp;d]]>e";
        let parts = vec![(0..1, "1"), (2..3, "2"), (3..4, "3"), (10..11, "4")];
        let new =
            |text: &str, is_section: bool| Some([text, if is_section { "!" } else { "" }].concat());
        let replaced = replaced_in_pieces(text, &parts, new);
        assert_eq!(replaced.as_deref(), Some("1&lt;2<![CDATA[3!&amp;d]]>4"));
        assert_eq!(replaced_in_pieces(text, &[(2..4, "x")], new), None);
    }

    proptest! {
        #[test]
        fn a_part_that_is_replaced_is_read_again(
            raw in "(&amp;|&#xE9;|&|;|[aé]|<!\\[CDATA\\[|\\]\\]>){0,9}", start in 0usize..9, length in 0usize..9,
        ) {
            let resolve = |raw: &str| -> String { pieces(raw).map(|piece| piece.resolved().into_owned()).collect() };
            let text = resolve(&raw);
            let part = start..start + length;
            let keep = |text: &str, _: bool| Some(text.to_owned());
            prop_assert_eq!(replaced_in_pieces(&raw, &[], keep), Some(raw.clone()));
            if text.get(part.clone()).is_some()
                && let Some(new) = replaced_in_pieces(&raw, &[(part.clone(), "N")], keep)
            {
                let mut expected = text;
                expected.replace_range(part, "N");
                prop_assert_eq!(resolve(&new), expected);
            }
        }
    }
}
