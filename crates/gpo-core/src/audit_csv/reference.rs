//! Principals in an audit.csv.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::{AuditColumn, AuditCsv};
use crate::error::Result;
use crate::reference::{
    Reference, ReferencePlace, ReferenceSetting, add_references, in_list, removal,
};

impl AuditCsv {
    /// The users that policies are for, and the SIDs in global SACLs, in file order.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for row in self.rows() {
            let mut columns =
                Vec::from([(AuditColumn::PolicyTarget, ReferenceSetting::AuditedUser)]);
            if row.global_sacl().is_some() {
                columns.push((AuditColumn::SettingValue, ReferenceSetting::GlobalSacl));
            }
            let line = row.line;
            for (column, setting) in columns {
                let text = row.column(column);
                add_references(&mut found, setting, text, in_list(text), |part| {
                    ReferencePlace::Column { line, column, part }
                });
            }
        }
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where something else stands there,
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a line break.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        let ReferencePlace::Column { line, column, part } = &reference.place else {
            return Err(reference.missing());
        };
        let row = self.rows().find(|row| row.line == *line);
        let row = row.ok_or_else(|| reference.missing())?;
        let new = reference.replaced(row.column(*column), part, text)?;
        self.set_column(*line, *column, &new)
    }
    /// Takes out the row of a user, or the ACE of a SID in a global SACL.
    pub(crate) fn remove_reference(&mut self, reference: &Reference) -> Result<()> {
        let ReferencePlace::Column { line, column, part } = &reference.place else {
            return Err(reference.missing());
        };
        let row = self.rows().find(|row| row.line == *line);
        let row = row.ok_or_else(|| reference.missing())?;
        let own = row.column(*column);
        if own.get(part.clone()) != Some(reference.text.as_str()) {
            return Err(reference.missing());
        }
        if *column == AuditColumn::PolicyTarget {
            self.text.remove_line(*line);
            return Ok(());
        }
        let ace = removal::ace(own, part).ok_or_else(|| reference.irremovable())?;
        let mut own = own.to_owned();
        own.replace_range(ace, "");
        self.set_column(*line, *column, &own)
    }
}
