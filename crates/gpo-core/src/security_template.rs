//! GptTmpl.inf: the security settings of a GPO.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::error::Result;
use crate::inf::{InfDocument, InfEntry, InfItem};
use crate::registry_pol::RegistryValue;
use crate::text::Encoding;

mod principal;
mod problem;
mod reference;
mod registry_value;
mod secured_object;

pub use principal::{GroupList, GroupMembership, PrincipalRole, PrivilegeRight, TemplatePrincipal};
pub use registry_value::RegistrySetting;
pub use secured_object::{SecuredObject, SecuredObjectKind};

/// `Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf` ([MS-GPSB] 2.2).
///
/// UTF-16LE with a byte order mark, CRLF. It starts with `[Unicode]` and has `[Version]` anywhere;
/// the order of the other sections is free:
///
/// | section | line | read by |
/// |---|---|---|
/// | `System Access`, `Kerberos Policy`, `Event Audit`, `System Log`, `Security Log`, `Application Log` | `MinimumPasswordAge = 1`, `NewGuestName = "Visitor"` | [`settings`](Self::settings) |
/// | `Privilege Rights` | `SeBackupPrivilege = *S-1-5-32-544,operators` | [`privilege_rights`](Self::privilege_rights) |
/// | `Group Membership` | `*S-1-5-32-544__Members = *S-1-5-21-…`, `…__Memberof =` | [`group_membership`](Self::group_membership) |
/// | `Registry Values` | `MACHINE\key\name=4,1` | [`registry_values`](Self::registry_values) |
/// | `Service General Setting`, `Registry Keys`, `File Security` | `"name",2,"D:…"` | [`secured_objects`](Self::secured_objects) |
///
/// The document keeps every line as it is; the views read lines, and edits change the values in
/// them. Lines that a view cannot read are in no view, or an error of the value's accessor.
///
/// # Limits
///
/// Any text is a template; what a line means, its accessor says. Names are compared without ASCII case,
/// and of a key that comes twice the first counts.
///
/// ```
/// use gpo_core::{SecurityTemplate, SettingGroup};
///
/// let file = b"[Unicode]\nUnicode=yes\n[System Access]\nLockoutDuration = -1\n\
///     [Privilege Rights]\nSeBackupPrivilege = *S-1-5-32-544,operators\n";
/// let mut template = SecurityTemplate::parse(file)?;
///
/// let lockout = template.settings(SettingGroup::SystemAccess).next().unwrap();
/// assert_eq!((lockout.key, lockout.number()), ("LockoutDuration", Some(-1)));
/// let names: Vec<_> = template.principals().map(|principal| principal.text).collect();
/// assert_eq!(names, ["*S-1-5-32-544", "operators"]);
///
/// template.set_privilege_right("SeBackupPrivilege", &["*S-1-5-32-551"])?;
/// assert!(template.to_bytes()?.ends_with(b"SeBackupPrivilege = *S-1-5-32-551\n"));
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityTemplate {
    document: InfDocument,
}

/// A section of simple settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettingGroup {
    /// Password and lockout policy, and the accounts Administrator and Guest.
    SystemAccess,
    /// Kerberos policy of a domain.
    KerberosPolicy,
    /// Audit policy of nine categories: 0 none, 1 success, 2 failure, 3 both.
    EventAudit,
    /// The event log System.
    SystemLog,
    /// The event log Security.
    SecurityLog,
    /// The event log Application.
    ApplicationLog,
}

impl SettingGroup {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::SystemAccess,
        Self::KerberosPolicy,
        Self::EventAudit,
        Self::SystemLog,
        Self::SecurityLog,
        Self::ApplicationLog,
    ];

    /// The name of the section.
    pub const fn section(self) -> &'static str {
        match self {
            Self::SystemAccess => "System Access",
            Self::KerberosPolicy => "Kerberos Policy",
            Self::EventAudit => "Event Audit",
            Self::SystemLog => "System Log",
            Self::SecurityLog => "Security Log",
            Self::ApplicationLog => "Application Log",
        }
    }
}

/// A simple setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateSetting<'a> {
    /// The line, from 1.
    pub line: usize,
    /// What is set, `MinimumPasswordAge`.
    pub key: &'a str,
    /// The value as written, a decimal number or text in double quotes.
    pub value: &'a str,
}

impl<'a> TemplateSetting<'a> {
    /// The value as a number; -1 stands for never where that makes sense.
    pub fn number(&self) -> Option<i64> {
        self.value.parse().ok()
    }

    /// The value as text, without the quotes.
    pub fn text(&self) -> &'a str {
        unquoted(self.value)
    }
}

/// Windows puts blanks around `=` in most sections; see the census of lines in the tests.
const SPACED: &str = " = ";

text_file!(SecurityTemplate {
    document: InfDocument
});

impl SecurityTemplate {
    /// The file of a GPO that sets nothing.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn new() -> Result<Self> {
        let mut document = InfDocument::new(Encoding::Utf16Le, true);
        document.push_section("Unicode")?;
        document.push_entry("Unicode", "yes")?;
        document.push_section("Version")?;
        document.push_entry("signature", "\"$CHICAGO$\"")?;
        document.push_entry("Revision", "1")?;
        Ok(Self { document })
    }

    /// The lines that no view reads: neither blank nor comment, and not in a section of the table
    /// above in the form that it has there.
    pub fn unknown_lines(&self) -> Vec<usize> {
        let mut known: Vec<usize> = Vec::new();
        for group in SettingGroup::ALL {
            known.extend(self.settings(group).map(|setting| setting.line));
        }
        known.extend(self.privilege_rights().map(|right| right.line));
        known.extend(self.group_membership().map(|group| group.line));
        known.extend(self.registry_values().map(|value| value.line));
        for kind in SecuredObjectKind::ALL {
            known.extend(self.secured_objects(kind).map(|object| object.line));
        }
        known.extend(
            ["Unicode", "Version"]
                .iter()
                .flat_map(|n| self.entries(n))
                .map(|e| e.line),
        );
        known.sort_unstable();
        let lines = (1..).zip(self.document.text().lines());
        let unknown = lines.filter(|(number, line)| {
            !matches!(
                InfItem::of(line.text()),
                InfItem::Blank | InfItem::Comment(_) | InfItem::Section(_)
            ) && known.binary_search(number).is_err()
        });
        unknown.map(|(number, _)| number).collect()
    }

    /// The settings of a group in file order.
    pub fn settings(&self, group: SettingGroup) -> impl Iterator<Item = TemplateSetting<'_>> {
        let entries = self.entries(group.section());
        entries.map(|InfEntry { line, key, value }| TemplateSetting { line, key, value })
    }

    /// Sets a number.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a key that no line can hold.
    pub fn set_number(&mut self, group: SettingGroup, key: &str, number: i64) -> Result<()> {
        let own = self.document.value(group.section(), key);
        if own.and_then(|value| value.parse().ok()) == Some(number) {
            return Ok(());
        }
        self.document
            .set_value_after(group.section(), key, SPACED, &number.to_string())
    }

    /// Sets a text, which is written in double quotes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a key that no line can hold, or a text with a line break.
    pub fn set_text(&mut self, group: SettingGroup, key: &str, text: &str) -> Result<()> {
        if self.document.value(group.section(), key).map(unquoted) == Some(text) {
            return Ok(());
        }
        self.document
            .set_value_after(group.section(), key, SPACED, &format!("\"{text}\""))
    }

    /// The registry values in file order.
    pub fn registry_values(&self) -> impl Iterator<Item = RegistrySetting<'_>> {
        registry_value::read(&self.document)
    }

    /// Sets a registry value. `path` is the key with its hive and the value's name,
    /// `MACHINE\System\…\NoLMHash`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a value of another type than the five of
    /// [`RegistrySetting::value`], or one that would be read as another.
    pub fn set_registry_value(&mut self, path: &str, value: &RegistryValue) -> Result<()> {
        registry_value::set(&mut self.document, path, value)
    }

    /// The user rights in file order.
    pub fn privilege_rights(&self) -> impl Iterator<Item = PrivilegeRight<'_>> {
        self.entries(principal::PRIVILEGE_RIGHTS)
            .map(PrivilegeRight::from)
    }

    /// Gives a user right to these principals, each `*SID` or a name; to nobody if there are none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a principal with a comma or a line break.
    pub fn set_privilege_right(&mut self, privilege: &str, principals: &[&str]) -> Result<()> {
        let list = principal::list(principals)?;
        self.document
            .set_value_after(principal::PRIVILEGE_RIGHTS, privilege, SPACED, &list)
    }

    /// The restricted groups in file order, each with two lines as a rule.
    pub fn group_membership(&self) -> impl Iterator<Item = GroupMembership<'_>> {
        self.entries(principal::GROUP_MEMBERSHIP)
            .filter_map(GroupMembership::read)
    }

    /// Sets the members of a group, or the groups that it is a member of. All are `*SID` or a name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a principal with a comma or a line break.
    pub fn set_group_list(&mut self, group: &str, of: GroupList, list: &[&str]) -> Result<()> {
        let key = format!("{group}{}", of.suffix());
        let list = principal::list(list)?;
        self.document
            .set_value_after(principal::GROUP_MEMBERSHIP, &key, SPACED, &list)
    }

    /// Every principal of the user rights and restricted groups, in file order: of a group's line
    /// the group first, then its list from left to right.
    ///
    /// These are the principals that GPMC lists in `Backup.xml`.
    pub fn principals(&self) -> impl Iterator<Item = TemplatePrincipal<'_>> {
        self.document.sections().flat_map(principal::of_section)
    }

    /// Puts another principal, `*SID` or a name, in a place that [`principals`](Self::principals)
    /// gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a principal with a comma or a line break,
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where there is no such place.
    pub fn set_principal(&mut self, line: usize, role: PrincipalRole, text: &str) -> Result<()> {
        principal::set(&mut self.document, line, role, text)
    }

    /// The services, registry keys or files in file order.
    pub fn secured_objects(
        &self,
        kind: SecuredObjectKind,
    ) -> impl Iterator<Item = SecuredObject<'_>> {
        secured_object::read(&self.document, kind)
    }

    /// Sets the number and the descriptor of a service, registry key or file; see
    /// [`SecuredObject`]. An object that is not there is added.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a name with a double quote, or a line break anywhere.
    pub fn set_secured_object(
        &mut self,
        kind: SecuredObjectKind,
        name: &str,
        mode: u32,
        sddl: &str,
    ) -> Result<()> {
        secured_object::set(&mut self.document, kind, name, mode, sddl)
    }

    fn entries<'a>(&'a self, section: &'a str) -> impl Iterator<Item = InfEntry<'a>> {
        self.document
            .sections_named(section)
            .flat_map(|section| section.entries())
    }
}

impl From<InfDocument> for SecurityTemplate {
    fn from(document: InfDocument) -> Self {
        Self { document }
    }
}

/// Whether a section is one of the table of [`SecurityTemplate`].
fn is_known_section(name: &str) -> bool {
    let settings = SettingGroup::ALL.into_iter().map(SettingGroup::section);
    let objects = SecuredObjectKind::ALL
        .into_iter()
        .map(SecuredObjectKind::section);
    settings
        .chain(objects)
        .chain([
            principal::PRIVILEGE_RIGHTS,
            principal::GROUP_MEMBERSHIP,
            registry_value::SECTION,
        ])
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// The text between double quotes, or all of it where there are none.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests;
