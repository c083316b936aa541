//! Backing up GPOs.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use gpo_admx::AdmxSet;
use gpo_core::{
    BackupId, BackupInst, BackupStoreWrite, BackupXml, Domain, GpoContainer, GpoLink, GpoListing,
    LARGEST_SETTINGS_FILE, SidecarLink, SourceError, SourceErrorKind,
};

use crate::backup_sidecar::with_descriptor;
use crate::hashed_files::HashedFiles;
use crate::links_of::links_of;
use crate::manifest_update::ManifestUpdate;
use crate::observer::{Cancel, Observer, Progress};
use crate::selection::{Selection, select};
use crate::source::{Source, sysvol_folder};
use crate::stamps::Stamps;
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};

mod named_principals;
mod names;
mod not_seen;
mod read_gpo;
mod report;
mod write_backup;

pub(crate) use named_principals::named_principals;
pub use report::report_gpo;

use names::Names;
use not_seen::not_seen;
use read_gpo::{Reader, Reading, invalid, object_name};
pub(crate) use write_backup::INCOMPLETE;

/// The longest comment of a backup, in UTF-16 units, as GPMC has it.
pub const LONGEST_COMMENT: usize = 2047;

/// The most threads that work at a time; more only wait for each other.
const MOST_JOBS: usize = 64;

/// How often a GPO that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// How many containers are asked for at once.
const CONTAINERS_AT_ONCE: usize = 64;

/// How long backups may wait for their entry in the manifest.
const MANIFEST_INTERVAL: Duration = Duration::from_secs(30);

/// The steps of a GPO that nobody has looked at: the Registry block, everything else, the end.
const LEAST_STEPS: u64 = 3;

/// Backing up GPOs of a domain into a store, as `IGPMGPO::Backup` does.
///
/// A backup becomes visible when it is whole; until then nothing of it is. Backups that are there
/// stay as they are. A GPO that cannot be backed up is an error, and the others go on.
///
/// ```
/// use gpo_engine::{Backup, Selection, Source, Stamps, Status};
/// use gpo_testkit::{MemoryDomain, MemoryStore};
///
/// let domain = MemoryDomain::example();
/// let store = MemoryStore::default();
/// let outcome = Backup::new(Source::of(&domain), &store, Stamps::system())
///     .comment("before the move")
///     .run(&Selection::All, &mut (), &Default::default());
/// assert_eq!(outcome.status, Status::Succeeded);
/// assert!(outcome.value.iter().all(|gpo| gpo.backup.is_some()));
/// ```
pub struct Backup<'a> {
    source: Source<'a>,
    store: &'a dyn BackupStoreWrite,
    stamps: Stamps<'a>,
    comment: String,
    jobs: usize,
    in_flight: usize,
    report: bool,
    admx: Option<&'a AdmxSet>,
    allow_half: bool,
}

/// What became of a GPO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUpGpo {
    /// The GPO.
    pub gpo: GpoListing,
    /// Its backup; none where it failed.
    pub backup: Option<BackupInst>,
}

impl<'a> Backup<'a> {
    /// A backup from a source to the root of a store: one GPO at a time, with reports, without a
    /// comment.
    pub fn new(source: Source<'a>, store: &'a dyn BackupStoreWrite, stamps: Stamps<'a>) -> Self {
        Self {
            source,
            store,
            stamps,
            comment: String::new(),
            jobs: 1,
            in_flight: 16,
            report: true,
            admx: None,
            allow_half: false,
        }
    }

    /// What is written about the backups; at most [`LONGEST_COMMENT`] UTF-16 units.
    #[must_use]
    pub fn comment(self, comment: impl Into<String>) -> Self {
        Self {
            comment: comment.into(),
            ..self
        }
    }

    /// How many GPOs are backed up at a time, at most 64. The result does not depend on it.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self {
            jobs: jobs.clamp(1, MOST_JOBS),
            ..self
        }
    }

    /// How many files of a GPO are asked for at a time, where the source can do that.
    #[must_use]
    pub fn in_flight(self, in_flight: usize) -> Self {
        Self {
            in_flight: in_flight.max(1),
            ..self
        }
    }

    /// The templates that give the values of registry.pol their names in the reports.
    #[must_use]
    pub fn admx(self, admx: Option<&'a AdmxSet>) -> Self {
        Self { admx, ..self }
    }

    /// Whether a backup gets a gpreport.xml.
    #[must_use]
    pub fn report(self, report: bool) -> Self {
        Self { report, ..self }
    }

    /// Whether a GPO that is only in the directory, or only in SYSVOL, is kept, too, with a note
    /// in the backup and an error in the outcome.
    #[must_use]
    pub fn allow_half(self, allow_half: bool) -> Self {
        Self { allow_half, ..self }
    }

    /// The GPOs that [`run`](Self::run) would back up, in that order.
    pub fn plan(&self, selection: &Selection) -> Outcome<Vec<GpoListing>> {
        if let Err(message) = self.check_comment() {
            return Outcome::new(Vec::new(), vec![message]);
        }
        let error = |e| StatusMessage::of_source_error(OperationCode::ReadDirectory, &e);
        match select(self.source, selection) {
            Ok(selected) => {
                let messages = selected.errors.into_iter().map(error).collect();
                Outcome::new(selected.gpos, messages)
            }
            Err(e) => Outcome::new(Vec::new(), vec![error(e)]),
        }
    }

    /// Backs up the selected GPOs.
    ///
    /// The messages come in the order of the GPOs, whatever the number of jobs.
    pub fn run(
        &self,
        selection: &Selection,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Outcome<Vec<BackedUpGpo>> {
        let failed = |message: StatusMessage, observer: &mut dyn Observer| {
            observer.message(&message);
            Outcome::new(Vec::new(), vec![message])
        };
        if let Err(message) = self.check_comment() {
            return failed(message, observer);
        }
        let begun = self.source.directory.domain().and_then(|domain| {
            Ok((
                domain,
                select(self.source, selection)?,
                ManifestUpdate::begin(self.store)?,
            ))
        });
        let (domain, selected, manifest) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                let code = OperationCode::ReadDirectory;
                return failed(StatusMessage::of_source_error(code, &error), observer);
            }
        };
        let mut run = Run {
            manifest,
            results: selected.gpos.into_iter().map(GpoOutcome::new).collect(),
            pending: BTreeSet::new(),
            progress: Progress::default(),
            observer,
            messages: Vec::new(),
            last_update: Instant::now(),
        };
        if self.report {
            let capabilities = self.source.directory.capabilities();
            if let Some(message) = not_seen(capabilities) {
                run.tell(message);
            }
        }
        for error in &selected.errors {
            run.tell(StatusMessage::of_source_error(
                OperationCode::ReadDirectory,
                error,
            ));
        }
        self.run_jobs(&domain, &mut run, cancel);
        run.finish(cancel)
    }

    fn check_comment(&self) -> Result<(), StatusMessage> {
        let length = self.comment.encode_utf16().count();
        let text = if length > LONGEST_COMMENT {
            format!("the comment has {length} characters; at most {LONGEST_COMMENT} are possible")
        } else if let Some(c) = self.comment.chars().find(|&c| {
            c.is_control() && !matches!(c, '\t' | '\n' | '\r')
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        }) {
            format!(
                "the comment has the character U+{:04X}, which XML cannot hold",
                u32::from(c)
            )
        } else {
            return Ok(());
        };
        Err(StatusMessage::new(
            Severity::Error,
            OperationCode::WriteBackup,
            "",
            text,
        ))
    }

    /// Reads containers ahead on one thread, backs up on others, and collects on this one.
    fn run_jobs(&self, domain: &Domain, run: &mut Run<'_>, cancel: &Cancel) {
        let gpos: Vec<GpoListing> = run.results.iter().map(|r| r.gpo.clone()).collect();
        // IDs are given in the order of the plan, so that jobs do not change the result.
        let ids: Vec<BackupId> = gpos.iter().map(|_| (self.stamps.new_id)()).collect();
        run.progress.steps = gpos.len() as u64 * LEAST_STEPS;
        let names = Names::new(self.source.directory);
        let worker = Worker {
            backup: self,
            domain,
            names: &names,
            cancel,
        };
        let (jobs, todo) = sync_channel::<Job>(self.jobs);
        let todo = Mutex::new(todo);
        let (events, told) = channel();
        std::thread::scope(|scope| {
            let (gpos, ids, worker, todo) = (&gpos, &ids, &worker, &todo);
            for _ in 0..self.jobs.min(gpos.len()) {
                let events = events.clone();
                scope.spawn(move || worker.work(todo, &events));
            }
            drop(events);
            scope.spawn(move || worker.read_ahead(gpos, ids, &jobs));
            for event in told {
                run.handle(event);
            }
        });
    }
}

/// A GPO to be backed up.
struct Job {
    index: usize,
    gpo: GpoListing,
    id: BackupId,
    container: Result<Option<GpoContainer>, SourceError>,
    /// None where the source has none; or why they are not known.
    links: Result<Option<Vec<SidecarLink>>, String>,
}

enum Event {
    /// A GPO turned out to have so many steps more than the least.
    MoreSteps(u64),
    Bytes(u64),
    Done {
        index: usize,
        backup: Option<Box<BackupInst>>,
        steps: u64,
        messages: Vec<StatusMessage>,
    },
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

struct Worker<'a> {
    backup: &'a Backup<'a>,
    domain: &'a Domain,
    names: &'a Names<'a>,
    cancel: &'a Cancel,
}

impl Worker<'_> {
    fn read_ahead(&self, gpos: &[GpoListing], ids: &[BackupId], jobs: &SyncSender<Job>) {
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

    fn work(&self, todo: &Mutex<Receiver<Job>>, events: &Sender<Event>) {
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
            let object = object_name(&job.gpo);
            let result = self
                .back_up(job, &mut telling)
                .map_err(|error| of_gpo(object, &error));
            let Telling {
                steps,
                mut messages,
                ..
            } = telling;
            let backup = match result {
                Ok(backup) => Some(Box::new(backup)),
                Err(error) => {
                    messages.push(StatusMessage::of_source_error(
                        OperationCode::ReadSysvol,
                        &error,
                    ));
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
        let reader = Reader {
            source: self.backup.source,
            domain: &self.domain.dns_name,
            names: self.names,
            cancel: self.cancel,
            allow_half: self.backup.allow_half,
        };
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
        let folder = invalid("Policies", sysvol_folder(reading.gpo.id))?;
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
        let mut sidecar = with_descriptor(reading.whole_descriptor.as_deref());
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
        if let Some(missing) = reading.missing {
            let text = format!("{missing}; the half that is there was backed up");
            telling.messages.push(StatusMessage::new(
                Severity::Error,
                OperationCode::ReadSysvol,
                object_name(gpo),
                text,
            ));
        }
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

/// The same error, of a GPO: the file alone does not say whose it is.
fn of_gpo(object: String, error: &SourceError) -> SourceError {
    let text = if error.object() == object {
        error.message().to_owned()
    } else {
        error.to_string()
    };
    SourceError::new(error.kind(), object, text)
}

/// A GPO of a run, and what became of it.
struct GpoOutcome {
    gpo: GpoListing,
    backup: Option<BackupInst>,
    messages: Vec<StatusMessage>,
    done: bool,
}

impl GpoOutcome {
    fn new(gpo: GpoListing) -> Self {
        Self {
            gpo,
            backup: None,
            messages: Vec::new(),
            done: false,
        }
    }
}

/// A run, as seen by the thread that called for it.
struct Run<'a> {
    manifest: ManifestUpdate<'a>,
    results: Vec<GpoOutcome>,
    /// Which of the results are not in the manifest yet.
    pending: BTreeSet<usize>,
    progress: Progress,
    observer: &'a mut dyn Observer,
    messages: Vec<StatusMessage>,
    last_update: Instant,
}

impl Run<'_> {
    fn tell(&mut self, message: StatusMessage) {
        self.observer.message(&message);
        self.messages.push(message);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::MoreSteps(more) => self.progress.steps += more,
            Event::Bytes(bytes) => self.progress.bytes += bytes,
            Event::Done {
                index,
                backup,
                steps,
                messages,
            } => {
                self.progress.step += steps;
                for message in &messages {
                    self.observer.message(message);
                }
                if let Some(result) = self.results.get_mut(index) {
                    self.progress.object.clone_from(&result.gpo.display_name);
                    if let Some(backup) = &backup {
                        result.gpo.display_name.clone_from(&backup.display_name);
                        self.pending.insert(index);
                    }
                    result.backup = backup.map(|backup| *backup);
                    result.messages = messages;
                    result.done = true;
                }
                if self.last_update.elapsed() >= MANIFEST_INTERVAL {
                    // Only what nothing planned before it can still come behind.
                    let first_open = self.results.iter().position(|r| !r.done);
                    self.update_manifest(first_open.unwrap_or(self.results.len()));
                }
            }
        }
        self.observer.progress(&self.progress);
    }

    /// Puts the backups of the first GPOs of the plan into the manifest.
    fn update_manifest(&mut self, before: usize) {
        self.last_update = Instant::now();
        let later = self.pending.split_off(&before);
        let ready = std::mem::replace(&mut self.pending, later);
        let results = ready.iter().filter_map(|index| self.results.get(*index));
        let backups: Vec<_> = results
            .filter_map(|result| result.backup.as_ref())
            .collect();
        if backups.is_empty() {
            return;
        }
        if let Err(error) = self.manifest.add(&backups) {
            let code = OperationCode::UpdateManifest;
            self.tell(StatusMessage::of_source_error(code, &error));
        }
    }

    fn finish(mut self, cancel: &Cancel) -> Outcome<Vec<BackedUpGpo>> {
        self.update_manifest(usize::MAX);
        let mut messages = std::mem::take(&mut self.messages);
        // In the place of the results: there may be very many.
        let value = self.results.into_iter().map(|result| {
            messages.extend(result.messages);
            BackedUpGpo {
                gpo: result.gpo,
                backup: result.backup,
            }
        });
        let value = value.collect();
        let outcome = Outcome::new(value, messages);
        if cancel.is_cancelled() {
            outcome.cancelled()
        } else {
            outcome
        }
    }
}
