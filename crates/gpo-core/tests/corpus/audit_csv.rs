//! audit.csv.

use gpo_core::{AuditColumn, AuditCsv, TextDocument};
use gpo_testkit::rebuild;

use crate::shared::{check_all, same};

#[test]
fn audit_csv() {
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
                for column in AuditColumn::ALL {
                    itself
                        .set_column(row.line, column, row.column(column))
                        .unwrap();
                }
                if let (Some(guid), Some(value)) = (row.guid(), row.audit_value()) {
                    itself.set_subcategory(guid, value).unwrap();
                }
            }
            rebuild::audit_csv(&audit, &mut rebuilt).unwrap();
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
