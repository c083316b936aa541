//! Distinguished names, compared as the directory compares them.

use std::borrow::Cow;

use gpo_core::same_name;

/// A distinguished name in its text form (RFC 4514), `CN=Policies,CN=System,DC=example,DC=test`.
///
/// Compared without case and without blanks around commas. Escapes are compared as they are
/// written, which is how one directory writes them everywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dn<'a> {
    text: &'a str,
}

impl<'a> Dn<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The relative names, the object's own first.
    pub(crate) fn rdns(self) -> impl Iterator<Item = &'a str> + Clone {
        let mut rest = Some(self.text).filter(|text| !text.is_empty());
        std::iter::from_fn(move || {
            let text = rest?;
            let (rdn, after) = split(text);
            rest = after;
            Some(rdn.trim_matches(' '))
        })
    }

    /// The first relative name; empty for the root.
    pub(crate) fn rdn(self) -> &'a str {
        self.rdns().next().unwrap_or_default()
    }

    /// The object above.
    pub(crate) fn parent(self) -> Option<Self> {
        split(self.text).1.map(Self::new)
    }

    /// How many levels this is below `above`; none where it is not below it, 0 where it is the same.
    pub(crate) fn depth_below(self, above: Self) -> Option<usize> {
        let depth = self.rdns().count().checked_sub(above.rdns().count())?;
        let same = self.rdns().skip(depth).eq_by_name(above.rdns());
        same.then_some(depth)
    }

    /// The name as a key for a map: upper case, no blanks around commas.
    pub(crate) fn key(self) -> String {
        let rdns: Vec<String> = self.rdns().map(gpo_core::fold_name).collect();
        rdns.join(",")
    }

    /// The part made of `DC=`, at the end.
    pub(crate) fn domain(self) -> Self {
        let mut rest = self;
        loop {
            if rest.rdns().all(|rdn| value(rdn, "DC").is_some()) {
                return rest;
            }
            match rest.parent() {
                Some(parent) => rest = parent,
                None => return Self::new(""),
            }
        }
    }

    /// The DNS name that the `DC=` at the end make.
    pub(crate) fn dns_name(self) -> String {
        let labels: Vec<_> = self
            .domain()
            .rdns()
            .filter_map(|rdn| value(rdn, "DC"))
            .collect();
        labels.join(".")
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.text
    }
}

impl PartialEq for Dn<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rdns().eq_by_name(other.rdns())
    }
}

/// Comparison of relative names one by one.
trait EqByName<'a>: Iterator<Item = &'a str> + Sized {
    fn eq_by_name<'b>(mut self, mut other: impl Iterator<Item = &'b str>) -> bool {
        loop {
            match (self.next(), other.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if same_name(a, b) => {}
                _ => return false,
            }
        }
    }
}

impl<'a, I: Iterator<Item = &'a str>> EqByName<'a> for I {}

/// The value of a relative name of this type: `DC` of `DC=example`.
pub(crate) fn value<'a>(rdn: &'a str, attribute: &str) -> Option<&'a str> {
    let (name, value) = rdn.split_once('=')?;
    name.trim_matches(' ')
        .eq_ignore_ascii_case(attribute)
        .then(|| value.trim_matches(' '))
}

/// A value as it is written in a relative name (RFC 4514, 2.4).
pub(crate) fn escape(value: &str) -> Cow<'_, str> {
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
        assert_eq!(
            gpo.key(),
            "CN={A},CN=POLICIES,CN=SYSTEM,DC=EXAMPLE ,DC=TEST".replace(" ,", ",")
        );
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

    proptest! {
        #[test]
        fn an_escaped_value_is_one_name(value in "\\PC{1,8}|[ #,+\"\\\\<>;=\n]{1,4}") {
            let dn = format!("CN={},DC=x", escape(&value));
            prop_assert_eq!(Dn::new(&dn).rdns().count(), 2, "{}", dn);
        }
    }
}
