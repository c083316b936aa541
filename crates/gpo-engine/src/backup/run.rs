//! A run, as seen by the thread that called for it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use gpo_core::{BackupInst, GpoListing};

use super::BackedUpGpo;
use crate::manifest_update::ManifestUpdate;
use crate::observer::{Cancel, Observer, Progress};
use crate::status::{OperationCode, Outcome, StatusMessage};

/// How long backups may wait for their entry in the manifest.
const MANIFEST_INTERVAL: Duration = Duration::from_secs(30);

/// What a worker tells the thread that collects.
pub(super) enum Event {
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

/// A GPO of a run, and what became of it.
pub(super) struct GpoOutcome {
    pub(super) gpo: GpoListing,
    pub(super) backup: Option<BackupInst>,
    pub(super) messages: Vec<StatusMessage>,
    pub(super) done: bool,
}

impl GpoOutcome {
    pub(super) fn new(gpo: GpoListing) -> Self {
        Self {
            gpo,
            backup: None,
            messages: Vec::new(),
            done: false,
        }
    }
}

/// A run, as seen by the thread that called for it.
pub(super) struct Run<'a> {
    pub(super) manifest: ManifestUpdate<'a>,
    pub(super) results: Vec<GpoOutcome>,
    /// Which of the results are not in the manifest yet.
    pub(super) pending: BTreeSet<usize>,
    pub(super) progress: Progress,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) messages: Vec<StatusMessage>,
    pub(super) last_update: Instant,
}

impl Run<'_> {
    pub(super) fn tell(&mut self, message: StatusMessage) {
        self.observer.message(&message);
        self.messages.push(message);
    }

    pub(super) fn handle(&mut self, event: Event) {
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

    pub(super) fn finish(mut self, cancel: &Cancel) -> Outcome<Vec<BackedUpGpo>> {
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
