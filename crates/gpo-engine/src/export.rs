//! Copying a whole domain, so that it can be read without a network.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gpo_core::{
    Domain, EntryKind, GpoContainer, GpoId, GpoListing, GpoPath, Piece, Principal, PrincipalQuery,
    Som, SourceError, SourceErrorKind, WmiFilter,
};

use crate::backup::named_principals;
use crate::gpo_folder::walk_gpo_folder;
use crate::gpo_sides::linked_filter;
use crate::links_of::{links_of, som_key};
use crate::observer::{Cancel, Observer, Progress};
use crate::selection::{Selection, select};
use crate::source::{Source, gpo_folder, no_such_gpo, object_name, policies_folder, read_gpt_ini};
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};
use crate::target::Target;

/// How many GPOs are asked for at once.
const AT_ONCE: usize = 64;
/// How many files of a GPO.
const IN_FLIGHT: usize = 16;
/// How many principals.
const PRINCIPALS_AT_ONCE: usize = 500;
/// How often a GPO that changes while it is copied is copied again.
const ATTEMPTS: usize = 3;

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedDomain {
    /// The domain.
    pub domain: Domain,
    /// Its GPOs, in the order of their names, without those that failed.
    pub gpos: Vec<GpoListing>,
    /// How many WMI filters.
    pub wmi_filters: usize,
    /// How many domains, organizational units and sites, with their links.
    pub soms: usize,
    /// How many principals: those that the GPOs name.
    pub principals: usize,
    /// How many files, those of the central store among them.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
}

/// Copies a domain to a place that holds none: its GPOs with all that the model has of them, also
/// those that are in the directory or in SYSVOL only; whatever else is in a folder of `Policies`,
/// such as the central store of templates; its WMI filters; what the GPOs are linked to, with all
/// its links; and the principals that they name. A backup of the copy is a backup of the domain.
///
/// A GPO that cannot be read is an error and is left out, and the others go on. When the outcome has
/// no value, the copy is not whole, and of no use.
///
/// ```
/// use gpo_engine::{Cancel, Source, Target, export_domain};
/// use gpo_local::NewFolderDomain;
/// use gpo_testkit::MemoryDomain;
///
/// let domain = MemoryDomain::example();
/// let place = tempfile::tempdir()?;
/// let new = NewFolderDomain::begin(place.path().join("domain"))?;
/// let target = Target::of(new.domain());
/// let outcome = export_domain(Source::of(&domain), target, &mut (), &Cancel::default());
/// assert_eq!(outcome.value.map(|exported| exported.gpos.len()), Some(1));
/// new.commit()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export_domain(
    source: Source<'_>,
    target: Target<'_>,
    observer: &mut dyn Observer,
    cancel: &Cancel,
) -> Outcome<Option<ExportedDomain>> {
    let mut export = Export {
        source,
        target,
        observer,
        cancel,
        messages: Vec::new(),
        progress: Progress::default(),
        files: 0,
        gpos: Vec::new(),
        filters: BTreeSet::new(),
    };
    let value = match export.run() {
        Ok(exported) => Some(exported),
        Err(error) => {
            export.tell(OperationCode::WriteDirectory, &error);
            None
        }
    };
    let outcome = Outcome::new(value, export.messages);
    if outcome.value.is_none() && cancel.is_cancelled() {
        return outcome.cancelled();
    }
    outcome
}

/// The GPOs that an export would copy, in the order of their names.
///
/// # Errors
///
/// Any failure to read.
pub fn gpos_to_export(source: Source<'_>) -> Result<Vec<GpoListing>, SourceError> {
    Ok(select(source, &Selection::All)?.gpos)
}

/// What was copied of a folder.
#[derive(Clone, Copy, Default)]
struct Copied {
    files: u64,
    bytes: u64,
}

/// A GPO whose folder was copied, if it has one; its container is written when that is whole.
struct CopiedGpo {
    container: Option<GpoContainer>,
    folder: GpoPath,
    /// GPT.INI before the folder was copied.
    gpt_ini: Option<Vec<u8>>,
    copied: Option<Copied>,
}

struct Export<'a> {
    source: Source<'a>,
    target: Target<'a>,
    observer: &'a mut dyn Observer,
    cancel: &'a Cancel,
    messages: Vec<StatusMessage>,
    progress: Progress,
    files: u64,
    gpos: Vec<GpoListing>,
    /// The WMI filters that the GPOs are linked to.
    filters: BTreeSet<gpo_core::WmiFilterId>,
}

impl Export<'_> {
    fn run(&mut self) -> Result<ExportedDomain, SourceError> {
        let domain = self.source.directory.domain()?;
        let gpos = gpos_to_export(self.source)?;
        self.progress.steps = gpos.len() as u64 + 2;
        self.target.directory.create_domain(&domain, &[])?;
        for chunk in gpos.chunks(AT_ONCE) {
            self.copy_gpos(chunk)?;
        }
        self.copy_other_folders()?;
        self.step("principals");
        let principals = self.principals(&domain)?;
        let soms = self.soms()?;
        self.target.directory.add_surroundings(&principals, &soms)?;
        let filters = self.wmi_filters()?;
        for filter in &filters {
            self.target.directory.put_wmi_filter(filter)?;
        }
        self.cancel.check()?;
        self.step("");
        Ok(ExportedDomain {
            domain,
            gpos: std::mem::take(&mut self.gpos),
            wmi_filters: filters.len(),
            soms: soms.len(),
            principals: principals.len(),
            files: self.files,
            bytes: self.progress.bytes,
        })
    }

    fn step(&mut self, object: &str) {
        self.progress.step += 1;
        object.clone_into(&mut self.progress.object);
        self.observer.progress(&self.progress);
    }

    fn tell(&mut self, code: OperationCode, error: &SourceError) {
        self.say(StatusMessage::of_source_error(code, error));
    }

    fn say(&mut self, message: StatusMessage) {
        self.observer.message(&message);
        self.messages.push(message);
    }

    /// Copies some GPOs; those that change meanwhile again.
    fn copy_gpos(&mut self, gpos: &[GpoListing]) -> Result<(), SourceError> {
        let mut open: Vec<GpoListing> = gpos.to_vec();
        let mut attempt = 1;
        loop {
            let ids: Vec<GpoId> = open.iter().map(|gpo| gpo.id).collect();
            let containers = self.source.directory.containers(&ids)?;
            let (mut copied, mut changed) = (Vec::new(), Vec::new());
            for (gpo, container) in open.into_iter().zip(containers) {
                self.cancel.check()?;
                match container.and_then(|container| self.copy_gpo(&gpo, container)) {
                    Ok(copy) => copied.push((gpo, copy)),
                    Err(error) if error.kind() == SourceErrorKind::Cancelled => return Err(error),
                    Err(error) if error.kind() == SourceErrorKind::Changed => changed.push(gpo),
                    Err(error) => self.leave_out(&gpo, &error)?,
                }
            }
            let ids: Vec<GpoId> = copied.iter().map(|(gpo, _)| gpo.id).collect();
            let versions = self.source.directory.versions(&ids)?;
            let mut whole = Vec::new();
            for ((gpo, copy), version) in copied.into_iter().zip(versions) {
                let same = copy.container.as_ref().map(|c| c.version) == version;
                if same && self.is_current(&copy)? {
                    whole.push((gpo, copy));
                } else {
                    changed.push(gpo);
                }
            }
            self.write_containers(whole)?;
            if changed.is_empty() {
                return Ok(());
            }
            if attempt == ATTEMPTS {
                for gpo in &changed {
                    let text = format!("it changed while it was read; tried {ATTEMPTS} times");
                    let kind = SourceErrorKind::Changed;
                    self.leave_out(gpo, &SourceError::new(kind, gpo.id.to_string(), text))?;
                }
                return Ok(());
            }
            attempt += 1;
            open = changed;
        }
    }

    /// Copies the folder of a GPO.
    fn copy_gpo(
        &mut self,
        gpo: &GpoListing,
        container: Option<GpoContainer>,
    ) -> Result<CopiedGpo, SourceError> {
        let spelled = container.as_ref().map_or(gpo.id, |container| container.id);
        let folder = gpo_folder(spelled)?;
        // Before the tree is listed: whoever puts another in its place changes this file. Of a tree
        // that is being removed, a part may be listed.
        let gpt_ini = self.gpt_ini(&folder)?;
        let copied = self.copy_folder(&folder)?;
        if copied.is_none() {
            if container.is_none() {
                return Err(no_such_gpo(gpo.id.to_string()));
            }
            let text = "its folder in SYSVOL is missing";
            let (severity, code) = (Severity::Warning, OperationCode::ReadSysvol);
            self.say(StatusMessage::new(severity, code, object_name(gpo), text));
        }
        Ok(CopiedGpo {
            container,
            folder,
            gpt_ini,
            copied,
        })
    }

    /// Whether SYSVOL still has the version that was copied.
    fn is_current(&self, copy: &CopiedGpo) -> Result<bool, SourceError> {
        Ok(copy.copied.is_none() || self.gpt_ini(&copy.folder)? == copy.gpt_ini)
    }

    fn gpt_ini(&self, folder: &GpoPath) -> Result<Option<Vec<u8>>, SourceError> {
        match read_gpt_ini(self.source.sysvol, folder) {
            // A file that is no GPT.INI has no version that could change.
            Err(error) if error.kind() == SourceErrorKind::Invalid => Ok(None),
            read => read,
        }
    }

    fn write_containers(&mut self, gpos: Vec<(GpoListing, CopiedGpo)>) -> Result<(), SourceError> {
        let containers = gpos.iter().filter_map(|(_, copy)| copy.container.clone());
        let containers: Vec<_> = containers.collect();
        self.target.directory.put_containers(&containers)?;
        for container in &containers {
            self.filters.extend(linked_filter(container));
        }
        for (gpo, copy) in gpos {
            if copy.copied.is_some() {
                for file in self.source.sysvol.damage(&copy.folder)? {
                    let (severity, code) = (Severity::Warning, OperationCode::ReadSysvol);
                    let text = file.to_string();
                    self.say(StatusMessage::new(severity, code, object_name(&gpo), text));
                }
            }
            self.count(copy.copied.unwrap_or_default());
            self.step(&gpo.display_name);
            self.gpos.push(gpo);
        }
        Ok(())
    }

    /// What cannot be read whole is not there at all.
    fn leave_out(&mut self, gpo: &GpoListing, error: &SourceError) -> Result<(), SourceError> {
        let text = format!("{error}; the GPO is left out");
        let (severity, code) = (Severity::Error, OperationCode::ReadSysvol);
        self.say(StatusMessage::new(severity, code, object_name(gpo), text));
        self.step(&gpo.display_name);
        match self.target.sysvol.remove_tree(&gpo_folder(gpo.id)?) {
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// The folders of `Policies` that are no GPO's.
    fn copy_other_folders(&mut self) -> Result<(), SourceError> {
        let policies = policies_folder()?;
        let mut others = Vec::new();
        self.source.sysvol.children(&policies, &mut |entry| {
            if let Ok(entry) = entry
                && entry.kind == EntryKind::Folder
                && let Some(name) = entry.path.file_name()
                && name.parse::<GpoId>().is_err()
            {
                others.push(entry.path);
            }
            Ok(())
        })?;
        others.sort();
        for path in others {
            match self.copy_folder(&path) {
                Ok(copied) => self.count(copied.unwrap_or_default()),
                Err(error) if error.kind() == SourceErrorKind::Cancelled => return Err(error),
                Err(error) => self.tell(OperationCode::ReadSysvol, &error),
            }
        }
        Ok(())
    }

    fn count(&mut self, copied: Copied) {
        self.files += copied.files;
        self.progress.bytes += copied.bytes;
    }

    /// Copies a folder of SYSVOL with all that is in it; none where there is no such folder.
    fn copy_folder(&self, folder: &GpoPath) -> Result<Option<Copied>, SourceError> {
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        let is_there = walk_gpo_folder(self.source.sysvol, folder, &mut |entry| {
            self.cancel.check()?;
            match entry.kind {
                EntryKind::Folder => folders.push(entry.path),
                EntryKind::File(size) => files.push((entry.path, size)),
            }
            Ok(())
        })?;
        if !is_there {
            return Ok(None);
        }
        let below = |path: &GpoPath| path.strip_prefix(folder).unwrap_or_default();
        let paths: Vec<GpoPath> = files.iter().map(|(path, _)| path.clone()).collect();
        let (source, cancel) = (self.source.sysvol, self.cancel);
        let mut bytes = 0;
        self.target.sysvol.replace_tree(folder, &mut |tree| {
            bytes = 0;
            for path in &folders {
                tree.create_folder(&below(path))?;
            }
            let mut open = None;
            source.read_many(&paths, IN_FLIGHT, &mut |n, piece| {
                cancel.check()?;
                let Some((path, size)) = files.get(n) else {
                    return Ok(());
                };
                let came = match open {
                    Some((opened, came)) if opened == n => came,
                    _ => {
                        tree.create_file(&below(path))?;
                        0
                    }
                };
                let changed = || {
                    let message = "the file changed while it was copied";
                    SourceError::new(SourceErrorKind::Changed, path.as_str(), message)
                };
                let data = match piece {
                    Piece::Data(data) => data,
                    Piece::End if came == *size => &[],
                    Piece::End => return Err(changed()),
                    Piece::Failed(error) if error.kind() == SourceErrorKind::NotFound => {
                        return Err(changed().caused_by(error));
                    }
                    Piece::Failed(error) => return Err(error),
                };
                let came = came + data.len() as u64;
                open = Some((n, came));
                // A file that grows for ever must not fill the disk.
                if came > *size {
                    return Err(changed());
                }
                bytes += data.len() as u64;
                tree.append(data)
            })
        })?;
        Ok(Some(Copied {
            files: files.len() as u64,
            bytes,
        }))
    }

    /// The principals that the GPOs name, as the copy of them tells.
    fn principals(&mut self, domain: &Domain) -> Result<Vec<Principal>, SourceError> {
        let mut named: HashSet<PrincipalQuery> = HashSet::new();
        let copy = self.target.source();
        for chunk in self.gpos.clone().chunks(AT_ONCE) {
            let ids: Vec<GpoId> = chunk.iter().map(|gpo| gpo.id).collect();
            for (gpo, container) in chunk.iter().zip(copy.directory.containers(&ids)?) {
                let name = &domain.dns_name;
                let found = container.and_then(|container| {
                    named_principals(copy, name, gpo, container, self.cancel)
                });
                match found {
                    Ok(found) => named.extend(found),
                    Err(error) if error.kind() == SourceErrorKind::Cancelled => return Err(error),
                    Err(error) => self.tell(OperationCode::ReadSysvol, &error),
                }
            }
        }
        let queries: Vec<_> = named.into_iter().collect();
        let mut principals = BTreeMap::new();
        for chunk in queries.chunks(PRINCIPALS_AT_ONCE) {
            self.cancel.check()?;
            let found = self.source.directory.principals(chunk)?;
            principals.extend(found.into_iter().flatten().map(|p| (p.sid, p)));
        }
        Ok(principals.into_values().collect())
    }

    /// What the GPOs are linked to, in the order of the names.
    fn soms(&self) -> Result<Vec<Som>, SourceError> {
        let ids: Vec<GpoId> = self.gpos.iter().map(|gpo| gpo.id).collect();
        let links = links_of(self.source.directory, &ids)?;
        let soms = links.into_iter().flatten().filter_map(|known| known.som);
        let soms: BTreeMap<String, Som> = soms.map(|som| (som_key(&som.dn), som)).collect();
        Ok(soms.into_values().collect())
    }

    /// All of the domain, and those that the GPOs are linked to.
    fn wmi_filters(&self) -> Result<Vec<WmiFilter>, SourceError> {
        let directory = self.source.directory;
        let mut filters = match directory.all_wmi_filters() {
            Err(error) if error.kind() == SourceErrorKind::Unsupported => Vec::new(),
            filters => filters?,
        };
        let known: BTreeSet<_> = filters.iter().map(|filter| filter.id).collect();
        let ids: Vec<_> = self.filters.difference(&known).copied().collect();
        filters.extend(directory.wmi_filters(&ids)?.into_iter().flatten());
        Ok(filters)
    }
}
