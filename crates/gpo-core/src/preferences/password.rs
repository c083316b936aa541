//! Passwords that preferences set as any other value.

use super::Preferences;
use crate::registry_pol::RegistryValue;

impl Preferences {
    /// Whether an element sets a password, in the registry, an INI file or the environment: judged, as in
    /// [`RegistryValue::is_secret`], by its attribute `name`, or `property` in INI files. Of the `type`
    /// of a number it is a setting about passwords. An attribute that is not there is empty.
    ///
    /// ```
    /// use gpo_core::Preferences;
    ///
    /// assert!(Preferences::sets_password("DefaultPassword", "", "REG_SZ"));
    /// assert!(Preferences::sets_password("", "Password", ""));
    /// assert!(!Preferences::sets_password("NoPassword", "", "REG_DWORD"));
    /// assert!(!Preferences::sets_password("DefaultUserName", "", "REG_SZ"));
    /// ```
    pub fn sets_password(name: &str, property: &str, data_type: &str) -> bool {
        let text = RegistryValue::Sz("text".into());
        (text.is_secret(name) || text.is_secret(property))
            && !matches!(data_type, "REG_DWORD" | "REG_QWORD")
    }
}
