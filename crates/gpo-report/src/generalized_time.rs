//! Times as the directory writes them.

use jiff::civil::DateTime;

/// The UTC time of a `GeneralizedTime` (RFC 4517, 3.3.13) in the one form that Active Directory
/// writes: `20240102030405.0Z`. None for anything else.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    let (digits, fraction) = text.strip_suffix('Z')?.split_once('.')?;
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if digits.len() != 14 || !all_digits(digits) || !all_digits(fraction) {
        return None;
    }
    let number = |start: usize| digits.get(start..start + 2)?.parse().ok();
    DateTime::new(
        digits.get(..4)?.parse().ok()?,
        number(4)?,
        number(6)?,
        number(8)?,
        number(10)?,
        number(12)?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_the_directory_is_taken() {
        assert_eq!(
            parse("20240102030405.0Z").unwrap().to_string(),
            "2024-01-02T03:04:05"
        );
        for text in [
            "",
            "20240102030405Z",
            "20240102030405.0",
            "20241302030405.0Z",
            "2024010203040.0Z",
            "2024-1-2030405.0Z",
            "2024010203040\u{e9}.0Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
