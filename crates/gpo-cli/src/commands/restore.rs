//! `gpo restore`.

use std::io::{self, Write};

use clap::Args;
use gpo_core::{
    BackupFolder, BackupStore, GpoPath, Quoted, SourceError, SourceErrorKind, same_name,
};
use gpo_engine::{
    BackupSet, Cancel, GpoSelector, Observer, OperationCode, Outcome, RestorePlan, SearchCriteria,
    StatusMessage, Target,
};
use gpo_local::open_store;
use serde::Serialize;

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};

/// Restore GPOs into the domain that they were backed up from
///
/// A GPO that is there gets the settings, name, status, permissions and WMI filter link of the
/// backup; one that was deleted is made again with its ID. Links to it are left alone. An empty
/// folder becomes the domain that the backup names.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[command(after_help = "\
Examples:
  gpo restore backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain
  gpo restore backups --gpo 'Default Domain Policy' --to dir:domain --dry-run
  gpo restore backups.zip --all --to dir:domain       the newest backup of each GPO")]
pub(crate) struct Restore {
    #[command(flatten)]
    backup: BackupArg,

    /// The newest backup of this GPO, by its name or its ID
    #[arg(long, value_name = "GPO", conflicts_with = "id")]
    gpo: Option<GpoSelector>,

    /// The newest backup of every GPO
    #[arg(long, conflicts_with_all = ["id", "gpo"])]
    all: bool,

    #[arg(long, value_name = "TARGET", help = location::TARGET)]
    to: Location,

    /// Restore, too, what is there of a backup that lacks files
    #[arg(long)]
    allow_missing: bool,

    /// Restore, too, the backup of a GPO that was only in the directory or only in SYSVOL
    #[arg(long)]
    allow_half: bool,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct RestoreResult {
    dry_run: bool,
    status: &'static str,
    gpos: Vec<PlanJson>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct PlanJson {
    backup: String,
    gpo_id: String,
    gpo_name: String,
    domain: String,
    new_domain: bool,
    new_gpo: bool,
    restored: bool,
    version_user: u16,
    version_computer: u16,
    files: Vec<FileJson>,
    missing_files: Vec<String>,
    unlisted_files: Vec<String>,
}

#[derive(Serialize)]
struct FileJson {
    path: String,
    size: u64,
}

/// What became of a backup.
struct Restored {
    folder: BackupFolder,
    plan: RestorePlan,
    done: bool,
}

impl Restore {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let (store, folders) = self.backups(cancel)?;
        let target = self.to.open_target(&self.live)?;
        let target = target.target()?;
        let (mut restored, mut messages) = (Vec::new(), Vec::new());
        for folder in folders {
            if cancel.is_cancelled() {
                break;
            }
            let outcome = self.one(&*store, &folder, target, console, cancel);
            let done = !self.dry_run && matches!(Exit::from(outcome.status), Exit::Good);
            restored.extend(outcome.value.map(|plan| Restored { folder, plan, done }));
            messages.extend(outcome.messages);
        }
        let mut outcome = Outcome::new(restored, messages);
        if cancel.is_cancelled() {
            outcome = outcome.cancelled();
        }
        let result = || RestoreResult {
            dry_run: self.dry_run,
            status: json::status(outcome.status),
            gpos: outcome.value.iter().map(PlanJson::of).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/restore/1", result, |out| {
            let mut all = outcome.value.iter();
            all.try_for_each(|one| write(out, one, self.dry_run))
        })?;
        Ok(outcome.status.into())
    }

    /// The backups that are meant.
    fn backups(
        &self,
        cancel: &Cancel,
    ) -> Result<(Box<dyn BackupStore>, Vec<BackupFolder>), Failure> {
        if self.gpo.is_none() && !self.all {
            let (store, folder) = self.backup.open()?;
            return Ok((store, vec![folder]));
        }
        let store = open_store(&self.backup.path)?;
        let set = BackupSet::read(&*store, cancel)?;
        let newest = SearchCriteria {
            most_recent: true,
            ..SearchCriteria::default()
        };
        let wanted: Vec<_> = set
            .search(&newest)
            .filter(|(_, inst)| match &self.gpo {
                None => true,
                Some(GpoSelector::Id(id)) => *id == inst.gpo_id,
                Some(GpoSelector::Name(name)) => same_name(name, &inst.display_name),
            })
            .collect();
        match (&self.gpo, wanted.as_slice()) {
            (Some(gpo), []) => {
                let message = format!("there is no backup of {gpo}");
                Err(Failure::new(message).at(self.backup.path.display()))
            }
            (Some(gpo), [_, _, ..]) => {
                let ids: Vec<_> = wanted.iter().map(|(_, i)| i.gpo_id.to_string()).collect();
                let message = format!(
                    "{gpo} is the name of several GPOs, say which by its ID: {}",
                    ids.join(", ")
                );
                Err(Failure::new(message).at(self.backup.path.display()))
            }
            (None, []) => {
                let message = "there are no backups here that say which GPO they are of";
                Err(Failure::new(message).at(self.backup.path.display()))
            }
            _ => {
                let folders = wanted
                    .iter()
                    .map(|(member, _)| member.folder.clone())
                    .collect();
                Ok((store, folders))
            }
        }
    }

    fn one(
        &self,
        store: &dyn BackupStore,
        folder: &BackupFolder,
        target: Target<'_>,
        console: &Console,
        cancel: &Cancel,
    ) -> Outcome<Option<RestorePlan>> {
        let mut observer = console.progress();
        let contents = match store.open(folder) {
            Ok(contents) => contents,
            Err(error) => return self.refused(folder, &error, &mut observer),
        };
        let restore = gpo_engine::Restore::new(contents.as_ref(), target)
            .allow_missing(self.allow_missing)
            .allow_half(self.allow_half);
        match restore.plan() {
            Ok(plan) if self.dry_run => {
                for message in &plan.messages {
                    observer.message(message);
                }
                let messages = plan.messages.clone();
                Outcome::new(Some(plan), messages)
            }
            Ok(plan) => {
                let Outcome {
                    value,
                    messages,
                    status,
                } = restore.apply(plan, &mut observer, cancel);
                Outcome {
                    value: Some(value),
                    messages,
                    status,
                }
            }
            Err(error) => self.refused(folder, &error, &mut observer),
        }
    }

    /// Why a backup cannot be restored, with the backup and the option that would allow it.
    fn refused(
        &self,
        folder: &BackupFolder,
        error: &SourceError,
        observer: &mut dyn Observer,
    ) -> Outcome<Option<RestorePlan>> {
        let mut message = StatusMessage::of_source_error(OperationCode::ReadBackup, error);
        let backup = self.backup.path.join(&folder.path);
        message.object_path = format!("{}: {}", backup.display(), message.object_path);
        message.text.push_str(match (error.kind(), error.object()) {
            (SourceErrorKind::Invalid, "INCOMPLETE.txt") => " (--allow-half)",
            (SourceErrorKind::NotFound, "Backup.xml" | "bkupInfo.xml") => " (--allow-missing)",
            _ => "",
        });
        observer.message(&message);
        Outcome::new(None, vec![message])
    }
}

impl PlanJson {
    fn of(restored: &Restored) -> Self {
        let plan = &restored.plan;
        let paths = |paths: &[GpoPath]| paths.iter().map(ToString::to_string).collect();
        let files = plan.gpo.inventory.files();
        Self {
            backup: restored.folder.path.clone(),
            gpo_id: plan.gpo.id.to_string(),
            gpo_name: plan.gpo.display_name.clone(),
            domain: plan.gpo.domain.clone(),
            new_domain: plan.new_domain.is_some(),
            new_gpo: plan.current_version.is_none(),
            restored: restored.done,
            version_user: plan.version.user(),
            version_computer: plan.version.machine(),
            files: files
                .map(|(path, size)| FileJson {
                    path: path.to_string(),
                    size,
                })
                .collect(),
            missing_files: paths(&plan.missing_files),
            unlisted_files: paths(&plan.unlisted_files),
        }
    }
}

fn write(out: &mut dyn Write, restored: &Restored, dry_run: bool) -> io::Result<()> {
    let plan = &restored.plan;
    if !dry_run && !restored.done {
        return Ok(());
    }
    if let Some(domain) = &plan.new_domain {
        let verb = if dry_run { "would make" } else { "made" };
        writeln!(
            out,
            "{verb} the domain {}, because there was none",
            Quoted::bare(&domain.dns_name)
        )?;
    }
    let verb = match (dry_run, plan.current_version.is_some()) {
        (false, true) => "restored",
        (false, false) => "made again",
        (true, true) => "would restore",
        (true, false) => "would make again",
    };
    writeln!(
        out,
        "{verb} {} {}: {}, version {} (user), {} (computer)",
        Quoted::bare(&plan.gpo.display_name),
        plan.gpo.id,
        counted(plan.gpo.inventory.files().count(), "file", "files"),
        plan.version.user(),
        plan.version.machine(),
    )?;
    if dry_run {
        for (path, size) in plan.gpo.inventory.files() {
            writeln!(out, "  {size:>10}  {}", Quoted::bare(path.as_str()))?;
        }
    }
    Ok(())
}
