//! Distinguished names, compared as the directory compares them.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::path::{fold_name, same_name};

/// A distinguished name in its text form (RFC 4514), `CN=Policies,CN=System,DC=example,DC=test`.
///
/// Compared without case and without blanks around commas. Escapes are compared as they are
/// written, which is how one directory writes them everywhere. Any text is one: what is no name
/// has relative names without `=`.
///
/// ```
/// use gpo_core::{Dn, rdn_value};
///
/// let gpo = Dn::new("CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=example,DC=test");
/// assert_eq!(rdn_value(gpo.rdn(), "cn"), Some("{6AC1786C-016F-11D2-945F-00C04FB984F9}"));
/// assert_eq!(gpo.depth_below(Dn::new("cn=system, dc=example, dc=test")), Some(2));
/// assert_eq!(gpo.dns_name(), "example.test");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dn<'a> {
    text: &'a str,
}

impl<'a> Dn<'a> {
    /// The name that this text is.
    pub const fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.text
    }

    /// The relative names, the object's own first.
    pub fn rdns(self) -> impl Iterator<Item = &'a str> + Clone {
        let mut rest = Some(self.text).filter(|text| !text.is_empty());
        core::iter::from_fn(move || {
            let text = rest?;
            let (rdn, after) = split(text);
            rest = after;
            Some(trim(rdn))
        })
    }

    /// The first relative name; empty for the root.
    pub fn rdn(self) -> &'a str {
        self.rdns().next().unwrap_or_default()
    }

    /// The object above.
    pub fn parent(self) -> Option<Self> {
        split(self.text).1.map(Self::new)
    }

    /// How many levels this is below `above`; none where it is not below it, 0 where it is the same.
    pub fn depth_below(self, above: Self) -> Option<usize> {
        let depth = self.rdns().count().checked_sub(above.rdns().count())?;
        let same = equal_names(self.rdns().skip(depth), above.rdns());
        same.then_some(depth)
    }

    /// The name as a key for a map: upper case, no blanks around commas.
    pub fn key(self) -> String {
        let rdns: Vec<String> = self.rdns().map(fold_name).collect();
        rdns.join(",")
    }

    /// The part made of `DC=`, at the end.
    #[must_use]
    pub fn domain(self) -> Self {
        let mut domain = None;
        let mut rest = Some(self);
        while let Some(here) = rest {
            domain = match rdn_value(here.rdn(), "DC") {
                Some(_) => domain.or(Some(here)),
                None => None,
            };
            rest = here.parent();
        }
        domain.unwrap_or(Self::new(""))
    }

    /// The DNS name that the `DC=` at the end make.
    pub fn dns_name(self) -> String {
        let labels: Vec<_> = self
            .domain()
            .rdns()
            .filter_map(|rdn| rdn_value(rdn, "DC"))
            .collect();
        labels.join(".")
    }
}

impl PartialEq for Dn<'_> {
    fn eq(&self, other: &Self) -> bool {
        equal_names(self.rdns(), other.rdns())
    }
}

impl Eq for Dn<'_> {}

fn equal_names<'a, 'b>(
    mut left: impl Iterator<Item = &'a str>,
    mut right: impl Iterator<Item = &'b str>,
) -> bool {
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if same_name(a, b) => {}
            _ => return false,
        }
    }
}

/// The value of a relative name of this type, as it is written: `example` for `DC` of `DC=example`.
pub fn rdn_value<'a>(rdn: &'a str, attribute: &str) -> Option<&'a str> {
    let (name, value) = rdn.split_once('=')?;
    name.trim_matches(' ')
        .eq_ignore_ascii_case(attribute)
        .then(|| trim(value))
}

/// A value as it is written in a relative name (RFC 4514, 2.4).
///
/// ```
/// use gpo_core::{escape_rdn_value, unescape_rdn_value};
///
/// assert_eq!(escape_rdn_value("Doe, John"), "Doe\\, John");
/// assert_eq!(unescape_rdn_value("Doe\\2C John").as_deref(), Some("Doe, John"));
/// ```
pub fn escape_rdn_value(value: &str) -> Cow<'_, str> {
    let last = value.chars().count().saturating_sub(1);
    let special = |n: usize, c: char| {
        matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=')
            || c == '#' && n == 0
            || c == ' ' && (n == 0 || n == last)
    };
    if !value
        .chars()
        .enumerate()
        .any(|(n, c)| special(n, c) || c.is_control())
    {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::new();
    for (n, c) in value.chars().enumerate() {
        if c.is_control() {
            let mut bytes = [0; 4];
            let hex = |byte| format!("\\{byte:02X}");
            escaped.extend(c.encode_utf8(&mut bytes).bytes().map(hex));
            continue;
        }
        if special(n, c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    Cow::Owned(escaped)
}

/// The value that is written so, without `\,` and `\2C`; none where an escape is cut off or the
/// bytes are no UTF-8.
pub fn unescape_rdn_value(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let first = rest.next()?;
        bytes.push(match char::from(first).to_digit(16) {
            Some(high) => u8::try_from(high * 16 + char::from(rest.next()?).to_digit(16)?).ok()?,
            None => first,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Without the blanks around it that are not escaped.
fn trim(text: &str) -> &str {
    let text = text.trim_start_matches(' ');
    let trimmed = text.trim_end_matches(' ');
    let backslashes = trimmed.bytes().rev().take_while(|&b| b == b'\\').count();
    if backslashes % 2 == 1 {
        text.get(..=trimmed.len()).unwrap_or(text)
    } else {
        trimmed
    }
}

/// The first relative name, and the rest behind its comma.
fn split(text: &str) -> (&str, Option<&str>) {
    let mut escaped = false;
    for (n, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => return (text.get(..n).unwrap_or(text), text.get(n + 1..)),
            _ => {}
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_compared_without_case_and_blanks() {
        let policies = Dn::new("CN=Policies,CN=System,DC=Example,DC=test");
        let gpo = Dn::new("cn={A}, cn=policies,CN=SYSTEM,dc=example , DC=test");
        assert_eq!(gpo.depth_below(policies), Some(1));
        assert_eq!(gpo.parent(), Some(policies));
        assert_eq!(policies.depth_below(gpo), None);
        assert_eq!(policies.depth_below(policies), Some(0));
        assert_eq!(gpo.rdn(), "cn={A}");
        assert_eq!(gpo.key(), "CN={A},CN=POLICIES,CN=SYSTEM,DC=EXAMPLE,DC=TEST");
        assert_eq!(gpo.dns_name(), "example.test");
        assert_eq!(policies.domain(), Dn::new("dc=example,dc=test"));
        assert_eq!(Dn::new("CN=a").dns_name(), "");
        assert_eq!(Dn::new("").rdns().count(), 0);
    }

    #[test]
    fn an_escaped_comma_ends_no_name() {
        let dn = Dn::new("CN=Doe\\, John\\\\,OU=x");
        assert_eq!(
            dn.rdns().collect::<Vec<_>>(),
            ["CN=Doe\\, John\\\\", "OU=x"]
        );
    }

    #[test]
    fn an_escaped_blank_belongs_to_the_value() {
        let dn = Dn::new("CN=a\\  , OU=b\\\\ ");
        assert_eq!(dn.rdns().collect::<Vec<_>>(), ["CN=a\\ ", "OU=b\\\\"]);
        assert_eq!(rdn_value(dn.rdn(), "CN"), Some("a\\ "));
    }

    #[test]
    fn a_broken_escape_is_no_value() {
        for value in ["a\\", "a\\1", "a\\1x", "\\FF"] {
            assert_eq!(unescape_rdn_value(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_value_is_one_name(value in "\\PC{1,8}|[ #,+\"\\\\<>;=\n]{1,4}") {
            let dn = format!("CN={},DC=x", escape_rdn_value(&value));
            let dn = Dn::new(&dn);
            prop_assert_eq!(dn.rdns().count(), 2);
            let written = rdn_value(dn.rdn(), "CN").and_then(unescape_rdn_value);
            prop_assert_eq!(written, Some(value));
        }

        #[test]
        fn any_text_is_taken(text in "([A-C=,\\\\ /]|DC=|\u{e9}){0,9}") {
            let dn = Dn::new(&text);
            let _ = (dn.key(), dn.dns_name(), dn.parent(), unescape_rdn_value(&text));
        }
    }
}
