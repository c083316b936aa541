//! Writing to a domain of Active Directory.

use gpo_core::{
    Directory, DirectoryEntry, DirectoryWrite, Domain, GpoContainer, GpoId, Principal, Som,
    SourceError, SourceErrorKind, WmiFilter, escape_rdn_value,
};
use ldap3::Scope;

use crate::change::{Attribute, Change, ChangeKind, Interrupted, text_attribute};
use crate::container_changes::changes;
use crate::containers::ContainerEntries;
use crate::filter;
use crate::ldap_directory::{LdapDirectory, SOM, SOM_ATTRIBUTES, WMI_FILTER};
use crate::search::Search;

/// What is written is never sent twice: where the connection breaks, the error says so, and what
/// became of the change has to be looked up.
impl DirectoryWrite for LdapDirectory {
    /// Changes what differs, each object in one step, the container itself last. A GPO that was
    /// not there is made whole or taken away again. For one that was there, several objects are
    /// several steps: an error names those that were changed before it.
    ///
    /// Objects are made below the GPO's own container only, of the classes that settings have
    /// ([`DirectoryObjectKind`](gpo_core::DirectoryObjectKind)), and get new GUIDs.
    fn put_container(&self, container: &GpoContainer) -> Result<(), SourceError> {
        let dn = self.naming.container(container.id);
        let there = self.entries(&dn)?;
        let planned = changes(&dn, container, there.as_ref())?;
        self.connection.make(planned).map_err(|interrupted| {
            if there.is_none() && (interrupted.made > 0 || interrupted.next_is_uncertain) {
                return self.take_away(&dn, interrupted);
            }
            interrupted.error
        })
    }

    fn remove_container(&self, id: GpoId) -> Result<(), SourceError> {
        let dn = self.naming.container(id);
        self.connection.make_one(Change::remove(&dn))
    }

    fn put_wmi_filter(&self, filter: &WmiFilter) -> Result<(), SourceError> {
        let filters = self.naming.wmi_filters();
        let id = filter.id.to_string();
        let own = filter::equals("msWMI-ID", id.as_bytes());
        let search = Search::below(&filters, Scope::OneLevel, own, WMI_FILTER);
        let there = self.connection.search(search)?.into_iter().next();
        let texts = [
            ("msWMI-Name", &filter.name),
            ("msWMI-Parm1", &filter.description),
            ("msWMI-Parm2", &filter.queries),
            ("msWMI-Author", &filter.author),
            ("msWMI-CreationDate", &filter.created),
            ("msWMI-ChangeDate", &filter.changed),
        ];
        let mut attributes: Vec<Attribute> = Vec::new();
        attributes.extend(texts.map(|(name, text)| text_attribute(name, text)));
        let change = if let Some(entry) = there {
            attributes.retain(|attribute| differs(&entry, attribute));
            (entry.dn, ChangeKind::Replace(attributes))
        } else {
            attributes.retain(|(_, values)| !values.is_empty());
            attributes.push(text_attribute("msWMI-ID", &id));
            attributes.push(text_attribute("showInAdvancedViewOnly", "TRUE"));
            let dn = format!("CN={},{filters}", escape_rdn_value(&id));
            (dn, ChangeKind::Add("msWMI-Som".into(), attributes))
        };
        self.change(change)
    }

    fn put_som(&self, som: &Som) -> Result<(), SourceError> {
        let search = Search::below(&som.dn, Scope::Base, SOM.into(), SOM_ATTRIBUTES);
        let Some(there) = self.connection.search(search)?.into_iter().next() else {
            let message = "there is no domain, organizational unit or site of this name";
            let kind = SourceErrorKind::NotFound;
            return Err(SourceError::new(kind, som.dn.as_str(), message));
        };
        let options = there
            .number("gPOptions")
            .map_err(|error| SourceError::invalid(there.dn.as_str(), error))?;
        let mut attributes = vec![text_attribute("gPLink", &som.links)];
        if (options & 1 != 0) != som.block_inheritance {
            let options = (options ^ 1).cast_signed().to_string();
            attributes.push(text_attribute("gPOptions", &options));
        }
        attributes.retain(|attribute| differs(&there, attribute));
        self.change((there.dn, ChangeKind::Replace(attributes)))
    }

    /// Always [`SourceErrorKind::Unsupported`]: a domain is made by making its first controller.
    fn create_domain(&self, _: &Domain, _: &[Principal]) -> Result<(), SourceError> {
        let message = "a directory that answers has its domain already";
        let domain = self.domain()?.dns_name;
        Err(SourceError::new(
            SourceErrorKind::Unsupported,
            domain,
            message,
        ))
    }

    fn is_vacant(&self) -> Result<bool, SourceError> {
        Ok(false)
    }
}

impl LdapDirectory {
    fn entries(&self, dn: &str) -> Result<Option<ContainerEntries>, SourceError> {
        let (dn, parts) = (dn.to_owned(), self.parts);
        self.connection.read(move |session| {
            let dn = dn.clone();
            async move { ContainerEntries::read(&session, &dn, parts).await }
        })
    }

    fn change(&self, (dn, kind): (String, ChangeKind)) -> Result<(), SourceError> {
        if matches!(&kind, ChangeKind::Replace(attributes) if attributes.is_empty()) {
            return Ok(());
        }
        let descriptor = None;
        self.connection.make_one(Change {
            dn,
            kind,
            descriptor,
        })
    }

    /// Removes a container that could not be made whole.
    fn take_away(&self, dn: &str, interrupted: Interrupted) -> SourceError {
        let error = interrupted.error;
        let left = match self.connection.make_one(Change::remove(dn)) {
            Ok(()) => "and was removed again".to_owned(),
            Err(left) if left.kind() == SourceErrorKind::NotFound => return error,
            Err(left) => format!("and could not be removed again: {left}"),
        };
        let message = format!(
            "{}; the new GPO {dn} was not made whole {left}",
            error.message()
        );
        SourceError::new(error.kind(), error.object(), message)
    }
}

fn differs(entry: &DirectoryEntry, (name, values): &Attribute) -> bool {
    !entry.values(name).eq(values.iter().map(Vec::as_slice))
}
