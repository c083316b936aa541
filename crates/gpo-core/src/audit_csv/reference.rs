//! Principals in an audit.csv.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::{AuditColumn, AuditCsv};
use crate::error::Result;
use crate::reference::{
    Edit, Reference, ReferencePlace, ReferenceSetting, Replacements, add_references, failed,
    in_list, one,
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
        one(self.edit_references(&[(reference, Some(text))]))
    }

    /// A user is taken out with the row.
    pub(crate) fn edit_references(&mut self, edits: &[Edit<'_>]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(edits.len());
        let mut removed = BTreeSet::new();
        for group in edits.chunk_by(|(a, _), (b, _)| a.place.shares_text(&b.place)) {
            let Some((first, text)) = group.first() else {
                continue;
            };
            let row = match &first.place {
                ReferencePlace::Column { line, column, .. } => {
                    self.row(*line).map(|row| (*line, *column, row))
                }
                _ => None,
            };
            let Some((line, column, row)) = row else {
                results.extend(failed(group.len(), &first.missing()));
                continue;
            };
            let own = row.column(column);
            if column == AuditColumn::PolicyTarget && text.is_none() && own == first.text {
                removed.insert(line);
                results.push(Ok(()));
                continue;
            }
            let found = Replacements::of(own, group, &|_, _| Ok(()));
            let written = match found.apply(own) {
                Some(new) => self.set_column(line, column, &new),
                None => Ok(()),
            };
            results.extend(found.results(written));
        }
        self.text.remove_lines(&removed);
        results
    }
}
