//! A domain in memory.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gpo_core::{
    Contents, Directory, DirectoryCapabilities, DirectoryWrite, Domain, GpLink, GpLinkOptions,
    GpoContainer, GpoId, GpoLink, GpoListing, GpoPath, Principal, PrincipalQuery, Sink, Som,
    SourceError, SourceErrorKind, Sysvol, SysvolWrite, TreeWriter, Visitor, WmiFilter, WmiFilterId,
    same_name,
};

use crate::memory_tree::MemoryTree;
use crate::sample;

/// A domain in memory: directory and SYSVOL. The default is a place without a domain, for
/// [`create_domain`](DirectoryWrite::create_domain).
///
/// ```
/// use gpo_core::{Directory, DirectoryWrite};
/// use gpo_testkit::{MemoryDomain, sample};
///
/// let domain = MemoryDomain::new(sample::domain());
/// domain.put_container(&sample::container(1))?;
/// assert_eq!(domain.containers(&[sample::container(1).id])?.len(), 1);
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryDomain {
    state: Mutex<State>,
    locks: Locks,
}

#[derive(Debug, Default)]
struct State {
    domain: Option<Domain>,
    gpos: Vec<GpoContainer>,
    principals: Vec<Principal>,
    filters: Vec<WmiFilter>,
    soms: Vec<Som>,
    sysvol: MemoryTree,
    /// Of the folders that were given one.
    descriptors: BTreeMap<GpoPath, Vec<u8>>,
}

/// The GPOs that are locked.
type Locks = Arc<Mutex<BTreeSet<GpoId>>>;

/// A lock on a GPO.
struct Lock {
    gpo: GpoId,
    locks: Locks,
}

impl Drop for Lock {
    fn drop(&mut self) {
        unpoisoned(&self.locks).remove(&self.gpo);
    }
}

impl MemoryDomain {
    /// A domain without GPOs.
    pub fn new(domain: Domain) -> Self {
        let state = State {
            soms: vec![without_links(&domain)],
            domain: Some(domain),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            locks: Locks::default(),
        }
    }

    /// The domain example.test with its principals and a GPO, whose computer half has a
    /// registry.pol without entries.
    pub fn example() -> Self {
        let example = Self::new(sample::domain());
        let container = sample::container(1);
        {
            let mut state = example.state();
            state.principals = sample::principals();
            let files: [(&str, &[u8]); 2] = [
                ("GPT.INI", b"[General]\r\nVersion=4294901761\r\n"),
                (r"Machine\registry.pol", b"PReg\x01\0\0\0"),
            ];
            for (name, content) in files {
                let path = format!(r"Policies\{}\{name}", container.id);
                // Fixed names that a path can hold, in an empty tree.
                if let Ok(path) = path.parse() {
                    let _ = state.sysvol.put_file(&path, content);
                }
            }
            state.gpos.push(container);
        }
        example
    }

    /// Adds a principal.
    pub fn add_principal(&self, principal: Principal) {
        self.state().principals.push(principal);
    }

    /// Adds a WMI filter.
    pub fn add_wmi_filter(&self, filter: WmiFilter) {
        self.state().filters.push(filter);
    }

    /// Adds an organizational unit, a site or another domain; the domain itself is there.
    pub fn add_som(&self, som: Som) {
        self.state().soms.push(som);
    }

    /// Changes SYSVOL as somebody else would.
    pub fn edit_sysvol<T>(&self, edit: impl FnOnce(&mut MemoryTree) -> T) -> T {
        edit(&mut self.state().sysvol)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(&self.state)
    }

    /// SYSVOL as it is now, so that a sink may call the domain again.
    fn sysvol(&self) -> MemoryTree {
        self.state().sysvol.clone()
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is whole or not made: a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The domain as a SOM.
fn without_links(domain: &Domain) -> Som {
    Som {
        dn: domain.dn.clone(),
        links: String::new(),
        block_inheritance: false,
    }
}

fn not_found(object: &impl ToString) -> SourceError {
    let message = "there is no such object";
    SourceError::new(SourceErrorKind::NotFound, object.to_string(), message)
}

fn no_domain() -> SourceError {
    SourceError::new(SourceErrorKind::NotFound, "", "no domain is here")
}

impl Directory for MemoryDomain {
    fn capabilities(&self) -> DirectoryCapabilities {
        DirectoryCapabilities::all()
    }

    fn domain(&self) -> Result<Domain, SourceError> {
        self.state().domain.clone().ok_or_else(no_domain)
    }

    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let listing = |gpo: &GpoContainer| GpoListing {
            id: gpo.id,
            display_name: gpo.display_name.clone(),
        };
        let gpos: Vec<_> = self.state().gpos.iter().map(listing).collect();
        gpos.into_iter().try_for_each(visit)
    }

    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        let state = self.state();
        let find = |id: &GpoId| Ok(state.gpos.iter().find(|gpo| gpo.id == *id).cloned());
        Ok(ids.iter().map(find).collect())
    }

    fn principals(
        &self,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        let state = self.state();
        let own = state.domain.as_ref().map(|domain| domain.dns_name.as_str());
        let own = own.unwrap_or_default();
        let find = |query: &PrincipalQuery| {
            let mut principals = state.principals.iter();
            principals.find(|p| query.is_for(p, own)).cloned()
        };
        Ok(queries.iter().map(find).collect())
    }

    fn wmi_filters(&self, ids: &[WmiFilterId]) -> Result<Vec<Option<WmiFilter>>, SourceError> {
        let state = self.state();
        let find = |id: &WmiFilterId| state.filters.iter().find(|f| f.id == *id).cloned();
        Ok(ids.iter().map(find).collect())
    }

    fn links(&self, ids: &[GpoId]) -> Result<Vec<Vec<GpoLink>>, SourceError> {
        let state = self.state();
        let find = |id: &GpoId| {
            let mut links = Vec::new();
            for som in &state.soms {
                let all = GpLink::from_text(&som.links);
                let own = all.iter().filter(|(_, linked, _)| linked == id);
                links.extend(own.map(|(index, _, options)| GpoLink {
                    target: som.dn.clone(),
                    index,
                    disabled: options.contains(GpLinkOptions::DISABLED),
                    enforced: options.contains(GpLinkOptions::ENFORCED),
                }));
            }
            links
        };
        Ok(ids.iter().map(find).collect())
    }

    fn all_wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        Ok(self.state().filters.clone())
    }

    fn soms(&self, dns: &[String]) -> Result<Vec<Option<Som>>, SourceError> {
        let state = self.state();
        let find = |dn: &String| state.soms.iter().find(|s| same_name(&s.dn, dn)).cloned();
        Ok(dns.iter().map(find).collect())
    }
}

impl DirectoryWrite for MemoryDomain {
    fn put_container(&self, container: &GpoContainer) -> Result<(), SourceError> {
        let mut state = self.state();
        if state.domain.is_none() {
            return Err(no_domain());
        }
        let Some(old) = state.gpos.iter_mut().find(|gpo| gpo.id == container.id) else {
            state.gpos.push(container.clone());
            return Ok(());
        };
        let new = container.clone();
        let unless_empty = |new: String, old: &str| match new.as_str() {
            "" => old.to_owned(),
            _ => new,
        };
        *old = GpoContainer {
            id: old.id,
            security_descriptor: new.security_descriptor.or(old.security_descriptor.take()),
            when_created: unless_empty(new.when_created, &old.when_created),
            when_changed: unless_empty(new.when_changed, &old.when_changed),
            ..new
        };
        Ok(())
    }

    fn remove_container(&self, id: GpoId) -> Result<(), SourceError> {
        let mut state = self.state();
        let before = state.gpos.len();
        state.gpos.retain(|gpo| gpo.id != id);
        if state.gpos.len() == before {
            return Err(not_found(&id));
        }
        Ok(())
    }

    fn put_wmi_filter(&self, filter: &WmiFilter) -> Result<(), SourceError> {
        let mut state = self.state();
        match state.filters.iter_mut().find(|f| f.id == filter.id) {
            Some(old) => *old = filter.clone(),
            None => state.filters.push(filter.clone()),
        }
        Ok(())
    }

    fn put_som(&self, som: &Som) -> Result<(), SourceError> {
        let mut state = self.state();
        let old = state.soms.iter_mut().find(|s| same_name(&s.dn, &som.dn));
        *old.ok_or_else(|| not_found(&som.dn))? = som.clone();
        Ok(())
    }

    fn create_domain(&self, domain: &Domain, principals: &[Principal]) -> Result<(), SourceError> {
        let mut state = self.state();
        if state.domain.is_some() {
            let message = "a domain is here already";
            return Err(SourceError::new(SourceErrorKind::Exists, "", message));
        }
        state.soms.push(without_links(domain));
        state.domain = Some(domain.clone());
        state.principals = principals.to_vec();
        Ok(())
    }

    fn add_surroundings(&self, principals: &[Principal], soms: &[Som]) -> Result<(), SourceError> {
        let mut state = self.state();
        state.principals.extend_from_slice(principals);
        for som in soms {
            state.soms.retain(|old| !same_name(&old.dn, &som.dn));
            state.soms.push(som.clone());
        }
        Ok(())
    }

    fn is_vacant(&self) -> Result<bool, SourceError> {
        Ok(self.state().domain.is_none())
    }
}

impl Contents for MemoryDomain {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.sysvol().walk(folder, visit)
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        self.sysvol().read(path, sink)
    }
}

impl Sysvol for MemoryDomain {
    /// That of the nearest folder that was given one, else one without owner and DACL.
    fn descriptor(&self, path: &GpoPath) -> Result<Option<Vec<u8>>, SourceError> {
        const WITHOUT_DACL: [u8; 20] = [
            1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        let state = self.state();
        if !state.sysvol.contains(path) {
            return Err(not_found(path));
        }
        let above = state.descriptors.iter().rev();
        let nearest = above
            .into_iter()
            .find(|(folder, _)| path.starts_with(folder));
        Ok(Some(
            nearest.map_or(WITHOUT_DACL.into(), |(_, descriptor)| descriptor.clone()),
        ))
    }
}

impl SysvolWrite for MemoryDomain {
    fn replace_tree(
        &self,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut tree = MemoryTree::default();
        fill(&mut tree)?;
        self.state().sysvol.replace(folder, tree)
    }

    fn remove_tree(&self, folder: &GpoPath) -> Result<(), SourceError> {
        let mut state = self.state();
        if !state.sysvol.remove(folder) {
            return Err(not_found(folder));
        }
        state
            .descriptors
            .retain(|other, _| !other.starts_with(folder));
        Ok(())
    }

    fn set_descriptor(&self, folder: &GpoPath, descriptor: &[u8]) -> Result<(), SourceError> {
        let mut state = self.state();
        if !state.sysvol.contains(folder) {
            return Err(not_found(folder));
        }
        state
            .descriptors
            .retain(|other, _| !other.starts_with(folder));
        state
            .descriptors
            .insert(folder.clone(), descriptor.to_vec());
        Ok(())
    }

    fn lock(&self, gpo: GpoId) -> Result<Box<dyn Any + Send>, SourceError> {
        if !unpoisoned(&self.locks).insert(gpo) {
            let message = "another writer is at work on this GPO";
            return Err(SourceError::new(
                SourceErrorKind::Busy,
                gpo.to_string(),
                message,
            ));
        }
        let locks = Arc::clone(&self.locks);
        Ok(Box::new(Lock { gpo, locks }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[test]
    fn it_conforms() {
        let domain = MemoryDomain::default();
        assert_eq!(conformance::domain(&domain, &domain), [""; 0]);
        let example = MemoryDomain::example();
        assert_eq!(conformance::source(&example, &example), [""; 0]);
    }
}
