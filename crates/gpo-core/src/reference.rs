//! Principals and paths that a GPO names.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use sddl_parser::Sid;

use crate::audit_csv::AuditColumn;
use crate::error::{Error, ErrorKind, Quoted};
use crate::security_template::SecuredObjectKind;
use crate::unc_path::unc_folder;
use crate::xml_document::XmlPath;

mod edit;
mod in_descriptor;
#[cfg(feature = "xml")]
mod in_gpo;
mod in_text;

pub(crate) use edit::{Edit, Replacements, failed, one};
pub use in_descriptor::{DescriptorPlace, descriptor_references, edit_descriptor};
#[cfg(feature = "xml")]
pub use in_gpo::{GpoReference, GpoReferences, ReferenceSource, references};
pub(crate) use in_text::{in_list, in_value};

/// A principal or a path on a server that a document names, at a place where the document can put
/// another.
///
/// Found are SIDs in any text, names of accounts where the format says that one stands there, and
/// paths that start with `\\` and a server. No references are the aliases of SDDL (`DA`), which mean
/// the domain of whoever reads them. The SIDs of security descriptors in binary are found apart from
/// the settings: [`descriptor_references`].
///
/// A place holds as long as the document is not changed; to replace several, start from the last.
///
/// ```
/// use gpo_core::{ReferenceKind, SecurityTemplate};
///
/// let file = b"[Service General Setting]\n\"WinRM\",2,\"D:(A;;GA;;;S-1-5-21-1-2-3-512)\"\n";
/// let mut template = SecurityTemplate::parse(file)?;
/// let reference = template.references().remove(0);
/// assert_eq!(reference.kind, ReferenceKind::Sid);
/// assert_eq!(reference.place.to_string(), "line 2");
/// template.set_reference(&reference, "S-1-5-21-7-8-9-512")?;
/// assert!(template.to_bytes()?.ends_with(b"(A;;GA;;;S-1-5-21-7-8-9-512)\"\n"));
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// The setting that names it.
    pub setting: ReferenceSetting,
    /// Where it stands.
    pub place: ReferencePlace,
    /// What stands there. In user rights and restricted groups, a SID has `*` in front.
    pub text: String,
}

/// What a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// A SID.
    Sid,
    /// The name of an account.
    Account,
    /// A path on a server.
    UncPath,
}

/// The setting that names a principal or path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReferenceSetting {
    /// Who has a user right.
    UserRight,
    /// A restricted group, its members, or what it is a member of.
    RestrictedGroup,
    /// The descriptor of a service, registry key or file.
    SecuredObject(SecuredObjectKind),
    /// A registry value among the security settings.
    SecurityOption,
    /// A registry value of an administrative template.
    RegistryPolicy,
    /// A rule of Windows Firewall.
    FirewallRule,
    /// A rule of AppLocker.
    AppLockerRule,
    /// A script of scripts.ini.
    Script,
    /// A script of psscripts.ini.
    PowerShellScript,
    /// The parameters of either.
    ScriptParameters,
    /// The members of a group whose folder is redirected.
    RedirectedGroup,
    /// Where a folder is redirected to.
    RedirectedFolder,
    /// The user that an audit policy is for.
    AuditedUser,
    /// The audit of all files or all registry keys.
    GlobalSacl,
    /// An item of preferences.
    Preference,
    /// The item-level targeting of preferences.
    Targeting,
    /// A file of a software package.
    PackageFile,
    /// Any other attribute of a directory object.
    DirectoryAttribute,
    /// Who may do what with the GPO itself, or with a directory object of it.
    Permissions,
}

impl ReferenceSetting {
    /// Whether GPMC lists in Backup.xml what the setting names; of some settings not all of it:
    /// see [`Reference::is_listed`].
    ///
    /// Principals: of user rights and restricted groups (census of 1,771 backups: all 177 SIDs of
    /// domains), and of the permissions of services, registry keys and files and of redirected
    /// folders, as Microsoft's documentation of migration tables has it: no backup known has a
    /// domain's principal there. Not of security options (0 of 3) nor of preferences (0 of 30).
    /// Paths: of scripts.ini, packages and redirected folders (2 of 2), not of psscripts.ini (0 of
    /// 5) nor of preferences (0 of 31).
    pub const fn is_listed(self) -> bool {
        matches!(
            self,
            Self::UserRight
                | Self::RestrictedGroup
                | Self::SecuredObject(_)
                | Self::RedirectedGroup
                | Self::Script
                | Self::PackageFile
                | Self::RedirectedFolder
        )
    }

    /// Whether GPMC maps what the setting names by a migration table: what it [lists](Self::is_listed),
    /// and the permissions of the GPO.
    pub const fn is_mapped_by_gpmc(self) -> bool {
        self.is_listed() || matches!(self, Self::Permissions)
    }

    /// The setting in a few words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserRight => "user right",
            Self::RestrictedGroup => "restricted group",
            Self::SecuredObject(SecuredObjectKind::Service) => "service permissions",
            Self::SecuredObject(SecuredObjectKind::RegistryKey) => "registry key permissions",
            Self::SecuredObject(SecuredObjectKind::File) => "file permissions",
            Self::SecurityOption => "security option",
            Self::RegistryPolicy => "registry policy",
            Self::FirewallRule => "firewall rule",
            Self::AppLockerRule => "AppLocker rule",
            Self::Script => "script",
            Self::PowerShellScript => "PowerShell script",
            Self::ScriptParameters => "script parameters",
            Self::RedirectedGroup => "redirected group",
            Self::RedirectedFolder => "redirected folder",
            Self::AuditedUser => "audited user",
            Self::GlobalSacl => "global SACL",
            Self::Preference => "preference",
            Self::Targeting => "item-level targeting",
            Self::PackageFile => "software package",
            Self::DirectoryAttribute => "directory object",
            Self::Permissions => "permissions",
        }
    }
}

/// Where a reference stands; a `part` is a range of bytes in the text named before it.
///
/// Names are shared by the references of one text, of which a file can have millions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferencePlace {
    /// A line of a text file, from 1.
    Line {
        /// The line.
        line: usize,
        /// The part of the line.
        part: Range<usize>,
    },
    /// A column of an audit.csv.
    Column {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: AuditColumn,
        /// The part of its text, without quotes.
        part: Range<usize>,
    },
    /// An attribute or text of an XML file.
    Xml {
        /// The element.
        element: XmlPath,
        /// The attribute; none for the text of the element.
        attribute: Option<Arc<str>>,
        /// The same place as an XPath; of one with more than 500 bytes the end.
        xpath: Arc<str>,
        /// The part of the value, references of XML resolved.
        part: Range<usize>,
    },
    /// An entry of a registry.pol.
    Registry {
        /// The number of the entry, from 0.
        entry: usize,
        /// Its key.
        key: Arc<str>,
        /// Its value name.
        value_name: Arc<str>,
        /// Which of its texts.
        of: RegistryText,
        /// The part of that text.
        part: Range<usize>,
    },
    /// An attribute of a directory object.
    Attribute {
        /// The LDAP name of the attribute.
        name: Arc<str>,
        /// The number of its value, from 0.
        value: usize,
        /// The part of the value.
        part: Range<usize>,
    },
    /// A SID of a security descriptor.
    Descriptor(DescriptorPlace),
}

/// A text of a registry.pol's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegistryText {
    /// The key.
    Key,
    /// The value's name.
    ValueName,
    /// The data; of several texts the one of this number, from 0.
    Data(usize),
}

impl fmt::Display for ReferencePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, .. } => write!(f, "line {line}"),
            Self::Column { line, column, .. } => write!(f, "line {line}, {}", column.name()),
            Self::Xml { xpath, .. } => f.write_str(xpath),
            Self::Registry {
                key, value_name, ..
            } => write!(f, "{key}, value {}", Quoted::new(value_name)),
            Self::Attribute { name, .. } => f.write_str(name),
            Self::Descriptor(place) => place.fmt(f),
        }
    }
}

impl Reference {
    /// The SID, if the reference is one.
    pub fn sid(&self) -> Option<Sid> {
        let text = self.text.trim_start_matches('*');
        text.parse()
            .ok()
            .filter(|_| self.kind == ReferenceKind::Sid)
    }

    /// Whether GPMC lists it in Backup.xml, where the extension of the setting is listed: see
    /// [`ReferenceSetting::is_listed`].
    ///
    /// Of a path it lists the folder, so there has to be one. Well-known principals are listed of
    /// user rights and restricted groups only (0 of 6 in the one backup with permissions of files).
    pub fn is_listed(&self) -> bool {
        let fits = match (self.kind, self.setting) {
            (ReferenceKind::UncPath, _) => unc_folder(&self.text).is_some(),
            (_, ReferenceSetting::UserRight | ReferenceSetting::RestrictedGroup) => true,
            (ReferenceKind::Sid, _) => {
                let domain = self.sid().and_then(|sid| sid.domain());
                domain.is_some_and(|domain| domain.is_domain())
            }
            (ReferenceKind::Account, _) => false,
        };
        self.setting.is_listed() && fits
    }

    /// The error where a document has no such place, or has something else there.
    pub(crate) fn missing(&self) -> Error {
        let message = format!("{} is not at {}", Quoted::new(&self.text), self.place);
        Error::new(ErrorKind::Missing, message)
    }

    /// The error where the setting cannot be without it.
    pub(crate) fn irremovable(&self) -> Error {
        let message = format!(
            "{} cannot be taken out at {}: the {} would be another one",
            Quoted::new(&self.text),
            self.place,
            self.setting.name()
        );
        Error::new(ErrorKind::Unwritable, message)
    }

    /// The error where a text cannot stand in the place.
    pub(crate) fn unwritable(&self, new: &str) -> Error {
        let message = format!("{} cannot stand at {}", Quoted::new(new), self.place);
        Error::new(ErrorKind::Unwritable, message)
    }
}

/// Adds the parts of a text that are references.
pub(crate) fn add_references(
    found: &mut Vec<Reference>,
    setting: ReferenceSetting,
    text: &str,
    parts: impl IntoIterator<Item = (Range<usize>, ReferenceKind)>,
    place: impl Fn(Range<usize>) -> ReferencePlace,
) {
    for (part, kind) in parts {
        if let Some(found_text) = text.get(part.clone()) {
            found.push(Reference {
                kind,
                setting,
                place: place(part),
                text: found_text.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
