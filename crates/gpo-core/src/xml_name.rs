//! Names of elements and attributes.

/// Whether this is a name in XML with namespaces: a prefix with a colon, or none, and a local name
/// (Namespaces in XML 1.0, 4).
pub(crate) fn is_name(name: &str) -> bool {
    let (prefix, local) = split_name(name);
    prefix.is_none_or(is_part) && is_part(local)
}

/// The prefix of a name, if it has one, and the rest. Names are short: searching byte by byte is the
/// fastest.
pub(crate) fn split_name(name: &str) -> (Option<&str>, &str) {
    let colon = name.bytes().position(|b| b == b':');
    match colon.and_then(|colon| name.split_at_checked(colon)) {
        Some((prefix, rest)) => (Some(prefix), rest.get(1..).unwrap_or_default()),
        None => (None, name),
    }
}

/// A name without a colon.
fn is_part(name: &str) -> bool {
    // Nearly all are letters only.
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return true;
    }
    let mut chars = name.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// XML 1.0 (2.3), `NameStartChar` without the colon.
fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// XML 1.0 (2.3), `NameChar` without the colon.
fn continues_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_prefix_or_none() {
        for (name, right) in [
            ("a", true),
            ("aB-1.x_", true),
            ("_", true),
            ("é\u{301}·", true),
            ("p:a", true),
            ("_1:é", true),
            ("xmlns:p", true),
            ("", false),
            (":", false),
            (":a", false),
            ("a:", false),
            ("a:b:c", false),
            ("1a", false),
            ("-a", false),
            ("p:1", false),
            ("1:a", false),
            ("·", false),
            ("×", false),
            ("a b", false),
            ("a/", false),
            ("a=", false),
            ("x\u{2028}", false),
        ] {
            assert_eq!(is_name(name), right, "{name:?}");
        }
    }
}
