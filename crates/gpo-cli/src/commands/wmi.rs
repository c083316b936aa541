//! `gpo wmi`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gpo_core::{
    BackupId, Quoted, Sidecar, Text, WmiFilter, parse_wmi_filter_mof, same_name, to_wmi_filter_mof,
};
use serde::Serialize;

use super::Exit;
use crate::backup_arg::{BackupArg, parse_backup_id};
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::InputFile;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::output_file::OutputFile;

/// List, export and import WMI filters
///
/// The file of a filter is the MOF that GPMC exports and imports. A backup holds the filter that its
/// GPO is linked to in gpo-sidecar.json: `backup:PATH` is a source of filters, too.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo wmi list --from dir:domain
  gpo wmi export Laptops --from dir:domain --output laptops.mof
  gpo wmi import laptops.mof --to dir:other")]
pub(crate) struct Wmi {
    #[command(subcommand)]
    command: WmiCommand,
}

#[derive(Debug, Subcommand)]
enum WmiCommand {
    /// List the WMI filters of a domain
    #[command(after_help = "Examples:\n  gpo wmi list --from dir:domain --json")]
    List {
        #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
        from: Location,

        #[command(flatten)]
        live: LiveOptions,
    },
    /// Write a WMI filter into a file
    #[command(after_help = "Examples:\n  gpo wmi export Laptops --from dir:domain -o laptops.mof")]
    Export {
        /// The filter, by its name or its ID
        #[arg(value_name = "FILTER")]
        filter: String,

        #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
        from: Location,

        /// Where to write it; - is standard output
        #[arg(long, short, value_name = "FILE", default_value = "-")]
        output: PathBuf,

        #[command(flatten)]
        live: LiveOptions,
    },
    /// Make the WMI filter of a file or of a backup, or replace the one with its ID
    #[command(after_help = "\
Examples:
  gpo wmi import laptops.mof --to dir:domain
  gpo wmi import backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain --dry-run
  gpo wmi import backups.zip --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --to dir:domain")]
    Import {
        /// The file, - reads standard input; or the folder of a backup, or one of several or a zip
        /// archive with --id
        #[arg(value_name = "FILE|BACKUP")]
        file: PathBuf,

        /// The ID of the backup (not of its GPO)
        #[arg(long, value_name = "BACKUPID", value_parser = parse_backup_id)]
        id: Option<BackupId>,

        #[arg(long, value_name = "TARGET", help = location::TARGET)]
        to: Location,

        /// Say what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,

        #[command(flatten)]
        live: LiveOptions,
    },
}

#[derive(Serialize)]
pub(crate) struct FilterView {
    id: String,
    name: String,
    description: String,
    queries: String,
    author: String,
}

impl From<&WmiFilter> for FilterView {
    fn from(filter: &WmiFilter) -> Self {
        Self {
            id: filter.id.to_string(),
            name: filter.name.clone(),
            description: filter.description.clone(),
            queries: filter.queries.clone(),
            author: filter.author.clone(),
        }
    }
}

impl Wmi {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        match self.command {
            WmiCommand::List { from, live } => {
                let source = from.open_source(None, &live)?;
                let filters = source.source().directory.all_wmi_filters()?;
                let view = || -> serde_json::Value {
                    let filters: Vec<_> = filters.iter().map(FilterView::from).collect();
                    serde_json::json!({ "filters": filters })
                };
                console.result("gpo/wmi-list/1", view, |out| {
                    filters.iter().try_for_each(|filter| {
                        writeln!(out, "{}  {}", filter.id, Quoted::bare(&filter.name))
                    })
                })?;
            }
            WmiCommand::Export {
                filter,
                from,
                output,
                live,
            } => {
                let source = from.open_source(None, &live)?;
                let directory = source.source().directory;
                let found = find_filter(directory.all_wmi_filters()?, &filter)?;
                let mof = to_wmi_filter_mof(&found, &directory.domain()?.dns_name)?;
                OutputFile::from(output).write(mof.as_bytes())?;
            }
            WmiCommand::Import {
                file,
                id,
                to,
                dry_run,
                live,
            } => {
                let filter = if id.is_some() || file.is_dir() {
                    in_backup(&BackupArg { path: file, id })?
                } else {
                    let parse = |bytes: &[u8]| {
                        Text::decode(bytes).and_then(|text| parse_wmi_filter_mof(text.as_str()))
                    };
                    InputFile::at(file).parse(parse)?.0
                };
                let target = to.open_target(&live)?;
                let directory = target.target()?.directory;
                let known = directory.wmi_filters(&[filter.id])?;
                let replaced = known.iter().any(Option::is_some);
                if !dry_run {
                    directory.put_wmi_filter(&filter)?;
                }
                let view = || {
                    let view = FilterView::from(&filter);
                    serde_json::json!({"dry_run": dry_run, "replaced": replaced, "filter": view})
                };
                console.result("gpo/wmi-import/1", view, |out| {
                    let verb = match (dry_run, replaced) {
                        (false, false) => "made",
                        (false, true) => "replaced",
                        (true, false) => "would make",
                        (true, true) => "would replace",
                    };
                    writeln!(out, "{verb} {} {}", filter.id, Quoted::bare(&filter.name))
                })?;
            }
        }
        Ok(Exit::Good)
    }
}

/// The WMI filter that the GPO of a backup was linked to.
fn in_backup(backup: &BackupArg) -> Result<WmiFilter, Failure> {
    let (store, folder) = backup.open()?;
    let sidecar = store
        .open(&folder)
        .and_then(|contents| Sidecar::read(&*contents));
    let sidecar = sidecar.map_err(|error| backup.failure(&folder, error))?;
    sidecar
        .and_then(|sidecar| sidecar.wmi_filter)
        .ok_or_else(|| {
            let message = "the backup holds no WMI filter";
            backup.failure(&folder, Failure::new(message))
        })
}

/// The one filter with this ID or name.
pub(crate) fn find_filter(filters: Vec<WmiFilter>, wanted: &str) -> Result<WmiFilter, Failure> {
    let is_meant = |filter: &WmiFilter| {
        filter.id.to_string().eq_ignore_ascii_case(wanted) || same_name(&filter.name, wanted)
    };
    let mut found: Vec<_> = filters.into_iter().filter(is_meant).collect();
    let name = Quoted::new(wanted);
    match (found.pop(), found.len()) {
        (Some(filter), 0) => Ok(filter),
        (Some(_), more) => {
            let message = format!(
                "{name} is the name of {} WMI filters, say which by its ID",
                more + 1
            );
            Err(Failure::new(message))
        }
        (None, _) => Err(Failure::new(format!("there is no WMI filter {name}"))),
    }
}
