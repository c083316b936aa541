//! Values that hold a password.

use super::value::RegistryValue;
use super::{RegistryAction, RegistryEntry};

/// How the names of values end that hold a password: `DefaultPassword` of the automatic logon,
/// `ProxyPassword`, `PreSharedKey`.
const NAMES: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "presharedkey",
    "secret",
];

impl RegistryEntry {
    /// Whether the entry sets a value that [holds a password](RegistryValue::is_secret).
    pub fn is_secret(&self) -> bool {
        match self.action() {
            RegistryAction::SetValue => self.value.is_secret(&self.value_name.to_string_lossy()),
            RegistryAction::SetIfAbsent(name) => self.value.is_secret(&name.to_string_lossy()),
            _ => false,
        }
    }
}

impl RegistryValue {
    /// Whether this is a password, judged by the name of the value: text or bytes that are not
    /// empty. Numbers under such a name are settings about passwords.
    ///
    /// ```
    /// use gpo_core::RegistryValue;
    ///
    /// assert!(RegistryValue::Sz("x".into()).is_secret("DefaultPassword"));
    /// assert!(!RegistryValue::Dword(1).is_secret("DefaultPassword"));
    /// assert!(!RegistryValue::Sz("x".into()).is_secret("DefaultUserName"));
    /// ```
    pub fn is_secret(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        if !NAMES.iter().any(|end| name.ends_with(end)) {
            return false;
        }
        match self {
            Self::Sz(text) | Self::ExpandSz(text) => !text.is_empty(),
            Self::MultiSz(texts) => texts.iter().any(|text| !text.is_empty()),
            Self::Binary(data) | Self::Raw(_, data) => !data.is_empty(),
            Self::None | Self::Dword(_) | Self::DwordBigEndian(_) | Self::Qword(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of a password in an entry that takes values away, or has none, is no secret.
    #[test]
    fn only_an_entry_that_sets_a_password_is_secret() {
        for (name, value, expected) in [
            ("DefaultPassword", RegistryValue::Sz("x".into()), true),
            (
                "**soft.DefaultPassword",
                RegistryValue::Sz("x".into()),
                true,
            ),
            (
                "DefaultPassword",
                RegistryValue::Sz(alloc::string::String::new()),
                false,
            ),
            ("DefaultPassword", RegistryValue::Dword(1), false),
            ("DefaultUserName", RegistryValue::Sz("x".into()), false),
            (
                "**del.DefaultPassword",
                RegistryValue::Sz(" ".into()),
                false,
            ),
            ("**delvals.", RegistryValue::Sz(" ".into()), false),
        ] {
            let entry = RegistryEntry::set("Software", name, value).unwrap();
            assert_eq!(entry.is_secret(), expected, "{name}");
        }
    }
}
