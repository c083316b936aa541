//! Operations on Group Policy objects.
//!
//! The engine knows the traits of [`gpo_core`] and no adapter: whatever implements
//! [`Directory`](gpo_core::Directory), [`Sysvol`](gpo_core::Sysvol) or
//! [`BackupStore`](gpo_core::BackupStore) can be backed up, read, or written to.

mod backup;
mod backup_files;
mod backup_gpo;
mod backup_set;
mod check_domain;
mod compare;
mod copy;
mod delete;
mod edit_gpo;
mod export;
mod find_backup;
mod finding;
mod gpo_criteria;
mod gpo_folder;
mod gpo_permissions;
mod gpo_sides;
mod gpo_state;
mod hashed_files;
mod import;
mod journal;
mod link_edits;
mod links_of;
mod list;
mod list_gpos;
mod manifest_update;
mod mapping;
mod migration_entries;
mod migration_table_check;
mod new_container;
mod new_tree;
mod new_version;
mod observer;
mod plan;
mod recover;
mod references;
mod repack;
mod report;
mod restore;
mod selection;
mod settings_area;
mod show;
mod software_packages;
mod source;
mod stamps;
mod status;
mod sysvol_acl;
mod target;
mod task;
mod transaction;
mod verify;

pub use backup::{BackedUpGpo, Backup, LONGEST_COMMENT, report_gpo};
pub use backup_files::BackupFiles;
pub use backup_set::{BackupSet, SetMember};
pub use check_domain::{CheckedGpo, check_domain};
pub use compare::ComparedGpo;
pub use copy::Copy;
pub use delete::delete_backup;
pub use edit_gpo::{EditGpo, apply_plan, plan_new_gpo, plan_removal};
pub use export::{ExportedDomain, export_domain, gpos_to_export};
pub use find_backup::find_backup;
pub use finding::{Finding, FindingKind};
pub use gpo_criteria::GpoCriteria;
pub use gpo_permissions::{add_permission, remove_permission, remove_trustee};
pub use import::Import;
pub use journal::Journal;
pub use links_of::links_of;
pub use list::SearchCriteria;
pub use list_gpos::{GpoSummary, list_gpos, search_gpos};
pub use manifest_update::ManifestUpdate;
pub use mapping::{
    DomainNames, KeptReason, MappedGpo, MappedReference, Mapping, MappingRule, ReferenceFate,
    find_principal, parse_mapping_csv,
};
pub use migration_entries::MigrationEntries;
pub use migration_table_check::{
    TableFinding, TableFindingKind, lint_table, validate_destinations, validate_table,
};
pub use observer::{Cancel, Observer, Progress};
pub use plan::{
    AttributeChange, FileChange, GpoChange, LinkChange, LinkState, ObjectChange, PermissionChange,
    PermissionLevel, Plan,
};
pub use recover::{RecoveredGpo, recover};
pub use references::backup_references;
pub use repack::{Repack, RepackedBackup};
pub use report::{BackupReport, DirectoryFacts};
pub use restore::Restore;
pub use selection::{GpoSelector, Selection, find_gpo};
pub use settings_area::SettingsArea;
pub use show::{BackupDetails, BackupEntry, DescriptorDetails, ExtensionFiles};
pub use source::Source;
pub use stamps::Stamps;
pub use status::{OperationCode, Outcome, Severity, Status, StatusMessage};
pub use sysvol_acl::{AclConsistency, check_acl, fix_acl};
pub use target::Target;
pub use task::{Task, TaskEvent};
pub use verify::{Verification, Verify};

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
