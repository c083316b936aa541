//! Reads a zip archive of backups, or a folder of them, without trusting anything in it: lists
//! them, checks every file, and writes a page with the settings of each.
//!
//! `cargo run -p gpo-examples --example read_archive -- ARCHIVE PAGES`

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use gpo_core::Quoted;
use gpo_engine::{BackupReport, BackupSet, Cancel, Verify};
use gpo_local::open_store;

/// Writes a page for each backup into a folder; says how many there are, and how many findings.
fn read(archive: &Path, pages: &Path) -> Result<(usize, usize), Box<dyn Error>> {
    let store = open_store(archive)?;
    let cancel = Cancel::default();

    let checked = Verify::new(&*store).run(&mut (), &cancel)?;
    for finding in &checked.findings {
        println!("{finding}");
    }

    let set = BackupSet::read(&*store, &cancel)?;
    let mut written = 0;
    for (n, member) in set.backups.iter().enumerate() {
        let Some(inst) = &member.inst else { continue };
        // Names may hold what a terminal obeys.
        let name = Quoted::new(&inst.display_name);
        println!("{} {name}", inst.id);
        match BackupReport::read(&*store, &member.folder, None) {
            // Not named after anything in the archive.
            Ok(made) => fs::write(pages.join(format!("{n}.html")), made.report.to_html())?,
            Err(error) => {
                println!("{error}");
                continue;
            }
        }
        written += 1;
    }
    Ok((written, checked.findings.len()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [archive, pages] = arguments.as_slice() else {
        return Err("ARCHIVE PAGES".into());
    };
    let (written, findings) = read(archive.as_ref(), pages.as_ref())?;
    println!("{written} pages, {findings} findings");
    Ok(())
}

#[cfg(test)]
mod tests {
    use gpo_engine::{Backup, Selection, Source, Stamps};
    use gpo_local::{FolderDomain, FolderStore};

    use super::*;

    #[test]
    fn every_backup_gets_a_page() {
        let backups = tempfile::tempdir().unwrap();
        let pages = tempfile::tempdir().unwrap();
        let testdata = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/domain");
        let domain = FolderDomain::open(testdata).unwrap();
        let store = FolderStore::open(backups.path()).unwrap();
        let made = Backup::new(Source::of(&domain), &store, Stamps::system()).run(
            &Selection::All,
            &mut (),
            &Cancel::default(),
        );
        let backed_up = made.value.iter().filter(|gpo| gpo.backup.is_some()).count();

        let (written, _) = read(backups.path(), pages.path()).unwrap();

        assert!(written > 1);
        assert_eq!(written, backed_up);
        assert_eq!(fs::read_dir(pages.path()).unwrap().count(), written);
    }
}
