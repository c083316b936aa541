//! `gpo copy`.

use clap::Args;
use gpo_engine::{Cancel, GpoSelector, Stamps, find_gpo};
use serde::Serialize;

use super::Exit;
use crate::change::not_blank;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::mapping_arg::MappingArg;
use crate::plan_view::{PlanJson, planned, write_changes, write_summary};
use crate::state_arg::{State, StateArg};

/// Copy a GPO into a new one, in the same domain or another
///
/// The copy has a new ID, the settings, description and status of the GPO, and no links.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo copy --from dir:domain --gpo Firewall --to dir:domain --name 'Firewall test'
  gpo copy --from dir:old --gpo Firewall --to dir:new --with-acl --map 'OLD\\*=NEW\\*'
  gpo copy --from backup:backups --gpo Firewall --to dir:new --dry-run")]
pub(crate) struct Copy {
    #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
    from: Location,

    /// Which domain, where backups of several are copied from
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,

    /// The GPO, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: GpoSelector,

    #[arg(long, value_name = "TARGET", help = location::TARGET)]
    to: Location,

    /// The name of the copy [default: "Copy of" that of the GPO]
    #[arg(long, value_name = "NAME", value_parser = not_blank)]
    name: Option<String>,

    /// Copy the permissions, too
    #[arg(long)]
    with_acl: bool,

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
struct CopyResult {
    dry_run: bool,
    status: &'static str,
    gpo: Option<PlanJson>,
    messages: Vec<json::MessageJson>,
}

impl Copy {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let mapping = self.mapping.read(self.with_acl)?;
        let source = self.from.open_source(self.domain.as_deref(), &self.live)?;
        let gpo = find_gpo(source.source(), &self.gpo)?;
        let target = self.to.open_target(&self.live)?;
        let target = target.target()?;
        let state = if self.dry_run {
            None
        } else {
            Some(self.state.begin(&self.to, target, console)?)
        };
        let mut copy = gpo_engine::Copy::new(source.source(), gpo, target, Stamps::system())
            .with_permissions(self.with_acl)
            .mapping(mapping.as_ref());
        if let Some(name) = &self.name {
            copy = copy.name(name);
        }
        let plan = copy.plan()?;
        let mut observer = console.progress();
        let outcome = match state.as_ref().map(State::journal) {
            Some(journal) => copy.apply(plan, &journal, &mut observer, cancel).map(Some),
            None => planned(plan, &mut observer),
        };
        let done = !self.dry_run && matches!(Exit::from(outcome.status), Exit::Good);
        let result = || CopyResult {
            dry_run: self.dry_run,
            status: json::status(outcome.status),
            gpo: outcome.value.as_ref().map(|plan| PlanJson::new(plan, done)),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/copy/1", result, |out| {
            let Some(plan) = outcome.value.as_ref().filter(|_| done || self.dry_run) else {
                return Ok(());
            };
            write_summary(out, if self.dry_run { "would make" } else { "made" }, plan)?;
            if self.dry_run {
                write_changes(out, plan)?;
            }
            Ok(())
        })?;
        Ok(outcome.status.into())
    }
}
