//! The report on a GPO: `gpreport.xml`, which GPMC writes into every backup.
//!
//! A [`Report`] says who the GPO is, when it was made, who may do what with it, its versions, its WMI
//! filter and its links, and for each half what the extensions do ([`ReportExtension`]). It is read
//! from a gpreport.xml and written as Windows writes it.
//!
//! What a report of a GPO is made from, below the folder of a half where nothing else stands:
//!
//! | part of the report | comes from |
//! |---|---|
//! | identity, versions, status, permissions | the container; of a backup Backup.xml |
//! | times, owner, SACL, links, the WMI filter's description | the directory; of a backup its gpreport.xml |
//! | Registry | `registry.pol`, named by the templates; comments from `comment.cmtx` |
//! | Public Key, Windows Firewall, Application Control, Name Resolution | `registry.pol` of the computer half |
//! | Security | `Microsoft\Windows NT\SecEdit\GptTmpl.inf` |
//! | Advanced Audit Configuration | `Microsoft\Windows NT\Audit\audit.csv` |
//! | Scripts | `Scripts\scripts.ini`, `Scripts\psscripts.ini` |
//! | Folder Redirection | `Documents & Settings\fdeploy1.ini` |
//! | Software Installation | the packages in the class store below the container |
//! | preferences | `Preferences\KIND\KIND.xml` |
//!
//! An extension is shown where the GPO lists it. One whose file cannot be read is an
//! [error](ExtensionContent::Error) that names the file; so is one that nobody knows, with its files. Policies of
//! ADM templates are shown as registry values: ADM files are not read.
//!
//! ```
//! use gpo_core::{Gpo, GpoStatus, HalfVersion};
//! use gpo_report::{Report, ReportSource};
//!
//! let gpo = Gpo {
//!     id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse()?,
//!     domain: "example.test".into(),
//!     display_name: "Büro & Lager".into(),
//!     status: GpoStatus::USER_DISABLED,
//!     machine_version: HalfVersion { directory: 3, sysvol: 3 },
//!     user_version: HalfVersion::default(),
//!     machine_extensions: Default::default(),
//!     user_extensions: Default::default(),
//!     wmi_filter: None,
//!     wmi_filter_name: String::new(),
//!     security_descriptor: None,
//!     inventory: Default::default(),
//!     machine_objects: Vec::new(),
//!     user_objects: Vec::new(),
//! };
//! let report = Report::of_gpo(&gpo, &ReportSource::at("2026-04-22T18:36:39.25Z".parse()?));
//! let text: Vec<u16> = report.to_bytes()
//!     .chunks_exact(2)
//!     .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
//!     .collect();
//! let text = String::from_utf16(&text)?;
//! assert!(text.contains("\r\n  <Name>Büro &amp; Lager</Name>\r\n"));
//! assert!(text.contains("\r\n  <ReadTime>2026-04-22T18:36:39.25Z</ReadTime>\r\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod canonical_name;
mod compare;
mod element;
mod extension;
mod generalized_time;
mod gpo_files;
mod hidden;
mod html;
mod link;
mod markdown;
mod page;
mod principal;
mod record;
mod report;
mod report_source;
mod security;
#[cfg(feature = "serde")]
mod serialize;
mod settings;
mod trustee_order;
mod word_order;
mod xml_writer;

pub use compare::ReportChange;
pub use element::{Namespace, ReportElement};
pub use extension::{ExtensionContent, ExtensionError, ReportExtension};
pub use gpo_files::GpoFiles;
pub use html::{ReportIndexEntry, changes_html, report_index_html};
pub use link::ReportLink;
pub use markdown::changes_markdown;
pub use principal::ReportTrustee;
pub use report::{Report, ReportFilter, ReportHalf};
pub use report_source::ReportSource;
pub use security::{
    Applicability, GpoPermissions, PermissionType, ReportSecurity, TrusteePermissions,
};
pub use settings::{
    AccountSetting, AccountSettingKind, AccountValue, AuditCategory, AuditSetting, AuditSettings,
    AuditType, AutoEnrollmentOptions, AutoEnrollmentSettings, CertificatePurposes,
    CertificateStores, CheckBox, DeploymentType, DisplayField, DisplayFields, DropDownItem,
    DropDownList, EditText, EfsSettings, EventLogSetting, ExtraRegistryData, ExtraRegistrySetting,
    ExtraRegistryValue, FirewallProperties, FirewallRule, FolderRedirectionSettings, GlobalSacl,
    ListBox, ListBoxElement, ListBoxValue, MsiApplication, MultiText, Numeric, ObjectAccess,
    ObjectAuditing, ObjectPermissions, ObjectSecurity, ObjectTrusteeAuditing,
    ObjectTrusteePermissions, PackageUpgrades, Policy, PolicyControl, PolicyState, PolicyText,
    PresentNumber, PropagationMode, PublicKeySetting, PublicKeySettings, RedirectedFolder,
    RedirectionLocation, RegistrySettings, ReportCertificate, ReportScript, ReportScriptEvent,
    RestrictedGroup, RootCertificateSettings, ScriptRunOrder, ScriptsSettings, SecuredPath,
    SecurityOption, SecurityOptionDisplay, SecurityOptionDisplayValue, SecurityOptionValue,
    SecuritySettings, SettingLines, Settings, SoftwareInstallationSettings, StartupMode,
    SystemService, TextLines, UserRightsAssignment, WindowsFirewallSettings,
};

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
