//! `gpo import`.

use std::collections::BTreeSet;

use clap::Args;
use gpo_core::Quoted;
use gpo_engine::{Cancel, GpoChange, GpoSelector, Outcome, Plan, SettingsArea, Stamps};

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::mapping_arg::MappingArg;
use crate::plan_view::{planned, print_planned, write_changes, write_summary};

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
pub(crate) struct Import {
    #[command(flatten)]
    backup: BackupArg,

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
    change: ChangeArg,

    // Has a heading of its own, under which what comes after it would stand.
    #[command(flatten)]
    mapping: MappingArg,
}

impl Import {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let mapping = self.mapping.read(false)?;
        let (store, folder) = self.backup.open()?;
        let contents = store.open(&folder);
        let contents = contents.map_err(|error| self.backup.failure(&folder, error))?;
        let outcome = self.change.with_target(console, |target, journal| {
            let (gpo, system) = (self.gpo.clone(), Stamps::system());
            let import = gpo_engine::Import::new(contents.as_ref(), target, gpo, system)
                .create_if_needed(self.create_if_needed)
                .mapping(mapping.as_ref())
                .areas(self.areas())
                .allow_missing(self.allow_missing)
                .allow_half(self.allow_half);
            let plan = import.plan();
            let mut plan = plan.map_err(|error| self.backup.failure(&folder, error))?;
            self.backup.explain_errors(&folder, &mut plan);
            let mut observer = console.progress();
            Ok(match journal {
                Some(journal) => import.apply(plan, journal, &mut observer, cancel).map(Some),
                None => planned(plan, &mut observer),
            })
        })?;
        self.print(&outcome, console)
    }

    fn areas(&self) -> BTreeSet<SettingsArea> {
        if !self.only.is_empty() {
            return self.only.iter().copied().collect();
        }
        let all = SettingsArea::ALL.into_iter();
        all.filter(|area| !self.except.contains(area)).collect()
    }

    fn print(&self, outcome: &Outcome<Option<Plan>>, console: &Console) -> Result<Exit, Failure> {
        let dry_run = self.change.dry_run;
        print_planned(console, "gpo/import/1", outcome, dry_run, |out, plan| {
            let verb = match (dry_run, plan.change) {
                (false, GpoChange::Made) => "made",
                (false, _) => "imported into",
                _ if plan.would_fail() => "would fail to import into",
                (true, GpoChange::Made) => "would make",
                (true, _) => "would import into",
            };
            write_summary(out, verb, plan)?;
            if dry_run {
                return write_changes(out, plan);
            }
            let kept = plan.references.iter().filter(|own| !own.is_mapped());
            let kept = kept.map(|own| Quoted::new(&own.reference.text).to_string());
            let kept: Vec<_> = kept.collect();
            if kept.is_empty() {
                return Ok(());
            }
            writeln!(out, "  not mapped: {}", kept.join(", "))
        })
    }
}
