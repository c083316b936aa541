//! Names of principals and WMI filters, asked for once in a run.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gpo_core::{Directory, Principal, PrincipalQuery, SourceError, WmiFilter, WmiFilterId};
use sddl_parser::Sid;

/// What the directory said about principals and WMI filters, for all GPOs of a run.
pub(super) struct Names<'a> {
    directory: &'a dyn Directory,
    principals: Mutex<HashMap<Sid, Option<Principal>>>,
    wmi_filters: Mutex<HashMap<WmiFilterId, Option<WmiFilter>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(directory: &'a dyn Directory) -> Self {
        Self {
            directory,
            principals: Mutex::default(),
            wmi_filters: Mutex::default(),
        }
    }

    /// Looks up, in one request, those of the SIDs that are not known yet.
    pub(super) fn learn(&self, sids: impl Iterator<Item = Sid>) -> Result<(), SourceError> {
        let unknown: BTreeSet<Sid> = {
            let known = lock(&self.principals);
            sids.filter(|sid| !known.contains_key(sid)).collect()
        };
        if unknown.is_empty() {
            return Ok(());
        }
        let queries: Vec<_> = unknown.iter().copied().map(PrincipalQuery::Sid).collect();
        let found = self.directory.principals(&queries)?;
        lock(&self.principals).extend(unknown.into_iter().zip(found));
        Ok(())
    }

    /// What is known of a SID.
    pub(super) fn principal(&self, sid: &Sid) -> Option<Principal> {
        lock(&self.principals).get(sid).cloned().flatten()
    }

    /// A WMI filter; `None` where the directory has no such filter.
    pub(super) fn wmi_filter(&self, id: WmiFilterId) -> Result<Option<WmiFilter>, SourceError> {
        if let Some(known) = lock(&self.wmi_filters).get(&id) {
            return Ok(known.clone());
        }
        let found = self
            .directory
            .wmi_filters(&[id])?
            .into_iter()
            .next()
            .flatten();
        lock(&self.wmi_filters).insert(id, found.clone());
        Ok(found)
    }
}

// A panic elsewhere leaves the maps whole: every change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
