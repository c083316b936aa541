//! audit.csv.

use gpo_core::{AuditColumn, AuditCsv, AuditValue};

/// The file is written back to the same bytes, also with every column set to what it is, and a
/// subcategory that is set is read.
pub fn audit_csv(data: &[u8]) {
    let Ok(audit) = AuditCsv::parse(data) else {
        return;
    };
    assert_eq!(audit.to_bytes().as_deref(), Ok(data));
    let mut edited = audit.clone();
    for row in audit.rows() {
        for column in AuditColumn::ALL {
            edited
                .set_column(row.line, column, row.column(column))
                .expect("the column was read");
        }
    }
    assert_eq!(edited, audit);
    assert!(audit.unknown_lines().is_sorted());

    let logon = "{0CCE9215-69AE-11D9-BED3-505054503030}".parse().expect("a GUID");
    edited
        .set_subcategory(logon, AuditValue::Failure)
        .expect("a subcategory");
    if !audit.text().lines().is_empty() {
        let mut rows = edited.rows();
        let row = rows.find(|row| row.guid() == Some(logon) && row.user().is_none());
        assert_eq!(row.and_then(|row| row.audit_value()), Some(AuditValue::Failure));
    }
}
