//! A change of one GPO: planned, and carried out unless it is a dry run.

use clap::Args;
use gpo_core::{Quoted, SourceError};
use gpo_engine::{Cancel, EditGpo, GpoChange, GpoSelector, Plan, Target, apply_plan, find_gpo};
use serde::Serialize;

use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::plan_view::{PlanJson, planned, write_changes};
use crate::state_arg::{State, StateArg};

/// Where a change is made, and whether it is.
#[derive(Args, Debug)]
pub(crate) struct ChangeArg {
    #[arg(long, value_name = "TARGET", help = location::TARGET)]
    to: Location,

    #[command(flatten)]
    state: StateArg,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct ChangeResult {
    dry_run: bool,
    status: &'static str,
    gpo: Option<PlanJson>,
    messages: Vec<json::MessageJson>,
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
        let target = self.to.open_target(&self.live)?;
        let target = target.target()?;
        let state = if self.dry_run {
            None
        } else {
            Some(self.state.begin(&self.to, target, console)?)
        };
        let plan = plan(target)?;
        let mut observer = console.progress();
        let outcome = match state.as_ref().map(State::journal) {
            Some(journal) if !plan.changes_nothing() => {
                apply_plan(plan, target, &journal, &mut observer, cancel).map(Some)
            }
            _ => planned(plan, &mut observer),
        };
        let done = !self.dry_run && matches!(Exit::from(outcome.status), Exit::Good);
        let result = || ChangeResult {
            dry_run: self.dry_run,
            status: json::status(outcome.status),
            gpo: outcome.value.as_ref().map(|plan| PlanJson::new(plan, done)),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/change/1", result, |out| {
            let Some(plan) = outcome.value.as_ref().filter(|_| done || self.dry_run) else {
                return Ok(());
            };
            let name = Quoted::bare(&plan.display_name);
            writeln!(out, "{} {name} {}", self.verb(plan), plan.gpo_id)?;
            // Of a GPO that was made or removed everything changed.
            if self.dry_run || plan.change == GpoChange::Changed {
                write_changes(out, plan)?;
            }
            Ok(())
        })?;
        Ok(outcome.status.into())
    }

    fn verb(&self, plan: &Plan) -> &'static str {
        match (plan.change, self.dry_run) {
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

/// A name that has to be one.
pub(crate) fn not_blank(text: &str) -> Result<String, SourceError> {
    if text.trim().is_empty() {
        let message = "a GPO needs a name";
        let kind = gpo_core::SourceErrorKind::Invalid;
        return Err(SourceError::new(kind, "", message));
    }
    Ok(text.to_owned())
}
