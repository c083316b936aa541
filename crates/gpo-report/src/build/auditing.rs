//! Advanced audit policy from audit.csv.

use gpo_core::{AuditColumn, AuditCsv};

use super::object_security;
use crate::report_source::ReportSource;
use crate::settings::{AuditSetting, AuditSettings, GlobalSacl};

/// The rows with a subcategory (census: 116 of 127 reports have those of the file in its order),
/// then the global SACLs.
pub(super) fn settings(csv: &AuditCsv, source: &ReportSource<'_>) -> AuditSettings {
    let mut settings = AuditSettings::default();
    for row in csv.rows() {
        let column = |column| row.column(column).to_owned();
        if row.guid().is_some() {
            settings.subcategories.push(AuditSetting {
                policy_target: column(AuditColumn::PolicyTarget),
                subcategory_name: column(AuditColumn::Subcategory),
                subcategory_guid: column(AuditColumn::SubcategoryGuid),
                setting_value: column(AuditColumn::SettingValue),
            });
        } else if let Some(sddl) = row.global_sacl() {
            let is_file = row.column(AuditColumn::Subcategory).starts_with(['F', 'f']);
            let (kind, access) = if is_file {
                ("File", "FileGroupedAccessEnum")
            } else {
                ("Registry", "RegistryGroupedAccessEnum")
            };
            settings.global_sacls.push(GlobalSacl {
                kind: kind.to_owned(),
                security_descriptor: object_security::of_sddl(sddl, access, source),
            });
        }
    }
    settings
}
