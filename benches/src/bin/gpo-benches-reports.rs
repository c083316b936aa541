//! What `cargo xtask bench reports` measures of this project: `gpo-benches-reports CASE SHARED`.
//!
//! SHARED holds real backups in `corpus/backups` and administrative templates in `admx`. Each run
//! reads its files anew, one at a time.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that goes wrong has no result"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use gpo_admx::AdmxSet;
use gpo_core::{BackupStore, GpoPath};
use gpo_engine::BackupReport;
use gpo_local::{FolderContents, FolderStore};
use gpo_report::Report;

#[path = "../../measure.rs"]
#[expect(dead_code, reason = "the argument here is a folder")]
mod measure;

use measure::measure;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next().expect("the first argument is the case");
    let shared = arguments.next().expect("the second argument is the folder");
    let shared = PathBuf::from(shared);
    let backups = shared.join("corpus/backups");
    let admx = || templates(&shared.join("admx"));
    match case.as_str() {
        "admx-load" => measure(|| admx().len()),
        "report-make" => {
            let admx = admx();
            measure(|| make(&backups, &admx));
        }
        "report-rewrite" => {
            let files = reports(&backups);
            measure(|| {
                for file in &files {
                    let bytes = fs::read(file).expect("the file can be read");
                    let report = Report::parse(&bytes).expect("it is a report");
                    black_box(report.to_bytes());
                }
                files.len()
            });
        }
        _ => panic!("there is no case {case}"),
    }
}

fn templates(folder: &Path) -> AdmxSet {
    let contents = FolderContents::open(folder).expect("the folder can be read");
    AdmxSet::load(&contents, &GpoPath::root(), "en-US").expect("the templates can be read")
}

/// Makes the report of every backup.
fn make(backups: &Path, admx: &AdmxSet) -> usize {
    let mut reports = 0;
    let sets = fs::read_dir(backups).expect("the folder can be read");
    for set in sets {
        let set = set.expect("the folder can be read").path();
        let store = FolderStore::open(set).expect("the folder can be read");
        for backup in store.backups().expect("the folder can be read") {
            // Some of the backups are broken.
            if let Ok(made) = BackupReport::read(&store, &backup, Some(admx)) {
                black_box(made.report.to_bytes());
                reports += 1;
            }
        }
    }
    reports
}

/// The reports that Windows wrote.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(reports(&path));
        } else if path
            .file_name()
            .is_some_and(|name| name.eq_ignore_ascii_case("gpreport.xml"))
        {
            found.push(path);
        }
    }
    found
}
