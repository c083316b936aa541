//! `gpo backup`.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use gpo_core::{GpoListing, Quoted};
use gpo_engine::{
    BackedUpGpo, Cancel, GpoSelector, OperationCode, Outcome, Selection, Severity, Stamps,
    StatusMessage,
};
use gpo_local::FolderStore;
use serde::Serialize;

use super::Exit;
use crate::admx_arg::central_store;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{Location, SourceArg};
use crate::plan_view::say_planned;
use crate::table::write_table;

/// Back up GPOs into a folder, in GPMC's format
///
/// Each GPO gets a new backup beside those that are there, and an entry in manifest.xml. A backup
/// appears when it is whole; a GPO that cannot be backed up is an error, and the others go on.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[command(group(ArgGroup::new("which").required(true).args(["all", "gpos"])))]
#[command(after_help = "\
Examples:
  gpo backup --from dir:domain --to backups --all
  gpo backup --from dir:domain --to backups 'Default Domain Policy' --comment 'before the move'
  gpo backup --from dir:domain --to backups {31B2F340-016D-11D2-945F-00C04FB984F9} --json")]
pub(crate) struct Backup {
    #[command(flatten)]
    source: SourceArg,

    /// The folder for the backups, which must exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,

    /// Every GPO, in the order of the names
    #[arg(long)]
    all: bool,

    /// A GPO, by its name or its ID
    #[arg(value_name = "GPO")]
    gpos: Vec<GpoSelector>,

    /// What to write about the backups; at most 2047 characters
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    comment: String,

    /// How many GPOs to back up at a time; the result is the same [default: the number of cores,
    /// and 8 for a live domain]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Write everything to the disk before it counts as done
    #[arg(long)]
    sync: bool,

    /// Write no gpreport.xml
    #[arg(long)]
    no_report: bool,

    /// Keep a GPO, too, that is only in the directory or only in SYSVOL
    #[arg(long)]
    allow_half: bool,

    /// Say which GPOs would be backed up and which would fail, and do nothing. Exit status 1: some
    /// would fail
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct BackupResult {
    dry_run: bool,
    status: &'static str,
    gpos: Vec<GpoResult>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct GpoResult {
    gpo_id: String,
    gpo_name: String,
    backup: Option<json::Inst>,
}

/// How many GPOs of a live domain are backed up at a time: the work is mostly waiting.
const LIVE_JOBS: usize = 8;

impl Backup {
    fn default_jobs(&self) -> usize {
        match self.source.from {
            Location::Live(_) => LIVE_JOBS,
            _ => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        }
    }

    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let source = self.source.open(&self.live)?;
        let store = FolderStore::open(&self.to)?.with_sync(self.sync);
        let admx = if self.no_report || self.dry_run {
            None
        } else {
            central_store(source.source(), "en-US", console)?
        };
        let jobs = self
            .jobs
            .map_or_else(|| self.default_jobs(), NonZeroUsize::get);
        let backup = gpo_engine::Backup::new(source.source(), &store, Stamps::system())
            .comment(self.comment)
            .jobs(jobs)
            .report(!self.no_report)
            .admx(admx.as_ref())
            .allow_half(self.allow_half);
        let selection = if self.all {
            Selection::All
        } else {
            Selection::Gpos(self.gpos)
        };
        let outcome = if self.dry_run {
            let plan = backup.plan(&selection, cancel);
            for message in &plan.messages {
                console.message(message.severity, message);
            }
            let none = |gpo: GpoListing| BackedUpGpo { gpo, backup: None };
            let value = plan.value.into_iter().map(none).collect();
            Outcome {
                value,
                messages: plan.messages,
                status: plan.status,
            }
        } else {
            backup.run(&selection, &mut console.progress(), cancel)
        };
        let result = || BackupResult {
            dry_run: self.dry_run,
            status: json::status(outcome.status),
            gpos: outcome.value.iter().map(GpoResult::of).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/backup/1", result, |out| {
            write(out, &outcome.value, self.dry_run)
        })?;
        if self.dry_run {
            let errors = outcome.messages.iter();
            let errors = errors.filter(|message| message.severity == Severity::Error);
            say_planned(console, "backed up", outcome.value.len(), errors.count());
        }
        // What would not even begin is no finding.
        let is_about_comment =
            |message: &StatusMessage| message.operation == OperationCode::WriteBackup;
        if self.dry_run && outcome.messages.iter().any(is_about_comment) {
            return Ok(Exit::Failed);
        }
        Ok(Exit::of(outcome.status, self.dry_run))
    }
}

impl GpoResult {
    fn of(gpo: &BackedUpGpo) -> Self {
        Self {
            gpo_id: gpo.gpo.id.to_string(),
            gpo_name: gpo.gpo.display_name.clone(),
            backup: gpo.backup.as_ref().map(Into::into),
        }
    }
}

fn write(out: &mut dyn Write, gpos: &[BackedUpGpo], dry_run: bool) -> io::Result<()> {
    let name = |gpo: &BackedUpGpo| Quoted::bare(&gpo.gpo.display_name).to_string();
    if dry_run {
        let rows: Vec<_> = gpos
            .iter()
            .map(|gpo| vec![gpo.gpo.id.to_string(), name(gpo)])
            .collect();
        return write_table(out, &["GPO", "NAME"], &rows);
    }
    let rows: Vec<_> = gpos
        .iter()
        .filter_map(|gpo| {
            let backup = gpo.backup.as_ref()?;
            Some(vec![
                backup.id.to_string(),
                backup.gpo_id.to_string(),
                name(gpo),
            ])
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    write_table(out, &["BACKUP", "GPO", "NAME"], &rows)
}
