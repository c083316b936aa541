//! Canonical names of directory objects.

use std::fmt;

use gpo_core::{Dn, unescape_rdn_value};

/// A canonical name, `example.test/Offices/Berlin` ([MS-ADTS] 3.1.1.4.5.8).
pub(crate) struct CanonicalName {
    /// The DNS name of the domain.
    pub(crate) domain: String,
    /// The names below it, the topmost first.
    path: Vec<String>,
    /// The object's own name: the last of the path, or the first label of the domain.
    pub(crate) name: String,
    /// Whether it is in the configuration of the forest, where the sites are.
    pub(crate) is_site: bool,
}

impl CanonicalName {
    /// The canonical name of a distinguished name (RFC 4514); none where that is malformed.
    pub(crate) fn of_dn(dn: &str) -> Option<Self> {
        let (mut labels, mut path) = (Vec::new(), Vec::new());
        let mut is_site = false;
        for rdn in Dn::new(dn).rdns() {
            let (attribute, value) = rdn.split_once('=')?;
            let value = unescape_rdn_value(value)?;
            if attribute.eq_ignore_ascii_case("DC") {
                labels.push(value);
            } else {
                is_site |= attribute.eq_ignore_ascii_case("CN")
                    && value.eq_ignore_ascii_case("Configuration");
                path.push(value);
            }
        }
        path.reverse();
        let name = path.last().or(labels.first())?.clone();
        Some(Self {
            domain: labels.join("."),
            path,
            name,
            is_site,
        })
    }
}

impl fmt::Display for CanonicalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.domain)?;
        for name in &self.path {
            write!(f, "/{}", name.replace('\\', "\\\\").replace('/', "\\/"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_turned_round() {
        for (dn, canonical, name) in [
            ("DC=example,DC=test", "example.test", "example"),
            ("OU=A,DC=test", "test/A", "A"),
            ("ou=a\\, b, OU=c/d ,dc=e,DC=f", "e.f/c\\/d/a, b", "a, b"),
            ("OU=\\C3\\9Cber\\5C,DC=e", "e/\u{dc}ber\\\\", "\u{dc}ber\\"),
        ] {
            let read = CanonicalName::of_dn(dn).unwrap();
            assert_eq!(
                (read.to_string().as_str(), read.name.as_str()),
                (canonical, name),
                "{dn}"
            );
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for dn in [
            "",
            "A",
            "OU=a\\",
            "OU=a\\1",
            "OU=a\\1x",
            "OU=\\FF",
            "OU=a,,DC=b",
        ] {
            assert!(CanonicalName::of_dn(dn).is_none(), "{dn}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_refused(dn in "([A-C=,\\\\ /]|DC=|\u{e9}){0,9}") {
            let _ = CanonicalName::of_dn(&dn);
        }
    }
}
