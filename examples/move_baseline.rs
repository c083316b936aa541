//! Imports a backup into the GPO of another domain, made if it is not there. Whatever names the
//! old domain names the new one afterwards. Prints what changes, then changes it.
//!
//! `cargo run -p gpo-examples --example move_baseline -- BACKUP TARGET STATE GPO OLD NEW`
//!
//! BACKUP is the folder of a backup, TARGET a domain in a folder, STATE an empty folder that holds
//! the old state of the GPO until the new one is whole, OLD and NEW are NetBIOS names.

use std::env;
use std::error::Error;
use std::path::Path;

use gpo_engine::{
    Cancel, GpoSelector, Import, Journal, Mapping, MappingRule, Stamps, Status, Target, find_backup,
};
use gpo_local::{FolderDomain, FolderStore, open_store};

/// Imports the backup; says how it went.
fn import(
    backup: &Path,
    target: &Path,
    state: &Path,
    gpo: &str,
    rule: MappingRule,
) -> Result<Status, Box<dyn Error>> {
    let store = open_store(backup)?;
    let contents = store.open(&find_backup(&*store, None)?)?;
    let domain = FolderDomain::open(target)?;
    let mapping = Mapping::new().with_rules([rule])?;
    let gpo: GpoSelector = gpo.parse()?;
    let import = Import::new(&*contents, Target::of(&domain), gpo, Stamps::system())
        .create_if_needed(true)
        .mapping(Some(&mapping));

    // The plan is a value. Until it is applied nothing is written.
    let plan = import.plan()?;
    for file in &plan.files {
        println!("file       {}", file.path);
    }
    for mapped in &plan.references {
        let reference = &mapped.reference;
        println!(
            "reference  {}: {} {}",
            reference.place, reference.text, mapped.fate
        );
    }

    // A failure rolls back. If this program is killed, the next run or `gpo recover` does, from
    // the journal.
    let journal_store = FolderStore::open(state)?;
    let journal = Journal::new(&journal_store, Stamps::system());
    let outcome = import.apply(plan, &journal, &mut (), &Cancel::default());
    for message in &outcome.messages {
        println!("{message}");
    }
    Ok(outcome.status)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [backup, target, state, gpo, old, new] = arguments.as_slice() else {
        return Err("BACKUP TARGET STATE GPO OLD NEW".into());
    };
    let rule = MappingRule::parse(&format!("{old}\\*"), &format!("{new}\\*"))?;
    match import(backup.as_ref(), target.as_ref(), state.as_ref(), gpo, rule)? {
        Status::Succeeded | Status::Warnings => Ok(()),
        Status::Failed | Status::Cancelled => {
            Err("the import failed; the messages say what became of the GPO".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use gpo_engine::{Backup, Selection, Source};

    use super::*;

    const TESTDATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/domain");

    #[test]
    fn a_gpo_is_imported_under_another_name() {
        let folders: [_; 3] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
        let [backups, target, state] = folders.each_ref().map(tempfile::TempDir::path);
        copy(TESTDATA.as_ref(), target);
        let domain = FolderDomain::open(TESTDATA).unwrap();
        let store = FolderStore::open(backups).unwrap();
        let one = Selection::Gpos(vec!["Default Domain Policy".parse().unwrap()]);
        let backup = Backup::new(Source::of(&domain), &store, Stamps::system()).run(
            &one,
            &mut (),
            &Cancel::default(),
        );
        let id = backup.value[0].backup.as_ref().unwrap().id;

        let rule = MappingRule::parse(r"OLD\*", r"NEW\*").unwrap();
        let status = import(
            &backups.join(id.to_string()),
            target,
            state,
            "Baseline",
            rule,
        );

        assert_ne!(status.unwrap(), Status::Failed);
        let ldif = fs::read_to_string(target.join("directory.ldif")).unwrap();
        assert!(ldif.contains("displayName: Baseline"));
        assert_eq!(
            fs::read_dir(state).unwrap().count(),
            0,
            "the journal is gone"
        );
    }

    fn copy(from: &Path, to: &Path) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                fs::create_dir(&to).unwrap();
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
}
