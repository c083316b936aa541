//! `gpo report`.

mod set;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gpo_core::{BackupFolder, BackupId, Error, Quoted, Sidecar};
use gpo_engine::{BackupReport, Cancel, DirectoryFacts, GpoSelector, Severity, Stamps, report_gpo};
use gpo_local::open_store;
use gpo_report::Report as GpoReport;

use super::Exit;
use crate::admx_arg::ReportAdmxArg;
use crate::backup_arg::{BackupArg, parse_backup_id};
use crate::console::{Console, json_bytes};
use crate::failure::Failure;
use crate::live_domain::LiveOptions;
use crate::location::Location;
use crate::output_file::OutputFile;

/// Print the report on a GPO: who may do what with it, where it is linked, and every setting
///
/// Of a backup, the settings are made from its files. When the GPO was made and changed, its owner, its
/// SACL and its links come from its gpreport.xml, or else all but the times from gpo-sidecar.json.
/// Passwords are left out.
/// Of a set of backups, --output is a folder that gets a file for each, and of HTML an index.html.
/// Of files that are missing or cannot be read a warning tells.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo report backups/{602F142B-D8BE-4807-9D7F-8F6AF943FE72} --admx PolicyDefinitions
  gpo report backups.zip --id {602F142B-D8BE-4807-9D7F-8F6AF943FE72} --output report.xml
  gpo report backups --format html --output pages
  gpo report --from dir:domain --gpo 'Default Domain Policy'")]
pub(crate) struct Report {
    /// The folder of a backup; or a folder or zip archive of backups, with --id or --output
    #[arg(value_name = "BACKUP", required_unless_present = "from")]
    backup: Option<PathBuf>,

    /// The ID of the backup (not of its GPO)
    #[arg(long, value_name = "BACKUPID", value_parser = parse_backup_id, requires = "backup")]
    id: Option<BackupId>,

    /// The domain of the GPO: dir:PATH, backup:PATH or `ldaps://HOST`
    #[arg(
        long,
        value_name = "SOURCE",
        requires = "gpo",
        conflicts_with = "backup"
    )]
    from: Option<Location>,

    /// The GPO, by name or ID
    #[arg(long, value_name = "GPO", requires = "from")]
    gpo: Option<GpoSelector>,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Xml)]
    format: Format,

    #[command(flatten)]
    admx: ReportAdmxArg,

    /// The file to write; of a set of backups the folder [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As GPMC writes it into a backup
    Xml,
    /// A page for people, which needs nothing but itself
    Html,
    /// For programs, as with --json
    Json,
    /// Text for people, in Markdown
    Md,
}

impl Format {
    /// How the names of such files end.
    const fn ending(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Html => "html",
            Self::Json => "json",
            Self::Md => "md",
        }
    }
}

/// A report in a format.
fn bytes(report: &GpoReport, format: Format) -> Result<Vec<u8>, Failure> {
    Ok(match format {
        Format::Xml => report.to_bytes(),
        Format::Html => report.to_html().into_bytes(),
        Format::Md => report.to_markdown().into_bytes(),
        Format::Json => json_bytes(SCHEMA, report)?,
    })
}

/// Warns of what a report is without, because it is missing or cannot be read.
fn warn_unread(console: &Console, place: &str, report: &GpoReport, unread: &[Error]) {
    let place = if place.is_empty() {
        String::new()
    } else {
        format!("{place}: ")
    };
    let lost = unread.iter().map(ToString::to_string);
    for text in lost.chain(report.unreadable()) {
        let text = format!("{place}{text}; the report is without it");
        let text = Quoted::bare(&text);
        console.message(Severity::Warning, format_args!("warning: {text}"));
    }
}

const SCHEMA: &str = "gpo/report/1";

/// What is not in Backup.xml.
const FACTS: &str = "the times of the GPO, its owner and SACL, and its links";

impl Report {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let format = if console.is_json() {
            Format::Json
        } else {
            self.format
        };
        if let (Some(path), None, Some(folder)) = (&self.backup, self.id, &self.output) {
            let store = open_store(path)?;
            let is_backup = |found: &BackupFolder| found.path.is_empty();
            if !store.backups()?.iter().all(is_backup) {
                let admx = self.admx.load(console)?;
                return set::write_reports(&*store, admx.as_ref(), format, folder, console, cancel);
            }
        }
        let report = match (&self.backup, &self.from, &self.gpo) {
            (Some(path), _, _) => self.of_backup(path.clone(), console)?,
            (None, Some(from), Some(gpo)) => {
                let report = self.of_domain(from, gpo, console, cancel)?;
                (report, Vec::new())
            }
            // The arguments require one of the two.
            _ => {
                return Err(Failure::new(
                    "name a BACKUP, or --from SOURCE and --gpo GPO",
                ));
            }
        };
        let (report, unread) = report;
        let bytes = bytes(&report, format)?;
        let output = self.output.map_or(OutputFile::Stdout, OutputFile::from);
        output.write(&bytes)?;
        warn_unread(console, "", &report, &unread);
        Ok(Exit::Good)
    }

    /// The report on a backup, and why it is without files.
    fn of_backup(
        &self,
        path: PathBuf,
        console: &Console,
    ) -> Result<(GpoReport, Vec<Error>), Failure> {
        let admx = self.admx.load(console)?;
        let backup = BackupArg { path, id: self.id };
        let (store, folder) = backup.open()?;
        let made = BackupReport::read(&*store, &folder, admx.as_ref())
            .map_err(|error| backup.failure(&folder, error))?;
        for warning in &made.warnings {
            let message = format!("warning: {}", Quoted::bare(warning));
            console.message(Severity::Warning, message);
        }
        let facts = match made.directory_facts {
            DirectoryFacts::StoredReport => {
                format!("{FACTS} are those of gpreport.xml in the backup")
            }
            DirectoryFacts::Sidecar => format!(
                "the owner of the GPO, its SACL and its links are those of {}; its times are missing",
                Sidecar::NAME
            ),
            DirectoryFacts::Missing => {
                format!("{FACTS} are missing: they would be in gpreport.xml")
            }
        };
        console.message(Severity::Info, format!("info: {facts}"));
        Ok((made.report, made.unread))
    }

    fn of_domain(
        &self,
        from: &Location,
        gpo: &GpoSelector,
        console: &Console,
        cancel: &Cancel,
    ) -> Result<GpoReport, Failure> {
        let opened = from.open_source(None, &self.live)?;
        let source = opened.source();
        let admx = self.admx.load_for(source, console)?;
        let now = (Stamps::system().now)();
        Ok(report_gpo(source, gpo, now, admx.as_ref(), cancel)?)
    }
}
