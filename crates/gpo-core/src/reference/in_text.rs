//! SIDs and server paths within a text.

use alloc::vec::Vec;
use core::ops::Range;

use sddl_parser::Sid;

use super::ReferenceKind;

/// The references in a value, from left to right.
///
/// A value that starts with `\\` and a server is a path, up to a character that no path holds or a
/// `;`. Elsewhere a path has to stand behind a blank, quote or separator and has a server and a
/// share; in quotes it ends with them, else with a blank or separator.
pub(crate) fn in_value(text: &str) -> Vec<(Range<usize>, ReferenceKind)> {
    find(text, true)
}

/// The references in a list or in text that is not itself a path.
pub(crate) fn in_list(text: &str) -> Vec<(Range<usize>, ReferenceKind)> {
    find(text, false)
}

fn find(text: &str, is_value: bool) -> Vec<(Range<usize>, ReferenceKind)> {
    let mut found: Vec<(Range<usize>, ReferenceKind)> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.find(['S', 's', '\\']) else {
            break;
        };
        at += next;
        let before = text.get(..at).unwrap_or_default().chars().next_back();
        let rest = text.get(at..).unwrap_or_default();
        let length = if let Some(length) = sid(before, rest) {
            found.push((at..at + length, ReferenceKind::Sid));
            length
        } else if let Some(length) = path(before, rest, is_value && at == 0) {
            found.push((at..at + length, ReferenceKind::UncPath));
            length
        } else {
            1
        };
        at += length;
    }
    found
}

/// The length of the SID that a text starts with.
fn sid(before: Option<char>, text: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '-';
    if before.is_some_and(is_part) || !text.as_bytes().get(1..4)?.eq(b"-1-") {
        return None;
    }
    let length = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.get(..length)?.parse::<Sid>().ok()?;
    Some(length)
}

/// The length of the path that a text starts with.
fn path(before: Option<char>, text: &str, is_value: bool) -> Option<usize> {
    let server = text.strip_prefix(r"\\")?;
    // `\\?\` and `\\.\` are of this machine, `\\*\` is of any server.
    if server.starts_with(|c: char| matches!(c, '\\' | '?' | '.' | '*') || ends_path(c))
        || server.is_empty()
    {
        return None;
    }
    let end = |is_end: &dyn Fn(char) -> bool| text.find(is_end).unwrap_or(text.len());
    if is_value {
        return Some(end(&|c| ends_path(c) || c == ';'));
    }
    let quote = before.filter(|c| matches!(c, '"' | '\''));
    let is_separator =
        |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '=' | '(' | ')' | '\'');
    if quote.is_none() && !before.is_none_or(|c| is_separator(c) || ends_path(c)) {
        return None;
    }
    let length = match quote {
        Some(quote) => end(&|c| ends_path(c) || c == quote),
        None => end(&|c| ends_path(c) || is_separator(c)),
    };
    let (_, share) = text.get(2..length)?.split_once('\\')?;
    (!share.is_empty()).then_some(length)
}

/// Characters that a path on Windows cannot hold, wildcards aside.
fn ends_path(c: char) -> bool {
    matches!(c, '"' | '<' | '>' | '|') || c.is_control()
}
