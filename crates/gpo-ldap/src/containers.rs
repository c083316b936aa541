//! Containers of GPOs, with what is below them.

use gpo_core::{
    DirectoryAttribute, DirectoryEntry, DirectoryObjectKind, Dn, GpoContainer, GpoId, Half,
    SourceError, SourceErrorKind, gpo_id_of_dn,
};
use ldap3::Scope;

use crate::connection::Session;
use crate::failure::Failure;
use crate::search::{DescriptorParts, Search};

const DESCRIPTOR: &str = "nTSecurityDescriptor";

const EVERYTHING: &[&str] = &["*", DESCRIPTOR];

/// How many levels are looked at; one more than a container may have.
const DEEPEST: usize = 64;

/// The entries of a GPO: its container and the objects below it.
#[derive(Debug)]
pub(crate) struct ContainerEntries {
    pub(crate) container: DirectoryEntry,
    pub(crate) below: Vec<DirectoryEntry>,
}

impl ContainerEntries {
    /// Reads them; `None` where there is no container, or none that the user may see.
    pub(crate) async fn read(
        session: &Session,
        dn: &str,
        parts: DescriptorParts,
    ) -> Result<Option<Self>, Failure> {
        let Some(mut found) = Self::read_parts(session, dn, parts).await? else {
            return Ok(None);
        };
        let without = |entry: &DirectoryEntry| entry.security_descriptor().is_none();
        if parts == DescriptorParts::ALL && found.entries().any(without) {
            // No descriptor, and no error: the SACL may not be read. The rest may.
            let again = Self::read_parts(session, dn, DescriptorParts::WITHOUT_SACL).await?;
            let entries = found.below.iter_mut().chain([&mut found.container]);
            for entry in entries.filter(|entry| without(entry)) {
                let mut readable = again.iter().flat_map(Self::entries);
                let own = readable.find(|other| other.dn == entry.dn);
                let is_descriptor =
                    |a: &&DirectoryAttribute| a.name.eq_ignore_ascii_case(DESCRIPTOR);
                let descriptor = own.and_then(|own| own.attributes.iter().find(is_descriptor));
                entry.attributes.extend(descriptor.cloned());
            }
        }
        Ok(Some(found))
    }

    /// Level by level: servers answer at once what is directly below an object, but Samba looks
    /// through its whole database for a subtree.
    async fn read_parts(
        session: &Session,
        dn: &str,
        parts: DescriptorParts,
    ) -> Result<Option<Self>, Failure> {
        let search = |dn: &str, scope| {
            let search = Search::below(dn, scope, "(objectClass=*)".into(), EVERYTHING);
            search.with_descriptor(parts)
        };
        // These are known, and asked for at the same time.
        let halves = Half::BOTH.map(|half| format!("CN={},{dn}", half.name()));
        let mut searches = vec![search(dn, Scope::Base), search(dn, Scope::OneLevel)];
        searches.extend(halves.iter().map(|half| search(half, Scope::OneLevel)));
        let mut found = session.each(searches).await?.into_iter();
        let container = found.next().and_then(|found| found.into_iter().next());
        let Some(container) = container else {
            return Ok(None);
        };
        let mut below = Vec::new();
        let mut level = Vec::new();
        for (found, above) in found.zip([dn].into_iter().chain(halves.iter().map(String::as_str))) {
            let children = children(found, above);
            if above == dn {
                below = children;
            } else {
                level.extend(children);
            }
        }
        for _ in 0..DEEPEST {
            let holders: Vec<_> = level.iter().filter(|entry| holds_others(entry)).collect();
            let searches = holders
                .iter()
                .map(|entry| search(&entry.dn, Scope::OneLevel));
            let found = session.each(searches.collect()).await?;
            let found = found.into_iter().zip(&holders);
            let next = found
                .flat_map(|(found, above)| children(found, &above.dn))
                .collect();
            below.append(&mut level);
            level = next;
            if level.is_empty() {
                break;
            }
        }
        // What is deeper is refused with its name when the container is made of them.
        below.append(&mut level);
        Ok(Some(Self { container, below }))
    }

    fn entries(&self) -> impl Iterator<Item = &DirectoryEntry> {
        self.below.iter().chain([&self.container])
    }

    pub(crate) fn to_container(&self, id: GpoId) -> Result<GpoContainer, SourceError> {
        let dn = Dn::new(&self.container.dn);
        self.entries().try_for_each(complete)?;
        let id = gpo_id_of_dn(dn).unwrap_or(id);
        GpoContainer::from_entries(id, &self.container, &self.below)
            .map_err(|error| SourceError::invalid(dn.as_str(), error))
    }
}

/// What is directly below another object, whatever else the server sends.
fn children(found: Vec<DirectoryEntry>, above: &str) -> Vec<DirectoryEntry> {
    let above = Dn::new(above);
    let is_child = |entry: &DirectoryEntry| Dn::new(&entry.dn).depth_below(above) == Some(1);
    found.into_iter().filter(is_child).collect()
}

/// Packages, printers and policies have nothing below them.
fn holds_others(entry: &DirectoryEntry) -> bool {
    matches!(
        DirectoryObjectKind::of_class(&entry.class()),
        DirectoryObjectKind::Container | DirectoryObjectKind::Other
    )
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
