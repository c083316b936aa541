//! `cargo xtask corpus`: every backup below a folder is read, built anew from its typed fields, and
//! regenerated from its settings and its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use gpo_engine::{Cancel, Severity, Verify};
use gpo_local::FolderStore;

use crate::{Command, Result};

mod backup_folder;
mod difference;
mod manifest;
mod principals;
mod rebuild;
mod regenerate;
mod settings_files;
mod tally;

use tally::{Tally, Verdict};

pub(crate) const COMMAND: Command = Command {
    name: "corpus",
    usage: "[DIR…]",
    about: "Reads every backup below each DIR (default: corpus/backups in ../shared or $GPO_SHARED), builds
its files anew from their typed fields alone, regenerates them from settings and tree, and
compares. Names each cause of a difference, and counts what verify finds. Fails on a backup that cannot be read, on one whose XML infoset
differs, on a difference without a known cause, and on any difference below a folder `_zip`,
which holds what nobody has touched since it was packed.",
    run,
};

fn run(arguments: &[String]) -> Result {
    let mut folders: Vec<PathBuf> = arguments.iter().map(PathBuf::from).collect();
    let mut loose = Vec::new();
    if folders.is_empty() {
        let shared = crate::shared();
        folders.push(shared.join("corpus/backups"));
        loose.push(shared.join("corpus/loose"));
    }
    let mut report = Report::default();
    for folder in &folders {
        report.add_folder(folder)?;
        report.add_findings(folder)?;
    }
    for folder in folders.iter().chain(&loose) {
        settings_files::check(folder, &mut report.tally)?;
    }
    if report.producers.is_empty() {
        return Err("there is no backup below these folders".into());
    }
    print!("{report}");
    match report.tally.failures.len() {
        0 => Ok(()),
        n => Err(format!("{n} failed").into()),
    }
}

/// What was found in all.
#[derive(Default)]
struct Report {
    producers: BTreeMap<String, Producer>,
    tally: Tally,
    findings: BTreeMap<String, usize>,
}

/// A line of the table.
#[derive(Default)]
struct Producer {
    backups: usize,
    exact: usize,
    equal: usize,
    unreadable: usize,
    findings: usize,
}

impl Report {
    /// What `gpo verify` finds below a folder: errors and warnings.
    fn add_findings(&mut self, root: &Path) -> Result {
        let store = FolderStore::open(root)?;
        let found = Verify::new(&store)
            .round_trip(true)
            .run(&mut (), &Cancel::default())?;
        for finding in &found.findings {
            if finding.severity() >= Severity::Warning {
                let path = root.join(&finding.folder);
                let producer = self.producers.entry(producer(root, &path)).or_default();
                producer.findings += 1;
                let kind = finding.kind.to_string();
                *self.findings.entry(kind).or_default() += 1;
            }
        }
        Ok(())
    }

    fn add_folder(&mut self, root: &Path) -> Result {
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let mut is_backup = false;
            let mut entries = fs::read_dir(&folder)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries.into_iter().rev() {
                let name = entry.file_name();
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if name.eq_ignore_ascii_case("Backup.xml") {
                    is_backup = true;
                } else if name.eq_ignore_ascii_case("manifest.xml") {
                    let pristine = is_pristine(root, &folder);
                    manifest::check(&entry.path(), pristine, &mut self.tally)?;
                }
            }
            if is_backup {
                self.add_backup(root, &folder)?;
            }
        }
        Ok(())
    }

    fn add_backup(&mut self, root: &Path, folder: &Path) -> Result {
        let verdict = backup_folder::check(folder, is_pristine(root, folder), &mut self.tally)?;
        let producer = self.producers.entry(producer(root, folder)).or_default();
        producer.backups += 1;
        producer.exact += usize::from(verdict == Verdict::Exact);
        producer.equal += usize::from(matches!(verdict, Verdict::Exact | Verdict::Explained));
        producer.unreadable += usize::from(verdict == Verdict::Unreadable);
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.producers.keys().map(|name| name.chars().count()).max();
        let width = width.unwrap_or_default().max(8);
        let head = ["backups", "exactly", "infoset", "unreadable", "findings"];
        write_row(f, "producer", width, head)?;
        let mut total = [0; 5];
        for (name, row) in &self.producers {
            let numbers = [
                row.backups,
                row.exact,
                row.equal,
                row.unreadable,
                row.findings,
            ];
            write_row(f, name, width, numbers)?;
            for (sum, number) in total.iter_mut().zip(numbers) {
                *sum += number;
            }
        }
        write_row(f, "all", width, total)?;
        write!(f, "\n{}", self.tally)?;
        if !self.findings.is_empty() {
            writeln!(f, "Findings of gpo verify, errors and warnings:")?;
            for (kind, number) in &self.findings {
                writeln!(f, "    {number:>5} {kind}")?;
            }
        }
        self.tally
            .failures
            .iter()
            .try_for_each(|failure| writeln!(f, "FAILED {failure}"))
    }
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    width: usize,
    columns: [impl fmt::Display; 5],
) -> fmt::Result {
    write!(f, "{name:width$}")?;
    for column in columns {
        write!(f, " {column:>10}")?;
    }
    writeln!(f)
}

/// Who made a backup: the first folder below the one that was given, else that one.
fn producer(root: &Path, backup: &Path) -> String {
    let below = backup.strip_prefix(root).unwrap_or(backup);
    let mut names = below.components();
    let name = names.next().filter(|_| names.next().is_some());
    match name {
        Some(name) => name.as_os_str().to_string_lossy().into_owned(),
        None => root
            .file_name()
            .unwrap_or(root.as_os_str())
            .to_string_lossy()
            .into_owned(),
    }
}

/// Whether a path lies below a folder `_zip`.
fn is_pristine(root: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.components().any(|name| name.as_os_str() == "_zip")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use gpo_core::{
        BackupInst, BackupXml, BkupInfo, ExtensionList, Gpo, GpoStatus, HalfVersion, Inventory,
    };

    fn write_backup(folder: &Path) {
        let gpo = Gpo {
            id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse().unwrap(),
            domain: "example.test".into(),
            display_name: "Büro & Lager".into(),
            status: GpoStatus::empty(),
            machine_version: HalfVersion::default(),
            user_version: HalfVersion::default(),
            machine_extensions: ExtensionList::default(),
            user_extensions: ExtensionList::default(),
            wmi_filter: None,
            wmi_filter_name: String::new(),
            security_descriptor: None,
            inventory: Inventory::default(),
            machine_objects: Vec::new(),
            user_objects: Vec::new(),
        };
        let info = BkupInfo::new(BackupInst {
            gpo_id: gpo.id,
            gpo_domain: gpo.domain.clone(),
            gpo_domain_id: None,
            domain_controller: "dc1.example.test".into(),
            time: "2026-04-22T18:36:39".parse().unwrap(),
            id: "{602F142B-D8BE-4807-9D7F-8F6AF943FE72}".parse().unwrap(),
            comment: String::new(),
            display_name: gpo.display_name.clone(),
            software_installation: false,
            unusual: None,
        });
        let backup = BackupXml::build(&gpo, "dc1.example.test", Vec::new(), Vec::new());
        fs::create_dir_all(folder.join("DomainSysvol/GPO")).unwrap();
        fs::write(folder.join("Backup.xml"), backup.to_bytes().unwrap()).unwrap();
        fs::write(folder.join("bkupInfo.xml"), info.to_bytes().unwrap()).unwrap();
    }

    fn report(root: &Path) -> Report {
        let mut report = Report::default();
        report.add_folder(root).unwrap();
        report
    }

    #[test]
    fn what_falls_short_fails() {
        let root = tempfile::tempdir().unwrap();
        let (touched, pristine) = (root.path().join("a/{1}"), root.path().join("b/_zip/{2}"));
        write_backup(&touched);
        write_backup(&pristine);
        assert_eq!(report(root.path()).tally.failures, [""; 0]);

        // Below _zip no byte may differ; elsewhere a known cause is no failure.
        for folder in [&touched, &pristine] {
            let path = folder.join("Backup.xml");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text.replace("\r\n", "\n")).unwrap();
        }
        let found = report(root.path());
        assert_eq!(found.tally.failures.len(), 2, "{found}");
        let (a, b) = (&found.producers["a"], &found.producers["b"]);
        assert_eq!((a.exact, a.equal, b.exact, b.equal), (0, 1, 0, 1));

        // Something else in it: it was not made from settings and tree. A file that is no XML.
        fs::write(pristine.join("bkupInfo.xml"), "<BackupInst>").unwrap();
        let path = touched.join("Backup.xml");
        let text = fs::read_to_string(&path).unwrap();
        let other = text.replace("%GPO_FSPATH%\\Adm", "%GPO_FSPATH%\\Old");
        assert_ne!(text, other);
        fs::write(path, other).unwrap();
        let found = report(root.path());
        assert_eq!(found.tally.failures.len(), 4, "{found}");
        assert_eq!(
            (
                found.producers["a"].unreadable,
                found.producers["b"].unreadable
            ),
            (0, 1)
        );
    }

    #[test]
    fn a_producer_is_the_first_folder() {
        let root = Path::new("/data/set");
        for (backup, name, pristine) in [
            ("/data/set/{1}", "set", false),
            ("/data/set", "set", false),
            ("/data/set/me/{1}", "me", false),
            ("/data/set/me/_zip/a.zip/{1}", "me", true),
        ] {
            let backup = Path::new(backup);
            assert_eq!(producer(root, backup), name);
            assert_eq!(is_pristine(root, backup), pristine);
        }
    }
}
