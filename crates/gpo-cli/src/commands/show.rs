//! `gpo show`.

mod sidecar;
mod view;

use std::io::{self, Write};

use clap::Args;
use gpo_core::{
    BackupInst, EntryKind, ExtensionList, GroupSource, HalfVersion, Quoted, extension_name,
};
use gpo_engine::{BackupDetails, DescriptorDetails, ExtensionFiles};
use sddl_parser::GpoPermission;

use self::view::View;
use super::Exit;
use crate::backup_arg::BackupArg;
use crate::console::Console;
use crate::failure::Failure;
use crate::hex::hex;

/// Show everything in a backup: settings of the GPO, principals, paths, files, permissions
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo show backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72}
  gpo show backups.zip --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --json")]
pub(crate) struct Show {
    #[command(flatten)]
    backup: BackupArg,
}

impl Show {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let (store, folder) = self.backup.open()?;
        let details = BackupDetails::read(&*store, &folder)
            .map_err(|error| self.backup.failure(&folder, error))?;
        console.result(
            "gpo/show/1",
            || View::of(&details),
            |out| write(out, &details),
        )?;
        for finding in &details.findings {
            console.message(finding.severity(), finding);
        }
        Ok(Exit::Good)
    }
}

fn write(out: &mut dyn Write, details: &BackupDetails) -> io::Result<()> {
    let core = &details.xml.core;
    if let Some(inst) = &details.inst {
        write_inst(out, inst)?;
    }
    heading(out, "GPO")?;
    field(out, "Name", &core.display_name)?;
    field(out, "ID", &core.id.to_string())?;
    field(out, "Domain", &core.domain)?;
    if let Some(status) = core.options {
        field(out, "Status", &status.to_string())?;
    }
    if details.is_half() {
        field(
            out,
            "Incomplete",
            "half of the GPO was missing, see INCOMPLETE.txt",
        )?;
    }
    if let Some(filter) = &core.wmi_filter {
        let name = core.wmi_filter_name.as_deref().unwrap_or_default();
        // A link that is none is shown as it is.
        let target = filter
            .target()
            .map(|(id, domain)| format!("{name} {id} in {domain}"));
        let text = target.unwrap_or_else(|_| filter.as_str().to_owned());
        field(out, "WMI filter", &text)?;
    }
    write_half(
        out,
        "Computer",
        core.machine_version,
        &core.machine_extensions,
    )?;
    write_half(out, "User", core.user_version, &core.user_extensions)?;
    write_principals(out, details)?;
    if !details.xml.file_paths.is_empty() {
        heading(out, "Paths outside the GPO")?;
        for path in &details.xml.file_paths {
            writeln!(out, "  {}", Quoted::bare(path))?;
        }
    }
    for extension in &details.extensions {
        write_extension(out, extension)?;
    }
    if let Some(security) = &details.security {
        write_security(out, details, security)?;
    }
    if let Some(sidecar) = &details.sidecar {
        sidecar::write(out, sidecar)?;
    }
    let unknown: Vec<_> = details.xml.foreign().collect();
    if !unknown.is_empty() {
        heading(out, "Unknown XML in Backup.xml")?;
        for (element, foreign) in unknown {
            for (name, value) in &foreign.attributes {
                writeln!(
                    out,
                    "  {element}: {}={}",
                    Quoted::bare(name),
                    Quoted::new(value)
                )?;
            }
            for leaf in &foreign.leaves {
                for (name, value) in &leaf.attributes {
                    let (name, value) = (Quoted::bare(name), Quoted::new(value));
                    writeln!(out, "  {element}, {}: {name}={value}", leaf.name)?;
                }
            }
            for node in &foreign.nodes {
                writeln!(out, "  {element}: {}", Quoted::new(&node.xml))?;
            }
        }
    }
    Ok(())
}

fn heading(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{text}")
}

fn field(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {name:<18}{}", Quoted::bare(value))
}

fn write_inst(out: &mut dyn Write, inst: &BackupInst) -> io::Result<()> {
    writeln!(out, "Backup")?;
    field(out, "ID", &inst.id.to_string())?;
    field(out, "Made", &format!("{} UTC", inst.time))?;
    field(out, "From", &inst.domain_controller)?;
    if !inst.comment.is_empty() {
        field(out, "Comment", &inst.comment)?;
    }
    Ok(())
}

fn write_half(
    out: &mut dyn Write,
    name: &str,
    version: Option<HalfVersion>,
    extensions: &ExtensionList,
) -> io::Result<()> {
    heading(out, name)?;
    if let Some(version) = version {
        let text = format!(
            "{} in the directory, {} in SYSVOL",
            version.directory, version.sysvol
        );
        field(out, "Version", &text)?;
    }
    match extensions.groups() {
        Ok(groups) => {
            for (n, group) in groups.iter().enumerate() {
                let name = extension_name(group.cse).unwrap_or("unknown extension");
                let title = if n == 0 { "Extensions" } else { "" };
                field(out, title, &format!("{} {name}", group.cse))?;
            }
            Ok(())
        }
        // Not a list: shown as it is.
        Err(_) => field(out, "Extensions", extensions.as_str()),
    }
}

fn write_principals(out: &mut dyn Write, details: &BackupDetails) -> io::Result<()> {
    if details.xml.security_groups.is_empty() {
        return Ok(());
    }
    heading(out, "Principals")?;
    for group in &details.xml.security_groups {
        let name = match group.netbios_domain.as_str() {
            "" => group.sam_account_name.clone(),
            domain => format!("{domain}\\{}", group.sam_account_name),
        };
        let source = match &group.source {
            GroupSource::Dacl => "in the permissions",
            GroupSource::Settings => "in the settings",
            GroupSource::Other(source) => source,
        };
        let parts = [name.as_str(), group.kind.name(), &group.sid, source];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let line = parts.collect::<Vec<_>>().join(", ");
        writeln!(out, "  {}", Quoted::bare(&line))?;
    }
    Ok(())
}

fn write_extension(out: &mut dyn Write, extension: &ExtensionFiles) -> io::Result<()> {
    if extension.entries.is_empty() && extension.directory_objects.is_empty() {
        return Ok(());
    }
    match extension.id {
        Some(_) => heading(out, &format!("Files: {}", Quoted::bare(&extension.name)))?,
        None => heading(out, "Files that Backup.xml does not list")?,
    }
    for (path, class) in &extension.directory_objects {
        writeln!(
            out,
            "  {:>12}  {}",
            Quoted::bare(class).to_string(),
            Quoted::bare(path)
        )?;
    }
    for entry in &extension.entries {
        let size = match entry.entry {
            Some(EntryKind::File(size)) => size.to_string(),
            Some(EntryKind::Folder) => "folder".into(),
            None => "missing".into(),
        };
        write!(out, "  {size:>12}  {}", Quoted::bare(entry.path.as_str()))?;
        if let (Some(kind), Some(hash)) = (entry.kind, &entry.sha256) {
            write!(out, "  ({}, SHA-256 {})", kind.name(), hex(hash))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_security(
    out: &mut dyn Write,
    details: &BackupDetails,
    security: &DescriptorDetails,
) -> io::Result<()> {
    heading(out, "Permissions")?;
    if security.null_dacl {
        writeln!(out, "  there is no DACL: everybody may do everything")?;
    }
    for entry in &security.permissions {
        let sid = entry.trustee.to_string();
        let name = details.principal_name(&entry.trustee).unwrap_or(sid);
        let denied = if entry.denied { "denied: " } else { "" };
        let inherited = if entry.inherited { " (inherited)" } else { "" };
        let level = permission_name(entry.permission);
        writeln!(out, "  {}: {denied}{level}{inherited}", Quoted::bare(&name))?;
    }
    field(out, "SDDL", &security.sddl)
}

/// What a level allows, as GPMC names it.
pub(super) fn permission_name(permission: GpoPermission) -> &'static str {
    match permission {
        GpoPermission::Read => "read",
        GpoPermission::Apply => "apply",
        GpoPermission::Edit => "edit settings",
        GpoPermission::EditSecurityAndDelete => "edit settings, delete, modify security",
        GpoPermission::Custom => "custom",
    }
}
