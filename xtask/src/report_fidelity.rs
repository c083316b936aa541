//! `cargo xtask report-fidelity`: reports made from backups, against those that Windows wrote.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gpo_admx::AdmxSet;
use gpo_core::{BackupStore, GpoPath};
use gpo_engine::{BackupReport, DirectoryFacts};
use gpo_local::{FolderContents, FolderStore};

use crate::{Command, Result, root};

mod causes;
mod compare;
mod evidence;

use compare::{Comparison, Counts, decode};
use evidence::Templates;

pub(crate) const COMMAND: Command = Command {
    name: "report-fidelity",
    usage: "[DIR…] [--admx DIR] [--differences] [--write]",
    about: "Makes the report of every backup below each DIR (default: corpus/backups in ../shared or
$GPO_SHARED) from a copy of it without gpreport.xml, and compares it with that gpreport.xml element by
element. Templates are those of --admx (default: admx in the same place). Prints the tables of
REPORT-FIDELITY.md, and writes that file with --write; with --differences also where the differences are.
Where DIR is the default, fails below the floor, and on a difference without a known cause.",
    run,
};

/// What must be equal of all elements of the default folder, in percent.
const FLOOR: f64 = 99.0;

fn run(arguments: &[String]) -> Result {
    let (mut folders, mut templates) = (Vec::new(), None);
    let (mut differences, mut write) = (false, false);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--differences" => differences = true,
            "--write" => write = true,
            "--admx" => templates = Some(arguments.next().ok_or("--admx needs a folder")?.into()),
            folder => folders.push(PathBuf::from(folder)),
        }
    }
    let shared = crate::shared();
    let is_default = folders.is_empty();
    if is_default {
        let backups = shared.join("corpus/backups");
        if !backups.is_dir() {
            println!("SKIPPED: no real backups at {}", backups.display());
            return Ok(());
        }
        folders.push(backups);
    }
    let templates = FolderContents::open(templates.unwrap_or_else(|| shared.join("admx")))?;
    let admx = AdmxSet::load(&templates, &GpoPath::root(), "en-US")?;
    let templates = Templates::new(&admx);
    let mut fidelity = Fidelity {
        reports: 0,
        comparison: Comparison::new(&templates),
        admx: &admx,
    };
    for folder in &folders {
        fidelity.add_folder(folder)?;
    }
    if fidelity.reports == 0 {
        return Err("there is no backup with a gpreport.xml below these folders".into());
    }
    let (causes, unknown) = fidelity.comparison.causes();
    let edited = fidelity.comparison.edited();
    let tables = format!(
        "{}\n{CAUSES}\n{causes}\n{EDITED}\n{edited}",
        fidelity.table()
    );
    print!("{tables}");
    if differences {
        print!("{}", fidelity.comparison.differences());
    }
    if write {
        fs::write(
            root().join("REPORT-FIDELITY.md"),
            format!("{INTRODUCTION}{tables}"),
        )?;
    }
    let percent = fidelity.comparison.total().percent();
    if is_default && percent < FLOOR {
        return Err(format!("{percent:.2} % are equal, expected {FLOOR} %").into());
    }
    if is_default && unknown > 0 {
        return Err(format!("{unknown} differences have no known cause").into());
    }
    Ok(())
}

const INTRODUCTION: &str = "\
# How near our reports come to those of Windows

`cargo xtask report-fidelity --write` wrote this page. It makes the report of every real backup at hand from \
a copy of the backup without its gpreport.xml, and compares it with that gpreport.xml, which Windows wrote, \
element by element: text, attributes and order.

* Principals are compared by SID; when the GPO was made, changed and reported is left aside.
* *Not in the backup*: what only the directory knows (owner, SACL, links, the description of the WMI \
filter, descriptors of software packages). `gpo report BACKUP` takes it from the gpreport.xml that lies there, and says so.
* *No template*: policies of templates that are not among the 200 at hand.
* *Equal, %* is of all elements. Some of the others cannot be made from what is at hand, and the \
report or the files show it; each of these is counted in one of three columns, and *of the rest, %* leaves them aside:
  * *Other template*: the reporting machine had another revision of the template. The text of the element, \
or that of the policy or control, is that of no policy at hand; or the report shows as an entry \
what belongs to a policy at hand, and shows that policy nowhere.
  * *Edited*: the files were edited after the report was made. The value, or the name of the setting, is nowhere in the \
files of the GPO. The last table names each.
  * *Older GPMC*: the report has no `Blocked`, which GPMC writes today, and shows values of the firewall as policies, too, \
which GPMC does not do today.

";

const CAUSES: &str = "## What differs\n";

const EDITED: &str = "## Reports that are older than the files beside them\n";

/// What was compared.
struct Fidelity<'a> {
    admx: &'a AdmxSet,
    reports: usize,
    comparison: Comparison<'a>,
}

impl Fidelity<'_> {
    fn add_folder(&mut self, folder: &Path) -> Result {
        let store = FolderStore::open(folder)?;
        for backup in store.backups()? {
            let place = folder.join(backup.path.replace('\\', "/"));
            self.add_backup(&place, &backup.path.replace('\\', "/"))
                .map_err(|error| format!("{}: {error}", place.display()))?;
        }
        Ok(())
    }

    fn add_backup(&mut self, place: &Path, name: &str) -> Result {
        let copy = tempfile::tempdir()?;
        let target = copy.path().join("backup");
        let Some(stored) = copy_without_report(place, &target)? else {
            return Ok(());
        };
        let store = FolderStore::open(copy.path())?;
        let backup = store.backups()?;
        let backup = backup.first().ok_or("the copy is no backup")?;
        let made = BackupReport::read(&store, backup, Some(self.admx))?;
        if made.directory_facts == DirectoryFacts::StoredReport {
            return Err("the copy has a report".into());
        }
        self.reports += 1;
        let theirs = decode(&fs::read(stored)?)?;
        let ours = decode(&made.report.to_bytes())?;
        self.comparison.add(&theirs, &ours, &target, name)
    }

    fn table(&self) -> String {
        let mut table = format!(
            "{} reports of Windows.\n\n| extension | elements | equal | missing | extra | different | equal, % | \
             other template | edited | older GPMC | of the rest, % | not in the backup | no template |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
            self.reports
        );
        let mut add = |name: &str, counts: &Counts| {
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "| {name} | {} | {} | {} | {} | {} | {:.2} | {} | {} | {} | {:.2} | {} | {} |",
                counts.elements,
                counts.equal,
                counts.missing,
                counts.extra,
                counts.different,
                counts.percent(),
                counts.other_template,
                counts.edited_since,
                counts.older_console,
                counts.percent_of_possible(),
                counts.not_in_backup,
                counts.no_template
            );
        };
        for (name, counts) in &self.comparison.extensions {
            add(name, counts);
        }
        add("all", &self.comparison.total());
        table
    }
}

/// Copies a backup but for its report; gives the path of that.
fn copy_without_report(from: &Path, to: &Path) -> Result<Option<PathBuf>> {
    let mut report = None;
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.eq_ignore_ascii_case("gpreport.xml") {
            report = Some(entry.path());
        } else if entry.file_type()?.is_dir() {
            copy_without_report(&entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(report)
}
