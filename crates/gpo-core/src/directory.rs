//! The directory side of a domain.

use std::string::String;
use std::vec;
use std::vec::Vec;

use bitflags::bitflags;
use sddl_parser::Sid;

use crate::directory_object::DirectoryObject;
use crate::gpo::GpoStatus;
use crate::gpt_ini::GpoVersion;
use crate::guid::{DomainId, GpoId, WmiFilterId};
use crate::principal::{Principal, PrincipalQuery};
use crate::source_error::{SourceError, SourceErrorKind};

bitflags! {
    /// What a source can give. An engine tells its user beforehand what will be missing.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct DirectoryCapabilities: u32 {
        /// Names of any principal of the domain, not only of those that a backup lists.
        const PRINCIPALS = 1;
        /// Links of the domain, its organizational units and its sites.
        const LINKS = 2;
        /// WMI filter objects.
        const WMI_FILTERS = 4;
        /// Owner and group in security descriptors.
        const OWNER = 8;
        /// The SACL in security descriptors.
        const SACL = 16;
    }
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its DNS name, spelled as the directory spells it.
    pub dns_name: String,
    /// Its distinguished name.
    pub dn: String,
    /// Its NetBIOS name, where the source has it.
    pub netbios_name: Option<String>,
    /// Its `objectGUID`, where the source has it.
    pub id: Option<DomainId>,
    /// Its SID, where the source has it.
    pub sid: Option<Sid>,
    /// The DNS name of the domain controller that is read; for a folder, the one that its files
    /// name.
    pub domain_controller: String,
}

impl Domain {
    /// A domain of which a source knows its DNS name and a controller, and no IDs. The
    /// distinguished name follows from the DNS name (RFC 2247).
    ///
    /// ```
    /// # use gpo_core::Domain;
    /// let domain = Domain::new("example.test", "dc1.example.test");
    /// assert_eq!(domain.dn, "DC=example,DC=test");
    /// ```
    pub fn new(dns_name: impl Into<String>, domain_controller: impl Into<String>) -> Self {
        let dns_name = dns_name.into();
        Self {
            dn: std::format!("DC={}", dns_name.replace('.', ",DC=")),
            dns_name,
            netbios_name: None,
            id: None,
            sid: None,
            domain_controller: domain_controller.into(),
        }
    }

    /// Whether this is the domain with this ID and DNS name. They are compared by their IDs where
    /// both are known, else by their names without case.
    ///
    /// ```
    /// # use gpo_core::Domain;
    /// # let domain = Domain::new("example.test", "");
    /// assert!(domain.is(None, "EXAMPLE.test"));
    /// ```
    pub fn is(&self, id: Option<DomainId>, dns_name: &str) -> bool {
        match (self.id, id) {
            (Some(own), Some(other)) => own == other,
            _ => self.dns_name.eq_ignore_ascii_case(dns_name),
        }
    }
}

/// A GPO in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpoListing {
    /// Its ID.
    pub id: GpoId,
    /// Its name.
    pub display_name: String,
}

/// A GPO's container (`groupPolicyContainer`) with what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpoContainer {
    /// Its ID, spelled as its `CN`.
    pub id: GpoId,
    /// `displayName`.
    pub display_name: String,
    /// `flags`.
    pub status: GpoStatus,
    /// `versionNumber`.
    pub version: GpoVersion,
    /// `gPCMachineExtensionNames`, as it stands; empty where it is absent.
    pub machine_extensions: String,
    /// `gPCUserExtensionNames`, as it stands; empty where it is absent.
    pub user_extensions: String,
    /// `gPCWQLFilter`, as it stands; empty where it is absent.
    pub wql_filter: String,
    /// `gPCFileSysPath`, as it stands. Never used to find SYSVOL: an editor of the GPO writes it.
    pub file_sys_path: String,
    /// `nTSecurityDescriptor`, self-relative; none where the source does not give it.
    pub security_descriptor: Option<Vec<u8>>,
    /// The objects below `CN=Machine`.
    pub machine_objects: Vec<DirectoryObject>,
    /// The objects below `CN=User`.
    pub user_objects: Vec<DirectoryObject>,
    /// `whenCreated`, as it stands (`20240102030405.0Z`); empty where it is absent.
    pub when_created: String,
    /// `whenChanged`, likewise.
    pub when_changed: String,
}

impl GpoContainer {
    /// The container of a GPO that sets nothing: version 0, enabled, without extensions and
    /// objects, and without a descriptor, so that the directory gives its own.
    pub fn new(id: GpoId, display_name: impl Into<String>) -> Self {
        Self {
            id,
            display_name: display_name.into(),
            status: GpoStatus::empty(),
            version: GpoVersion::default(),
            machine_extensions: String::new(),
            user_extensions: String::new(),
            wql_filter: String::new(),
            file_sys_path: String::new(),
            security_descriptor: None,
            machine_objects: Vec::new(),
            user_objects: Vec::new(),
            when_created: String::new(),
            when_changed: String::new(),
        }
    }
}

/// A WMI filter (`msWMI-Som`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WmiFilter {
    /// Its ID.
    pub id: WmiFilterId,
    /// `msWMI-Name`.
    pub name: String,
    /// `msWMI-Parm1`.
    pub description: String,
    /// `msWMI-Parm2`, the queries as they stand.
    pub queries: String,
    /// `msWMI-Author`; empty where it is absent.
    pub author: String,
    /// `msWMI-CreationDate`, as it stands (`20240102030405.123000-000`); empty where it is absent.
    pub created: String,
    /// `msWMI-ChangeDate`, likewise.
    pub changed: String,
}

/// A SOM (scope of management): a domain, an organizational unit or a site, to which GPOs are
/// linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Som {
    /// Its distinguished name.
    pub dn: String,
    /// `gPLink`, as it stands: `[LDAP://CN={GUID},CN=Policies,…;0][…]`; empty where it is absent.
    pub links: String,
    /// Whether it takes no links from above (bit 0 of `gPOptions`).
    pub block_inheritance: bool,
}

/// A link of a GPO to a domain, an organizational unit or a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpoLink {
    /// The distinguished name of what it is linked to.
    pub target: String,
    /// The place in `gPLink`, from 0; the last is applied last and wins.
    pub index: usize,
    /// The link is not applied (option 1).
    pub disabled: bool,
    /// The link cannot be overridden (option 2).
    pub enforced: bool,
}

/// The directory side of a domain, for reading.
///
/// Several objects are asked for at once, so that the number of round trips does not grow with the
/// number of GPOs.
///
/// A source has to know its domain and its containers. What else it knows it says in
/// [`capabilities`](Self::capabilities) and gives in the method for it, whose default is to know
/// nothing.
pub trait Directory: Send + Sync {
    /// What this source can give; nothing by default.
    fn capabilities(&self) -> DirectoryCapabilities {
        DirectoryCapabilities::empty()
    }

    /// The domain.
    ///
    /// # Errors
    ///
    /// Any failure to read it.
    fn domain(&self) -> Result<Domain, SourceError>;

    /// Visits every GPO of the domain, in the order of the source.
    ///
    /// # Errors
    ///
    /// What the visitor returned; any failure to read.
    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;

    /// The containers of these GPOs, one result for each, in the same order: `None` where there is
    /// no container.
    ///
    /// # Errors
    ///
    /// The outer result: the source cannot be read at all. The inner: this container cannot.
    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError>;

    /// The versions of these GPOs, likewise; to see whether one changed while it was read.
    ///
    /// # Errors
    ///
    /// Any failure to read.
    fn versions(&self, ids: &[GpoId]) -> Result<Vec<Option<GpoVersion>>, SourceError> {
        let containers = self.containers(ids)?.into_iter();
        containers
            .map(|container| Ok(container?.map(|c| c.version)))
            .collect()
    }

    /// The principals that were asked for, one for each query, in the same order: `None` where the
    /// directory knows none. Well-known principals need no directory and are not asked for.
    ///
    /// # Errors
    ///
    /// Any failure to read.
    fn principals(
        &self,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        Ok(vec![None; queries.len()])
    }

    /// The WMI filters with these IDs, likewise.
    ///
    /// # Errors
    ///
    /// Any failure to read.
    fn wmi_filters(&self, ids: &[WmiFilterId]) -> Result<Vec<Option<WmiFilter>>, SourceError> {
        Ok(vec![None; ids.len()])
    }

    /// The links of these GPOs, one list for each, in the same order.
    ///
    /// # Errors
    ///
    /// Any failure to read.
    fn links(&self, ids: &[GpoId]) -> Result<Vec<Vec<GpoLink>>, SourceError> {
        Ok(vec![Vec::new(); ids.len()])
    }

    /// Every WMI filter of the domain, in the order of the source.
    ///
    /// # Errors
    ///
    /// Any failure to read; [`SourceErrorKind::Unsupported`](crate::SourceErrorKind::Unsupported)
    /// by default.
    fn all_wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        Err(unsupported("it cannot list WMI filters"))
    }

    /// The SOMs with these distinguished names, one for each, in the same order: `None` where
    /// there is none.
    ///
    /// # Errors
    ///
    /// Any failure to read; [`SourceErrorKind::Unsupported`](crate::SourceErrorKind::Unsupported)
    /// by default.
    fn soms(&self, dns: &[String]) -> Result<Vec<Option<Som>>, SourceError> {
        let _ = dns;
        Err(unsupported(
            "it has no domains, organizational units or sites",
        ))
    }
}

/// A directory that can be written.
pub trait DirectoryWrite: Directory {
    /// Makes the container of a GPO, or replaces its settings, with all that is below it.
    /// Attributes that [`GpoContainer`] does not hold stay as they are.
    ///
    /// # Errors
    ///
    /// Any failure to write; then the container is as it was, or the message says what was
    /// written: several objects are not one step in every directory.
    fn put_container(&self, container: &GpoContainer) -> Result<(), SourceError>;

    /// Makes or replaces the containers of several GPOs, in this order.
    ///
    /// # Errors
    ///
    /// As [`put_container`](Self::put_container); those before the one that failed are written.
    fn put_containers(&self, containers: &[GpoContainer]) -> Result<(), SourceError> {
        containers
            .iter()
            .try_for_each(|container| self.put_container(container))
    }

    /// Removes the container of a GPO with all that is below it. Links to it stay.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`](crate::SourceErrorKind::NotFound) where there is none; any
    /// failure to write. [`SourceErrorKind::Unsupported`](crate::SourceErrorKind::Unsupported) by
    /// default, as with all that follows: an adapter may do no more than replace containers.
    fn remove_container(&self, id: GpoId) -> Result<(), SourceError> {
        let _ = id;
        Err(unsupported("it cannot remove a GPO"))
    }

    /// Makes a WMI filter, or replaces the one with this ID.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    fn put_wmi_filter(&self, filter: &WmiFilter) -> Result<(), SourceError> {
        let _ = filter;
        Err(unsupported("it cannot write WMI filters"))
    }

    /// Replaces the links of a SOM that is there, and whether it blocks inheritance.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`](crate::SourceErrorKind::NotFound) where there is no such SOM;
    /// any failure to write.
    fn put_som(&self, som: &Som) -> Result<(), SourceError> {
        let _ = som;
        Err(unsupported("it cannot write links"))
    }

    /// Makes a domain in a place that holds none, with these principals.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`](crate::SourceErrorKind::Exists) where there is one,
    /// [`SourceErrorKind::Unsupported`](crate::SourceErrorKind::Unsupported) where the adapter can
    /// only write to a domain that is there.
    fn create_domain(&self, domain: &Domain, principals: &[Principal]) -> Result<(), SourceError>;

    /// Adds principals and SOMs to a domain that is being copied to this place. One that is there
    /// keeps what else it has.
    ///
    /// # Errors
    ///
    /// Any failure to write; [`SourceErrorKind::Unsupported`] by default: users and organizational
    /// units of a live domain are not for this crate to make.
    fn add_surroundings(&self, principals: &[Principal], soms: &[Som]) -> Result<(), SourceError> {
        let _ = (principals, soms);
        Err(unsupported("it cannot make principals"))
    }

    /// Whether the place holds no domain yet, so that [`create_domain`](Self::create_domain) can
    /// make one.
    ///
    /// # Errors
    ///
    /// Any failure to read.
    fn is_vacant(&self) -> Result<bool, SourceError>;
}

fn unsupported(message: &str) -> SourceError {
    SourceError::new(SourceErrorKind::Unsupported, "directory", message)
}
