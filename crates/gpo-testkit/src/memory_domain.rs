//! A domain in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gpo_core::{
    Contents, Directory, DirectoryCapabilities, DirectoryWrite, Domain, Entry, GpoContainer, GpoId,
    GpoLink, GpoListing, GpoPath, Principal, PrincipalQuery, SourceError, SourceErrorKind, Sysvol,
    SysvolWrite, TreeWriter, WmiFilter, WmiFilterId, same_name,
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
}

#[derive(Debug, Default)]
struct State {
    domain: Option<Domain>,
    gpos: Vec<GpoContainer>,
    principals: Vec<Principal>,
    filters: Vec<WmiFilter>,
    links: Vec<(GpoId, GpoLink)>,
    sysvol: MemoryTree,
}

impl MemoryDomain {
    /// A domain without GPOs.
    pub fn new(domain: Domain) -> Self {
        let state = State {
            domain: Some(domain),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
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

    /// Adds a link of a GPO.
    pub fn add_link(&self, gpo: GpoId, link: GpoLink) {
        self.state().links.push((gpo, link));
    }

    /// Takes out the container of a GPO, which makes its SYSVOL folder an orphan; says whether
    /// there was one.
    pub fn remove_container(&self, id: GpoId) -> bool {
        let mut state = self.state();
        let before = state.gpos.len();
        state.gpos.retain(|gpo| gpo.id != id);
        state.gpos.len() < before
    }

    /// Changes SYSVOL as somebody else would.
    pub fn edit_sysvol<T>(&self, edit: impl FnOnce(&mut MemoryTree) -> T) -> T {
        edit(&mut self.state().sysvol)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole or not made: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SYSVOL as it is now, so that a sink may call the domain again.
    fn sysvol(&self) -> MemoryTree {
        self.state().sysvol.clone()
    }
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
        let matches = |principal: &Principal, query: &PrincipalQuery| match query {
            PrincipalQuery::Sid(sid) => principal.sid == *sid,
            PrincipalQuery::Name(name) => {
                let (domain, name) = name.split_once('\\').unwrap_or((own.unwrap_or(""), name));
                let domains = [&principal.netbios_domain, &principal.dns_domain];
                same_name(&principal.sam_account_name, name)
                    && domains.iter().any(|other| same_name(other, domain))
            }
        };
        let find = |query| state.principals.iter().find(|p| matches(p, query)).cloned();
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
            let own = state.links.iter().filter(|(gpo, _)| gpo == id);
            own.map(|(_, link)| link.clone()).collect()
        };
        Ok(ids.iter().map(find).collect())
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

    fn create_domain(&self, domain: &Domain, principals: &[Principal]) -> Result<(), SourceError> {
        let mut state = self.state();
        if state.domain.is_some() {
            let message = "a domain is here already";
            return Err(SourceError::new(SourceErrorKind::Exists, "", message));
        }
        state.domain = Some(domain.clone());
        state.principals = principals.to_vec();
        Ok(())
    }

    fn is_vacant(&self) -> Result<bool, SourceError> {
        Ok(self.state().domain.is_none())
    }
}

impl Contents for MemoryDomain {
    fn walk(
        &self,
        folder: &GpoPath,
        visit: &mut dyn FnMut(Result<Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.sysvol().walk(folder, visit)
    }

    fn read(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.sysvol().read(path, sink)
    }
}

impl Sysvol for MemoryDomain {}

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conformance, sample};

    #[test]
    fn it_conforms() {
        conformance::directory(&MemoryDomain::default());
        conformance::sysvol(&MemoryDomain::new(sample::domain()));
    }
}
