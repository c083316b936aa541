//! Faults on demand: a source or a store in which the n-th call fails.

use std::any::Any;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

use gpo_core::{
    BackupFolder, BackupId, BackupStore, BackupStoreWrite, Contents, Directory,
    DirectoryCapabilities, DirectoryWrite, Domain, GpoContainer, GpoId, GpoLink, GpoListing,
    GpoPath, Principal, PrincipalQuery, Sink, Som, SourceError, SourceErrorKind, StagedBackup,
    Sysvol, SysvolWrite, TreeWriter, Visitor, WmiFilter, WmiFilterId,
};

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails and does nothing; those after it work.
    Fail(SourceErrorKind),
    /// The call does its work and fails all the same, as if the answer of a server were lost; those
    /// after it work.
    AnswerLost(SourceErrorKind),
    /// A call that writes data writes the first half of it and fails, as on a full disk; another
    /// fails. Those after it work.
    ShortWrite,
    /// This call and all after it do nothing, as if the process had died: what was staged is not
    /// even cleaned up. It is leaked for that, with its locks, which a dead process would not hold.
    Stop,
    /// The process ends at this call, as if it were killed: nothing is cleaned up, and of a piece
    /// that is written half is written. For a test that runs itself again as a process to lose.
    Die,
}

/// Which call meets a fault, and how many calls there were.
///
/// Every call of a trait's method counts, every entry that a walk visits, and every piece of a
/// file that is read or written. A first pass without fault tells how many there are.
///
/// ```
/// use gpo_core::{BackupStore, SourceErrorKind};
/// use gpo_testkit::{Fault, Faults, Faulty, MemoryStore};
///
/// let store = MemoryStore::default();
/// let faults = Faults::none();
/// Faulty::new(&store, &faults).backups()?;
/// assert_eq!(faults.calls(), 1);
/// let faults = Faults::at(0, Fault::Fail(SourceErrorKind::Denied));
/// assert!(Faulty::new(&store, &faults).backups().is_err());
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
#[derive(Debug)]
pub struct Faults {
    calls: AtomicU64,
    at: Option<(u64, Fault)>,
    writes_only: bool,
}

impl Faults {
    /// No fault: only counts.
    pub const fn none() -> Self {
        Self {
            calls: AtomicU64::new(0),
            at: None,
            writes_only: false,
        }
    }

    /// A fault at the n-th call, from 0.
    pub const fn at(call: u64, fault: Fault) -> Self {
        Self {
            calls: AtomicU64::new(0),
            at: Some((call, fault)),
            writes_only: false,
        }
    }

    /// The same, but only calls that write something, or take a lock, count and meet a fault.
    #[must_use]
    pub const fn writes_only(mut self) -> Self {
        self.writes_only = true;
        self
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether the process is taken for dead.
    fn stopped(&self) -> bool {
        matches!(self.at, Some((at, Fault::Stop)) if self.calls() > at)
    }

    /// Counts a call, and says what fault it meets.
    fn meet(&self) -> Option<Fault> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let (at, fault) = self.at?;
        match fault {
            Fault::Stop => (call >= at).then_some(fault),
            _ => (call == at).then_some(fault),
        }
    }

    /// Counts a call that reads an object, as an adapter would name it in an error.
    fn check(&self, object: &str) -> Result<(), SourceError> {
        match self.writes_only {
            false => self.check_write(object),
            true if self.stopped() => Err(Fault::Stop.error(object)),
            true => Ok(()),
        }
    }

    /// Counts a call that writes.
    fn check_write(&self, object: &str) -> Result<(), SourceError> {
        self.write(object, || Ok(()))
    }

    /// Makes a call that writes.
    fn write<T>(
        &self,
        object: &str,
        call: impl FnOnce() -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let Some(fault) = self.meet() else {
            return call();
        };
        if let Fault::AnswerLost(_) = fault {
            call()?;
        }
        Err(fault.error(object))
    }
}

impl Fault {
    fn error(self, object: &str) -> SourceError {
        let object = if object.is_empty() { "root" } else { object };
        let (kind, message) = match self {
            Self::Fail(kind) => (kind, "injected fault"),
            Self::AnswerLost(kind) => (kind, "injected fault: the answer is lost"),
            Self::ShortWrite => (SourceErrorKind::Full, "injected fault: no room is left"),
            Self::Stop => (SourceErrorKind::Other, "injected fault: stopped"),
            Self::Die => std::process::abort(),
        };
        SourceError::new(kind, object, message)
    }
}

/// A source or a store with faults: it has every trait of [`gpo_core`] that the inner one has.
#[derive(Debug)]
pub struct Faulty<'a, T: ?Sized> {
    inner: &'a T,
    faults: &'a Faults,
}

impl<'a, T: ?Sized> Faulty<'a, T> {
    /// Puts faults in front of a source or a store.
    pub fn new(inner: &'a T, faults: &'a Faults) -> Self {
        Self { inner, faults }
    }
}

impl<T: Contents + ?Sized> Contents for Faulty<'_, T> {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        self.faults.check(folder.as_str())?;
        self.inner.walk(folder, &mut |entry| {
            self.faults.check(folder.as_str())?;
            visit(entry)
        })
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        self.faults.check(path.as_str())?;
        self.inner.read(path, &mut |data| {
            self.faults.check(path.as_str())?;
            sink(data)
        })
    }
}

impl<T: Sysvol + ?Sized> Sysvol for Faulty<'_, T> {
    fn descriptor(&self, path: &GpoPath) -> Result<Option<Vec<u8>>, SourceError> {
        self.faults.check(path.as_str())?;
        self.inner.descriptor(path)
    }
}

impl<T: SysvolWrite + ?Sized> SysvolWrite for Faulty<'_, T> {
    fn replace_tree(
        &self,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let faults = self.faults;
        faults.write(folder.as_str(), || {
            self.inner.replace_tree(folder, &mut |tree| {
                fill(&mut FaultyTree { tree, faults })?;
                // The fault between the last write and the swap.
                faults.check_write(folder.as_str())
            })
        })
    }

    fn remove_tree(&self, folder: &GpoPath) -> Result<(), SourceError> {
        self.faults
            .write(folder.as_str(), || self.inner.remove_tree(folder))
    }

    fn set_descriptor(&self, folder: &GpoPath, descriptor: &[u8]) -> Result<(), SourceError> {
        self.faults.write(folder.as_str(), || {
            self.inner.set_descriptor(folder, descriptor)
        })
    }

    fn lock(&self, gpo: GpoId) -> Result<Box<dyn Any + Send>, SourceError> {
        self.faults.write("lock", || self.inner.lock(gpo))
    }
}

struct FaultyTree<'a> {
    tree: &'a mut dyn TreeWriter,
    faults: &'a Faults,
}

impl TreeWriter for FaultyTree<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.faults
            .write(path.as_str(), || self.tree.create_folder(path))
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.faults
            .write(path.as_str(), || self.tree.create_file(path))
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        match self.faults.meet() {
            None => self.tree.append(data),
            Some(fault @ (Fault::ShortWrite | Fault::Die)) => {
                let (half, _) = data.split_at(data.len() / 2);
                self.tree.append(half)?;
                Err(fault.error("tree"))
            }
            Some(fault) => {
                if let Fault::AnswerLost(_) = fault {
                    self.tree.append(data)?;
                }
                Err(fault.error("tree"))
            }
        }
    }
}

impl<T: BackupStore + ?Sized> BackupStore for Faulty<'_, T> {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        self.faults.check("store")?;
        self.inner.backups()
    }

    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        self.faults.check("store")?;
        Ok(Box::new(FaultyContents {
            inner: self.inner.open(folder)?,
            faults: self.faults,
        }))
    }

    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError> {
        self.faults.check("store")?;
        self.inner.manifest(folder)
    }
}

struct FaultyContents<'a> {
    inner: Box<dyn Contents + 'a>,
    faults: &'a Faults,
}

impl Contents for FaultyContents<'_> {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        Faulty::new(&*self.inner, self.faults).walk(folder, visit)
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        Faulty::new(&*self.inner, self.faults).read(path, sink)
    }
}

impl<T: BackupStoreWrite + ?Sized> BackupStoreWrite for Faulty<'_, T> {
    fn stage(&self, id: BackupId) -> Result<Box<dyn StagedBackup + '_>, SourceError> {
        let inner = self.faults.write("store", || self.inner.stage(id))?;
        Ok(Box::new(FaultyStage {
            inner: Some(inner),
            faults: self.faults,
        }))
    }

    fn folder_names(&self) -> Result<Vec<String>, SourceError> {
        self.faults.check("store")?;
        self.inner.folder_names()
    }

    fn lock_manifest(&self) -> Result<Option<Box<dyn Any + Send>>, SourceError> {
        self.faults.write("store", || self.inner.lock_manifest())
    }

    fn replace_manifest(&self, bytes: &[u8]) -> Result<(), SourceError> {
        self.faults
            .write("store", || self.inner.replace_manifest(bytes))
    }

    fn remove(&self, folder: &BackupFolder) -> Result<(), SourceError> {
        self.faults.write("store", || self.inner.remove(folder))
    }
}

struct FaultyStage<'a> {
    /// None once it is committed.
    inner: Option<Box<dyn StagedBackup + 'a>>,
    faults: &'a Faults,
}

impl FaultyStage<'_> {
    fn tree(&mut self) -> Result<FaultyTree<'_>, SourceError> {
        let committed = || SourceError::new(SourceErrorKind::Other, "", "committed before");
        Ok(FaultyTree {
            tree: self.inner.as_deref_mut().ok_or_else(committed)?,
            faults: self.faults,
        })
    }
}

impl TreeWriter for FaultyStage<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.tree()?.create_folder(path)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.tree()?.create_file(path)
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        self.tree()?.append(data)
    }
}

impl StagedBackup for FaultyStage<'_> {
    fn commit(mut self: Box<Self>) -> Result<(), SourceError> {
        let faults = self.faults;
        // A dead process keeps what it staged, see `drop`.
        faults.write("store", || match self.inner.take() {
            Some(inner) => inner.commit(),
            None => Ok(()),
        })
    }
}

impl Drop for FaultyStage<'_> {
    fn drop(&mut self) {
        if self.faults.stopped() {
            // A dead process cleans nothing up.
            mem::forget(self.inner.take());
        }
    }
}

impl<T: Directory + ?Sized> Directory for Faulty<'_, T> {
    fn capabilities(&self) -> DirectoryCapabilities {
        self.inner.capabilities()
    }

    fn domain(&self) -> Result<Domain, SourceError> {
        self.faults.check("directory")?;
        self.inner.domain()
    }

    fn list(
        &self,
        visit: &mut dyn FnMut(GpoListing) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.faults.check("directory")?;
        self.inner.list(&mut |gpo| {
            self.faults.check("directory")?;
            visit(gpo)
        })
    }

    fn containers(
        &self,
        ids: &[GpoId],
    ) -> Result<Vec<Result<Option<GpoContainer>, SourceError>>, SourceError> {
        self.faults.check("directory")?;
        self.inner.containers(ids)
    }

    fn principals(
        &self,
        queries: &[PrincipalQuery],
    ) -> Result<Vec<Option<Principal>>, SourceError> {
        self.faults.check("directory")?;
        self.inner.principals(queries)
    }

    fn wmi_filters(&self, ids: &[WmiFilterId]) -> Result<Vec<Option<WmiFilter>>, SourceError> {
        self.faults.check("directory")?;
        self.inner.wmi_filters(ids)
    }

    fn links(&self, ids: &[GpoId]) -> Result<Vec<Vec<GpoLink>>, SourceError> {
        self.faults.check("directory")?;
        self.inner.links(ids)
    }

    fn all_wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        self.faults.check("directory")?;
        self.inner.all_wmi_filters()
    }

    fn soms(&self, dns: &[String]) -> Result<Vec<Option<Som>>, SourceError> {
        self.faults.check("directory")?;
        self.inner.soms(dns)
    }
}

impl<T: DirectoryWrite + ?Sized> DirectoryWrite for Faulty<'_, T> {
    fn put_container(&self, container: &GpoContainer) -> Result<(), SourceError> {
        self.faults
            .write("directory", || self.inner.put_container(container))
    }

    fn put_containers(&self, containers: &[GpoContainer]) -> Result<(), SourceError> {
        self.faults
            .write("directory", || self.inner.put_containers(containers))
    }

    fn remove_container(&self, id: GpoId) -> Result<(), SourceError> {
        self.faults
            .write("directory", || self.inner.remove_container(id))
    }

    fn put_wmi_filter(&self, filter: &WmiFilter) -> Result<(), SourceError> {
        self.faults
            .write("directory", || self.inner.put_wmi_filter(filter))
    }

    fn put_som(&self, som: &Som) -> Result<(), SourceError> {
        self.faults.write("directory", || self.inner.put_som(som))
    }

    fn create_domain(&self, domain: &Domain, principals: &[Principal]) -> Result<(), SourceError> {
        self.faults
            .write("directory", || self.inner.create_domain(domain, principals))
    }

    fn add_surroundings(&self, principals: &[Principal], soms: &[Som]) -> Result<(), SourceError> {
        self.faults.write("directory", || {
            self.inner.add_surroundings(principals, soms)
        })
    }

    fn is_vacant(&self) -> Result<bool, SourceError> {
        self.faults.check("directory")?;
        self.inner.is_vacant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::SampleTree;
    use crate::{MemoryDomain, MemoryStore, conformance, sample};
    use gpo_core::Guid;

    fn back_up(store: &dyn BackupStoreWrite) -> Result<(), SourceError> {
        let mut staged = store.stage(BackupId::new(Guid::from_u128(1)))?;
        staged.create_folder(&"a".parse().unwrap())?;
        staged.create_file(&"a\\b".parse().unwrap())?;
        staged.append(b"0123456789")?;
        staged.commit()?;
        let _lock = store.lock_manifest()?;
        store.replace_manifest(b"x")?;
        for backup in store.backups()? {
            store
                .open(&backup)?
                .read_all(&"a\\b".parse().unwrap(), 10)?;
        }
        Ok(())
    }

    #[test]
    fn without_a_fault_nothing_changes() {
        let faults = Faults::none();
        conformance::store(&Faulty::new(&MemoryStore::default(), &faults));
        let domain = MemoryDomain::default();
        let domain = Faulty::new(&domain, &faults);
        assert_eq!(conformance::domain(&domain, &domain), [""; 0]);
    }

    #[test]
    fn every_call_can_fail_and_only_that_one() {
        let faults = Faults::none();
        back_up(&Faulty::new(&MemoryStore::default(), &faults)).unwrap();
        assert_eq!(faults.calls(), 11);
        for call in 0..11 {
            let faults = Faults::at(call, Fault::Fail(SourceErrorKind::Denied));
            let store = MemoryStore::default();
            let store = Faulty::new(&store, &faults);
            let error = back_up(&store).unwrap_err();
            assert_eq!(
                (error.kind(), faults.calls()),
                (SourceErrorKind::Denied, call + 1)
            );
            assert!(store.backups().is_ok());
        }
        let faults = Faults::at(11, Fault::Stop);
        back_up(&Faulty::new(&MemoryStore::default(), &faults)).unwrap();
    }

    #[test]
    fn after_a_stop_nothing_is_done() {
        for call in 0..11 {
            let faults = Faults::at(call, Fault::Stop);
            let inner = MemoryStore::default();
            let store = Faulty::new(&inner, &faults);
            assert!(back_up(&store).is_err());
            assert!(store.replace_manifest(b"y").is_err());
            assert_ne!(inner.manifest("").unwrap(), Some(b"y".to_vec()));
        }
    }

    #[test]
    fn an_answer_that_is_lost_is_one_of_a_call_that_did_its_work() {
        let domain = MemoryDomain::new(sample::domain());
        let container = sample::container(1);
        let faults = Faults::at(0, Fault::AnswerLost(SourceErrorKind::TimedOut));
        let error = Faulty::new(&domain, &faults).put_container(&container);
        assert_eq!(error.unwrap_err().kind(), SourceErrorKind::TimedOut);
        let found = domain.containers(&[container.id]).unwrap().remove(0);
        assert_eq!(found.unwrap(), Some(container));
    }

    #[test]
    fn a_short_write_writes_half() {
        let faults = Faults::at(2, Fault::ShortWrite);
        let mut tree = crate::MemoryTree::default();
        let mut writer = FaultyTree {
            tree: &mut tree,
            faults: &faults,
        };
        writer.create_file(&"a".parse().unwrap()).unwrap();
        writer.append(b"0123").unwrap();
        let error = writer.append(b"456789").unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Full);
        writer.append(b"x").unwrap();
        assert_eq!(tree.file(&"a".parse().unwrap()).unwrap(), b"0123456x");
    }

    #[test]
    fn a_tree_that_meets_a_fault_is_not_replaced() {
        let domain = MemoryDomain::new(sample::domain());
        let folder: GpoPath = "Policies\\{A}".parse().unwrap();
        let put = |faults: &Faults| {
            Faulty::new(&domain, faults)
                .replace_tree(&folder, &mut |tree| SampleTree::default().write(tree))
        };
        let faults = Faults::none();
        put(&faults).unwrap();
        domain.edit_sysvol(|tree| tree.remove(&folder));
        for call in (0..faults.calls()).step_by(13).chain([faults.calls() - 1]) {
            for fault in [Fault::Stop, Fault::ShortWrite] {
                put(&Faults::at(call, fault)).unwrap_err();
                assert!(domain.walk(&folder, &mut |_| Ok(())).is_err());
            }
        }
    }
}
