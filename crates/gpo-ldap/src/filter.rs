//! Search filters (RFC 4515).

use std::fmt::Write;

/// `(attribute=value)`, with the value as bytes: nothing in it can end the filter.
pub(crate) fn equals(attribute: &str, value: &[u8]) -> String {
    format!("({attribute}={})", escape(value))
}

/// `(attribute=*value*)`.
pub(crate) fn contains(attribute: &str, value: &[u8]) -> String {
    format!("({attribute}=*{}*)", escape(value))
}

/// One of these holds; nothing matches where there is none.
pub(crate) fn one_of(filters: impl IntoIterator<Item = String>) -> String {
    let filters: String = filters.into_iter().collect();
    format!("(|{filters})")
}

/// All but letters and digits of ASCII is written as `\xx`: always valid, and never too clever.
fn escape(value: &[u8]) -> String {
    let mut escaped = String::with_capacity(value.len());
    for &byte in value {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\{byte:02x}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_stays_a_value() {
        assert_eq!(
            equals("sAMAccountName", b"a*)(b\\\0"),
            "(sAMAccountName=a\\2a\\29\\28b\\5c\\00)"
        );
        assert_eq!(contains("gPLink", b"{A}"), "(gPLink=*\\7bA\\7d*)");
        assert_eq!(
            one_of([equals("a", b"1"), equals("b", b"2")]),
            "(|(a=1)(b=2))"
        );
    }

    proptest! {
        #[test]
        fn any_value_makes_a_filter(value in any::<Vec<u8>>()) {
            prop_assert!(ldap3::parse_filter(equals("objectSid", &value)).is_ok());
        }
    }
}
