//! `gpo links`.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use gpo_core::{GpLinkOptions, GpoId, Quoted, Sidecar, SidecarLink};
use gpo_engine::{BackupDetails, Cancel, GpoSelector, find_gpo, links_of};
use serde::Serialize;

use super::Exit;
use crate::backup_arg::BackupArg;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::link_view::{SomLinkView, link_text};
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};

/// Show, change and restore the links of GPOs
///
/// A link leads from a domain, an organizational unit or a site (SOM), named by its distinguished
/// name, to a GPO. Its place in the SOM's list counts from 0, and the last one wins: the first that
/// GPMC shows is the last here.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo links show --from dir:domain --gpo Firewall
  gpo links show backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72}
  gpo links restore backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain --dry-run
  gpo links add --gpo Firewall --som OU=Sales,DC=example,DC=test --enforced --to dir:domain")]
pub(crate) struct Links {
    #[command(subcommand)]
    command: LinksCommand,
}

#[derive(Debug, Subcommand)]
enum LinksCommand {
    /// The links that a backup holds, or those of the GPOs of a domain
    #[command(after_help = "\
Examples:
  gpo links show backups.zip --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72}
  gpo links show --from ldap:///example.test --json")]
    Show(ShowLinks),
    /// Put the links back that a backup holds, with their options and their order
    ///
    /// Whether the SOM blocks inheritance is put back, too. Other links of the GPO stay, and a SOM
    /// that is gone is a warning.
    #[command(after_help = "\
Examples:
  gpo links restore backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain --dry-run")]
    Restore {
        #[command(flatten)]
        backup: BackupArg,

        #[command(flatten)]
        change: ChangeArg,
    },
    /// Link a GPO
    #[command(after_help = "\
Examples:
  gpo links add --gpo Firewall --som OU=Sales,DC=example,DC=test --to dir:domain
  gpo links add --gpo Firewall --som DC=example,DC=test --disabled --place 2 --to dir:domain")]
    Add {
        #[command(flatten)]
        link: LinkArg,

        /// The link is not applied
        #[arg(long)]
        disabled: bool,

        /// The link cannot be overridden
        #[arg(long)]
        enforced: bool,

        /// Its place, from 0; the last wins [default: 0, as in GPMC]
        #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
        place: usize,

        #[command(flatten)]
        change: ChangeArg,
    },
    /// Take a link away
    #[command(after_help = "\
Examples:
  gpo links remove --gpo Firewall --som OU=Sales,DC=example,DC=test --to dir:domain")]
    Remove {
        #[command(flatten)]
        link: LinkArg,

        #[command(flatten)]
        change: ChangeArg,
    },
    /// Change the options or the place of a link
    #[command(after_help = "\
Examples:
  gpo links set --gpo Firewall --som DC=example,DC=test --enforced true --to dir:domain
  gpo links set --gpo Firewall --som DC=example,DC=test --place 3 --to dir:domain")]
    Set {
        #[command(flatten)]
        link: LinkArg,

        /// Whether the link is not applied
        #[arg(long, value_name = "BOOL", required_unless_present_any = ["enforced", "place"])]
        disabled: Option<bool>,

        /// Whether the link cannot be overridden
        #[arg(long, value_name = "BOOL")]
        enforced: Option<bool>,

        /// Its place, from 0; the last wins
        #[arg(long, value_name = "N")]
        place: Option<usize>,

        #[command(flatten)]
        change: ChangeArg,
    },
}

#[derive(Args, Debug)]
struct ShowLinks {
    /// The folder of a backup; or a folder or zip archive of backups, with --id
    #[arg(
        value_name = "BACKUP",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    path: Option<std::path::PathBuf>,

    /// The ID of the backup (not of its GPO)
    #[arg(long, value_name = "BACKUPID", conflicts_with = "from",
          value_parser = crate::backup_arg::parse_backup_id)]
    id: Option<gpo_core::BackupId>,

    #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
    from: Option<Location>,

    /// Only this GPO of the source, by its name or its ID
    #[arg(long, value_name = "GPO", conflicts_with = "path")]
    gpo: Option<GpoSelector>,

    #[command(flatten)]
    live: LiveOptions,
}

/// A link.
#[derive(Args, Debug)]
struct LinkArg {
    /// The GPO, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: GpoSelector,

    /// The distinguished name of the domain, organizational unit or site
    #[arg(long, value_name = "DN")]
    som: String,
}

#[derive(Serialize)]
struct View {
    gpos: Vec<GpoView>,
}

#[derive(Serialize)]
struct GpoView {
    gpo_id: String,
    gpo_name: String,
    links: Option<Vec<SomLinkView>>,
}

/// A GPO with its links, as far as they are known.
struct Linked {
    id: GpoId,
    name: String,
    links: Option<Vec<SidecarLink>>,
}

impl Links {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        match self.command {
            LinksCommand::Show(show) => show.run(console),
            LinksCommand::Restore { backup, change } => {
                let Linked { id, links, .. } = in_backup(&backup)?;
                let Some(links) = links else {
                    let message = "the backup does not say what the GPO was linked to";
                    return Err(Failure::new(message).at(backup.path.display()));
                };
                change.edit(&GpoSelector::Id(id), console, cancel, |_, edit| {
                    edit.restore_links(&links)?;
                    Ok(())
                })
            }
            LinksCommand::Add {
                link,
                disabled,
                enforced,
                place,
                change,
            } => change.edit(&link.gpo, console, cancel, |_, edit| {
                let mut options = GpLinkOptions::empty();
                options.set(GpLinkOptions::DISABLED, disabled);
                options.set(GpLinkOptions::ENFORCED, enforced);
                edit.add_link(&link.som, options, place)?;
                Ok(())
            }),
            LinksCommand::Remove { link, change } => {
                change.edit(&link.gpo, console, cancel, |_, edit| {
                    edit.remove_link(&link.som)?;
                    Ok(())
                })
            }
            LinksCommand::Set {
                link,
                disabled,
                enforced,
                place,
                change,
            } => change.edit(&link.gpo, console, cancel, |_, edit| {
                let options = |mut options: GpLinkOptions| {
                    if let Some(disabled) = disabled {
                        options.set(GpLinkOptions::DISABLED, disabled);
                    }
                    if let Some(enforced) = enforced {
                        options.set(GpLinkOptions::ENFORCED, enforced);
                    }
                    options
                };
                edit.change_link(&link.som, options, place)?;
                Ok(())
            }),
        }
    }
}

impl ShowLinks {
    fn run(self, console: &Console) -> Result<Exit, Failure> {
        let linked = match (self.path, &self.from) {
            (Some(path), _) => vec![in_backup(&BackupArg { path, id: self.id })?],
            (None, Some(from)) => in_domain(from, self.gpo.as_ref(), &self.live)?,
            (None, None) => Vec::new(),
        };
        let view = || View {
            gpos: linked.iter().map(GpoView::of).collect(),
        };
        console.result("gpo/links/1", view, |out| {
            linked.iter().try_for_each(|gpo| write(out, gpo))
        })?;
        Ok(Exit::Good)
    }
}

/// The GPO of a backup.
fn in_backup(backup: &BackupArg) -> Result<Linked, Failure> {
    let (store, folder) = backup.open()?;
    let contents = store.open(&folder)?;
    let sidecar = Sidecar::read(&*contents).map_err(|e| backup.failure(&folder, e))?;
    drop(contents);
    let details = BackupDetails::read(&*store, &folder).map_err(|e| backup.failure(&folder, e))?;
    Ok(Linked {
        id: details.xml.core.id,
        name: details.xml.core.display_name,
        links: sidecar.and_then(|sidecar| sidecar.links),
    })
}

/// The GPOs of a domain.
fn in_domain(
    from: &Location,
    gpo: Option<&GpoSelector>,
    live: &LiveOptions,
) -> Result<Vec<Linked>, Failure> {
    let source = from.open_source(None, live)?;
    let source = source.source();
    let only = gpo.map(|gpo| find_gpo(source, gpo)).transpose()?;
    let mut gpos = Vec::new();
    source.directory.list(&mut |gpo| {
        if only.is_none_or(|id| id == gpo.id) {
            gpos.push(gpo);
        }
        Ok(())
    })?;
    if let (Some(gpo), true) = (gpo, gpos.is_empty()) {
        return Err(Failure::new("the domain has no such GPO").at(gpo));
    }
    let ids: Vec<_> = gpos.iter().map(|gpo| gpo.id).collect();
    let mut links = links_of(source.directory, &ids)?.into_iter();
    let linked = gpos.into_iter().map(|gpo| Linked {
        id: gpo.id,
        name: gpo.display_name,
        links: links.next(),
    });
    Ok(linked.collect())
}

impl GpoView {
    fn of(linked: &Linked) -> Self {
        let links = linked.links.as_ref();
        Self {
            gpo_id: linked.id.to_string(),
            gpo_name: linked.name.clone(),
            links: links.map(|links| links.iter().map(SomLinkView::from).collect()),
        }
    }
}

fn write(out: &mut dyn Write, gpo: &Linked) -> io::Result<()> {
    writeln!(out, "{} {}", Quoted::bare(&gpo.name), gpo.id)?;
    match gpo.links.as_deref() {
        None => writeln!(out, "  not known"),
        Some([]) => writeln!(out, "  none"),
        Some(links) => links.iter().try_for_each(|known| {
            let blocks = known.som.as_ref().is_some_and(|som| som.block_inheritance);
            let blocks = if blocks {
                ", which blocks inheritance"
            } else {
                ""
            };
            let place = known.link.index;
            writeln!(out, "  {}, place {place}{blocks}", link_text(&known.link))
        }),
    }
}
