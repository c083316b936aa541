//! Entries of registry.pol: which extension shows them, and those that belong to no policy.

use gpo_core::{Half, RegistryAction, RegistryEntry, RegistryPol, RegistryValue};

use crate::hidden::HIDDEN;
use crate::settings::{ExtraRegistryData, ExtraRegistrySetting, ExtraRegistryValue};

/// What stands behind a key in the key of an entry, without the backslash; none where the entry is
/// elsewhere.
pub(super) fn below<'a>(entry: &'a RegistryEntry, key: &str) -> Option<&'a str> {
    let own = entry.key.as_str()?;
    let start = own.get(..key.len())?;
    if !start.eq_ignore_ascii_case(key) {
        return None;
    }
    let rest = own.get(key.len()..)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('\\')
}

/// Keys whose entries other extensions of the computer half show.
const CLAIMED: [&str; 11] = [
    r"Software\Policies\Microsoft\SystemCertificates\ACRS",
    r"Software\Policies\Microsoft\SystemCertificates\CA",
    r"Software\Policies\Microsoft\SystemCertificates\Disallowed",
    r"Software\Policies\Microsoft\SystemCertificates\EFS",
    r"Software\Policies\Microsoft\SystemCertificates\Root",
    r"Software\Policies\Microsoft\SystemCertificates\Trust",
    r"Software\Policies\Microsoft\SystemCertificates\TrustedPeople",
    r"Software\Policies\Microsoft\SystemCertificates\TrustedPublisher",
    r"Software\Policies\Microsoft\Windows\SrpV2",
    r"Software\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig",
    AUTO_ENROLLMENT,
];

pub(super) const FIREWALL: &str = r"SOFTWARE\Policies\Microsoft\WindowsFirewall";

pub(super) const AUTO_ENROLLMENT: &str = r"Software\Policies\Microsoft\Cryptography\AutoEnrollment";

/// Whether another extension shows an entry of the computer half.
fn is_claimed(entry: &RegistryEntry) -> bool {
    CLAIMED.iter().any(|key| below(entry, key).is_some()) || is_firewall(entry)
}

/// Whether the firewall's extension shows an entry: values but no keys (census: 18 of 18 keys are
/// shown elsewhere), and not what the profiles had before Windows Vista, ports and programs, and
/// `StandardProfile` (census: 4 of 4).
fn is_firewall(entry: &RegistryEntry) -> bool {
    let Some(key) = below(entry, FIREWALL) else {
        return false;
    };
    let key = key.to_ascii_lowercase();
    let old = match key.split_once('\\') {
        None => key == "standardprofile",
        Some((profile, rest)) => profile.ends_with("profile") && rest != "logging",
    };
    entry.action() != RegistryAction::CreateKey && !old
}

/// The entries of a half that no other extension shows.
pub(super) fn shown(pol: &RegistryPol, half: Half) -> Vec<RegistryEntry> {
    let entries = pol.entries.iter();
    let shown = entries.filter(|entry| half == Half::User || !is_claimed(entry));
    shown.cloned().collect()
}

/// An entry that belongs to no policy; none for a type that is never shown (census: 0 of 507 lists of
/// texts). A password is replaced.
pub(super) fn extra(entry: &RegistryEntry) -> Option<ExtraRegistrySetting> {
    let name = entry.value_name.to_string_lossy().into_owned();
    let setting = |command, value| ExtraRegistrySetting {
        key_path: entry.key.to_string_lossy().into_owned(),
        adm_setting: false,
        command,
        value,
    };
    if name.starts_with("**") {
        return Some(setting(Some(name), None));
    }
    let hidden = entry.is_secret();
    let text = |text: &str| {
        let text = if hidden { HIDDEN } else { text };
        text.to_owned()
    };
    let data = match &entry.value {
        RegistryValue::None => return Some(setting(None, None)),
        RegistryValue::Dword(number) => ExtraRegistryData::Number(*number),
        RegistryValue::Sz(value) => ExtraRegistryData::String(text(value)),
        RegistryValue::ExpandSz(value) => ExtraRegistryData::ExpString(text(value)),
        _ => return None,
    };
    Some(setting(None, Some(ExtraRegistryValue { name, data })))
}
