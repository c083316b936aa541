//! The order in which Windows sorts names.

use std::cmp::Ordering;

/// Compares names as Windows does for people, in English: without case; blanks before signs, signs
/// before digits, digits before letters; hyphens and apostrophes count only where nothing else
/// differs.
pub(crate) fn compare_words(a: &str, b: &str) -> Ordering {
    let weights = |text: &str| {
        let chars = text.chars().filter(|c| !matches!(c, '-' | '\''));
        chars.map(weight).collect::<Vec<_>>()
    };
    weights(a).cmp(&weights(b)).then_with(|| a.cmp(b))
}

/// The rank of a character's kind, and the character without its case.
fn weight(c: char) -> (u8, char) {
    let rank = if c.is_whitespace() {
        0
    } else if c.is_numeric() {
        2
    } else if c.is_alphabetic() {
        3
    } else {
        1
    };
    (rank, c.to_lowercase().next().unwrap_or(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_windows() {
        for (first, second) in [
            ("Network", "network/DNS Client"),
            ("Windows Components/A", "Windows Components/b"),
            ("Windows Hello", "Windows Hello for Business"),
            ("Turn off", "Turn-on"),
            ("Remote Host", "Remotehost"),
            ("A/B", "A1"),
            ("A1", "AB"),
            ("don't", "dont"),
        ] {
            assert_eq!(
                compare_words(first, second),
                Ordering::Less,
                "{first} {second}"
            );
            assert_eq!(
                compare_words(second, first),
                Ordering::Greater,
                "{first} {second}"
            );
        }
        assert_eq!(compare_words("a", "a"), Ordering::Equal);
    }
}
