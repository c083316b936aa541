//! Backing up GPOs.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::mpsc::{channel, sync_channel};
use std::time::Instant;

use gpo_admx::AdmxSet;
use gpo_core::{BackupId, BackupInst, BackupStoreWrite, Domain, GpoListing, SourceError};

use crate::manifest_update::ManifestUpdate;
use crate::observer::{Cancel, Observer, Progress};
use crate::selection::{Selection, select};
use crate::source::Source;
use crate::stamps::Stamps;
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};

mod named_principals;
mod names;
mod not_seen;
mod read_gpo;
mod report;
mod run;
mod worker;
mod write_backup;

pub(crate) use named_principals::named_principals;
pub use report::report_gpo;

use names::Names;
use not_seen::not_seen;
use read_gpo::Reader;
use run::{GpoOutcome, Run};
use worker::{Job, Worker, failed};
pub(crate) use write_backup::INCOMPLETE;

/// The longest comment of a backup, in UTF-16 units, as GPMC has it.
pub const LONGEST_COMMENT: usize = 2047;

/// The most threads that work at a time; more only wait for each other.
const MOST_JOBS: usize = 64;

/// How many containers are asked for at once.
const CONTAINERS_AT_ONCE: usize = 64;

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

    /// The GPOs that [`run`](Self::run) would back up, in that order. All but the files without
    /// settings is read; why a GPO would not be backed up is an error.
    pub fn plan(&self, selection: &Selection, cancel: &Cancel) -> Outcome<Vec<GpoListing>> {
        if let Err(message) = self.check_comment() {
            return Outcome::new(Vec::new(), vec![message]);
        }
        let mut messages = Vec::new();
        let planned = self.read_selected(selection, cancel, &mut messages);
        let gpos = planned.unwrap_or_else(|error| {
            let code = OperationCode::ReadDirectory;
            messages.push(StatusMessage::of_source_error(code, &error));
            Vec::new()
        });
        let outcome = Outcome::new(gpos, messages);
        if cancel.is_cancelled() {
            return outcome.cancelled();
        }
        outcome
    }

    /// The selected GPOs that can be read.
    fn read_selected(
        &self,
        selection: &Selection,
        cancel: &Cancel,
        messages: &mut Vec<StatusMessage>,
    ) -> Result<Vec<GpoListing>, SourceError> {
        let directory = self.source.directory;
        let domain = directory.domain()?;
        let selected = select(self.source, selection)?;
        for error in &selected.errors {
            let code = OperationCode::ReadDirectory;
            messages.push(StatusMessage::of_source_error(code, error));
        }
        let names = Names::new(directory);
        let reader = self.reader(&domain.dns_name, &names, cancel);
        let mut gpos = Vec::new();
        for chunk in selected.gpos.chunks(CONTAINERS_AT_ONCE) {
            let ids: Vec<_> = chunk.iter().map(|gpo| gpo.id).collect();
            for (gpo, container) in chunk.iter().zip(directory.containers(&ids)?) {
                match container.and_then(|container| reader.read(gpo, container)) {
                    Ok(mut reading) => {
                        messages.append(&mut reading.messages);
                        messages.extend(reading.half_message(gpo, "is backed up"));
                        gpos.push(GpoListing {
                            id: gpo.id,
                            display_name: reading.gpo.display_name,
                        });
                    }
                    Err(error) => messages.push(failed(gpo, &error)),
                }
            }
        }
        Ok(gpos)
    }

    /// How a plan and a run read a GPO.
    fn reader<'r>(
        &'r self,
        domain: &'r str,
        names: &'r Names<'r>,
        cancel: &'r Cancel,
    ) -> Reader<'r> {
        Reader {
            source: self.source,
            domain,
            names,
            cancel,
            allow_half: self.allow_half,
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
