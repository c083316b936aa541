//! A change of one GPO: planned, and carried out unless it is a dry run.

use clap::Args;
use gpo_core::Quoted;
use gpo_engine::{
    Cancel, EditGpo, GpoChange, GpoSelector, Journal, Plan, Target, apply_plan, find_gpo,
};

use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::plan_view::{planned, print_planned, write_changes};
use crate::state_arg::StateArg;

/// Where a change is made, and whether it is.
#[derive(Args, Debug)]
pub(crate) struct ChangeArg {
    #[arg(long, value_name = "TARGET", help = location::TARGET)]
    to: Location,

    #[command(flatten)]
    state: StateArg,

    /// Say what would be written, and write nothing. Exit status 1: it would fail
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) live: LiveOptions,
}

impl ChangeArg {
    /// Changes a GPO that is there.
    pub(crate) fn edit(
        &self,
        gpo: &GpoSelector,
        console: &Console,
        cancel: &Cancel,
        edit: impl FnOnce(Target<'_>, &mut EditGpo<'_>) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        self.run(console, cancel, |target| {
            let mut change = EditGpo::open(target, find_gpo(target.source(), gpo)?)?;
            edit(target, &mut change)?;
            Ok(change.plan()?)
        })
    }

    /// Makes a plan, and carries it out.
    pub(crate) fn run(
        &self,
        console: &Console,
        cancel: &Cancel,
        plan: impl FnOnce(Target<'_>) -> Result<Plan, Failure>,
    ) -> Result<Exit, Failure> {
        let outcome = self.with_target(console, |target, journal| {
            let plan = plan(target)?;
            let mut observer = console.progress();
            Ok(match journal {
                Some(journal) if !plan.changes_nothing() => {
                    apply_plan(plan, target, journal, &mut observer, cancel).map(Some)
                }
                _ => planned(plan, &mut observer),
            })
        })?;
        let (schema, dry_run) = ("gpo/change/1", self.dry_run);
        print_planned(console, schema, &outcome, dry_run, |out, plan| {
            let name = Quoted::bare(&plan.display_name);
            writeln!(out, "{} {name} {}", self.verb(plan), plan.gpo_id)?;
            // Of a GPO that was made or removed everything changed.
            if dry_run || plan.change == GpoChange::Changed {
                write_changes(out, plan)?;
            }
            Ok(())
        })
    }

    /// Opens the target, and, unless it is a dry run, the journal.
    pub(crate) fn with_target<T>(
        &self,
        console: &Console,
        work: impl FnOnce(Target<'_>, Option<&Journal<'_>>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let target = self.to.open_target(&self.live)?;
        let target = target.target()?;
        if self.dry_run {
            return work(target, None);
        }
        let state = self.state.begin(&self.to, target, console)?;
        work(target, Some(&state.journal()))
    }

    fn verb(&self, plan: &Plan) -> &'static str {
        match (plan.change, self.dry_run) {
            _ if plan.would_fail() => "would fail to change",
            (GpoChange::Changed, _) if plan.changes_nothing() => "nothing to change in",
            (GpoChange::Made, false) => "made",
            (GpoChange::Made, true) => "would make",
            (GpoChange::Changed, false) => "changed",
            (GpoChange::Changed, true) => "would change",
            (GpoChange::Removed, false) => "removed",
            (GpoChange::Removed, true) => "would remove",
        }
    }
}
