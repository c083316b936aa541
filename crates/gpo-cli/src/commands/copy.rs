//! `gpo copy`.

use clap::Args;
use gpo_engine::{Cancel, GpoSelector, Stamps, find_gpo};

use super::Exit;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::location::SourceArg;
use crate::mapping_arg::MappingArg;
use crate::plan_view::{planned, print_planned, write_changes, write_summary};

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
    #[command(flatten)]
    source: SourceArg,

    /// The GPO, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: GpoSelector,

    /// The name of the copy [default: "Copy of" that of the GPO]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Copy the permissions, too
    #[arg(long)]
    with_acl: bool,

    #[command(flatten)]
    change: ChangeArg,

    // Has a heading of its own, under which what comes after it would stand.
    #[command(flatten)]
    mapping: MappingArg,
}

impl Copy {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let mapping = self.mapping.read(self.with_acl)?;
        let change = &self.change;
        let source = self.source.open(&change.live)?;
        let gpo = find_gpo(source.source(), &self.gpo)?;
        let outcome = change.with_target(console, |target, journal| {
            let mut copy = gpo_engine::Copy::new(source.source(), gpo, target, Stamps::system())
                .with_permissions(self.with_acl)
                .mapping(mapping.as_ref());
            if let Some(name) = &self.name {
                copy = copy.name(name);
            }
            let plan = copy.plan()?;
            let mut observer = console.progress();
            Ok(match journal {
                Some(journal) => copy.apply(plan, journal, &mut observer, cancel).map(Some),
                None => planned(plan, &mut observer),
            })
        })?;
        let (schema, dry_run) = ("gpo/copy/1", change.dry_run);
        print_planned(console, schema, &outcome, dry_run, |out, plan| {
            let verb = match dry_run {
                false => "made",
                true if plan.would_fail() => "would fail to make",
                true => "would make",
            };
            write_summary(out, verb, plan)?;
            if dry_run {
                write_changes(out, plan)?;
            }
            Ok(())
        })
    }
}
