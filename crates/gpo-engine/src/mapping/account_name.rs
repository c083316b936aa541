//! The forms in which people and settings write an account.

/// The name of an account, in one of three forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountName<'a> {
    /// `DOMAIN\name`, the domain by its NetBIOS or DNS name.
    InDomain { domain: &'a str, name: &'a str },
    /// `name@dns.domain`.
    AtDomain { name: &'a str, domain: &'a str },
    /// A name without a domain.
    Bare(&'a str),
}

/// Authorities whose accounts are those of each machine, or the same everywhere.
const AUTHORITIES: [&str; 12] = [
    "",
    ".",
    "APPLICATION PACKAGE AUTHORITY",
    "AzureAD",
    "BUILTIN",
    "Font Driver Host",
    "IIS APPPOOL",
    "Mandatory Label",
    "NT AUTHORITY",
    "NT SERVICE",
    "NT VIRTUAL MACHINE",
    "Window Manager",
];

impl<'a> AccountName<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        if let Some((domain, name)) = text.split_once('\\') {
            return Self::InDomain { domain, name };
        }
        match text.rsplit_once('@') {
            Some((name, domain)) if !name.is_empty() && !domain.is_empty() => {
                Self::AtDomain { name, domain }
            }
            _ => Self::Bare(text),
        }
    }

    /// The name without its domain.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::InDomain { name, .. } | Self::AtDomain { name, .. } | Self::Bare(name) => name,
        }
    }

    /// The domain.
    pub(crate) fn domain(self) -> Option<&'a str> {
        match self {
            Self::InDomain { domain, .. } | Self::AtDomain { domain, .. } => Some(domain),
            Self::Bare(_) => None,
        }
    }

    /// The same form with another domain and name: of the domain's two names the one that fits.
    pub(crate) fn like_this(self, netbios: &str, dns: &str, name: &str) -> String {
        let or = |first: &str, second: &str| {
            let domain = if first.is_empty() { second } else { first };
            domain.to_owned()
        };
        match self {
            Self::AtDomain { .. } if !dns.is_empty() => format!("{name}@{dns}"),
            Self::InDomain { domain, .. } if domain.contains('.') => {
                format!("{}\\{name}", or(dns, netbios))
            }
            _ => format!("{}\\{name}", or(netbios, dns)),
        }
    }

    /// Whether it names the same account on every machine, or one of whichever machine reads it.
    pub(crate) fn is_of_no_domain(self) -> bool {
        let has_variable = |text: &str| text.contains('%');
        match self {
            Self::InDomain { domain, name } => {
                let known = AUTHORITIES.iter().any(|a| a.eq_ignore_ascii_case(domain));
                known || has_variable(domain) || has_variable(name)
            }
            Self::AtDomain { name, domain } => has_variable(name) || has_variable(domain),
            Self::Bare(name) => has_variable(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms() {
        for (text, name, domain, other) in [
            (r"OLD\Red", "Red", Some("OLD"), r"NEW\Blue"),
            (
                r"old.example\Red",
                "Red",
                Some("old.example"),
                r"new.example\Blue",
            ),
            (
                "Red@old.example",
                "Red",
                Some("old.example"),
                "Blue@new.example",
            ),
            ("Red", "Red", None, r"NEW\Blue"),
            ("@x", "@x", None, r"NEW\Blue"),
        ] {
            let read = AccountName::of(text);
            assert_eq!((read.name(), read.domain()), (name, domain), "{text}");
            assert_eq!(read.like_this("NEW", "new.example", "Blue"), other);
        }
        for (text, expected) in [
            (r"NT Authority\SYSTEM", true),
            (r".\Administrator", true),
            (r"%DomainName%\Red", true),
            ("%LogonUser%", true),
            (r"OLD\Red", false),
            ("Red", false),
        ] {
            assert_eq!(AccountName::of(text).is_of_no_domain(), expected, "{text}");
        }
    }
}
