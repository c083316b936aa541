//! Containers of GPOs, with what is below them.

use gpo_core::{
    DirectoryEntry, Dn, GpoContainer, GpoId, SourceError, SourceErrorKind, gpo_id_of_dn,
};
use ldap3::Scope;

use crate::connection::Session;
use crate::failure::Failure;
use crate::search::{DescriptorParts, Search};

const EVERYTHING: &[&str] = &["*", "nTSecurityDescriptor"];

/// The entries of a GPO: its container and the objects below it.
#[derive(Debug)]
pub(crate) struct ContainerEntries {
    pub(crate) container: DirectoryEntry,
    pub(crate) below: Vec<DirectoryEntry>,
}

impl ContainerEntries {
    /// Reads them in one search; `None` where there is no container, or none that the user may
    /// see.
    pub(crate) async fn read(
        session: &mut Session,
        dn: &str,
        parts: DescriptorParts,
    ) -> Result<Option<Self>, Failure> {
        let mut search = Search::below(dn, Scope::Subtree, "(objectClass=*)".into(), EVERYTHING);
        search.descriptor = Some(parts);
        let mut entries = session.all(&search).await?;
        let without = |entry: &DirectoryEntry| entry.security_descriptor().is_none();
        if parts == DescriptorParts::ALL && entries.iter().any(without) {
            // No descriptor, and no error: the SACL may not be read. The rest may.
            search.descriptor = Some(DescriptorParts::WITHOUT_SACL);
            let again = session.all(&search).await?;
            for entry in entries.iter_mut().filter(|entry| without(entry)) {
                let readable = again.iter().find(|other| other.dn == entry.dn);
                entry
                    .attributes
                    .extend(readable.into_iter().flat_map(|other| {
                        let own = |name: &str| name.eq_ignore_ascii_case("nTSecurityDescriptor");
                        other
                            .attributes
                            .iter()
                            .filter(move |a| own(&a.name))
                            .cloned()
                    }));
            }
        }
        let own = entries
            .iter()
            .position(|entry| Dn::new(&entry.dn) == Dn::new(dn));
        let Some(own) = own else { return Ok(None) };
        let container = entries.swap_remove(own);
        Ok(Some(Self {
            container,
            below: entries,
        }))
    }

    pub(crate) fn to_container(&self, id: GpoId) -> Result<GpoContainer, SourceError> {
        let dn = Dn::new(&self.container.dn);
        for entry in self.below.iter().chain([&self.container]) {
            complete(entry)?;
        }
        let id = gpo_id_of_dn(dn).unwrap_or(id);
        GpoContainer::from_entries(id, &self.container, &self.below)
            .map_err(|error| SourceError::invalid(dn.as_str(), error))
    }
}

/// The directory sends at most 1,500 values of an attribute, and says so in its name ([MS-ADTS]
/// 3.1.1.3.1.3.3). No setting has that many.
fn complete(entry: &DirectoryEntry) -> Result<(), SourceError> {
    let cut = |name: &str| name.to_ascii_lowercase().contains(";range=");
    match entry.attributes.iter().find(|a| cut(&a.name)) {
        None => Ok(()),
        Some(attribute) => {
            let message = format!("{}: more values than one answer holds", attribute.name);
            let kind = SourceErrorKind::Unsupported;
            Err(SourceError::new(kind, entry.dn.as_str(), message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gpo_core::DirectoryAttribute;

    #[test]
    fn an_attribute_that_was_cut_is_no_container() {
        let mut container = DirectoryEntry::default();
        for (name, works) in [("description", true), ("member;Range=0-1499", false)] {
            container.attributes.push(DirectoryAttribute {
                name: name.into(),
                values: vec![b"x".to_vec()],
            });
            assert_eq!(complete(&container).is_ok(), works, "{name}");
        }
    }
}
