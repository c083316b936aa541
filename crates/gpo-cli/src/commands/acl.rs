//! `gpo acl`.

use clap::{Args, Subcommand};
use gpo_core::{GpoListing, Quoted};
use gpo_engine::{AclConsistency, GpoSelector, check_acl, find_gpo, fix_acl};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};

/// Compare the permissions of GPOs in SYSVOL with those in the directory, and repair them
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo acl check --from ldap:///example.test
  gpo acl fix --to ldap:///example.test --gpo Firewall")]
pub(crate) struct Acl {
    #[command(subcommand)]
    command: AclCommand,
}

#[derive(Debug, Subcommand)]
enum AclCommand {
    /// Say which GPOs have other permissions in SYSVOL than those that follow from the directory
    #[command(after_help = "Examples:\n  gpo acl check --from ldap:///example.test")]
    Check {
        #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
        from: Location,

        /// Only this GPO, by its name or its ID [default: all]
        #[arg(long, value_name = "GPO")]
        gpo: Option<GpoSelector>,

        #[command(flatten)]
        live: LiveOptions,
    },
    /// Give GPOs in SYSVOL the permissions that follow from the directory
    #[command(after_help = "Examples:\n  gpo acl fix --to ldap:///example.test --dry-run")]
    Fix {
        #[arg(long, value_name = "TARGET", help = location::TARGET)]
        to: Location,

        /// Only this GPO, by its name or its ID [default: all]
        #[arg(long, value_name = "GPO")]
        gpo: Option<GpoSelector>,

        /// Say what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,

        #[command(flatten)]
        live: LiveOptions,
    },
}

#[derive(Serialize)]
struct View {
    gpos: Vec<GpoView>,
}

#[derive(Serialize)]
struct GpoView {
    gpo_id: String,
    gpo_name: String,
    /// `consistent`, `differs`, `unknown`, or `fixed`.
    state: &'static str,
    missing: usize,
    unexpected: usize,
    /// Why the state is unknown.
    reason: Option<&'static str>,
}

impl Acl {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        match self.command {
            AclCommand::Check { from, gpo, live } => {
                let source = from.open_source(None, &live)?;
                run(source.source(), gpo.as_ref(), None, console)
            }
            AclCommand::Fix {
                to,
                gpo,
                dry_run,
                live,
            } => {
                let target = to.open_target(&live)?;
                let target = target.target()?;
                let fix = (!dry_run).then_some(target);
                run(target.source(), gpo.as_ref(), fix, console)
            }
        }
    }
}

fn run(
    source: gpo_engine::Source<'_>,
    gpo: Option<&GpoSelector>,
    fix: Option<gpo_engine::Target<'_>>,
    console: &Console,
) -> Result<Exit, Failure> {
    let only = gpo.map(|gpo| find_gpo(source, gpo)).transpose()?;
    let mut gpos: Vec<GpoListing> = Vec::new();
    source.directory.list(&mut |gpo| {
        if only.is_none_or(|id| id == gpo.id) {
            gpos.push(gpo);
        }
        Ok(())
    })?;
    let (mut view, mut bad) = (View { gpos: Vec::new() }, false);
    for gpo in gpos {
        let found = check_acl(source, gpo.id)?;
        let mut reason = None;
        let (state, missing, unexpected) = match found {
            AclConsistency::Consistent => ("consistent", 0, 0),
            AclConsistency::Differs(difference) => {
                let fixed = match fix {
                    Some(target) => fix_acl(target, gpo.id)?,
                    None => false,
                };
                bad |= !fixed;
                let state = if fixed { "fixed" } else { "differs" };
                (state, difference.missing.len(), difference.unexpected.len())
            }
            AclConsistency::Unknown(why) => {
                reason = Some(why);
                ("unknown", 0, 0)
            }
            _ => ("unknown", 0, 0),
        };
        view.gpos.push(GpoView {
            gpo_id: gpo.id.to_string(),
            gpo_name: gpo.display_name,
            state,
            missing,
            unexpected,
            reason,
        });
    }
    let lines: Vec<String> = view
        .gpos
        .iter()
        .map(|gpo| {
            let name = Quoted::bare(&gpo.gpo_name);
            let reason = gpo.reason.map(|reason| format!(" ({reason})"));
            let reason = reason.unwrap_or_default();
            format!("{:<10}  {}  {name}{reason}", gpo.state, gpo.gpo_id)
        })
        .collect();
    console.result(
        "gpo/acl/1",
        || view,
        |out| lines.iter().try_for_each(|line| writeln!(out, "{line}")),
    )?;
    Ok(if bad { Exit::Findings } else { Exit::Good })
}
