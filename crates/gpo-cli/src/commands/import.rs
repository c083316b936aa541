//! `gpo import`.

use std::collections::BTreeSet;

use clap::Args;
use gpo_core::{BackupFolder, Quoted};
use gpo_engine::{
    Cancel, GpoChange, GpoSelector, Observer, Outcome, Plan, SettingsArea, Severity, Stamps,
};
use serde::Serialize;

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::mapping_arg::MappingArg;
use crate::plan_view::{PlanJson, planned, write_changes, write_summary};
use crate::state_arg::{State, StateArg};

/// Import the settings of a backup into a GPO of any domain
///
/// The GPO gets the settings and the description of the backup. Its ID, name, permissions, links,
/// status and WMI filter link stay.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo import backups --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain --gpo 'Test firewall'
  gpo import backup --to dir:domain --gpo New --create-if-needed --migration-table to-new.migtable
  gpo import backup --to dir:domain --gpo New --map 'OLD\\*=NEW\\*' --dry-run
  gpo import backup --to dir:domain --gpo New --only registry,preferences")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct Import {
    #[command(flatten)]
    backup: BackupArg,

    #[arg(long, value_name = "TARGET", help = location::TARGET)]
    to: Location,

    /// The GPO, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: GpoSelector,

    /// Make the GPO where there is none of this name
    #[arg(long)]
    create_if_needed: bool,

    /// Import only these areas: registry, security, audit, scripts, preferences,
    /// folder-redirection, software, other
    #[arg(long, value_name = "AREAS", value_delimiter = ',')]
    only: Vec<SettingsArea>,

    /// Import all areas but these
    #[arg(
        long,
        value_name = "AREAS",
        value_delimiter = ',',
        conflicts_with = "only"
    )]
    except: Vec<SettingsArea>,

    /// Import, too, what is there of a backup that lacks files
    #[arg(long)]
    allow_missing: bool,

    /// Import, too, the backup of a GPO that was only in the directory or only in SYSVOL
    #[arg(long)]
    allow_half: bool,

    #[command(flatten)]
    mapping: MappingArg,

    #[command(flatten)]
    state: StateArg,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct ImportResult {
    dry_run: bool,
    status: &'static str,
    gpo: Option<PlanJson>,
    messages: Vec<json::MessageJson>,
}

impl Import {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let mapping = self.mapping.read(false)?;
        let (store, folder) = self.backup.open()?;
        let contents = store.open(&folder);
        let contents = contents.map_err(|error| self.backup.failure(&folder, error))?;
        let target = self.to.open_target(&self.live)?;
        let target = target.target()?;
        let state = if self.dry_run {
            None
        } else {
            Some(self.state.begin(&self.to, target, console)?)
        };
        let system = Stamps::system();
        let import = gpo_engine::Import::new(contents.as_ref(), target, self.gpo.clone(), system)
            .create_if_needed(self.create_if_needed)
            .mapping(mapping.as_ref())
            .areas(self.areas())
            .allow_missing(self.allow_missing)
            .allow_half(self.allow_half);
        let plan = import.plan();
        let mut plan = plan.map_err(|error| self.backup.failure(&folder, error))?;
        self.explain(&folder, &mut plan);
        let mut observer = console.progress();
        let outcome = match state.as_ref().map(State::journal) {
            Some(journal) => import
                .apply(plan, &journal, &mut observer, cancel)
                .map(Some),
            None => planned(plan, &mut observer as &mut dyn Observer),
        };
        self.print(&outcome, console)?;
        Ok(outcome.status.into())
    }

    fn areas(&self) -> BTreeSet<SettingsArea> {
        if !self.only.is_empty() {
            return self.only.iter().copied().collect();
        }
        let all = SettingsArea::ALL.into_iter();
        all.filter(|area| !self.except.contains(area)).collect()
    }

    /// Says which option would allow what is wrong with the backup.
    fn explain(&self, folder: &BackupFolder, plan: &mut Plan) {
        let errors = plan.messages.iter_mut();
        for message in errors.filter(|message| message.severity == Severity::Error) {
            self.backup.explain(folder, message);
        }
    }

    fn print(&self, outcome: &Outcome<Option<Plan>>, console: &Console) -> Result<(), Failure> {
        let done = !self.dry_run && matches!(Exit::from(outcome.status), Exit::Good);
        let result = || ImportResult {
            dry_run: self.dry_run,
            status: json::status(outcome.status),
            gpo: outcome.value.as_ref().map(|plan| PlanJson::new(plan, done)),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/import/1", result, |out| {
            let Some(plan) = outcome.value.as_ref().filter(|_| done || self.dry_run) else {
                return Ok(());
            };
            let verb = match (self.dry_run, plan.change) {
                (false, GpoChange::Made) => "made",
                (false, _) => "imported into",
                (true, GpoChange::Made) => "would make",
                (true, _) => "would import into",
            };
            write_summary(out, verb, plan)?;
            let kept: Vec<_> = plan
                .references
                .iter()
                .filter(|own| !own.is_mapped())
                .collect();
            if !self.dry_run && !kept.is_empty() {
                let texts: Vec<_> = kept
                    .iter()
                    .map(|own| Quoted::new(&own.reference.text).to_string())
                    .collect();
                writeln!(out, "  not mapped: {}", texts.join(", "))?;
            }
            if self.dry_run {
                write_changes(out, plan)?;
            }
            Ok(())
        })
    }
}
