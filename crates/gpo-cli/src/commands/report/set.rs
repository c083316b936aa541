//! A report for each backup of a set.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use gpo_admx::AdmxSet;
use gpo_core::BackupStore;
use gpo_engine::{BackupReport, BackupSet, Cancel, SetMember, Severity};
use gpo_report::{Report, ReportIndexEntry, report_index_html};
use serde::Serialize;

use super::{Format, bytes, warn_unread};
use crate::commands::Exit;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::output_file::OutputFile;

/// The page with links to all others.
const INDEX: &str = "index.html";

#[derive(Serialize)]
struct View {
    reports: Vec<Written>,
    failed: Vec<String>,
}

#[derive(Serialize)]
struct Written {
    /// The folder of the backup.
    backup: String,
    gpo: String,
    file: String,
}

/// Writes a file for each backup of a set into a folder, which is made if it is not there, and for
/// pages an index. A backup that cannot be read is a message, and the others go on.
pub(super) fn write_reports(
    store: &dyn BackupStore,
    admx: Option<&AdmxSet>,
    format: Format,
    folder: &Path,
    console: &Console,
    cancel: &Cancel,
) -> Result<Exit, Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::from(error).at(folder.display()))?;
    let set = BackupSet::read(store, cancel)?;
    let mut names = HashSet::new();
    let mut view = View {
        reports: Vec::new(),
        failed: Vec::new(),
    };
    let mut index = Vec::new();
    for (number, member) in set.backups.iter().enumerate() {
        cancel.check()?;
        let place = &member.folder.path;
        let report = match BackupReport::read(store, &member.folder, admx) {
            Ok(made) => {
                warn_unread(console, place, &made.report, &made.unread);
                made.report
            }
            Err(error) => {
                let failure = Failure::from(error).at(place);
                console.message(Severity::Error, format_args!("error: {failure}"));
                view.failed.push(place.clone());
                continue;
            }
        };
        let file = file_name(member, number, format, &mut names);
        OutputFile::File(folder.join(&file)).write(&bytes(&report, format)?)?;
        index.push(index_entry(&report, member, &file));
        view.reports.push(Written {
            backup: place.clone(),
            gpo: report.name,
            file,
        });
    }
    if format == Format::Html {
        index.sort_by_key(|entry| (entry.name.to_lowercase(), entry.time.clone()));
        let page = report_index_html("Group Policy reports", &index);
        OutputFile::File(folder.join(INDEX)).write(page.as_bytes())?;
    }
    let exit = if view.failed.is_empty() {
        Exit::Good
    } else {
        Exit::Failed
    };
    let (written, failed) = (view.reports.len(), view.failed.len());
    console.result(
        "gpo/report-set/1",
        || view,
        |out| {
            write!(out, "{}", counted(written, "report", "reports"))?;
            match failed {
                0 => writeln!(out),
                1 => writeln!(out, ", 1 backup cannot be read"),
                _ => writeln!(out, ", {failed} backups cannot be read"),
            }
        },
    )?;
    Ok(exit)
}

/// The ID of the backup and the ending of the format. The same ID can be there twice, and a backup
/// need not have one.
fn file_name(
    member: &SetMember,
    number: usize,
    format: Format,
    names: &mut HashSet<String>,
) -> String {
    let ending = format.ending();
    let id = member.id().map(|id| id.to_string());
    let name = id.filter(|id| names.insert(id.to_ascii_uppercase()));
    name.map_or_else(
        || format!("backup-{}.{ending}", number + 1),
        |id| format!("{id}.{ending}"),
    )
}

fn index_entry(report: &Report, member: &SetMember, file: &str) -> ReportIndexEntry {
    let time = member.inst.as_ref().map(|inst| inst.time.to_string());
    ReportIndexEntry {
        file: file.to_owned(),
        name: report.name.clone(),
        domain: report.domain.clone(),
        id: report.id,
        time: time.unwrap_or_default().replace('T', " "),
    }
}
