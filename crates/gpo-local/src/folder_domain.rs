//! A domain in a folder.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, path::Path};

use cap_fs_ext::MetadataExt;
use cap_std::fs::Dir;
use cap_std::time::SystemTime;
use gpo_core::{
    Contents, Directory, DirectoryCapabilities, DirectoryWrite, Dn, Domain, DomainPartition, Error,
    GpoContainer, GpoId, GpoLink, GpoListing, GpoPath, Piece, Principal, PrincipalQuery, Sink, Som,
    SourceError, SourceErrorKind, Sysvol, SysvolWrite, TreeWriter, Visitor, WmiFilter, WmiFilterId,
    fold_name, same_name,
};

use crate::directory_edit;
use crate::directory_index::{DirectoryIndex, Spot};
use crate::directory_record::entry;
use crate::folder_contents::FolderContents;
use crate::folder_writer::FolderWriter;
use crate::ldif::{LdifDocument, LdifRecord};
use crate::lookup::{open_file, open_folder, open_folder_as, open_root, spelling};
use crate::partial;

const DIRECTORY: &str = "directory.ldif";
const SYSVOL: &str = "sysvol";
const POLICIES: &str = "Policies";

/// How long another process may hold the folder's lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// A domain in a folder: an LDIF export of its directory and a copy of its SYSVOL. All names are
/// found without case.
///
/// ```text
/// FOLDER/directory.ldif
/// FOLDER/sysvol/example.test/Policies/{GUID}/GPT.INI, Machine/…, User/…
/// ```
///
/// What the export leaves out is missing here, too:
///
/// * the domain is the record with the class `domainDNS`; there must be one,
/// * its NetBIOS name comes from a `crossRef`, and is none without it,
/// * the domain controller is the `dnsHostName` of the directory's root (a record with an empty
///   `dn:`), else of the first domain controller among the objects, else the DNS name of the
///   domain, which names some controller of it.
///
/// Only what is asked for is held in memory. When the file changes, it is read again.
///
/// Writing changes the lines of what is written and no others: comments, order, folding and
/// encoding of the rest stay. The file is replaced in one step, under a lock where the system has
/// locks on folders.
///
/// # Making one
///
/// A few searches with `ldapsearch` make the LDIF: the GPOs with all that is below them, and what
/// they refer to. The control brings security descriptors along; its value is the BER of
/// `SEQUENCE { INTEGER flags }`: `MAMCAQ8=` (`30 03 02 01 0f`) asks for owner, group, DACL and SACL,
/// `MAMCAQc=` (`30 03 02 01 07`) leaves the SACL out. A user without the right to read SACLs gets no
/// descriptors at all with the first, and no error, so take the second then.
///
/// ```text
/// search() {
///   ldapsearch -LLL -o ldif-wrap=no -H ldaps://dc1.example.test -x -D admin@example.test -W \
///     -E pr=500/noprompt -E '!1.2.840.113556.1.4.801=::MAMCAQc=' "$@"
/// }
/// { search -b '' -s base dnsHostName
///   search -b CN=Policies,CN=System,DC=example,DC=test '(objectClass=*)' '*' nTSecurityDescriptor
///   search -b DC=example,DC=test \
///     '(|(objectClass=domainDNS)(objectClass=msWMI-Som)(gPLink=*)(objectSid=*))' \
///     objectClass objectGUID objectSid sAMAccountName userPrincipalName groupType gPLink \
///     gPOptions userAccountControl dNSHostName msWMI-ID msWMI-Name msWMI-Parm1 msWMI-Parm2
///   search -b CN=Configuration,DC=example,DC=test '(|(objectClass=crossRef)(gPLink=*))' \
///     objectClass nCName nETBIOSName dnsRoot gPLink gPOptions
/// } > directory.ldif
/// mkdir -p sysvol/example.test
/// smbclient //dc1.example.test/sysvol -U admin@example.test \
///   -c 'prompt; recurse; lcd sysvol; mget example.test'
/// ```
///
/// On Windows, `ldifde -f directory.ldif -d DC=example,DC=test -r "(|(objectClass=groupPolicyContainer)(…))"`
/// makes the LDIF (without descriptors: it cannot send the control), and `robocopy` copies SYSVOL.
#[derive(Debug)]
pub struct FolderDomain {
    root: Dir,
    label: String,
    index: Mutex<Option<(Stamp, Arc<DirectoryIndex>)>>,
}

/// What tells a changed file from the one that was read.
type Stamp = (u64, u64, u64, Option<SystemTime>);

impl FolderDomain {
    /// Opens a folder, which must be there. Whether it holds a domain shows when that is asked for:
    /// an empty folder can become one.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`] where there is no such folder; any failure to open it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let (root, label) = open_root(path.as_ref())?;
        Ok(Self::of(root, label))
    }

    /// The domain in an open folder, which is called so in messages.
    pub(crate) fn of(root: Dir, label: String) -> Self {
        Self {
            root,
            label,
            index: Mutex::default(),
        }
    }

    fn label(&self, name: &str) -> String {
        format!("{}/{name}", self.label)
    }

    fn io(&self, name: &str, error: io::Error) -> SourceError {
        SourceError::io(self.label(name), error)
    }

    fn no_domain(&self) -> SourceError {
        let message = "no domain is here: a folder of a domain has directory.ldif and \
                       sysvol/<dns name>/Policies";
        SourceError::new(SourceErrorKind::NotFound, self.label.as_str(), message)
    }

    /// The index of the file as it is now.
    fn index(&self) -> Result<Arc<DirectoryIndex>, SourceError> {
        let file = match open_file(&self.root, DIRECTORY) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.no_domain()),
            Err(error) => return Err(self.io(DIRECTORY, error)),
        };
        let found = file.metadata().map_err(|e| self.io(DIRECTORY, e))?;
        let stamp = (found.dev(), found.ino(), found.len(), found.modified().ok());
        let mut known = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((of, index)) if *of == stamp => Ok(Arc::clone(index)),
            _ => {
                let label = self.label(DIRECTORY);
                let index = Arc::new(DirectoryIndex::read(file.into_std(), label)?);
                *known = Some((stamp, Arc::clone(&index)));
                Ok(index)
            }
        }
    }

    /// The tree of SYSVOL, below the folder with the domain's name.
    fn sysvol(&self) -> Result<FolderContents, SourceError> {
        let dns_name = self.index()?.domain.dns_name.clone();
        let label = self.label(&format!("{SYSVOL}/{dns_name}"));
        let open = || open_folder(&open_folder(&self.root, SYSVOL)?, &dns_name);
        match open() {
            Ok(root) => Ok(FolderContents::new(root, label)),
            Err(error) => Err(SourceError::io(label, error)),
        }
    }

    /// Removes what dead processes left, and puts back what they took away.
    fn clear_up(&self) -> Result<(), SourceError> {
        let _lock = self.lock_folder()?;
        let io = |e| SourceError::io(self.label.as_str(), e);
        partial::remove_stale(&self.root).map_err(io)?;
        let policies = GpoPath::from_name(POLICIES);
        let policies = policies.map_err(|e| SourceError::invalid(self.label.as_str(), e))?;
        match self.sysvol().and_then(|sysvol| sysvol.folder(&policies)) {
            Ok(policies) => partial::recover(&policies).map_err(io),
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps other processes, and other threads, from writing.
    fn lock_folder(&self) -> Result<impl Sized + use<>, SourceError> {
        partial::lock_folder(&self.root, LOCK_TIMEOUT)
            .map_err(|e| SourceError::io(self.label.as_str(), e))
    }

    /// Changes the file: reads it under the lock, and puts the changed one in its place.
    fn edit(
        &self,
        change: impl FnOnce(&mut LdifDocument) -> Result<(), Error>,
    ) -> Result<(), SourceError> {
        let _lock = self.lock_folder()?;
        let io = |error| self.io(DIRECTORY, error);
        partial::remove_stale(&self.root).map_err(io)?;
        let name = spelling(&self.root, DIRECTORY).map_err(io)?;
        let name = name.as_ref().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| self.no_domain())?;
        let mut bytes = Vec::new();
        let mut file = open_file(&self.root, name).map_err(io)?;
        io::Read::read_to_end(&mut file, &mut bytes).map_err(io)?;
        let edit = || {
            let mut document = LdifDocument::parse(&bytes)?;
            change(&mut document)?;
            document.to_bytes()
        };
        let changed = edit().map_err(|e| SourceError::invalid(self.label(name), e))?;
        if changed == bytes {
            return Ok(());
        }
        partial::replace_file(&self.root, name, &changed, false).map_err(io)
    }

    /// Reads a record and makes a value of it.
    fn value<T>(
        index: &DirectoryIndex,
        spot: Option<&Spot>,
        make: impl FnOnce(&LdifRecord) -> Result<T, Error>,
    ) -> Result<Option<T>, SourceError> {
        let Some(spot) = spot else { return Ok(None) };
        let record = index.record(*spot)?;
        make(&record)
            .map(Some)
            .map_err(|error| index.invalid(*spot, error))
    }
}

impl Directory for FolderDomain {
    /// What the export brought along; nothing where it cannot be read.
    fn capabilities(&self) -> DirectoryCapabilities {
        self.index()
            .map_or(DirectoryCapabilities::empty(), |index| index.capabilities)
    }

    fn domain(&self) -> Result<Domain, SourceError> {
        Ok(self.index()?.domain.clone())
    }

    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let index = self.index()?;
        for gpo in &index.gpos {
            let record = index.record(gpo.container)?;
            visit(GpoListing {
                id: gpo.id,
                display_name: record.text("displayName").unwrap_or_default(),
            })?;
        }
        Ok(())
    }

    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        let index = self.index()?;
        let container = |id: &GpoId| {
            let Some(gpo) = index.gpo(*id) else {
                return Ok(None);
            };
            let below = gpo.below.iter().map(|spot| index.record(*spot));
            let below = below.map(|record| Ok(entry(&record?)));
            let below = below.collect::<Result<Vec<_>, SourceError>>()?;
            Self::value(&index, Some(&gpo.container), |record| {
                GpoContainer::from_entries(gpo.id, &entry(record), &below)
            })
        };
        Ok(ids.iter().map(container).collect())
    }

    /// A foreign security principal has no name here, and is not found.
    fn principals(
        &self,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        let index = self.index()?;
        let read = |spot: &Spot| {
            let found = Self::value(&index, Some(spot), |record| {
                let partition = DomainPartition::of_object(record.dn(), &index.partitions);
                Ok(Principal::from_entry(&entry(record), &partition))
            })?;
            Ok(found.flatten())
        };
        let find = |query: &PrincipalQuery| match query {
            PrincipalQuery::Sid(sid) => index.principals.get(sid).map_or(Ok(None), read),
            PrincipalQuery::Name(name) => {
                let name = name.split_once('\\').map_or(&**name, |(_, name)| name);
                for spot in index.names.get(&fold_name(name)).into_iter().flatten() {
                    let found = read(spot)?;
                    let own = &index.domain.dns_name;
                    if found.as_ref().is_some_and(|p| query.is_for(p, own)) {
                        return Ok(found);
                    }
                }
                Ok(None)
            }
        };
        queries.iter().map(find).collect()
    }

    fn wmi_filters(&self, ids: &[WmiFilterId]) -> Result<Vec<Option<WmiFilter>>, SourceError> {
        let index = self.index()?;
        let find = |id: &WmiFilterId| {
            Self::value(&index, index.filters.get(id), |record| {
                WmiFilter::from_entry(*id, &entry(record))
            })
        };
        ids.iter().map(find).collect()
    }

    fn links(&self, ids: &[GpoId]) -> Result<Vec<Vec<GpoLink>>, SourceError> {
        let index = self.index()?;
        let find = |id: &GpoId| index.links.get(id).cloned().unwrap_or_default();
        Ok(ids.iter().map(find).collect())
    }

    fn all_wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        let index = self.index()?;
        let mut filters: Vec<_> = index.filters.iter().collect();
        filters.sort_by_key(|(_, spot)| spot.place.offset);
        let read = filters.into_iter().map(|(id, spot)| {
            Self::value(&index, Some(spot), |record| {
                WmiFilter::from_entry(*id, &entry(record))
            })
        });
        read.filter_map(Result::transpose).collect()
    }

    /// A SOM is a domain, an organizational unit, a site, or whatever has links.
    fn soms(&self, dns: &[String]) -> Result<Vec<Option<Som>>, SourceError> {
        let index = self.index()?;
        let find = |dn: &String| {
            let spot = index.soms.get(&Dn::new(dn).key());
            Self::value(&index, spot, |record| Som::from_entry(&entry(record)))
        };
        dns.iter().map(find).collect()
    }
}

impl DirectoryWrite for FolderDomain {
    fn put_container(&self, container: &GpoContainer) -> Result<(), SourceError> {
        let domain = self.index()?.domain.dn.clone();
        self.edit(|document| directory_edit::put_container(document, &domain, container))
    }

    fn put_containers(&self, containers: &[GpoContainer]) -> Result<(), SourceError> {
        let domain = self.index()?.domain.dn.clone();
        self.edit(|document| {
            let mut containers = containers.iter();
            containers.try_for_each(|c| directory_edit::put_container(document, &domain, c))
        })
    }

    fn remove_container(&self, id: GpoId) -> Result<(), SourceError> {
        let domain = self.index()?.domain.dn.clone();
        let mut found = false;
        self.edit(|document| {
            found = directory_edit::remove_container(document, &domain, id);
            Ok(())
        })?;
        if found {
            return Ok(());
        }
        let message = "there is no such GPO";
        Err(SourceError::new(
            SourceErrorKind::NotFound,
            id.to_string(),
            message,
        ))
    }

    fn put_wmi_filter(&self, filter: &WmiFilter) -> Result<(), SourceError> {
        let domain = self.index()?.domain.dn.clone();
        self.edit(|document| directory_edit::put_wmi_filter(document, &domain, filter))
    }

    fn put_som(&self, som: &Som) -> Result<(), SourceError> {
        let mut found = false;
        self.edit(|document| {
            found = directory_edit::put_som(document, som)?;
            Ok(())
        })?;
        if found {
            return Ok(());
        }
        let message = "there is no such domain, organizational unit or site";
        Err(SourceError::new(
            SourceErrorKind::NotFound,
            som.dn.as_str(),
            message,
        ))
    }

    fn create_domain(&self, domain: &Domain, principals: &[Principal]) -> Result<(), SourceError> {
        let _lock = self.lock_folder()?;
        if !self.is_vacant()? {
            let message = "the folder is not empty";
            return Err(SourceError::new(
                SourceErrorKind::Exists,
                self.label.as_str(),
                message,
            ));
        }
        let mut policies = GpoPath::root();
        for name in [SYSVOL, &domain.dns_name, POLICIES] {
            policies = policies
                .join(name)
                .map_err(|e| SourceError::invalid(self.label.as_str(), e))?;
        }
        let document = directory_edit::new_domain(domain, principals)
            .and_then(|document| document.to_bytes())
            .map_err(|e| SourceError::invalid(self.label(DIRECTORY), e))?;
        let policies = policies.as_str().replace('\\', "/");
        self.root
            .create_dir_all(&policies)
            .map_err(|e| self.io(&policies, e))?;
        // Last, because it makes the folder a domain.
        partial::replace_file(&self.root, DIRECTORY, &document, false)
            .map_err(|e| self.io(DIRECTORY, e))
    }

    fn add_surroundings(&self, principals: &[Principal], soms: &[Som]) -> Result<(), SourceError> {
        let domain = self.index()?.domain.clone();
        self.edit(|document| {
            for principal in principals {
                directory_edit::put_principal(document, &domain, principal)?;
            }
            soms.iter()
                .try_for_each(|som| directory_edit::make_som(document, som))
        })
    }

    /// Whether nothing is in the folder but what is hidden (`.`), and perhaps a SYSVOL without any
    /// file: a process that dies while it makes a domain leaves that.
    fn is_vacant(&self) -> Result<bool, SourceError> {
        let io = |e| SourceError::io(self.label.as_str(), e);
        let mut folders = Vec::new();
        for entry in self.root.entries().map_err(io)? {
            let entry = entry.map_err(io)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let is_sysvol = name.to_str().is_some_and(|name| same_name(name, SYSVOL));
            if !is_sysvol || !entry.file_type().map_err(io)?.is_dir() {
                return Ok(false);
            }
            folders.push(name);
        }
        // Last: where a domain is, nobody looks through all of its files.
        for name in folders {
            let folder = open_folder_as(&self.root, &name).map_err(io)?;
            if !FolderContents::new(folder, self.label(SYSVOL)).is_without_files()? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Contents for FolderDomain {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.sysvol()?.walk(folder, visit)
    }

    /// Leaves out the trees that somebody is putting in their place.
    fn children(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.sysvol()?.children(folder, &mut |entry| match &entry {
            Ok(found) if found.path.file_name().is_some_and(partial::is_in_between) => Ok(()),
            _ => visit(entry),
        })
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        self.sysvol()?.read(path, sink)
    }

    fn read_many(
        &self,
        paths: &[GpoPath],
        in_flight: usize,
        sink: &mut dyn FnMut(usize, Piece<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.sysvol()?.read_many(paths, in_flight, sink)
    }
}

impl Sysvol for FolderDomain {}

impl SysvolWrite for FolderDomain {
    /// Writes the new tree beside the old one and swaps the two by renaming. What a dead process
    /// left between two renames is put right by the next call.
    fn replace_tree(
        &self,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let sysvol = self.sysvol()?;
        let label = sysvol.label(folder);
        let Some(name) = folder.file_name() else {
            let message = "the whole of SYSVOL is no tree to be replaced";
            return Err(SourceError::new(
                SourceErrorKind::Unsupported,
                label,
                message,
            ));
        };
        let io = |e| SourceError::io(label.as_str(), e);
        let parent = sysvol.make_folder(&folder.parent().unwrap_or_default())?;
        {
            let _lock = self.lock_folder()?;
            partial::recover(&parent).map_err(io)?;
        }
        let staged = partial::create_folder(&parent, name).map_err(io)?;
        let mut writer = FolderWriter::new(staged.folder, label.clone(), false);
        let swap = fill(&mut writer).and_then(|()| {
            writer.finish()?;
            let _lock = self.lock_folder()?;
            let old = spelling(&parent, name).map_err(io)?;
            let place = old.as_ref().and_then(|old| old.to_str()).unwrap_or(name);
            partial::swap(&parent, &staged.name, place).map_err(io)
        });
        if swap.is_err() {
            // The first error is the one to tell; what is left is removed by the next run.
            let _ = parent.remove_dir_all(&staged.name);
        }
        drop(staged.lock);
        swap
    }

    fn remove_tree(&self, folder: &GpoPath) -> Result<(), SourceError> {
        let sysvol = self.sysvol()?;
        let label = sysvol.label(folder);
        let (Some(name), Some(above)) = (folder.file_name(), folder.parent()) else {
            let message = "the whole of SYSVOL is no tree to be removed";
            let kind = SourceErrorKind::Unsupported;
            return Err(SourceError::new(kind, label, message));
        };
        let parent = sysvol.folder(&above)?;
        let _lock = self.lock_folder()?;
        let remove = || {
            partial::recover(&parent)?;
            let place = spelling(&parent, name)?.ok_or(io::ErrorKind::NotFound)?;
            let place = place.to_str().ok_or(io::ErrorKind::NotFound)?;
            let aside = partial::set_aside(&parent, place)?;
            parent.remove_dir_all(aside)
        };
        remove().map_err(|e| SourceError::io(label.as_str(), e))
    }

    /// A lock on a hidden file beside the LDIF, which is removed with it. Taking it clears up after
    /// dead processes.
    fn lock(&self, gpo: GpoId) -> Result<Box<dyn Any + Send>, SourceError> {
        self.clear_up()?;
        let name = gpo.guid().to_upper().to_string();
        match partial::lock_name(&self.root, &name) {
            Ok(Some(lock)) => Ok(Box::new(lock)),
            Ok(None) => {
                let message = "another writer is at work on this GPO";
                Err(SourceError::new(SourceErrorKind::Busy, name, message))
            }
            Err(error) => Err(SourceError::io(self.label(&name), error)),
        }
    }
}

#[cfg(test)]
mod tests;
