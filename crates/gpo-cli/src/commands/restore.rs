//! `gpo restore`.

use std::io::{self, Write};

use clap::Args;
use gpo_core::{BackupFolder, BackupStore, Quoted, SourceError, same_name};
use gpo_engine::{
    BackupSet, Cancel, GpoChange, GpoSelector, Journal, Observer, OperationCode, Outcome, Plan,
    SearchCriteria, Stamps, StatusMessage, Target,
};
use gpo_local::open_store;
use serde::Serialize;

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::plan_view::{PlanJson, planned, say_planned, write_changes, write_summary};

/// Restore GPOs into the domain that they were backed up from
///
/// A GPO that is there gets the settings, name, status, permissions and WMI filter link of the
/// backup; one that was deleted is made again with its ID. Links to it are left alone without
/// --with-links. An empty folder becomes the domain that the backup names.
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

    /// Restore, too, what is there of a backup that lacks files
    #[arg(long)]
    allow_missing: bool,

    /// Restore, too, the backup of a GPO that was only in the directory or only in SYSVOL
    #[arg(long)]
    allow_half: bool,

    /// Put the links back, too, that the backup holds, with their options and their order
    #[arg(long)]
    with_links: bool,

    #[command(flatten)]
    change: ChangeArg,
}

#[derive(Serialize)]
struct RestoreResult {
    dry_run: bool,
    status: &'static str,
    gpos: Vec<RestoredJson>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct RestoredJson {
    backup: String,
    /// As `done`, under the name that it had first.
    restored: bool,
    #[serde(flatten)]
    plan: PlanJson,
}

/// What became of a backup.
struct Restored {
    folder: BackupFolder,
    plan: Plan,
    done: bool,
}

impl Restore {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let (store, folders) = self.backups(cancel)?;
        let dry_run = self.change.dry_run;
        let planned = folders.len();
        let (mut restored, mut messages) = (Vec::new(), Vec::new());
        self.change.with_target(console, |target, journal| {
            for folder in folders {
                if cancel.is_cancelled() {
                    break;
                }
                let outcome = self.one(&*store, &folder, target, journal, console, cancel);
                let done = !dry_run && matches!(Exit::from(outcome.status), Exit::Good);
                restored.extend(outcome.value.map(|plan| Restored { folder, plan, done }));
                messages.extend(outcome.messages);
            }
            Ok(())
        })?;
        let mut outcome = Outcome::new(restored, messages);
        if cancel.is_cancelled() {
            outcome = outcome.cancelled();
        }
        let result = || RestoreResult {
            dry_run,
            status: json::status(outcome.status),
            gpos: outcome.value.iter().map(RestoredJson::of).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/restore/1", result, |out| {
            let mut all = outcome.value.iter();
            all.try_for_each(|one| write(out, one, dry_run))
        })?;
        if dry_run {
            let good = outcome.value.iter().filter(|one| !one.plan.would_fail());
            let good = good.count();
            say_planned(console, "restored", good, planned - good);
        }
        Ok(Exit::of(outcome.status, dry_run))
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
        journal: Option<&Journal<'_>>,
        console: &Console,
        cancel: &Cancel,
    ) -> Outcome<Option<Plan>> {
        let mut observer = console.progress();
        let contents = match store.open(folder) {
            Ok(contents) => contents,
            Err(error) => return self.refused(folder, &error, &mut observer),
        };
        let restore = gpo_engine::Restore::new(contents.as_ref(), target, Stamps::system())
            .allow_missing(self.allow_missing)
            .allow_half(self.allow_half)
            .with_links(self.with_links);
        let mut plan = match restore.plan() {
            Ok(plan) => plan,
            Err(error) => return self.refused(folder, &error, &mut observer),
        };
        self.backup.explain_errors(folder, &mut plan);
        match journal {
            Some(journal) => restore
                .apply(plan, journal, &mut observer, cancel)
                .map(Some),
            None => planned(plan, &mut observer),
        }
    }

    /// Why a backup cannot be restored, with the backup and the option that would allow it.
    fn refused(
        &self,
        folder: &BackupFolder,
        error: &SourceError,
        observer: &mut dyn Observer,
    ) -> Outcome<Option<Plan>> {
        let mut message = StatusMessage::of_source_error(OperationCode::ReadBackup, error);
        self.backup.explain(folder, &mut message);
        observer.message(&message);
        Outcome::new(None, vec![message])
    }
}

impl RestoredJson {
    fn of(restored: &Restored) -> Self {
        Self {
            backup: restored.folder.path.clone(),
            restored: restored.done,
            plan: PlanJson::new(&restored.plan, restored.done),
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
    let verb = match (dry_run, plan.change == GpoChange::Changed) {
        (false, true) => "restored",
        (false, false) => "made again",
        _ if plan.would_fail() => "would fail to restore",
        (true, true) => "would restore",
        (true, false) => "would make again",
    };
    write_summary(out, verb, plan)?;
    if dry_run {
        write_changes(out, plan)?;
    }
    Ok(())
}
