//! `cargo xtask corpus`: every backup below a folder is read, built anew from its typed fields, and
//! regenerated from its settings and its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use crate::{Command, Result, root};

mod backup_folder;
mod difference;
mod manifest;
mod principals;
mod rebuild;
mod tally;

use tally::{Tally, Verdict};

pub(crate) const COMMAND: Command = Command {
    name: "corpus",
    usage: "[DIR…]",
    about: "Reads every backup below each DIR (default: ../shared/corpus/backups), builds its files anew
from their typed fields alone, regenerates them from settings and tree, and compares. Names
each cause of a difference. Fails on a backup that cannot be read, on one whose XML infoset
differs, on a difference without a known cause, and on any difference below a folder `_zip`,
which holds what nobody has touched since it was packed.",
    run,
};

fn run(arguments: &[String]) -> Result {
    let folders: Vec<PathBuf> = if arguments.is_empty() {
        vec![root().join("../shared/corpus/backups")]
    } else {
        arguments.iter().map(PathBuf::from).collect()
    };
    let mut report = Report::default();
    for folder in &folders {
        report.add_folder(folder)?;
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
}

/// A line of the table.
#[derive(Default)]
struct Producer {
    backups: usize,
    exact: usize,
    equal: usize,
    unreadable: usize,
}

impl Report {
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
        let head = ["backups", "exactly", "infoset", "unreadable"];
        let [backups, exact, equal, unreadable] = head;
        writeln!(
            f,
            "{:width$} {backups:>10} {exact:>10} {equal:>10} {unreadable:>10}",
            "producer"
        )?;
        let mut total = Producer::default();
        for (name, row) in &self.producers {
            row.write(f, name, width)?;
            total.backups += row.backups;
            total.exact += row.exact;
            total.equal += row.equal;
            total.unreadable += row.unreadable;
        }
        total.write(f, "all", width)?;
        write!(f, "\n{}", self.tally)
    }
}

impl Producer {
    fn write(&self, f: &mut fmt::Formatter<'_>, name: &str, width: usize) -> fmt::Result {
        let Self {
            backups,
            exact,
            equal,
            unreadable,
        } = self;
        writeln!(
            f,
            "{name:width$} {backups:>10} {exact:>10} {equal:>10} {unreadable:>10}"
        )
    }
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
