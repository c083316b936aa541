//! Backup.xml: the core settings of a GPO, its principals and paths, and what it consists of.
//!
//! # Layout
//!
//! ```text
//! GroupPolicyBackupScheme
//!   GroupPolicyObject
//!     SecurityGroups              principals of the DACL and of the security template
//!     FilePaths                   folders of UNC paths in scripts, packages, redirected folders
//!     GroupPolicyCoreSettings     ID, domain, descriptor, name, status, versions, extensions
//!     GroupPolicyExtension …      the files and directory objects, by extension
//! ```
//!
//! GPMC writes the file from a fixed template: one line for each of ten extension slots, blank
//! where the slot has no block, then everything that no slot claims under "Unknown Extension".
//! [`BackupXml::build`] does the same from a [`Gpo`](crate::Gpo) and its inventory.
//!
//! # Source
//!
//! A census of 1,771 public backups: from core settings, groups, paths and tree, these rules
//! regenerate every file known whose bytes nobody has touched.
//!
//! # Limits
//!
//! Elements may be nested 100 deep; a file may have 256 MiB.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::extension_list::ExtensionList;
use crate::foreign::Foreign;
use crate::gpo::{GpoStatus, HalfVersion};
use crate::guid::{GpoId, Guid};
use crate::security_group::SecurityGroup;
use crate::text::LineEnd;
use crate::wmi_filter_link::WmiFilterLink;
use crate::xml_form::XmlForm;
#[cfg(feature = "xml")]
use crate::xml_reader::Vocabulary;

mod build;
mod directory_objects;
#[cfg(feature = "xml")]
mod read;
#[cfg(feature = "xml")]
mod read_objects;
mod template;
mod to_gpo;
mod write;
mod write_objects;

pub(crate) use template::slot_of;
pub use to_gpo::BackupInventory;

/// The namespace of Backup.xml, of its elements (without prefix) and attributes (`bkp:`).
pub(crate) const NAMESPACE: &str = "http://www.microsoft.com/GroupPolicy/GPOOperations";

#[cfg(feature = "xml")]
const VOCABULARY: Vocabulary = Vocabulary {
    namespace: NAMESPACE,
    prefix: "bkp",
};

/// What stands before the root element in every file that GPMC or LGPO.exe wrote.
const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
     <!-- Copyright (c) Microsoft Corporation.  All rights reserved. -->";

/// A Backup.xml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupXml {
    /// The principals that the GPO names.
    pub security_groups: Vec<SecurityGroup>,
    /// The folders of the UNC paths that the GPO names.
    pub file_paths: Vec<String>,
    /// What the directory says about the GPO.
    pub core: CoreSettings,
    /// Its files and directory objects.
    pub extensions: Vec<ExtensionBlock>,
    /// How the file is written.
    pub form: BackupForm,
    /// What is unusual about it.
    pub unusual: Option<Box<UnusualBackup>>,
}

/// How a Backup.xml is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupForm {
    /// What stands around the root element.
    pub xml: XmlForm,
    /// The line end: CRLF, unless somebody converted the file.
    pub line_end: LineEnd,
    /// White space and blank lines.
    pub layout: BackupLayout,
}

/// The white space of a Backup.xml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackupLayout {
    /// GPMC's: ten slots, indented, with blank lines where a block or a file is absent.
    Gpmc,
    /// That of LGPO.exe: one element a line, nothing indented, nothing for what is absent.
    Lgpo,
}

impl Default for BackupForm {
    fn default() -> Self {
        Self {
            xml: XmlForm::new(PROLOG, ""),
            line_end: LineEnd::CrLf,
            layout: BackupLayout::Gpmc,
        }
    }
}

/// Where a Backup.xml differs from GPMC's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusualBackup {
    /// `bkp:version`: `2.0` in every file of today, `1.0` in a few of old.
    pub version: String,
    /// `bkp:type`: always `GroupPolicyBackupTemplate`.
    pub kind: String,
    /// The parts of `GroupPolicyObject` as they stand, where they are not GPMC's.
    pub sections: Option<Vec<BackupSection>>,
    /// The core settings as they stand, where they are not GPMC's.
    pub core_fields: Option<Vec<CoreField>>,
    /// Core settings that are spelled in another way than GPMC's: the field, GPMC's text for the
    /// value, and the text that stands there. Left aside when the value has changed.
    pub spellings: Vec<(CoreField, String, String)>,
    /// What is unknown in the root element.
    pub root: Foreign,
    /// What is unknown in `GroupPolicyObject`.
    pub object: Foreign,
    /// What is unknown in `SecurityGroups`.
    pub security_groups: Foreign,
    /// What is unknown in `FilePaths`.
    pub file_paths: Foreign,
    /// What is unknown in `GroupPolicyCoreSettings`.
    pub core: Foreign,
}

impl Default for UnusualBackup {
    fn default() -> Self {
        Self {
            version: "2.0".into(),
            kind: "GroupPolicyBackupTemplate".into(),
            sections: None,
            core_fields: None,
            spellings: Vec::new(),
            root: Foreign::default(),
            object: Foreign::default(),
            security_groups: Foreign::default(),
            file_paths: Foreign::default(),
            core: Foreign::default(),
        }
    }
}

impl UnusualBackup {
    /// What is unknown, by the element that it stands in.
    pub fn foreign(&self) -> impl Iterator<Item = (&'static str, &Foreign)> {
        [
            ("GroupPolicyBackupScheme", &self.root),
            ("GroupPolicyObject", &self.object),
            ("SecurityGroups", &self.security_groups),
            ("FilePaths", &self.file_paths),
            ("GroupPolicyCoreSettings", &self.core),
        ]
        .into_iter()
        .filter(|(_, foreign)| !foreign.is_empty())
    }
}

/// A part of `GroupPolicyObject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the elements")]
pub enum BackupSection {
    SecurityGroups,
    FilePaths,
    GroupPolicyCoreSettings,
    GroupPolicyExtension,
}

/// What the directory says about a GPO, as Backup.xml has it.
///
/// Backups made by hand may leave values empty; GPMC imports them all the same, so they are
/// options here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreSettings {
    /// The GPO, spelled as in the directory.
    pub id: GpoId,
    /// The DNS name of its domain, spelled as in the directory.
    pub domain: String,
    /// Its security descriptor, self-relative, with the DACL only (census: 630 of 630).
    pub security_descriptor: Option<Vec<u8>>,
    /// Its name.
    pub display_name: String,
    /// Which halves are switched off.
    pub options: Option<GpoStatus>,
    /// The version of the user half.
    pub user_version: Option<HalfVersion>,
    /// The version of the computer half.
    pub machine_version: Option<HalfVersion>,
    /// The extensions of the computer half.
    pub machine_extensions: ExtensionList,
    /// The extensions of the user half.
    pub user_extensions: ExtensionList,
    /// The WMI filter that the GPO is linked to.
    pub wmi_filter: Option<WmiFilterLink>,
    /// Its name; written exactly when there is a filter.
    pub wmi_filter_name: Option<String>,
}

impl CoreSettings {
    /// Whether an extension is listed in either half.
    pub fn has_extension(&self, cse: Guid) -> bool {
        self.machine_extensions.contains_cse(cse) || self.user_extensions.contains_cse(cse)
    }
}

/// A core setting, by its element name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the elements")]
pub enum CoreField {
    Id,
    Domain,
    SecurityDescriptor,
    DisplayName,
    Options,
    UserVersionNumber,
    MachineVersionNumber,
    MachineExtensionGuids,
    UserExtensionGuids,
    WmiFilter,
    WmiFilterName,
}

impl CoreField {
    /// All core settings in GPMC's order.
    pub const ALL: [Self; 11] = [
        Self::Id,
        Self::Domain,
        Self::SecurityDescriptor,
        Self::DisplayName,
        Self::Options,
        Self::UserVersionNumber,
        Self::MachineVersionNumber,
        Self::MachineExtensionGuids,
        Self::UserExtensionGuids,
        Self::WmiFilter,
        Self::WmiFilterName,
    ];

    /// The name of the element.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::Domain => "Domain",
            Self::SecurityDescriptor => "SecurityDescriptor",
            Self::DisplayName => "DisplayName",
            Self::Options => "Options",
            Self::UserVersionNumber => "UserVersionNumber",
            Self::MachineVersionNumber => "MachineVersionNumber",
            Self::MachineExtensionGuids => "MachineExtensionGuids",
            Self::UserExtensionGuids => "UserExtensionGuids",
            Self::WmiFilter => "WMIFilter",
            Self::WmiFilterName => "WMIFilterName",
        }
    }
}

/// The files and directory objects of one extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionBlock {
    /// The GUID of the client-side extension, in the case of GPMC's template.
    pub id: Guid,
    /// GPMC's name for it.
    pub name: String,
    /// What belongs to it.
    pub objects: Vec<BackupObject>,
    /// What is unknown in it.
    pub foreign: Option<Box<Foreign>>,
}

impl ExtensionBlock {
    /// The GUID that stands for "everything else" and exists in backups only.
    pub const UNKNOWN_EXTENSION: Guid = Guid::from_u128(0xF15C46CD_82A0_4C2D_A210_5D0D3182A418);
}

/// A file, folder or directory object of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupObject {
    /// `FSObjectFile`.
    File(FsObject),
    /// `FSObjectDir`.
    Folder(FsObject),
    /// `DSObject`.
    Directory(DsObject),
}

/// A file or folder, or a wildcard with the files or folders that it matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FsObject {
    /// The path with a variable in front: `%GPO_MACH_FSPATH%\registry.pol`.
    pub path: String,
    /// The same path on the domain controller. Shown, never followed.
    pub source_expanded_path: Option<String>,
    /// What GPMC calls after a change of principals: one of five names.
    pub re_evaluate_function: Option<String>,
    /// Where the copy lies in the backup: `DomainSysvol\GPO\Machine\registry.pol`. Absent for a
    /// wildcard.
    pub location: Option<String>,
    /// The matches of a wildcard: files of a file, folders of a folder.
    pub matches: Vec<FsObject>,
    /// What is unknown in it.
    pub foreign: Option<Box<Foreign>>,
}

/// An object of the directory below the GPO's container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DsObject {
    /// The name with a variable at the end: `cn=Class Store,%GPO_MACH_DSPATH%`.
    pub path: String,
    /// Its object class.
    pub object_class: String,
    /// Its distinguished name on the domain controller.
    pub source_expanded_path: Option<String>,
    /// What GPMC calls after a change of principals.
    pub re_evaluate_function: Option<String>,
    /// The objects below it.
    pub children: Vec<DsObject>,
    /// The files that belong to it.
    pub files: Vec<FsObject>,
    /// Its security descriptor: outer `None` where there is no element, inner `None` where the
    /// element is empty.
    pub security_descriptor: Option<Option<Vec<u8>>>,
    /// Its attributes.
    pub attributes: Vec<DsAttribute>,
    /// What is unknown in it.
    pub foreign: Option<Box<Foreign>>,
}

/// An attribute of a directory object; without values where it is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DsAttribute {
    /// Its syntax.
    pub kind: DsAttributeKind,
    /// Its LDAP name.
    pub name: String,
    /// Its values in the text form of the syntax.
    pub values: Vec<String>,
    /// What is unknown in it.
    pub foreign: Option<Box<Foreign>>,
}

/// The syntax of an attribute, as the name of its element says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DsAttributeKind {
    /// One text.
    String,
    /// One text with variables such as `%GPO_DSPATH%`.
    ExpandedString,
    /// Several texts.
    MultiString,
    /// One unsigned number of 32 bits, in decimal.
    Dword,
    /// Several such numbers.
    MultiDword,
    /// Bytes in hexadecimal with blanks between them.
    Binary,
}

impl DsAttributeKind {
    #[cfg(feature = "xml")]
    const ALL: [Self; 6] = [
        Self::String,
        Self::ExpandedString,
        Self::MultiString,
        Self::Dword,
        Self::MultiDword,
        Self::Binary,
    ];

    /// The name of the element.
    pub const fn element(self) -> &'static str {
        match self {
            Self::String => "DSAttributeString",
            Self::ExpandedString => "DSAttributeExpandedString",
            Self::MultiString => "DSAttributeMultiString",
            Self::Dword => "DSAttributeDWORD",
            Self::MultiDword => "DSAttributeMultiDWORD",
            Self::Binary => "DSAttributeBinary",
        }
    }
}
