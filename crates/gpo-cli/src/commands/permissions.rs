//! `gpo permissions`.

use clap::{Args, Subcommand, ValueEnum};
use gpo_core::{PrincipalQuery, Quoted, SourceError};
use gpo_engine::{
    Cancel, GpoSelector, add_permission, find_gpo, find_principal, remove_permission,
    remove_trustee,
};
use sddl_parser::{Acl, GpoPermission, GpoTrusteePermission, SecurityDescriptor, Sid};
use serde::Serialize;

use super::Exit;
use super::show::permission_name;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};

/// Show, give and take the permissions of a GPO
///
/// The levels are those of GPMC: `edit` includes `read`, `edit-security-and-delete` includes
/// `edit`, `apply` includes `read` and stands beside the others. SYSVOL follows.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo permissions show --from dir:domain --gpo Firewall
  gpo permissions add --to dir:domain --gpo Firewall --trustee 'EXAMPLE\\Helpdesk' --level edit
  gpo permissions remove --to dir:domain --gpo Firewall --trustee 'Authenticated Users'")]
pub(crate) struct Permissions {
    #[command(subcommand)]
    command: PermissionsCommand,
}

#[derive(Debug, Subcommand)]
enum PermissionsCommand {
    /// Who may do what with a GPO
    #[command(after_help = "Examples:\n  gpo permissions show --from dir:domain --gpo Firewall")]
    Show {
        #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
        from: Location,

        /// The GPO, by its name or its ID
        #[arg(long, value_name = "GPO")]
        gpo: GpoSelector,

        #[command(flatten)]
        live: LiveOptions,
    },
    /// Give somebody a level; one that is held, alone or within a higher one, changes nothing
    #[command(after_help = "\
Examples:
  gpo permissions add --to dir:domain --gpo Firewall --trustee S-1-5-11 --level apply")]
    Add {
        /// The GPO, by its name or its ID
        #[arg(long, value_name = "GPO")]
        gpo: GpoSelector,

        /// Who: a SID, DOMAIN\NAME, NAME@DNS.DOMAIN, or a well-known name
        #[arg(long, value_name = "TRUSTEE")]
        trustee: String,

        /// The level
        #[arg(long)]
        level: LevelArg,

        #[command(flatten)]
        change: ChangeArg,
    },
    /// Take a level from somebody, or all that is not inherited
    #[command(after_help = "\
Examples:
  gpo permissions remove --to dir:domain --gpo Firewall --trustee 'EXAMPLE\\Helpdesk'
  gpo permissions remove --to dir:domain --gpo Firewall --trustee S-1-5-11 --level apply")]
    Remove {
        /// The GPO, by its name or its ID
        #[arg(long, value_name = "GPO")]
        gpo: GpoSelector,

        /// From whom: a SID, DOMAIN\NAME, NAME@DNS.DOMAIN, or a well-known name
        #[arg(long, value_name = "TRUSTEE")]
        trustee: String,

        /// The level [default: all, denials, too]
        #[arg(long)]
        level: Option<LevelArg>,

        #[command(flatten)]
        change: ChangeArg,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LevelArg {
    Read,
    Apply,
    Edit,
    EditSecurityAndDelete,
}

impl From<LevelArg> for GpoPermission {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Read => Self::Read,
            LevelArg::Apply => Self::Apply,
            LevelArg::Edit => Self::Edit,
            LevelArg::EditSecurityAndDelete => Self::EditSecurityAndDelete,
        }
    }
}

#[derive(Serialize)]
struct View {
    gpo_id: String,
    permissions: Vec<PermissionView>,
}

#[derive(Serialize)]
struct PermissionView {
    sid: String,
    name: Option<String>,
    level: String,
    denied: bool,
    inherited: bool,
}

impl Permissions {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        match self.command {
            PermissionsCommand::Show { from, gpo, live } => show(&from, &gpo, &live, console),
            PermissionsCommand::Add {
                gpo,
                trustee,
                level,
                change,
            } => change.edit(&gpo, console, cancel, |target, edit| {
                let trustee = find_principal(target.directory, &trustee)?;
                edit.change_permissions(|dacl| {
                    add_permission(dacl, trustee, level.into()).map(|_| ())
                })?;
                Ok(())
            }),
            PermissionsCommand::Remove {
                gpo,
                trustee,
                level,
                change,
            } => change.edit(&gpo, console, cancel, |target, edit| {
                let trustee = find_principal(target.directory, &trustee)?;
                let remove = |dacl: &mut Acl| match level {
                    Some(level) => remove_permission(dacl, trustee, level.into()),
                    None => Ok(remove_trustee(dacl, trustee)),
                };
                // Where nothing changes, the plan says so.
                edit.change_permissions(|dacl| remove(dacl).map(|_| ()))?;
                Ok(())
            }),
        }
    }
}

fn show(
    from: &Location,
    gpo: &GpoSelector,
    live: &LiveOptions,
    console: &Console,
) -> Result<Exit, Failure> {
    let source = from.open_source(None, live)?;
    let directory = source.source().directory;
    let id = find_gpo(source.source(), gpo)?;
    let container = directory.containers(&[id])?.into_iter().next();
    let Some(container) = container.transpose()?.flatten() else {
        return Err(Failure::new("the domain has no such GPO").at(gpo));
    };
    let Some(bytes) = &container.security_descriptor else {
        return Err(Failure::new("the source does not show the permissions of the GPO").at(gpo));
    };
    let descriptor = SecurityDescriptor::from_bytes(bytes)
        .map_err(|error| Failure::new(error.to_string()).at(gpo))?;
    let permissions = descriptor.dacl().map(GpoPermission::of_acl);
    let permissions = permissions.unwrap_or_default();
    let sids: Vec<_> = permissions.iter().map(|held| held.trustee).collect();
    let names = names(directory, &sids)?;
    let view = || View {
        gpo_id: container.id.to_string(),
        permissions: permissions
            .iter()
            .zip(&names)
            .map(|(held, name)| PermissionView::new(held, name.clone()))
            .collect(),
    };
    console.result("gpo/permissions/1", view, |out| {
        permissions.iter().zip(&names).try_for_each(|(held, name)| {
            let sid = held.trustee.to_string();
            let who = Quoted::bare(name.as_deref().unwrap_or(&sid));
            let denied = if held.denied { "denied: " } else { "" };
            let inherited = if held.inherited { " (inherited)" } else { "" };
            writeln!(
                out,
                "{who}: {denied}{}{inherited}",
                permission_name(held.permission)
            )
        })
    })?;
    Ok(Exit::Good)
}

impl PermissionView {
    fn new(held: &GpoTrusteePermission, name: Option<String>) -> Self {
        Self {
            sid: held.trustee.to_string(),
            name,
            level: format!("{:?}", held.permission),
            denied: held.denied,
            inherited: held.inherited,
        }
    }
}

/// The names of these SIDs, as far as Windows or the directory has them.
fn names(
    directory: &dyn gpo_core::Directory,
    sids: &[Sid],
) -> Result<Vec<Option<String>>, SourceError> {
    let queries: Vec<_> = sids.iter().copied().map(PrincipalQuery::Sid).collect();
    let found = directory.principals(&queries)?;
    let named = sids.iter().zip(found).map(|(sid, found)| {
        let own = found.map(|principal| {
            format!(
                "{}\\{}",
                principal.netbios_domain, principal.sam_account_name
            )
        });
        own.or_else(|| sid.well_known_name().map(str::to_owned))
    });
    Ok(named.collect())
}
