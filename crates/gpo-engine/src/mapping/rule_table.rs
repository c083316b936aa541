//! The rules of a mapping, to be looked up.

use std::collections::HashMap;

use gpo_core::{
    Error, ErrorKind, MigrationDestination, MigrationEntry, MigrationSourceKind, Quoted, Result,
    fold_name, unc_folder,
};

use super::mapping_rule::{DomainNames, MappingRule};

/// Rules by what they are for. No source comes twice, none leads back to itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleTable {
    entries: Vec<EntryRule>,
    /// Entries by their source, folded; paths without a `\` at the end.
    by_source: HashMap<String, usize>,
    pub(crate) domains: Vec<DomainRule>,
    rules: usize,
}

/// A rule for one principal, or for a path.
#[derive(Clone, Debug)]
pub(crate) struct EntryRule {
    /// The rule as it is shown.
    pub(crate) shown: String,
    place: String,
    pub(crate) destination: MigrationDestination,
}

/// A rule for a domain.
#[derive(Clone, Debug)]
pub(crate) struct DomainRule {
    pub(crate) shown: String,
    pub(crate) from: DomainNames,
    pub(crate) to: DomainNames,
    pub(crate) keep_rids: bool,
}

impl RuleTable {
    /// Adds an entry of a migration table, the n-th from 1.
    pub(crate) fn add_mapping(&mut self, n: usize, entry: MigrationEntry) -> Result<()> {
        let shown = format!("mapping {n}: {}", MappingRule::Entry(entry.clone()));
        self.add_entry(shown, mapping_place(n), entry)
    }

    pub(crate) fn add_rule(&mut self, rule: MappingRule) -> Result<()> {
        self.rules += 1;
        let (place, shown) = (format!("rule {}", self.rules), format!("rule {rule}"));
        match rule {
            MappingRule::Entry(entry) => self.add_entry(shown, place, entry)?,
            MappingRule::Domain {
                from,
                to,
                keep_rids,
            } => self.domains.push(DomainRule {
                shown,
                from,
                to,
                keep_rids,
            }),
        }
        Ok(())
    }

    fn add_entry(&mut self, shown: String, place: String, entry: MigrationEntry) -> Result<()> {
        let bad =
            |message: String| Err(Error::new(ErrorKind::Value, format!("{place}: {message}")));
        let is_path = entry.kind == MigrationSourceKind::UncPath;
        if entry.source.is_empty() {
            return bad("the source is empty".into());
        }
        if is_path {
            if !is_unc(&entry.source) {
                let source = Quoted::new(&entry.source);
                return bad(format!("{source} is no path like \\\\server\\share"));
            }
            match &entry.destination {
                MigrationDestination::Set(to) if !is_unc(to) => {
                    let to = Quoted::new(to);
                    return bad(format!("{to} is no path like \\\\server\\share"));
                }
                MigrationDestination::Set(_) | MigrationDestination::SameAsSource => {}
                MigrationDestination::None => {
                    return bad("a path cannot be mapped to no destination".into());
                }
                MigrationDestination::ByRelativeName => {
                    return bad("a path cannot be mapped by its relative name".into());
                }
            }
        } else if matches!(&entry.destination, MigrationDestination::Set(to) if to.is_empty()) {
            return bad("the destination is empty".into());
        }
        let key = key(&entry.source);
        let known = self.by_source.get(&key).and_then(|&n| self.entries.get(n));
        if let Some(first) = known {
            let (source, first) = (Quoted::new(&entry.source), &first.place);
            return bad(format!("{source} has a destination in {first} already"));
        }
        self.by_source.insert(key, self.entries.len());
        self.entries.push(EntryRule {
            shown,
            place,
            destination: entry.destination,
        });
        Ok(())
    }

    /// Refuses rules that lead back to where they start: which of the two domains the GPO is from,
    /// nobody could tell any more.
    pub(crate) fn check_cycles(&self) -> Result<()> {
        // 0: not looked at; n: looked at from the n-th entry on, from 1.
        let mut seen = vec![0; self.entries.len()];
        for start in 0..self.entries.len() {
            let mut at = start;
            while let (Some(mark), Some(entry)) = (seen.get_mut(at), self.entries.get(at)) {
                if *mark == start + 1 {
                    let message = format!("{}: it leads back to its source", entry.place);
                    return Err(Error::new(ErrorKind::Value, message));
                }
                if *mark != 0 {
                    break;
                }
                *mark = start + 1;
                let MigrationDestination::Set(to) = &entry.destination else {
                    break;
                };
                match self.by_source.get(&key(to)) {
                    // A source that is its own destination stays as it is.
                    Some(&next) if next != at => at = next,
                    _ => break,
                }
            }
        }
        Ok(())
    }

    /// The entry for a principal, by any form of its name; the first form that has one counts.
    pub(crate) fn principal<'a>(
        &self,
        forms: impl IntoIterator<Item = &'a str>,
    ) -> Option<&EntryRule> {
        let mut forms = forms.into_iter();
        let found = forms.find_map(|form| self.by_source.get(&fold_name(form)))?;
        self.entries.get(*found)
    }

    /// The entry for the longest folder that a path is in, and how long that is.
    pub(crate) fn path(&self, path: &str) -> Option<(&EntryRule, usize)> {
        let mut end = path.trim_end_matches('\\').len();
        while end > 2 {
            let folder = path.get(..end)?;
            if let Some(&n) = self.by_source.get(&fold_name(folder)) {
                return Some((self.entries.get(n)?, end));
            }
            end = folder.rfind('\\')?;
        }
        None
    }

    /// The entry for the folder that a file lies in, as GPMC looks for it.
    pub(crate) fn folder(&self, path: &str) -> Option<(&EntryRule, usize)> {
        let folder = unc_folder(path)?;
        let n = self.by_source.get(&fold_name(folder))?;
        Some((self.entries.get(*n)?, folder.len()))
    }
}

/// The n-th mapping of a table, from 1, as an error names it.
pub(crate) fn mapping_place(n: usize) -> String {
    format!("mapping {n} of the migration table")
}

/// A source or destination as it is looked up.
fn key(text: &str) -> String {
    if text.starts_with(r"\\") {
        fold_name(text.trim_end_matches('\\'))
    } else {
        // As SIDs stand in a security template.
        fold_name(text.strip_prefix('*').unwrap_or(text))
    }
}

/// Whether a text is `\\server`, with or without more, and has nothing that no path can hold.
pub(crate) fn is_unc(text: &str) -> bool {
    let bad = |c: char| matches!(c, '"' | '<' | '>' | '|' | '*' | '?') || c.is_control();
    text.strip_prefix(r"\\")
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('\\') && !rest.contains(bad))
}
