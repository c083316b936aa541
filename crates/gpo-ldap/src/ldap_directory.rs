//! A domain of Active Directory.

use gpo_core::{
    Directory, DirectoryCapabilities, DirectoryEntry, Dn, Domain, GpLink, GpLinkOptions,
    GpoContainer, GpoId, GpoLink, GpoListing, GpoVersion, Principal, PrincipalQuery, Som,
    SourceError, WmiFilter, WmiFilterId, gpo_id_of_dn, rdn_value,
};
use ldap3::Scope;

use crate::connection::{Connection, Session};
use crate::containers::ContainerEntries;
use crate::filter;
use crate::naming::Naming;
use crate::principals::Principals;
use crate::search::{Cookie, DescriptorParts, Search};
use crate::settings::{Credentials, LdapSettings};

/// Objects that a filter names one by one.
const NAMED_AT_ONCE: usize = 100;

/// A domain of Active Directory, over LDAP, on one domain controller.
///
/// The connection lives on a thread of its own, so that a caller may be inside an async runtime; a
/// call blocks the thread that makes it. When the connection is lost, what reads connects again
/// and asks once more; what writes does not.
///
/// Nobody is followed to another server: referrals are left alone.
///
/// ```no_run
/// use gpo_core::Directory;
/// use gpo_ldap::{Credentials, LdapDirectory, LdapSettings};
///
/// # fn password() -> String { String::new() }
/// let credentials = Credentials::Password {
///     user: "reader@example.test".into(),
///     password: password().into(),
/// };
/// let directory = LdapDirectory::connect(LdapSettings::new("dc1.example.test"), credentials)?;
/// directory.list(&mut |gpo| {
///     println!("{} {}", gpo.id, gpo.display_name);
///     Ok(())
/// })?;
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
#[derive(Debug)]
pub struct LdapDirectory {
    pub(crate) connection: Connection,
    pub(crate) naming: Naming,
    /// The parts of descriptors that the user may read.
    pub(crate) parts: DescriptorParts,
    principals: Principals,
}

impl LdapDirectory {
    /// Connects, logs on, and reads where the domain keeps its things.
    ///
    /// # Errors
    ///
    /// [`Unreachable`](gpo_core::SourceErrorKind::Unreachable) and
    /// [`TimedOut`](gpo_core::SourceErrorKind::TimedOut) where no directory answers,
    /// [`Denied`](gpo_core::SourceErrorKind::Denied) where it does not let the user in,
    /// [`Invalid`](gpo_core::SourceErrorKind::Invalid) for a certificate that is not trusted or a
    /// server that is no domain controller,
    /// [`Unsupported`](gpo_core::SourceErrorKind::Unsupported) for settings that are not safe.
    pub fn connect(settings: LdapSettings, credentials: Credentials) -> Result<Self, SourceError> {
        let connection = Connection::open(settings, credentials)?;
        let naming = connection.read(Naming::read)?;
        let probe = Search::object(&naming.policies(), &["nTSecurityDescriptor"]);
        let found = connection.search(probe.with_descriptor(DescriptorParts::ALL))?;
        let readable = found
            .iter()
            .any(|entry| entry.security_descriptor().is_some());
        Ok(Self {
            connection,
            naming,
            parts: if readable {
                DescriptorParts::ALL
            } else {
                DescriptorParts::WITHOUT_SACL
            },
            principals: Principals::default(),
        })
    }

    /// The DNS name of the forest: that of its first domain.
    pub fn forest(&self) -> &str {
        &self.naming.forest
    }
}

impl Directory for LdapDirectory {
    /// Everything, but for the SACL where the user may not read that of the domain's policies.
    fn capabilities(&self) -> DirectoryCapabilities {
        let mut all = DirectoryCapabilities::all();
        let sacl = self.parts == DescriptorParts::ALL;
        all.set(DirectoryCapabilities::SACL, sacl);
        all
    }

    fn domain(&self) -> Result<Domain, SourceError> {
        Ok(self.naming.domain.clone())
    }

    /// Reads a page of 1,000 GPOs at a time. A connection that is lost behind the first page is
    /// not made again, because nobody knows where to go on.
    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let search = Search::below(
            &self.naming.policies(),
            Scope::OneLevel,
            "(objectClass=groupPolicyContainer)".into(),
            &["displayName"],
        );
        let first = search.clone();
        let (session, mut page) = self.connection.read(move |mut session| {
            let search = first.clone();
            async move {
                let page = session.page(&search, Cookie::default()).await?;
                Ok((session, page))
            }
        })?;
        loop {
            for entry in page.entries {
                // A container whose name is no GUID is none that a client could apply.
                if let Some(id) = gpo_id_of_dn(Dn::new(&entry.dn)) {
                    let display_name = entry.text("displayName").unwrap_or_default();
                    visit(GpoListing { id, display_name })?;
                }
            }
            let Some(cookie) = page.next else {
                return Ok(());
            };
            let (mut session, search) = (session.clone(), search.clone());
            page = self
                .connection
                .call(async move { session.page(&search, cookie).await })?;
        }
    }

    /// Asks for all at the same time, over one connection.
    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        let parts = self.parts;
        let asked = ids.iter().map(|&id| (id, self.naming.container(id)));
        let read = move |session: Session, (id, dn): (GpoId, String)| async move {
            let entries = ContainerEntries::read(&session, &dn, parts).await?;
            let container = entries.map(|entries| entries.to_container(id));
            Ok(container.transpose()?)
        };
        self.connection.read_each(asked.collect(), read)
    }

    fn versions(&self, ids: &[GpoId]) -> Result<Vec<Option<GpoVersion>>, SourceError> {
        let search = |id| Search::object(&self.naming.container(id), &["versionNumber"]);
        let searches = ids.iter().copied().map(search).collect();
        let version = |found: Result<Vec<DirectoryEntry>, SourceError>| {
            let Some(entry) = found?.into_iter().next() else {
                return Ok(None);
            };
            let number = entry.number("versionNumber");
            let number = number.map_err(|e| SourceError::invalid(entry.dn.as_str(), e))?;
            Ok(Some(GpoVersion::new(number)))
        };
        self.connection
            .searches(searches)?
            .into_iter()
            .map(version)
            .collect()
    }

    /// Remembers what it found. Principals of other domains of the forest are found where the
    /// controller has a global catalogue; those of trusted forests have only a NetBIOS name, and
    /// are found by their SID.
    fn principals(
        &self,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        self.principals
            .find(&self.connection, &self.naming, queries)
    }

    fn wmi_filters(&self, ids: &[WmiFilterId]) -> Result<Vec<Option<WmiFilter>>, SourceError> {
        let base = self.naming.wmi_filters();
        let searches = ids.chunks(NAMED_AT_ONCE).map(|ids| {
            let own = |id: &WmiFilterId| filter::equals("msWMI-ID", id.to_string().as_bytes());
            let filter = filter::one_of(ids.iter().map(own));
            Search::below(&base, Scope::OneLevel, filter, WMI_FILTER)
        });
        let mut filters = Vec::new();
        for found in self.connection.searches(searches.collect())? {
            for filter in found?.iter().filter_map(wmi_filter) {
                filters.push(filter?);
            }
        }
        let find = |id: &WmiFilterId| filters.iter().find(|filter| filter.id == *id).cloned();
        Ok(ids.iter().map(find).collect())
    }

    fn links(&self, ids: &[GpoId]) -> Result<Vec<Vec<GpoLink>>, SourceError> {
        let (domain, sites) = (self.naming.domain.dn.as_str(), self.naming.sites());
        let mut searches = Vec::new();
        for ids in ids.chunks(NAMED_AT_ONCE) {
            let linked = ids
                .iter()
                .map(|id| filter::contains("gPLink", id.to_string().as_bytes()));
            let linked = filter::one_of(linked);
            for (base, scope, classes) in [
                (domain, Scope::Subtree, DOMAIN_SOMS),
                (&sites, Scope::OneLevel, SITES),
            ] {
                let filter = format!("(&{classes}{linked})");
                searches.push(Search::below(base, scope, filter, &["gPLink"]));
            }
        }
        let mut links = vec![Vec::new(); ids.len()];
        for found in self.connection.searches(searches)? {
            for entry in found? {
                add_links(&mut links, ids, &entry);
            }
        }
        Ok(links)
    }

    fn all_wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        let base = self.naming.wmi_filters();
        let filter = "(objectClass=msWMI-Som)".into();
        let found =
            self.connection
                .search(Search::below(&base, Scope::OneLevel, filter, WMI_FILTER))?;
        found.iter().filter_map(wmi_filter).collect()
    }

    fn soms(&self, dns: &[String]) -> Result<Vec<Option<Som>>, SourceError> {
        let search = |dn: &String| Search::below(dn, Scope::Base, SOM.into(), SOM_ATTRIBUTES);
        let searches = dns.iter().map(search).collect();
        let som = |found: Result<Vec<DirectoryEntry>, SourceError>| {
            let som = found?.first().map(|entry| {
                Som::from_entry(entry).map_err(|e| SourceError::invalid(entry.dn.as_str(), e))
            });
            som.transpose()
        };
        self.connection
            .searches(searches)?
            .into_iter()
            .map(som)
            .collect()
    }
}

/// The classes of what has links: directories have an index of classes, and none of links.
const DOMAIN_SOMS: &str = "(|(objectClass=domainDNS)(objectClass=organizationalUnit))";
const SITES: &str = "(objectClass=site)";

/// What can have links.
pub(crate) const SOM: &str =
    "(|(objectClass=domainDNS)(objectClass=organizationalUnit)(objectClass=site)(gPLink=*))";

pub(crate) const SOM_ATTRIBUTES: &[&str] = &["gPLink", "gPOptions"];

pub(crate) const WMI_FILTER: &[&str] = &[
    "msWMI-ID",
    "msWMI-Name",
    "msWMI-Parm1",
    "msWMI-Parm2",
    "msWMI-Author",
    "msWMI-CreationDate",
    "msWMI-ChangeDate",
];

/// The filter that an entry is; none where its ID is no GUID, because nothing can be linked to it.
fn wmi_filter(entry: &DirectoryEntry) -> Option<Result<WmiFilter, SourceError>> {
    let own = entry.text("msWMI-ID").ok().and_then(|id| id.parse().ok());
    let named = || rdn_value(Dn::new(&entry.dn).rdn(), "CN")?.parse().ok();
    let id = own.or_else(named)?;
    let filter = WmiFilter::from_entry(id, entry);
    Some(filter.map_err(|e| SourceError::invalid(entry.dn.as_str(), e)))
}

fn add_links(links: &mut [Vec<GpoLink>], ids: &[GpoId], entry: &DirectoryEntry) {
    let linked = entry.text("gPLink").unwrap_or_default();
    for (index, id, options) in GpLink::from_text(&linked).iter() {
        for (links, _) in links.iter_mut().zip(ids).filter(|(_, own)| **own == id) {
            let link = GpoLink {
                target: entry.dn.clone(),
                index,
                disabled: options.contains(GpLinkOptions::DISABLED),
                enforced: options.contains(GpLinkOptions::ENFORCED),
            };
            // With more GPOs than a filter names, an object is found several times.
            if !links.contains(&link) {
                links.push(link);
            }
        }
    }
}
