//! `gpo export`.

use std::io::{self, Write};

use clap::Args;
use gpo_core::{GpoListing, Quoted};
use gpo_engine::{Cancel, ExportedDomain, Source, Status, Target, export_domain, gpos_to_export};
use gpo_local::NewFolderDomain;
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{Location, SourceArg};

/// Copy a domain into a folder, to be read there without a network
///
/// All GPOs with their permissions and links, the WMI filters, the central store of templates, and
/// the principals that the GPOs name: a backup of the folder is a backup of the domain. The folder
/// must not be there, or be empty, and is seen only when all is in it. What cannot be read of a GPO
/// leaves that GPO out.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo export --from ldap:///example.test --user reader@example.test --to dir:example.test
  gpo export --from backup:backups.zip --to dir:domain
  gpo backup --from dir:example.test --all --to backups     what it can be used for")]
pub(crate) struct Export {
    #[command(flatten)]
    source: SourceArg,

    /// The new folder: dir:PATH
    #[arg(long, value_name = "TARGET")]
    to: Location,

    /// Say which GPOs would be exported, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct ExportResult {
    dry_run: bool,
    status: &'static str,
    domain: Option<String>,
    gpos: Vec<GpoView>,
    wmi_filters: Option<usize>,
    soms: Option<usize>,
    principals: Option<usize>,
    files: Option<u64>,
    bytes: Option<u64>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct GpoView {
    gpo_id: String,
    gpo_name: String,
}

impl Export {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let Location::Domain(path) = &self.to else {
            return Err(Failure::new(
                "a domain is exported to a folder: --to dir:PATH",
            ));
        };
        let source = self.source.open(&self.live)?;
        if self.dry_run {
            NewFolderDomain::check(path)?;
            return plan(source.source(), console);
        }
        let new = NewFolderDomain::begin(path)?;
        let mut observer = console.progress();
        let target = Target::of(new.domain());
        let outcome = export_domain(source.source(), target, &mut observer, cancel);
        drop(observer);
        if outcome.value.is_some() {
            new.commit()?;
        }
        let exported = outcome.value.as_ref();
        let result = || ExportResult {
            dry_run: false,
            status: json::status(outcome.status),
            domain: exported.map(|exported| exported.domain.dns_name.clone()),
            gpos: views(exported.map(|e| e.gpos.as_slice()).unwrap_or_default()),
            wmi_filters: exported.map(|exported| exported.wmi_filters),
            soms: exported.map(|exported| exported.soms),
            principals: exported.map(|exported| exported.principals),
            files: exported.map(|exported| exported.files),
            bytes: exported.map(|exported| exported.bytes),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/export/1", result, |out| match exported {
            Some(exported) => write(out, exported),
            None => Ok(()),
        })?;
        Ok(outcome.status.into())
    }
}

/// What would be exported.
fn plan(source: Source<'_>, console: &Console) -> Result<Exit, Failure> {
    let domain = source.directory.domain()?;
    let gpos = gpos_to_export(source)?;
    let result = || ExportResult {
        dry_run: true,
        status: json::status(Status::Succeeded),
        domain: Some(domain.dns_name.clone()),
        gpos: views(&gpos),
        wmi_filters: None,
        soms: None,
        principals: None,
        files: None,
        bytes: None,
        messages: Vec::new(),
    };
    console.result("gpo/export/1", result, |out| {
        let (name, number) = (Quoted::bare(&domain.dns_name), gpos.len());
        writeln!(
            out,
            "would export {name}: {}",
            counted(number, "GPO", "GPOs")
        )?;
        gpos.iter()
            .try_for_each(|gpo| writeln!(out, "  {} {}", gpo.id, Quoted::bare(&gpo.display_name)))
    })?;
    Ok(Exit::Good)
}

fn views(gpos: &[GpoListing]) -> Vec<GpoView> {
    let view = |gpo: &GpoListing| GpoView {
        gpo_id: gpo.id.to_string(),
        gpo_name: gpo.display_name.clone(),
    };
    gpos.iter().map(view).collect()
}

fn write(out: &mut dyn Write, exported: &ExportedDomain) -> io::Result<()> {
    writeln!(
        out,
        "exported {}: {}, {}, {} linked to, {}, {} ({} bytes)",
        Quoted::bare(&exported.domain.dns_name),
        counted(exported.gpos.len(), "GPO", "GPOs"),
        counted(exported.wmi_filters, "WMI filter", "WMI filters"),
        counted(exported.soms, "place", "places"),
        counted(exported.principals, "principal", "principals"),
        counted(
            usize::try_from(exported.files).unwrap_or(usize::MAX),
            "file",
            "files"
        ),
        exported.bytes,
    )
}
