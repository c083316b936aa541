//! Group Policy objects: the model, the formats of their files, and the layout of GPMC's backups.
//!
//! A document writes back the bytes that it read; its typed views read them, and an edit changes what
//! it sets and nothing else.
//!
#![cfg_attr(
    feature = "xml",
    doc = r#"
```
use gpo_core::{GpoPath, SettingsFile};

// Where a file lies says what it is.
let path: GpoPath = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf".parse()?;
let bytes = b"[Privilege Rights]\nSeBackupPrivilege = *S-1-5-21-1-2-3-1104\n; kept\n";
let mut file = SettingsFile::parse(&path, bytes)?;
assert!(file.problems().is_empty());

// What it names is a place that can be given another text.
let reference = file.references().remove(0);
assert_eq!((reference.text.as_str(), reference.is_listed()), ("*S-1-5-21-1-2-3-1104", true));
file.set_reference(&reference, "*S-1-5-21-7-8-9-1201")?;
assert!(file.to_bytes()?.ends_with(b"*S-1-5-21-7-8-9-1201\n; kept\n"));
# Ok::<(), gpo_core::Error>(())
```
"#
)]
//!
//! Each type below has a page of its own with the layout, its source, and an example.
//!
//! | file | type | recovers |
//! |---|---|---|
//! | registry.pol | [`RegistryPol`], in place [`RegistryPolRef`] | [every entry that is whole](RegistryPol::parse_lossy) |
//! | text of LGPO.exe, `.reg` | [`parse_lgpo_text`], [`parse_reg_text`] | every [command](parse_lgpo_text_lossy), every [value](parse_reg_text_lossy) |
//! | GPT.INI | [`GptIni`] | text that is none throughout |
//! | GptTmpl.inf | [`SecurityTemplate`] | likewise |
//! | audit.csv | [`AuditCsv`] | likewise |
//! | scripts.ini, psscripts.ini | [`ScriptsIni`] | likewise |
//! | fdeploy.ini, fdeploy1.ini | [`FolderRedirection`] | likewise |
//! | preferences | [`Preferences`], passwords `decode_cpassword` | [every item that is whole](Preferences::parse_lossy) |
//! | comment.cmtx, migration tables | [`PolicyComments`], [`MigrationTable`] | likewise |
//! | GPO.cmt | [`parse_gpo_comment`] | – |
//! | software packages | [`SoftwarePackage`] of a [`DirectoryObject`], [`SoftwarePackageSettings`] | – |
//! | WMI filters | [`WmiFilterLink`], [`parse_wmi_queries`], `parse_wmi_filter_mof` | – |
//! | `.aas`, `.ins`, `.pfx` and others | [`FileKind`], [`check_advertise_script`] | – |
//! | Backup.xml, bkupInfo.xml, manifest.xml | [`BackupXml`], [`BkupInfo`], [`Manifest`] | – |
//!
//! Which extension reads which file, and where it stands in a backup: [`CLIENT_SIDE_EXTENSIONS`].
//!
//! # Limits
//!
//! Nothing here panics or recurses without limit on any input, and memory is in proportion to the
//! input. XML is at most 256 MiB with elements nested 100 deep.
//!
//! # Features
//!
//! * `std` (default): the traits of sources and stores.
//! * `xml` (default): reading XML; without it XML can be written.
//! * `sidecar`: `Sidecar`, the file beside a backup that GPMC does not have.
//! * `cpassword`: `decode_cpassword`.
#![no_std]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// Before those that it is used in.
#[macro_use]
mod text_file;
#[macro_use]
mod xml_file;

mod advertise_script;
mod audit_csv;
mod backup_time;
mod backup_xml;
mod bkup_info;
mod client_side_extension;
#[cfg(feature = "cpassword")]
mod cpassword;
mod damage;
mod directory_entry;
mod directory_object;
mod dn;
mod domain_partition;
mod error;
mod extension_list;
mod file_kind;
mod folder_redirection;
mod foreign;
mod gp_link;
mod gpo;
mod gpo_comment;
mod gpt_ini;
mod guid;
mod hex_text;
mod inf;
mod inventory;
mod lgpo_text;
mod manifest;
mod migration_table;
mod msi_file_list;
mod path;
mod policy_comments;
mod preferences;
mod principal;
mod principal_list;
mod reference;
mod reg_text;
mod registry_pol;
mod scripts_ini;
mod sddl_text;
mod security_group;
mod security_template;
#[cfg(feature = "xml")]
mod settings_file;
mod size_limits;
mod software_package;
mod text;
mod text_document;
mod unc_path;
mod wmi_filter_link;
mod wmi_filter_queries;
mod xml_attribute;
mod xml_character;
mod xml_document;
mod xml_form;
mod xml_name;
#[cfg(feature = "xml")]
mod xml_reader;
mod xml_writer;

#[cfg(feature = "std")]
mod backup_store;
#[cfg(feature = "std")]
mod container_entries;
#[cfg(feature = "std")]
mod contents;
#[cfg(feature = "std")]
mod directory;
#[cfg(feature = "sidecar")]
mod sidecar;
#[cfg(feature = "std")]
mod source_error;
#[cfg(feature = "std")]
mod sysvol;
#[cfg(feature = "std")]
mod wmi_filter_mof;

pub use advertise_script::check_advertise_script;
pub use audit_csv::{
    AUDIT_SUBCATEGORIES, AuditColumn, AuditCsv, AuditRow, AuditValue, audit_subcategory_name,
};
pub use backup_time::BackupTime;
pub use backup_xml::{
    BackupForm, BackupInventory, BackupLayout, BackupObject, BackupSection, BackupXml, CoreField,
    CoreSettings, DsAttribute, DsAttributeKind, DsObject, ExtensionBlock, FsObject, UnusualBackup,
};
pub use bkup_info::{BackupInst, BkupInfo, InstField, UnusualInst};
pub use client_side_extension::{CLIENT_SIDE_EXTENSIONS, ClientSideExtension, extension_name};
#[cfg(feature = "cpassword")]
pub use cpassword::decode_cpassword;
pub use damage::Damage;
pub use directory_entry::DirectoryEntry;
pub use directory_object::{DirectoryAttribute, DirectoryObject, DirectoryObjectKind};
pub use dn::{Dn, escape_rdn_value, rdn_value, unescape_rdn_value};
pub use domain_partition::DomainPartition;
pub use error::{Error, ErrorKind, Position, Quoted, Result, is_unprintable};
pub use extension_list::{ExtensionGroup, ExtensionList};
pub use file_kind::FileKind;
pub use folder_redirection::{FolderRedirection, FolderStatus, FolderTarget, known_folder_name};
pub use foreign::{Foreign, ForeignLeaf, ForeignNode};
pub use gp_link::{GpLink, GpLinkOptions, gpo_id_of_dn};
pub use gpo::{Gpo, GpoStatus, Half, HalfVersion};
pub use gpo_comment::{gpo_comment_to_bytes, parse_gpo_comment};
pub use gpt_ini::{GpoVersion, GptIni};
pub use guid::{BackupId, DomainId, GpoId, Guid, WmiFilterId};
pub use hex_text::{from_spaced_hex, to_spaced_hex};
pub use inf::{InfDocument, InfEntry, InfItem, InfSection};
pub use inventory::{EntryKind, Inventory};
pub use lgpo_text::{LgpoCommand, parse_lgpo_text, parse_lgpo_text_lossy, to_lgpo_text};
pub use manifest::{Manifest, ManifestEntry};
pub use migration_table::{
    MigrationDestination, MigrationEntry, MigrationSourceKind, MigrationTable,
};
pub use msi_file_list::MsiFile;
pub use path::{GpoPath, compare_names, fold_name, same_name};
pub use policy_comments::{PolicyComment, PolicyComments};
pub use preferences::{
    PREFERENCE_KINDS, PreferenceAction, PreferenceItem, PreferenceKind, Preferences,
    TargetingFilter, TargetingKind,
};
pub use principal::{Principal, PrincipalKind, PrincipalQuery};
pub use principal_list::{principal_list, template_principals};
pub use reference::{
    DescriptorPlace, Reference, ReferenceKind, ReferencePlace, ReferenceSetting, RegistryText,
    descriptor_references, edit_descriptor,
};
#[cfg(feature = "xml")]
pub use reference::{GpoReference, GpoReferences, ReferenceSource, references};
pub use reg_text::{parse_reg_text, parse_reg_text_lossy, to_reg_text};
pub use registry_pol::{
    RegistryAction, RegistryEntries, RegistryEntry, RegistryEntryRef, RegistryName,
    RegistryNameRef, RegistryPol, RegistryPolRef, RegistryType, RegistryValue,
};
pub use scripts_ini::{Script, ScriptEvent, ScriptsIni};
pub use security_group::{GroupSource, SecurityGroup};
pub use security_template::{
    GroupList, GroupMembership, PrincipalRole, PrivilegeRight, RegistrySetting, SecuredObject,
    SecuredObjectKind, SecurityTemplate, SettingGroup, TemplatePrincipal, TemplateSetting,
};
#[cfg(feature = "xml")]
pub use settings_file::SettingsFile;
pub use size_limits::{
    LARGEST_BACKUP_XML, LARGEST_BKUP_INFO, LARGEST_GPT_INI, LARGEST_MANIFEST,
    LARGEST_SETTINGS_FILE, MOST_PIECES,
};
pub use software_package::{PackageFlags, SoftwarePackage, SoftwarePackageSettings, class_store};
pub use text::{Encoding, LineEnd, Text, TextLine, lines};
pub use text_document::{DocumentLine, TextDocument};
pub use unc_path::unc_folder;
pub use wmi_filter_link::WmiFilterLink;
pub use wmi_filter_queries::{WmiQuery, parse_wmi_queries, to_wmi_queries};
pub use xml_document::{XmlDocument, XmlElement, XmlNode, XmlPath};
pub use xml_form::XmlForm;

#[cfg(feature = "std")]
pub use backup_store::{BackupFolder, BackupStore, BackupStoreWrite, StagedBackup};
#[cfg(feature = "std")]
pub use contents::{Contents, Entry, Piece, Sink, TreeWriter, Visitor};
#[cfg(feature = "std")]
pub use directory::{
    Directory, DirectoryCapabilities, DirectoryWrite, Domain, GpoContainer, GpoLink, GpoListing,
    Som, WmiFilter,
};
#[cfg(feature = "sidecar")]
pub use sidecar::{Sidecar, SidecarFile, SidecarLink};
#[cfg(feature = "std")]
pub use source_error::{SourceError, SourceErrorKind};
#[cfg(feature = "std")]
pub use sysvol::{Sysvol, SysvolWrite};
#[cfg(feature = "std")]
pub use wmi_filter_mof::{parse_wmi_filter_mof, to_wmi_filter_mof};

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
