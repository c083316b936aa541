//! audit.csv.

use gpo_core::{AuditColumn, AuditCsv, TextDocument};

use crate::shared::{check_all, same};

#[test]
fn audit_csv() {
    use AuditColumn as C;
    const COLUMNS: [AuditColumn; 7] = [
        C::MachineName,
        C::PolicyTarget,
        C::Subcategory,
        C::SubcategoryGuid,
        C::InclusionSetting,
        C::ExclusionSetting,
        C::SettingValue,
    ];
    check_all(
        |name| name == "audit.csv",
        67,
        |bytes| {
            let audit = AuditCsv::parse(bytes).map_err(|error| error.to_string())?;
            same(audit.to_bytes(), bytes, "written back")?;
            let unknown = audit.unknown_lines();
            if !unknown.is_empty() {
                return Err(format!("no rows in the lines {unknown:?}"));
            }
            let mut itself = audit.clone();
            let mut rebuilt = AuditCsv::new().unwrap();
            for row in audit.rows() {
                let kinds = [
                    row.audit_value().is_some(),
                    row.option().is_some(),
                    row.global_sacl().is_some(),
                ];
                if kinds.iter().filter(|kind| **kind).count() != 1 {
                    return Err(format!("line {} is no setting", row.line));
                }
                for column in COLUMNS {
                    itself
                        .set_column(row.line, column, row.column(column))
                        .unwrap();
                }
                if let (Some(guid), Some(value)) = (row.guid(), row.audit_value()) {
                    itself.set_subcategory(guid, value).unwrap();
                }
                rebuilt
                    .push_row(COLUMNS.map(|column| row.column(column)))
                    .unwrap();
            }
            same(itself.to_bytes(), bytes, "set to itself")?;
            // Files that went through git have lost their carriage returns.
            let mut canonical = TextDocument::new(audit.text().encoding(), false);
            for line in audit.text().lines() {
                canonical.push_line(line.text()).unwrap();
            }
            same(
                rebuilt.to_bytes(),
                &canonical.to_bytes().unwrap(),
                "rebuilt",
            )
        },
    );
}
