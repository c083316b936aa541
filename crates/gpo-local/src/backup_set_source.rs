//! A set of backups as a domain to read from.

use std::collections::HashMap;
use std::sync::OnceLock;

use gpo_core::{
    BackupFolder, BackupInst, BackupStore, BackupTime, BackupXml, BkupInfo, Contents, Directory,
    DirectoryCapabilities, Dn, Domain, DomainId, EntryKind, Error, Gpo, GpoContainer, GpoId,
    GpoLink, GpoListing, GpoPath, GpoVersion, Inventory, LARGEST_BACKUP_XML, LARGEST_BKUP_INFO,
    Principal, PrincipalQuery, Quoted, SecurityGroup, Sidecar, Som, SourceError, SourceErrorKind,
    WmiFilter, WmiFilterId, WmiFilterLink, fold_name, same_name,
};
use sddl_parser::Sid;

mod sysvol;

/// A set of backups as a domain to read from, so that a backup can be backed up again, copied or
/// compared like a GPO.
///
/// Of several backups of a GPO, the newest is the GPO; of two with one time, the last by path; one without
/// bkupInfo.xml, which has the time, is the oldest. The
/// set says less than a domain does:
///
/// * there are only the principals that some backup lists,
/// * links, WMI filters, owners, SACLs and `GPT.INI` are known where a backup has a
///   [`Sidecar`]; without one there are no links, of WMI filters only ID and name, of descriptors
///   mostly a DACL alone, and `GPT.INI` is made from the version,
/// * a file that a backup lists and does not have is an error of its GPO; one that is not what its
///   [`Sidecar`] tells of, [damage](gpo_core::Sysvol::damage).
///
/// ```
/// use gpo_local::{BackupSetSource, FolderStore};
///
/// let folder = tempfile::tempdir()?;
/// let error = BackupSetSource::new(Box::new(FolderStore::open(folder.path())?)).unwrap_err();
/// assert_eq!(error.message(), "there are no backups here");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BackupSetSource {
    store: Box<dyn BackupStore>,
    domain: Domain,
    gpos: Vec<Member>,
    by_id: HashMap<GpoId, usize>,
    /// Who the backups say there is; read when it is first asked for.
    known: OnceLock<Known>,
}

/// A backup that stands for its GPO.
#[derive(Debug)]
struct Member {
    folder: BackupFolder,
    id: GpoId,
    display_name: String,
    /// None where there is no bkupInfo.xml.
    time: Option<BackupTime>,
    domain: String,
    domain_id: Option<DomainId>,
    domain_controller: String,
}

/// What all Backup.xml of the set together say.
#[derive(Debug, Default)]
struct Known {
    principals: HashMap<Sid, Principal>,
    /// By folded name.
    names: HashMap<String, Vec<Sid>>,
    filters: HashMap<WmiFilterId, WmiFilter>,
    links: HashMap<GpoId, Vec<GpoLink>>,
    /// By the key of their names, each from the newest backup that has it.
    soms: HashMap<String, Som>,
    /// What all side-cars together can give; nothing where a backup has none.
    capabilities: DirectoryCapabilities,
}

impl BackupSetSource {
    /// The GPOs of a set whose backups are of one domain.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there are no backups; [`SourceErrorKind::Invalid`]
    /// where they are of several domains, which are listed, or a bkupInfo.xml cannot be read.
    pub fn new(store: Box<dyn BackupStore>) -> Result<Self, SourceError> {
        let members = members(&*store)?;
        let mut domains: Vec<&str> = Vec::new();
        for member in &members {
            if !domains
                .iter()
                .any(|domain| same_name(domain, &member.domain))
            {
                domains.push(&member.domain);
            }
        }
        if let [_, _, ..] = domains.as_slice() {
            let names: Vec<String> = domains
                .iter()
                .map(|domain| Quoted::new(domain).to_string())
                .collect();
            let message = format!("the backups are of several domains: {}", names.join(", "));
            return Err(SourceError::new(SourceErrorKind::Invalid, "", message));
        }
        Self::of(store, members)
    }

    /// The GPOs of one domain in a set, by its DNS name.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), but for several domains.
    pub fn of_domain(store: Box<dyn BackupStore>, dns_name: &str) -> Result<Self, SourceError> {
        let mut members = members(&*store)?;
        members.retain(|member| same_name(&member.domain, dns_name));
        Self::of(store, members)
    }

    fn of(store: Box<dyn BackupStore>, members: Vec<Member>) -> Result<Self, SourceError> {
        let newest = members.iter().max_by_key(|member| member.time);
        let Some(newest) = newest else {
            let message = "there are no backups here";
            return Err(SourceError::new(SourceErrorKind::NotFound, "", message));
        };
        let domain = Domain {
            id: newest.domain_id,
            ..Domain::new(&newest.domain, &newest.domain_controller)
        };
        let mut source = Self {
            store,
            domain,
            gpos: Vec::new(),
            by_id: HashMap::new(),
            known: OnceLock::new(),
        };
        for member in members {
            match source
                .by_id
                .get(&member.id)
                .and_then(|&n| source.gpos.get_mut(n))
            {
                Some(other) if other.time <= member.time => *other = member,
                Some(_) => {}
                None => {
                    source.by_id.insert(member.id, source.gpos.len());
                    source.gpos.push(member);
                }
            }
        }
        Ok(source)
    }

    fn member(&self, id: GpoId) -> Option<&Member> {
        self.gpos.get(*self.by_id.get(&id)?)
    }

    /// Reads the Backup.xml of a backup.
    fn backup_xml(&self, member: &Member) -> Result<BackupXml, SourceError> {
        let contents = self.store.open(&member.folder)?;
        read_backup_xml(&*contents, &member.folder)
    }

    /// The side-car of a backup; one that cannot be read is none.
    fn sidecar(&self, member: &Member) -> Option<Sidecar> {
        let contents = self.store.open(&member.folder).ok()?;
        Sidecar::read(&*contents).ok().flatten()
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let mut known = Known {
                capabilities: DirectoryCapabilities::all(),
                ..Known::default()
            };
            let mut members: Vec<_> = self.gpos.iter().collect();
            members.sort_by_key(|member| member.time);
            for member in members {
                // A Backup.xml that cannot be read is an error of its GPO's container.
                if let Ok(xml) = self.backup_xml(member) {
                    known.add(&xml);
                }
                known.add_sidecar(member.id, self.sidecar(member));
            }
            known
        })
    }
}

impl std::fmt::Debug for BackupSetSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupSetSource")
            .field("domain", &self.domain)
            .field("gpos", &self.gpos)
            .finish_non_exhaustive()
    }
}

/// An error in a file of a backup.
fn at(member: &Member) -> impl Fn(Error) -> SourceError {
    |error| SourceError::invalid(member.folder.path.as_str(), error)
}

fn members(store: &dyn BackupStore) -> Result<Vec<Member>, SourceError> {
    let member = |folder: BackupFolder| {
        let contents = store.open(&folder)?;
        let invalid = |e: Error| SourceError::invalid(folder.path.as_str(), e);
        let path = GpoPath::from_name("bkupInfo.xml").map_err(invalid)?;
        let bytes = match contents.read_all(&path, LARGEST_BKUP_INFO) {
            Err(error) if error.kind() == SourceErrorKind::NotFound => {
                let xml = read_backup_xml(&*contents, &folder)?;
                drop(contents);
                return Ok(Member::of_backup_xml(folder, &xml));
            }
            read => read?,
        };
        drop(contents);
        let info = BkupInfo::parse(&bytes).map_err(|e| invalid(e.in_file("bkupInfo.xml")))?;
        Ok(Member::of_inst(folder, info.inst))
    };
    store.backups()?.into_iter().map(member).collect()
}

fn read_backup_xml(
    contents: &dyn Contents,
    folder: &BackupFolder,
) -> Result<BackupXml, SourceError> {
    let invalid = |e: Error| SourceError::invalid(folder.path.as_str(), e);
    let path = GpoPath::from_name("Backup.xml").map_err(invalid)?;
    let bytes = contents.read_all(&path, LARGEST_BACKUP_XML)?;
    BackupXml::parse(&bytes).map_err(|e| invalid(e.in_file("Backup.xml")))
}

impl Member {
    fn of_inst(folder: BackupFolder, inst: BackupInst) -> Self {
        Self {
            folder,
            id: inst.gpo_id,
            display_name: inst.display_name,
            time: Some(inst.time),
            domain: inst.gpo_domain,
            domain_id: inst.gpo_domain_id,
            domain_controller: inst.domain_controller,
        }
    }

    /// Some backups have no bkupInfo.xml; what it says is in Backup.xml, too, but for the time.
    fn of_backup_xml(folder: BackupFolder, xml: &BackupXml) -> Self {
        Self {
            folder,
            id: xml.core.id,
            display_name: xml.core.display_name.clone(),
            time: None,
            domain: xml.core.domain.clone(),
            domain_id: None,
            domain_controller: xml.domain_controller().unwrap_or_default().to_owned(),
        }
    }
}

impl Known {
    fn add(&mut self, xml: &BackupXml) {
        for principal in xml
            .security_groups
            .iter()
            .filter_map(SecurityGroup::principal)
        {
            let name = fold_name(&principal.sam_account_name);
            let sid = principal.sid;
            if self.principals.insert(sid, principal).is_none() {
                self.names.entry(name).or_default().push(sid);
            }
        }
        let link = xml.core.wmi_filter.as_ref().map(WmiFilterLink::target);
        if let (Some(Ok((id, _))), Some(name)) = (link, &xml.core.wmi_filter_name) {
            self.filters.entry(id).or_insert_with(|| WmiFilter {
                id,
                name: name.clone(),
                description: String::new(),
                queries: String::new(),
                author: String::new(),
                created: String::new(),
                changed: String::new(),
            });
        }
    }

    fn add_sidecar(&mut self, gpo: GpoId, sidecar: Option<Sidecar>) {
        let sidecar = sidecar.unwrap_or_default();
        let mut gives = DirectoryCapabilities::WMI_FILTERS;
        gives.set(DirectoryCapabilities::OWNER, sidecar.owner.is_some());
        gives.set(DirectoryCapabilities::SACL, sidecar.sacl.is_some());
        gives.set(DirectoryCapabilities::LINKS, sidecar.links.is_some());
        // Without a side-car nothing is known, not even that there is no filter.
        if sidecar.files.is_empty() {
            gives = DirectoryCapabilities::empty();
        }
        self.capabilities &= gives;
        if let Some(filter) = sidecar.wmi_filter {
            self.filters.insert(filter.id, filter);
        }
        for known in sidecar.links.into_iter().flatten() {
            self.links.entry(gpo).or_default().push(known.link);
            if let Some(som) = known.som {
                self.soms.insert(Dn::new(&som.dn).key(), som);
            }
        }
    }

    fn principal(&self, query: &PrincipalQuery, own_domain: &str) -> Option<&Principal> {
        let name = match query {
            PrincipalQuery::Sid(sid) => return self.principals.get(sid),
            PrincipalQuery::Name(name) => name.split_once('\\').map_or(&**name, |(_, name)| name),
        };
        let mut sids = self.names.get(&fold_name(name))?.iter();
        sids.find_map(|sid| {
            let principal = self.principals.get(sid)?;
            query.is_for(principal, own_domain).then_some(principal)
        })
    }
}

/// The container that a GPO had.
fn container(gpo: Gpo, sidecar: Option<&Sidecar>) -> GpoContainer {
    let link = gpo.wmi_filter.as_ref().and_then(|link| {
        let (id, domain) = link.target().ok()?;
        WmiFilterLink::in_directory(id, domain).ok()
    });
    GpoContainer {
        id: gpo.id,
        display_name: gpo.display_name,
        status: gpo.status,
        version: GpoVersion::from_halves(gpo.user_version.directory, gpo.machine_version.directory),
        machine_extensions: gpo.machine_extensions.as_str().trim().to_owned(),
        user_extensions: gpo.user_extensions.as_str().trim().to_owned(),
        wql_filter: link.map_or_else(String::new, |link| link.as_str().to_owned()),
        file_sys_path: format!("\\\\{0}\\sysvol\\{0}\\Policies\\{1}", gpo.domain, gpo.id),
        security_descriptor: gpo.security_descriptor.map(|cut| match sidecar {
            Some(sidecar) => sidecar.whole_descriptor(&cut),
            None => cut,
        }),
        machine_objects: gpo.machine_objects,
        user_objects: gpo.user_objects,
        when_created: String::new(),
        when_changed: String::new(),
    }
}

impl Directory for BackupSetSource {
    /// What every backup of the set holds. Never all principals.
    fn capabilities(&self) -> DirectoryCapabilities {
        self.known().capabilities
    }

    fn domain(&self) -> Result<Domain, SourceError> {
        let mut domain = self.domain.clone();
        let own = |p: &&Principal| same_name(&p.dns_domain, &domain.dns_name);
        let known = self.known().principals.values();
        // Any principal of the domain will do: they agree in this. The lowest, for a stable result.
        if let Some(principal) = known.filter(own).min_by_key(|p| p.sid) {
            domain.sid = principal.sid.domain().filter(Sid::is_domain);
            domain.netbios_name = Some(principal.netbios_domain.clone());
        }
        Ok(domain)
    }

    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        for member in &self.gpos {
            visit(GpoListing {
                id: member.id,
                display_name: member.display_name.clone(),
            })?;
        }
        Ok(())
    }

    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        let read = |id: &GpoId| {
            let Some(member) = self.member(*id) else {
                return Ok(None);
            };
            let xml = self.backup_xml(member)?;
            let gpo = xml.to_gpo(Inventory::default()).map_err(at(member))?;
            Ok(Some(container(gpo, self.sidecar(member).as_ref())))
        };
        Ok(ids.iter().map(read).collect())
    }

    fn principals(
        &self,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        let known = self.known();
        let find = |query| known.principal(query, &self.domain.dns_name).cloned();
        Ok(queries.iter().map(find).collect())
    }

    /// Without a side-car with the name alone.
    fn wmi_filters(&self, ids: &[WmiFilterId]) -> Result<Vec<Option<WmiFilter>>, SourceError> {
        let filters = &self.known().filters;
        Ok(ids.iter().map(|id| filters.get(id).cloned()).collect())
    }

    /// Those that side-cars hold.
    fn links(&self, ids: &[GpoId]) -> Result<Vec<Vec<GpoLink>>, SourceError> {
        let links = &self.known().links;
        let of = |id: &GpoId| links.get(id).cloned().unwrap_or_default();
        Ok(ids.iter().map(of).collect())
    }

    /// Those of which more than the name is known, by their names.
    fn all_wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        let filters = self.known().filters.values();
        let whole = filters.filter(|filter| !filter.queries.is_empty());
        let mut filters: Vec<_> = whole.cloned().collect();
        let known = self.known().capabilities;
        if filters.is_empty() && !known.contains(DirectoryCapabilities::WMI_FILTERS) {
            return Err(not_held("WMI filters"));
        }
        filters.sort_by_key(|filter| (fold_name(&filter.name), filter.id));
        Ok(filters)
    }

    /// Those that a GPO of the set was linked to, as its backup saw them, and the domain.
    fn soms(&self, dns: &[String]) -> Result<Vec<Option<Som>>, SourceError> {
        let known = self.known();
        if !known.capabilities.contains(DirectoryCapabilities::LINKS) {
            return Err(not_held("links"));
        }
        let own = Dn::new(&self.domain.dn).key();
        let find = |dn: &String| {
            let key = Dn::new(dn).key();
            let of_domain = (key == own).then(|| Som {
                dn: self.domain.dn.clone(),
                links: String::new(),
                block_inheritance: false,
            });
            known.soms.get(&key).cloned().or(of_domain)
        };
        Ok(dns.iter().map(find).collect())
    }
}

fn not_held(what: &str) -> SourceError {
    let message = format!(
        "the backups do not hold {what}: not each has a {}",
        Sidecar::NAME
    );
    SourceError::new(SourceErrorKind::Unsupported, "backups", message)
}

/// The tree of a GPO as it was in SYSVOL, and what is wrong with it.
fn tree(
    xml: &BackupXml,
    contents: &dyn Contents,
    member: &Member,
) -> Result<(Inventory, Vec<SourceError>), SourceError> {
    let mut wrong = Vec::new();
    let mut disk = Inventory::default();
    let root = sysvol::in_backup(&GpoPath::root()).map_err(at(member))?;
    let walk = contents.walk(&root, &mut |entry| {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                wrong.push(error);
                return Ok(());
            }
        };
        let path = entry.path.strip_prefix(&root).unwrap_or_default();
        disk.insert(path, entry.kind).map_err(at(member))
    });
    match walk {
        // A GPO without files, out of version control.
        Err(error) if error.kind() == SourceErrorKind::NotFound => {}
        result => result?,
    }
    let found = xml.inventory(&disk).map_err(at(member))?;
    for file in found.missing_files {
        let object = format!(
            "{}/{}",
            member.folder.path,
            file.as_str().replace('\\', "/")
        );
        let message = "the file is listed in Backup.xml, but it is not there";
        // The GPO is there, and not whole.
        wrong.push(SourceError::new(SourceErrorKind::Invalid, object, message));
    }
    let mut inventory = found.inventory;
    let gpt_ini = sysvol::gpt_ini_path().map_err(at(member))?;
    if inventory.get(&gpt_ini).is_none() {
        let size = sysvol::gpt_ini(xml, contents).map_err(at(member))?.len() as u64;
        inventory
            .insert(gpt_ini, EntryKind::File(size))
            .map_err(at(member))?;
    }
    Ok((inventory, wrong))
}

#[cfg(test)]
mod tests;
