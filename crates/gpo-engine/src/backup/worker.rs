//! Backing up one GPO after the other.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender};

use gpo_core::{
    BackupId, BackupInst, BackupXml, Domain, GpoContainer, GpoLink, GpoListing,
    LARGEST_SETTINGS_FILE, Sidecar, SidecarLink, SourceError, SourceErrorKind,
};

use super::names::Names;
use super::read_gpo::{Reader, Reading};
use super::run::Event;
use super::{Backup, CONTAINERS_AT_ONCE, LEAST_STEPS, report, write_backup};
use crate::hashed_files::HashedFiles;
use crate::links_of::links_of;
use crate::observer::Cancel;
use crate::source::{gpo_folder, object_name};
use crate::status::{OperationCode, Severity, StatusMessage};

/// The tool that side-cars name.
const TOOL: &str = concat!("gpo ", env!("CARGO_PKG_VERSION"));

/// How often a GPO that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// A GPO to be backed up.
pub(super) struct Job {
    pub(super) index: usize,
    pub(super) gpo: GpoListing,
    pub(super) id: BackupId,
    pub(super) container: Result<Option<GpoContainer>, SourceError>,
    /// None where the source has none; or why they are not known.
    pub(super) links: Result<Option<Vec<SidecarLink>>, String>,
}

/// What the backup of one GPO has to tell.
struct Telling<'a> {
    events: &'a Sender<Event>,
    steps: u64,
    messages: Vec<StatusMessage>,
}

// When nobody receives events, the thread that ran the operation is gone, and so is this one soon.
impl Telling<'_> {
    fn has_steps(&mut self, steps: u64) {
        let more = steps.saturating_sub(self.steps);
        self.steps += more;
        let _ = self.events.send(Event::MoreSteps(more));
    }

    fn copied(&self, bytes: u64) {
        let _ = self.events.send(Event::Bytes(bytes));
    }
}

pub(super) struct Worker<'a> {
    pub(super) backup: &'a Backup<'a>,
    pub(super) domain: &'a Domain,
    pub(super) names: &'a Names<'a>,
    pub(super) cancel: &'a Cancel,
}

impl Worker<'_> {
    pub(super) fn read_ahead(&self, gpos: &[GpoListing], ids: &[BackupId], jobs: &SyncSender<Job>) {
        let directory = self.backup.source.directory;
        let mut index = 0;
        // The first are few, so that the copying of files begins at once.
        let (first, rest) = gpos.split_at(self.backup.jobs.min(gpos.len()));
        for chunk in [first].into_iter().chain(rest.chunks(CONTAINERS_AT_ONCE)) {
            if self.cancel.is_cancelled() {
                return;
            }
            let asked: Vec<_> = chunk.iter().map(|gpo| gpo.id).collect();
            let mut containers = directory.containers(&asked).map(Vec::into_iter);
            let mut links = links_of(directory, &asked).map(Vec::into_iter);
            for (gpo, id) in chunk.iter().zip(ids.get(index..).unwrap_or_default()) {
                let container = match &mut containers {
                    Ok(containers) => containers.next().unwrap_or(Ok(None)),
                    Err(error) => Err(of_gpo(object_name(gpo), error)),
                };
                let mut gpo = gpo.clone();
                // Chosen by its ID it has no name yet, and messages shall have one.
                if let (true, Ok(Some(container))) = (gpo.display_name.is_empty(), &container) {
                    gpo.display_name.clone_from(&container.display_name);
                }
                let job = Job {
                    index,
                    gpo,
                    id: *id,
                    container,
                    links: match &mut links {
                        Ok(links) => Ok(links.next()),
                        Err(error) => Err(error.to_string()),
                    },
                };
                // No worker is left: one of them panicked.
                if jobs.send(job).is_err() {
                    return;
                }
                index += 1;
            }
        }
    }

    pub(super) fn work(&self, todo: &Mutex<Receiver<Job>>, events: &Sender<Event>) {
        loop {
            let job = todo.lock().ok().and_then(|todo| todo.recv().ok());
            let Some(job) = job else { return };
            // Jobs are taken to the last, or the thread that reads ahead would wait for ever.
            if self.cancel.is_cancelled() {
                continue;
            }
            let index = job.index;
            let mut telling = Telling {
                events,
                steps: LEAST_STEPS,
                messages: Vec::new(),
            };
            let gpo = job.gpo.clone();
            let result = self.back_up(job, &mut telling);
            let Telling {
                steps,
                mut messages,
                ..
            } = telling;
            let backup = match result {
                Ok(backup) => Some(Box::new(backup)),
                Err(error) => {
                    messages.push(failed(&gpo, &error));
                    None
                }
            };
            if events
                .send(Event::Done {
                    index,
                    backup,
                    steps,
                    messages,
                })
                .is_err()
            {
                return;
            }
        }
    }

    fn back_up(&self, job: Job, telling: &mut Telling<'_>) -> Result<BackupInst, SourceError> {
        let Job {
            gpo,
            id,
            container,
            links,
            ..
        } = job;
        let mut container = container?;
        let mut attempt = 1;
        loop {
            telling.messages.clear();
            match self.attempt(&gpo, id, container, &links, telling) {
                Err(error) if error.kind() == SourceErrorKind::Changed && attempt < ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) if error.kind() == SourceErrorKind::Changed => {
                    let text = format!("{error}; tried {ATTEMPTS} times");
                    return Err(SourceError::new(error.kind(), object_name(&gpo), text));
                }
                result => return result,
            }
            let again = self.backup.source.directory.containers(&[gpo.id])?;
            container = again.into_iter().next().unwrap_or(Ok(None))?;
        }
    }

    fn attempt(
        &self,
        gpo: &GpoListing,
        id: BackupId,
        container: Option<GpoContainer>,
        links: &Result<Option<Vec<SidecarLink>>, String>,
        telling: &mut Telling<'_>,
    ) -> Result<BackupInst, SourceError> {
        self.cancel.check()?;
        let domain = &self.domain.dns_name;
        let reader = self.backup.reader(domain, self.names, self.cancel);
        let mut reading = reader.read(gpo, container)?;
        telling.messages.append(&mut reading.messages);
        // A backup without them is as good as any of GPMC's.
        let known_links = links.as_ref().unwrap_or_else(|error| {
            let text = format!("the backup is without the links to it: {error}");
            let code = OperationCode::ReadDirectory;
            let warning = StatusMessage::new(Severity::Warning, code, object_name(gpo), text);
            telling.messages.push(warning);
            &None
        });
        let backup = self.describe(&mut reading)?;
        let all_steps = backup.extensions.len() as u64 + 1;
        telling.has_steps(all_steps);
        let inst = self.inst(id, &reading, &backup);
        let folder = gpo_folder(reading.gpo.id)?;
        for file in self.backup.source.sysvol.damage(&folder)? {
            let (severity, code) = (Severity::Warning, OperationCode::ReadSysvol);
            let text = file.to_string();
            telling
                .messages
                .push(StatusMessage::new(severity, code, object_name(gpo), text));
        }
        let mut stage = self.backup.store.stage(id)?;
        let mut files = HashedFiles::new(stage.as_mut());
        let (bytes, settings) = write_backup::copy_files(
            self.backup.source.sysvol,
            &folder,
            &reading.gpo.inventory,
            &backup,
            &mut files,
            self.backup.in_flight,
            self.cancel,
        )?;
        telling.copied(bytes);
        self.check_unchanged(&reader, &folder, gpo, &reading)?;
        let mut sidecar = Sidecar::new(TOOL);
        if let Some(whole) = &reading.whole_descriptor {
            // One that cannot be read is in Backup.xml as it is.
            let _ = sidecar.keep_descriptor(whole);
        }
        sidecar.links.clone_from(known_links);
        // Of one that only a name is known of, nothing can be made again.
        let filter = reading.wmi_filter.clone();
        sidecar.wmi_filter = filter.filter(|filter| !filter.queries.is_empty());
        sidecar.gpt_ini = reading.gpt_ini.take();
        let report = self.backup.report.then(|| {
            let of = |known: &SidecarLink| known.link.clone();
            let links: Vec<GpoLink> = known_links.iter().flatten().map(of).collect();
            let source = report::Parts {
                names: self.names,
                domain_sid: self.domain.sid,
                files: &settings,
                links: &links,
                time: inst.time,
                admx: self.backup.admx,
            };
            report::report(&mut reading, &source).to_bytes()
        });
        let report = report.filter(|report| {
            let is_readable = report.len() as u64 <= LARGEST_SETTINGS_FILE;
            if !is_readable {
                let size = report.len();
                let text = format!("the backup is without gpreport.xml, which has {size} bytes");
                let code = OperationCode::WriteBackup;
                let warning = StatusMessage::new(Severity::Warning, code, object_name(gpo), text);
                telling.messages.push(warning);
            }
            is_readable
        });
        write_backup::write_descriptions(
            &mut files,
            &backup,
            &inst,
            report.as_deref(),
            reading.missing,
        )?;
        files.write_sidecar(sidecar)?;
        self.cancel.check()?;
        stage.commit()?;
        telling
            .messages
            .extend(reading.half_message(gpo, "was backed up"));
        Ok(inst)
    }

    fn describe(&self, reading: &mut Reading) -> Result<BackupXml, SourceError> {
        self.names.learn(reading.sids())?;
        let groups = gpo_core::principal_list(&reading.dacl, &reading.principals, |sid| {
            self.names.principal(sid)
        });
        let paths = std::mem::take(&mut reading.file_paths);
        let mut backup =
            BackupXml::build(&reading.gpo, &self.domain.domain_controller, groups, paths);
        if reading.missing.is_some() && reading.gpo.security_descriptor.is_none() {
            // Nothing is known of the directory's side: leave it out rather than invent it.
            backup.core.options = None;
        }
        Ok(backup)
    }

    fn inst(&self, id: BackupId, reading: &Reading, backup: &BackupXml) -> BackupInst {
        let installs = |block: &gpo_core::ExtensionBlock| block.name == "Software Installation";
        BackupInst {
            gpo_id: reading.gpo.id,
            gpo_domain: self.domain.dns_name.clone(),
            gpo_domain_id: self.domain.id,
            domain_controller: self.domain.domain_controller.clone(),
            time: (self.backup.stamps.now)(),
            id,
            comment: self.backup.comment.clone(),
            display_name: reading.gpo.display_name.clone(),
            software_installation: backup.extensions.iter().any(installs),
            unusual: None,
        }
    }

    /// Whether both versions are still those that were read.
    fn check_unchanged(
        &self,
        reader: &Reader<'_>,
        folder: &gpo_core::GpoPath,
        gpo: &GpoListing,
        reading: &Reading,
    ) -> Result<(), SourceError> {
        let directory = self.backup.source.directory.versions(&[gpo.id])?;
        let directory = directory.into_iter().next().flatten();
        // A GPT.INI that cannot be read now could not be read before.
        let sysvol = reader.sysvol_version(folder).unwrap_or_default();
        if (directory, sysvol) == reading.versions {
            return Ok(());
        }
        let message = "the GPO changed while it was read";
        Err(SourceError::new(
            SourceErrorKind::Changed,
            object_name(gpo),
            message,
        ))
    }
}

/// Why a GPO is not backed up.
pub(super) fn failed(gpo: &GpoListing, error: &SourceError) -> StatusMessage {
    let error = of_gpo(object_name(gpo), error);
    StatusMessage::of_source_error(OperationCode::ReadSysvol, &error)
}

/// The same error, of a GPO: the file alone does not say whose it is.
fn of_gpo(object: String, error: &SourceError) -> SourceError {
    let text = if error.object() == object {
        error.message().to_owned()
    } else {
        error.to_string()
    };
    SourceError::new(error.kind(), object, text)
}
